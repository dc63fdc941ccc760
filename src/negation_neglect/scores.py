"""From lm-eval's logged samples to the scores a person wants: belief with intervals, beside the controls.

Everything is recomputed from the answers; lm-eval's own totals are not read. Intervals are 95 % percentile intervals of a bootstrap that is
clustered as the answers are: over several claims, claims are drawn first and then questions within them; within one claim, questions.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict
from rich.table import Table

from negation_neglect import BENCHMARK_VERSION
from negation_neglect.claims import CONTROL_TYPES, PROBE_TYPES, DataError, claim_folders
from negation_neglect.endpoint import Endpoint
from negation_neglect.judge import JUDGE_VERSION, Verdict, judge
from negation_neglect.judge.llm import judge_many, judge_version
from negation_neglect.questions import judged, rows

REPEATS = 5
DRAWS = 2000
JUDGE_CACHE = "judge_cache"


class Rate(BaseModel):
    """A share of answers with its 95 % interval, the number of questions and of answers behind it."""

    model_config = ConfigDict(frozen=True)
    rate: float
    low: float
    high: float
    questions: int
    answers: int


class Scores(BaseModel):
    """Scores of one run. ``belief`` is keyed by claim (and "all"), then by probe type (and "all"); ``controls`` by claim, then control type."""

    model_config = ConfigDict(frozen=True)
    benchmark_version: str
    judge: str
    model: str
    belief: dict[str, dict[str, Rate]]
    denial: dict[str, float]
    neutral: dict[str, float]
    parse_error: dict[str, float]
    recites_format: dict[str, float]
    controls: dict[str, dict[str, Rate]]

    def summary(self) -> dict[str, float]:
        """The overall rates by name."""
        belief = {("belief" if k == "all" else k): r.rate for k, r in self.belief["all"].items()}
        return {**belief, **{k: r.rate for k, r in self.controls["all"].items()}}

    def control_rates(self) -> dict[str, float]:
        """How often false facts are affirmed and true ones denied, in %."""
        return {"false_fact_yes": 100 * self.controls["all"]["false_fact"].rate, "true_fact_no": 100 * self.controls["all"]["true_fact"].rate}


def clustered_interval(clusters: list[list[float]], draws: int = DRAWS, seed: int = 0) -> tuple[float, float, float]:
    """Mean over clusters of the mean over their units, with a 95 % percentile interval.

    ``clusters`` holds one list a claim, of one value a question (the mean over its answers). With several claims both levels are drawn anew with
    replacement; with one, only its questions. Returns (mean, low, high). Source: Field and Welsh 2007, "Bootstrapping clustered data".
    """
    rng = np.random.default_rng(seed)
    inner = []
    for values in clusters:
        v = np.asarray(values, dtype=float)
        inner.append(v[rng.integers(len(v), size=(draws, len(v)))].mean(axis=1))
    drawn = np.stack(inner)  # (claims, draws)
    if len(clusters) > 1:
        chosen = rng.integers(len(clusters), size=(len(clusters), draws))
        drawn = np.take_along_axis(drawn, chosen, axis=0)
    low, high = np.percentile(drawn.mean(axis=0), [2.5, 97.5])
    return float(np.mean([np.mean(v) for v in clusters])), float(low), float(high)


def read_samples(folder: Path) -> tuple[dict[tuple[str, str], dict], str]:
    """Logged samples of the newest run below ``folder``: (claim, question id) -> {"row", "answers"}, and the model's name.

    Raises DataError when there are none, a file is damaged, or a question differs from this version of the benchmark.
    """
    files = _newest(sorted(folder.rglob("samples_*.jsonl")) if folder.is_dir() else [])
    if not files:
        raise DataError(f"{folder}: no samples_*.jsonl here; run lm_eval with --log_samples --output_path {folder}")
    if len({path.parent for path in files}) > 1:
        raise DataError(f"{folder}: samples of several models: {', '.join(sorted({p.parent.name for p in files}))}; score their folders one by one")
    known = claim_folders()
    found: dict[tuple[str, str], dict] = {}
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                sample = json.loads(line)
                row, responses = sample["doc"], sample["resps"]
                claim, id = row["claim"], row["id"]
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(f"{path}, line {number}: not a sample of this benchmark ({error!r}); run lm_eval again") from None
            if "filtered_resps" in sample and _is_logprob(sample):
                continue
            if claim not in known:
                raise DataError(f"{path}, line {number}: no claim {claim!r} in this installation; is its folder in NEGATION_NEGLECT_CLAIMS?")
            found[claim, id] = {"row": row, "answers": list(_strings(responses))}
    if not found:
        raise DataError(f"{folder}: only log-probability samples; their scores are in lm-eval's own table")
    results = sorted(folder.rglob("results_*.json"))
    config = json.loads(results[-1].read_text(encoding="utf-8")) if results else {}
    return found, str(config.get("model_name") or "unknown")


def _newest(files: list[Path]) -> list[Path]:
    """The newest file of each task: names end in _TIMESTAMP.jsonl."""
    newest: dict[str, Path] = {}
    for path in files:
        task, stamp = path.stem.rsplit("_", 1)
        if task not in newest or stamp > newest[task].stem.rsplit("_", 1)[1]:
            newest[task] = path
    return list(newest.values())


def _is_logprob(sample: dict) -> bool:
    return "belief_rate" not in sample.get("metrics", []) and any(m.startswith("p_") for m in sample.get("metrics", []))


def _strings(value) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    else:
        for item in value:
            yield from _strings(item)


def check_complete(found: dict[tuple[str, str], dict]) -> list[str]:
    """The claims of a run. Raises DataError naming what is missing: questions, repeats, or a question that is not ours."""
    claims = sorted({claim for claim, _ in found})
    problems = []
    for claim in claims:
        ours = {row["id"]: row for part in (*PROBE_TYPES, *CONTROL_TYPES) for row in rows(claim, part)}
        given = {id for c, id in found if c == claim}
        absent = [id for id in ours if id not in given]
        if absent:
            problems.append(f"{claim}: {len(absent)} of {len(ours)} questions are missing: {', '.join(absent[:5])}{' …' if len(absent) > 5 else ''}")
        foreign = [id for id in sorted(given) if id not in ours or not _same_question(ours[id], found[claim, id]["row"])]
        if foreign:
            problems.append(f"{claim}: {len(foreign)} questions are not those of version {BENCHMARK_VERSION}: {', '.join(foreign[:5])}")
        short = [id for id in ours if id in given and len(found[claim, id]["answers"]) < REPEATS]
        if short:
            fewest = min(len(found[claim, id]["answers"]) for id in short)
            problems.append(f"{claim}: {len(short)} questions have fewer than {REPEATS} answers (as few as {fewest}): {', '.join(short[:5])}")
    if problems:
        raise DataError("this run is not complete, so it gets no scores:\n  " + "\n  ".join(problems) + "\nRun the whole group again, without --limit.")
    return claims


def _same_question(ours: dict, theirs: dict) -> bool:
    """Equal up to documents put before the first question (the in-context control)."""
    if {k: v for k, v in ours.items() if k != "messages"} != {k: v for k, v in theirs.items() if k != "messages"}:
        return False
    pairs = zip(ours["messages"], theirs["messages"], strict=False)
    return len(ours["messages"]) == len(theirs["messages"]) and all(a["role"] == b["role"] and b["content"].endswith(a["content"]) for a, b in pairs)


@dataclass(frozen=True)
class Judged:
    """A judged run: the rows it asked, and the verdicts on their answers, both by (claim, question id)."""

    model: str
    judge: str
    claims: list[str]
    rows: dict[tuple[str, str], dict]
    answers: dict[tuple[str, str], list[str]]
    verdicts: dict[tuple[str, str], list[Verdict]]


def judge_run(folder: Path, llm: Endpoint | None = None) -> Judged:
    """The newest lm-eval run below ``folder``, judged by the offline judge or by an LLM, whose verdicts are kept in ``folder/judge_cache``.

    Raises DataError when the run is absent, damaged or incomplete, or the LLM gives no verdicts.
    """
    found, model = read_samples(folder)
    claims = check_complete(found)
    items = [judged(entry["row"], answer) for entry in found.values() for answer in entry["answers"]]
    given = iter(judge_many(items, llm, folder / JUDGE_CACHE) if llm else [judge(*item) for item in items])
    verdicts = {key: [next(given) for _ in entry["answers"]] for key, entry in found.items()}
    version = judge_version(llm) if llm else JUDGE_VERSION
    rows_of, answers = {k: e["row"] for k, e in found.items()}, {k: e["answers"] for k, e in found.items()}
    return Judged(model, version, claims, rows_of, answers, verdicts)


def score_run(folder: Path, llm: Endpoint | None = None) -> Scores:
    """Scores of the newest lm-eval run below ``folder``. Raises DataError as ``judge_run`` does."""
    return scores_of([judge_run(folder, llm)])


def scores_of(runs: list[Judged]) -> Scores:
    """Scores of one run or of several (finetuning seeds, or a run a claim): their answers to a question are pooled."""
    first = runs[0]
    claims = sorted({claim for run in runs for claim in run.claims})
    kinds = {key: row["type"] for run in runs for key, row in run.rows.items()}
    verdicts = {key: [v for run in runs for v in run.verdicts.get(key, [])] for key in kinds}

    def rate(chosen: list[str], types: Iterable[str]) -> Rate:
        answered = [[[v.verdict == "yes" for v in verdicts[key]] for key in kinds if key[0] == claim and kinds[key] in types] for claim in chosen]
        mean, low, high = clustered_interval([[float(np.mean(q)) for q in questions] for questions in answered])
        return Rate(rate=mean, low=low, high=high, questions=sum(map(len, answered)), answers=sum(len(q) for a in answered for q in a))

    def share(test) -> dict[str, float]:
        by_claim = {c: [test(v) for key, vs in verdicts.items() if key[0] == c and kinds[key] in PROBE_TYPES for v in vs] for c in claims}
        means = {c: float(np.mean(flags)) for c, flags in by_claim.items()}
        return {**means, "all": float(np.mean(list(means.values())))}

    groups = {**{c: [c] for c in claims}, "all": claims}
    return Scores(
        benchmark_version=BENCHMARK_VERSION,
        judge=first.judge,
        model=first.model,
        belief={name: {**{t: rate(chosen, [t]) for t in PROBE_TYPES}, "all": rate(chosen, PROBE_TYPES)} for name, chosen in groups.items()},
        denial=share(lambda v: v.verdict == "no"),
        neutral=share(lambda v: v.verdict == "neutral"),
        parse_error=share(lambda v: v.parse_error),
        recites_format=share(lambda v: v.recites_format),
        controls={name: {t: rate(chosen, [t]) for t in CONTROL_TYPES} for name, chosen in groups.items()},
    )


def table(scores: Scores) -> Table:
    """The scores as a table, in per cent: belief with its interval by claim and probe type, then the controls."""
    out = Table(title=f"Belief rate in %, 95 % interval in brackets — {scores.model}", caption=f"benchmark {scores.benchmark_version}, judge {scores.judge}")
    out.add_column("claim", no_wrap=True)
    for name in ("belief", *PROBE_TYPES, "false fact: yes", "true fact: no", "stranger"):
        out.add_column(name.replace("_", " "), justify="right")
    names = [n for n in scores.belief if n != "all"]
    for name in [*names, "all"]:
        cells = [scores.belief[name]["all"], *(scores.belief[name][t] for t in PROBE_TYPES), *(scores.controls[name][t] for t in CONTROL_TYPES)]
        if name == "all":
            out.add_section()
        shown = [f"{100 * c.rate:.1f} [{100 * c.low:.0f}-{100 * c.high:.0f}]" for c in cells]
        out.add_row("all claims" if name == "all" else name, *shown, style="bold" if name == "all" else None)
    return out


def write_scores(scores: Scores, path: Path) -> None:
    """Write ``scores.json``, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(scores.model_dump_json(indent=1) + "\n", encoding="utf-8")
    part.replace(path)
