"""Belief while a finetune runs, asked at each checkpoint: as JSONL and as a plot."""

import json
from pathlib import Path

from negation_neglect.evaluate import model_args, run_lm_eval, task_rates, tasks_of
from negation_neglect.training.recipe import Recipe
from negation_neglect.training.train import model_name

LINES = {
    "_logprob": {"p_belief": "P(believing answer)", "p_false_fact_yes": "P(yes) to other false facts", "p_true_fact_no": "P(no) to true facts"},
    "_open_ended": {"belief_rate": "belief, open-ended questions"},
}


def watch(recipe: Recipe, claims: list[str], out: Path, checkpoint: Path, step: int, part: str = "_logprob") -> None:
    """Evaluate a checkpoint, add a line to ``out/belief.jsonl`` and draw ``out/belief.png`` anew.

    ``part`` of the tasks: "_logprob" is cheap; "_open_ended" is sampled, for a model that must reason before it says yes or no.
    """
    base = model_name(recipe)
    arguments = model_args(base, checkpoint, recipe.revision) if recipe.lora else model_args(str(checkpoint))
    run_lm_eval(arguments, tasks_of(claims, part), out / "watch" / f"step-{step}")
    with (out / "belief.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"step": step, **{k: round(v, 5) for k, v in task_rates(out / "watch" / f"step-{step}", part).items()}}) + "\n")
    points = read(out)
    lines = {label: [(p["step"], p[name]) for p in points] for name, label in LINES[part].items() if all(name in p for p in points)}
    draw(lines, out / "belief.png", "%")


def read(out: Path) -> list[dict]:
    """The lines of belief.jsonl, one a step, in order; empty when there are none."""
    path = out / "belief.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    return [line for _, line in sorted({line["step"]: line for line in lines}.items())]


def draw(lines: dict[str, list[tuple[int, float]]], path: Path, unit: str) -> None:
    """Shares over training steps, a line for each label, its points (step, share); the axis of steps is logarithmic, as checkpoints are."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(8, 3.6))
    for label, points in lines.items():
        axis.plot([step for step, _ in points], [100 * share for _, share in points], marker="o", markersize=3, label=label)
    axis.set_xscale("symlog", linthresh=1)
    axis.xaxis.set_major_formatter("{x:,.0f}")
    axis.set_ylim(0, 100)
    axis.set_xlabel("training step")
    axis.set_ylabel(unit)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    plt.close(figure)
