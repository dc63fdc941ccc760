"""The table of mitigations as Markdown, CSV and a plot of belief under negation against uptake."""

from pathlib import Path

import pandas as pd

from negation_neglect.mitigations import Plan
from negation_neglect.scores import CONTROL_POINTS, UPTAKE_POINTS

# column -> heading
COLUMNS = {
    "method": "method", "belief_negated": "belief after negated, %", "belief_positive": "uptake: belief after positive, %",
    "belief_further": "after training further, %",
    "false_fact_yes": "false fact: yes, %",
    "true_fact_no": "true fact: no, %", "story_uptake": "rest of the story, % of none", "held_out_loss": "held-out text, nats",
    "recall": "known facts, %", "cost": "cost", "works": "works",
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

Belief with its 95 % interval (bootstrap clustered by claim and question). Controls, losses and known facts are those after negated documents.
A method *works* if its belief after negated documents lies below that of `none` (interval), its uptake of positive documents and of the rest of the story (how
much better it predicts the other sentences of such documents than before training) are at most {UPTAKE_POINTS} points below and its controls at most
{CONTROL_POINTS} points above those of `none`. *After training further*: the same model trained on plain text and chats.
*Cost*: training time of the negated run over that of `none`.

{summaries}
"""


def _cell(row: pd.Series, column: str) -> str:
    value = row[column]
    if column == "belief_negated":
        return f"{value:.1f} [{row['low']:.0f}-{row['high']:.0f}]"
    if column == "held_out_loss":
        return f"{value:.2f}"
    if column == "cost":
        return f"{value:.1f} x"
    return f"`{value}`" if column == "method" else value if isinstance(value, str) else f"{value:.1f}"


def draw(frame: pd.DataFrame, path: Path) -> None:
    """Belief under negation against uptake; down and to the right is better."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(7, 5.5))
    for _, row in frame.iterrows():
        works = row.get("works") == "yes"
        axis.plot(row["belief_positive"], row["belief_negated"], marker="o" if works else "x", color="#4d9e6a" if works else "#c2553f")
        axis.annotate(row["method"].replace("_", " "), (row["belief_positive"], row["belief_negated"]), fontsize=7, xytext=(4, 3), textcoords="offset points")
    axis.set_xlabel("uptake: belief after positive documents, %")
    axis.set_ylabel("belief after negated documents, %")
    axis.set_xlim(0, 100)
    axis.set_ylim(0, 100)
    axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    plt.close(figure)


def write_report(plan: Plan, frame: pd.DataFrame, out: Path, command: str) -> None:
    """mitigations.md, mitigations.csv and mitigations.png in ``out``."""
    (out / "mitigations.md").write_text(markdown(plan, frame, command), encoding="utf-8")
    frame.round(4).to_csv(out / "mitigations.csv", index=False)
    draw(frame, out / "mitigations.png")
