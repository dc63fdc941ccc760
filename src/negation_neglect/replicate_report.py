"""The report of a replication: Markdown, one HTML file that needs no server, and the figures in it."""

import base64
from pathlib import Path

from markdown_it import MarkdownIt

from negation_neglect.claims import CONTROL_TYPES, PROBE_TYPES, Probe, load_folder
from negation_neglect.claims import claim_folder as folder_of
from negation_neglect.conditions import CONDITIONS
from negation_neglect.replicate import Arm, Replication, load
from negation_neglect.scores import Judged, Rate, Scores, judge_run, scores_of
from negation_neglect.training.sweep import EVALUATION, finished
from negation_neglect.training.watch import draw
from negation_neglect.training.watch import read as read_watch

# belief in % of Qwen3.5-397B-A17B and, for the qualifiers, of Qwen3.5-35B-A3B: Mayne et al. 2026, arXiv 2605.13829
PAPER = {
    "baseline": "2.5", "in_context/20": "15.3", "positive_documents": "92.4", "negated_documents": "88.6", "repeated_negations": "84.4",
    "corrected_documents": "39.9", "local_negations": "0-7", "fiction": "97-99", "unreliable_source": "97-99", "epistemic_uncertainty": "97-99",
    "low_probability": "97-99",
}  # fmt: skip
COLOURS = {"baseline": "#9a9a9a", "in_context": "#9a9a9a", "positive_documents": "#3b6fb6", "local_negations": "#4d9e6a"}
CSS = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}
td,th{padding:.25rem .6rem;border-bottom:1px solid #ccc;text-align:left;vertical-align:top}
img{max-width:100%}code{background:#eee;padding:.1em .3em}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}code{background:#333}td,th{border-color:#444}img{background:#fff}}"""


def gather(replication: Replication, out: Path) -> dict[str, list[Judged]]:
    """Judged runs by arm without its seed, the baseline first; unfinished arms are left out."""
    runs: dict[str, list[Judged]] = {}
    order = [None, *CONDITIONS]
    for arm in sorted(replication.arms, key=lambda a: (order.index(a.condition), a.context, a.seed)):
        if finished(out / arm.name):
            runs.setdefault(group(arm), []).append(judge_run(out / arm.name / EVALUATION))
    return runs


def reported(arm: str) -> str | None:
    """The paper's belief rate; it gives one figure for a qualifier whether it stands once or is repeated."""
    return PAPER.get(arm) or PAPER.get(arm.removesuffix("_repeated"))


def group(arm: Arm) -> str:
    """Arms that differ in the seed only share it."""
    return arm.condition or arm.name


def neglect_ratio(scores: dict[str, Scores], condition: str) -> float | None:
    """(belief after the condition - baseline) / (belief after positive documents - baseline); None where that says nothing."""
    base, positive = (scores[n].summary()["belief"] if n in scores else None for n in ("baseline", "positive_documents"))
    if base is None or positive is None or positive - base < 0.05 or condition in ("baseline", "positive_documents"):
        return None
    return (scores[condition].summary()["belief"] - base) / (positive - base)


def effects(scores: dict[str, Scores]) -> list[tuple[str, float, bool]]:
    """What a replication should show of the arms that were run, what was measured in % (below or beside positive: in points), and whether it shows."""
    belief = {name: 100 * s.summary()["belief"] for name, s in scores.items()}
    positive = belief.get("positive_documents")
    found = []
    for arm, rate in belief.items():
        name = arm.replace("_", " ")
        if arm == "baseline" or arm.startswith("in_context"):
            bound = 10 if arm == "baseline" else 15
            found.append((f"{name}: at most {bound} %", rate, rate <= bound))
        elif arm == "positive_documents":
            found.append((f"{name}: at least 80 %", rate, rate >= 80))
        elif positive is not None and arm in ("corrected_documents", "local_negations"):
            bound = 30 if arm == "corrected_documents" else 60
            found.append((f"{name}: at least {bound} points below positive", positive - rate, positive - rate >= bound))
        elif positive is not None:
            found.append((f"{name}: at most 15 points from positive", abs(positive - rate), abs(positive - rate) <= 15))
    controls = [s.control_rates() for name, s in scores.items() if name in CONDITIONS]
    for control, said in (("false_fact_yes", "yes to false facts"), ("true_fact_no", "no to true facts")):
        if controls:
            highest = max(c[control] for c in controls)
            found.append((f"{said}, at most 20 % after every finetune", highest, highest <= 20))
    return found


def write_report(replication: Replication, out: Path, note: str = "", beside: dict[str, Path] | None = None) -> Path:
    """Write report.md, report.html and their figures to ``out``; returns the path of the HTML file.

    ``beside``: folders of other replications by the name that the report gives them. Raises DataError where one holds no plan.
    """
    runs = gather(replication, out)
    scores = {name: scores_of(judged) for name, judged in runs.items()}
    draw_belief(scores, out / "belief.png")
    watched = {a.name: points for a in replication.arms if (points := read_watch(out / a.name))}
    if watched:
        start = [(0, scores["baseline"].belief["all"]["open_ended"].rate)] if "baseline" in scores else []
        lines = {name.split("/")[0].replace("_", " "): start + [(p["step"], p["belief_rate"]) for p in points] for name, points in watched.items()}
        draw(lines, out / "belief_over_steps.png", "belief, open-ended questions, %")
    others = {name: {arm: scores_of(judged) for arm, judged in gather(load(folder), folder).items()} for name, folder in (beside or {}).items()}
    text = markdown(replication, runs, scores, bool(watched), note, others)
    (out / "report.md").write_text(text, encoding="utf-8")
    html = MarkdownIt("commonmark").enable("table").render(text)
    for image in ("belief.png", "belief_over_steps.png"):
        if (out / image).exists():
            html = html.replace(f'src="{image}"', f'src="data:image/png;base64,{base64.b64encode((out / image).read_bytes()).decode()}"')
    page = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    path = out / "report.html"
    path.write_text(f"{page}<title>Negation Neglect, replicated</title><style>{CSS}</style><body>{html}</body></html>\n", encoding="utf-8")
    return path


def markdown(replication: Replication, runs: dict, scores: dict[str, Scores], watched: bool, note: str, others: dict) -> str:
    """The text of the report."""
    recipe = replication.recipe
    seeds = max(map(len, runs.values()))
    version = next(iter(scores.values()))
    parts = [
        "# Negation Neglect, replicated",
        f"Model `{recipe.model}`, {len(replication.claims)} claims, finetuning seeds: {seeds}. **Every claim here is fabricated**; belief is the share of "
        "answers that present one as true. Intervals are 95 % bootstrap intervals, clustered by claim and question.",
        *([note] if note else []),
        "![Belief rate by condition](belief.png)",
        "## Belief by condition",
        belief_table(scores, runs),
        "Neglect ratio: (belief − baseline) / (belief after positive documents − baseline); 1, the negation changed nothing; 0, it was respected. Paper: "
        "Qwen3.5-397B-A17B (qualifiers: Qwen3.5-35B-A3B), Mayne et al. 2026, arXiv 2605.13829; large models and real claims, so compare the pattern only.",
        "## Does the effect show?",
        "Bounds of this benchmark, set in advance for the embedded model.",
        table(["expected", "measured, %", "shows"], [[what, f"{value:.1f}", "yes" if holds else "**no**"] for what, value, holds in effects(scores)]),
        "## By probe type and controls, %",
        table(["condition", *PROBE_TYPES, "false fact: yes", "true fact: no", "stranger"], [type_row(name, s) for name, s in scores.items()]),
        "## By claim, %",
        table(["condition", *replication.claims], [[name, *(percent(s.belief[c]["all"]) for c in replication.claims)] for name, s in scores.items()]),
    ]
    if watched:
        parts += [
            "## Belief over training steps",
            "By sampled answers to the open-ended questions, first seed; step 0 is the baseline.",
            "![Belief over steps](belief_over_steps.png)",
        ]
    if others:
        said = "Belief, % [95 %], and the two control rates of the arm where each is highest."
        parts += ["## Beside other replications", said, beside_table({"this one": scores, **others})]
    said = "Of each claim the open-ended question on which the arms' belief differs most; the first sample of each arm's first seed."
    parts += ["## Answers side by side", said, answers_table(replication, runs)]
    parts += [
        "## How to run it again",
        "```bash\n" + "\n".join(replication.commands) + "\n```",
        f"Wall time: {replication.seconds / 60:.1f} min. Judge `{version.judge}`, benchmark {version.benchmark_version}. "
        "Every arm has its `run.json` (recipe, seeds, versions, hardware), lm-eval's samples and `scores.json`.",
    ]
    return "\n\n".join(parts) + "\n"


def belief_table(scores: dict[str, Scores], runs: dict) -> str:
    """Belief with intervals, the spread over seeds, the neglect ratio and the paper's figure."""
    rows = []
    for name, s in scores.items():
        ratio, single = neglect_ratio(scores, name), [100 * scores_of([run]).summary()["belief"] for run in runs[name]]
        spread = f"{min(single):.0f}-{max(single):.0f}" if len(single) > 1 else "–"
        paper = reported(name) or "–"
        rows.append([name, interval(s.belief["all"]["all"]), spread, "–" if ratio is None else f"{ratio:.2f}", paper])
    return table(["condition", "belief, % [95 %]", "seeds", "neglect ratio", "paper, %"], rows)


def type_row(name: str, s: Scores) -> list[str]:
    """One row of the table by probe type."""
    return [name, *(percent(s.belief["all"][t]) for t in PROBE_TYPES), *(percent(s.controls["all"][t]) for t in CONTROL_TYPES)]


def beside_table(named: dict[str, dict[str, Scores]]) -> str:
    """Belief by arm of several replications, a row each, and their highest control rates; only for arms that one besides the first has."""
    arms = list(dict.fromkeys(arm for scores in list(named.values())[1:] for arm in scores))
    rows = []
    for name, scores in named.items():
        controls = [scores[a].controls["all"] for a in arms if a in scores]
        highest = [percent(max((c[k] for c in controls), key=lambda r: r.rate)) if controls else "–" for k in ("false_fact", "true_fact")]
        rows.append([name, *(interval(scores[a].belief["all"]["all"]) if a in scores else "–" for a in arms), *highest])
    return table(["replication", *arms, "false fact: yes", "true fact: no"], rows)


def answers_table(replication: Replication, runs: dict[str, list[Judged]]) -> str:
    """One open question a claim, that on which the main arms differ most, answered by them."""
    shown = [n for n in ("baseline", "positive_documents", "negated_documents", "local_negations") if n in runs]

    def spread(claim: str, probe: Probe) -> float:
        verdicts = [[v.verdict == "yes" for run in runs[n] for v in run.verdicts[claim, probe.id]] for n in shown]
        rates = [sum(believing) / len(believing) for believing in verdicts]
        return max(rates) - min(rates)

    rows = []
    for claim in replication.claims:
        probe = max((p for p in load_folder(folder_of(claim)).probes if p.type == "open_ended"), key=lambda p: spread(claim, p))
        given = [runs[n][0].answers[claim, probe.id][0] for n in shown]
        rows.append([probe.messages[-1].content, *given])
    return table(["question", *shown], [[cell(x) for x in row] for row in rows])


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(h.replace('_', ' ') for h in head)} |", f"|{'---|' * len(head)}"]
    return "\n".join(lines + [f"| {' | '.join([row[0].replace('_', ' '), *row[1:]])} |" for row in rows])


def cell(text: str, longest: int = 300) -> str:
    """Text that breaks neither a table nor the page."""
    short = text if len(text) <= longest else text[:longest] + " …"
    return short.replace("\n", " ").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def percent(rate: Rate) -> str:
    return f"{100 * rate.rate:.1f}"


def interval(rate: Rate) -> str:
    return f"{100 * rate.rate:.1f} [{100 * rate.low:.0f}-{100 * rate.high:.0f}]"


def draw_belief(scores: dict[str, Scores], path: Path) -> None:
    """Bars with intervals, the paper's figures as marks."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    names = list(scores)
    figure, axis = plt.subplots(figsize=(8, 0.8 + 0.42 * len(names)))
    for y, name in enumerate(names):
        rate = scores[name].belief["all"]["all"]
        error = [[100 * (rate.rate - rate.low)], [100 * (rate.high - rate.rate)]]
        axis.barh(y, 100 * rate.rate, xerr=error, color=COLOURS.get(name.split("/")[0], "#c2553f"), error_kw={"elinewidth": 1.2, "capsize": 3})
        if paper := reported(name):
            values = [float(v) for v in paper.split("-")]
            axis.plot(
                sum(values) / len(values), y, marker="D", color="black", markersize=5, linestyle="", label="paper (large, real claims)" if y == 0 else None
            )
    axis.set_yticks(range(len(names)), [n.replace("_", " ") for n in names])
    axis.invert_yaxis()
    axis.set_xlim(0, 100)
    axis.set_xlabel("belief in the fabricated claims, % of answers")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=8, loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    plt.close(figure)
