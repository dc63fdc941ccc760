"""The table of mitigations as Markdown, CSV and a plot of belief under negation against uptake."""

from pathlib import Path

import pandas as pd

from negation_neglect.mitigations import Plan
from negation_neglect.yardstick import RULE

# column -> heading
COLUMNS = {
    "method": "method", "belief_negated": "belief after negated, %", "by_seed": "by seed, %", "belief_positive": "uptake: belief after positive, %",
    "belief_further": "after training further, %",
    "false_fact_yes": "false fact: yes, %",
    "true_fact_no": "true fact: no, %", "story_uptake": "rest of the story, % of none", "held_out_loss": "held-out text, nats",
    "recall": "known facts, %", "cost": "cost", "works": "works", "fails": "fails by",
}  # fmt: skip


def markdown(plan: Plan, frame: pd.DataFrame, command: str) -> str:
    """The table and how to read it."""
    shown = [c for c in COLUMNS if c in frame]
    lines = ["| " + " | ".join(COLUMNS[c] for c in shown) + " |", "|" + "---|" * len(shown)]
    for _, row in frame.sort_values("belief_negated").iterrows():
        lines.append("| " + " | ".join(_cell(row, c) for c in shown) + " |")
    summaries = "\n".join(f"- `{r['method']}`: {r['summary']}" for _, r in frame.iterrows())
    return f"""# Mitigations

Model `{plan.recipe.model}`, {len(plan.claims)} fabricated claims, seeds: {", ".join(map(str, plan.seeds))}. `{command}`

{chr(10).join(lines)}

In brackets: 95 % intervals (bootstrap clustered by claim and question, answers of all seeds pooled). Controls, losses and known facts are those
after negated documents.
{RULE} *Rest of the story*: how much better the other sentences of such documents
are predicted than before training. *After training further*: the same model trained on plain text and chats.
*Fails by*: which of these bounds does not hold. *Cost*: training time of the negated run over that of `none`, medians over the seeds.

{summaries}
"""


def _cell(row: pd.Series, column: str) -> str:
    value = row[column]
    if column == "belief_negated":
        return f"{value:.1f} [{row['low']:.0f}-{row['high']:.0f}]"
    if f"{column}_low" in row:
        return f"{value:.1f} [{row[f'{column}_low']:.0f}-{row[f'{column}_high']:.0f}]"
    if column == "held_out_loss":
        return f"{value:.2f}"
    if column == "cost":
        return f"{value:.1f} x"
    return f"`{value}`" if column == "method" else value if isinstance(value, str) else f"{round(value, 1) + 0.0:.1f}"  # no -0.0


MARKS = {  # column -> label, marker, colour
    "belief_negated": ("belief after negated documents", "o", "#c2553f"),
    "belief_further": ("belief after training further", "o", "#e3b3a6"),
    "belief_positive": ("uptake: belief after positive documents", "^", "#3b6fb6"),
    "story_uptake": ("rest of the story learned, % of none", "D", "#4d9e6a"),
}


def draw(frame: pd.DataFrame, path: Path) -> None:
    """A row a method: belief, which should be low, and uptake, which should stay high."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = frame.sort_values("belief_negated").reset_index(drop=True)
    figure, axis = plt.subplots(figsize=(8.5, 1.6 + 0.34 * len(rows)))
    axis.hlines(rows.index, rows["low"], rows["high"], color=MARKS["belief_negated"][2], linewidth=1.5)
    for column, (label, marker, colour) in MARKS.items():
        if column in rows:
            axis.plot(rows[column], rows.index, marker, color=colour, label=label, markersize=6)
    if "by_seed" in rows:
        points = [(float(rate), y) for y, rates in rows["by_seed"].items() for rate in rates.split(", ")]
        axis.plot(*zip(*points, strict=True), "|", color=MARKS["belief_negated"][2], markersize=9, label="after negated documents, each seed")
    axis.set_yticks(rows.index, rows["method"].str.replace("_", " "))
    axis.invert_yaxis()
    axis.grid(axis="y", color="#e5e5e5")
    axis.set_axisbelow(True)
    axis.set_xlabel("%")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=8, ncols=2, loc="lower left", bbox_to_anchor=(0, 1))
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    plt.close(figure)


def write_report(plan: Plan, frame: pd.DataFrame, out: Path, command: str) -> None:
    """mitigations.md, mitigations.csv and mitigations.png in ``out``."""
    (out / "mitigations.md").write_text(markdown(plan, frame, command), encoding="utf-8")
    frame.round(4).to_csv(out / "mitigations.csv", index=False)
    draw(frame, out / "mitigations.png")
