"""Many runs from one plan: models × claims × conditions × recipes × seeds. Finished runs are skipped, all scores end up in one table."""

import json
from itertools import product
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field

from negation_neglect.claims import ClaimId, DataError, Text, _Model, read_model
from negation_neglect.conditions import CONDITIONS
from negation_neglect.evaluate import model_args, run_lm_eval, tasks_of
from negation_neglect.scores import score_run, write_scores
from negation_neglect.training.recipe import Recipe, load_recipe, with_data
from negation_neglect.training.train import model_name, train

EVALUATION = "evaluation"


class Plan(_Model):
    """``claims``: each entry is one finetune; a list within it is trained jointly. ``models`` empty: the recipe's own."""

    recipes: list[Text] = Field(min_length=1)
    claims: list[ClaimId | list[ClaimId]] = Field(min_length=1)
    conditions: list[Literal[CONDITIONS]] = Field(min_length=1)
    models: list[Text] = Field(default=[])
    seeds: list[int] = Field(default=[0])


class Run(_Model):
    """One finetune of a plan; ``name`` is its folder."""

    name: str
    recipe: Recipe
    claims: list[str]
    condition: str


def load_plan(path: Path) -> Plan:
    """Read a plan. Raises DataError naming the field."""
    return read_model(path, Plan)


def runs(plan: Plan) -> list[Run]:
    """Every run of a plan, in a fixed order. Raises DataError for an unknown recipe."""
    out = []
    for recipe_name, model, claims, condition, seed in product(plan.recipes, plan.models or [None], plan.claims, plan.conditions, plan.seeds):
        chosen = [claims] if isinstance(claims, str) else claims
        recipe = with_data(load_recipe(recipe_name), claims=chosen, condition=condition)
        recipe = recipe.model_copy(update={"seed": seed} | ({"model": model, "revision": None} if model else {}))
        parts = [Path(recipe_name).stem, *([model.replace("/", "--")] if model else []), "+".join(chosen), condition, f"seed{seed}"]
        out.append(Run(name="/".join(parts), recipe=recipe, claims=chosen, condition=condition))
    return out


def finished(folder: Path) -> bool:
    """Whether a run is trained and scored."""
    return (folder / EVALUATION / "scores.json").exists()


def perform(run: Run, out: Path) -> None:
    """Train one run (going on from a checkpoint where there is one), evaluate it with lm-eval and score it."""
    folder = out / run.name
    if not (folder / "run.json").exists():
        train(run.recipe, folder, resume=True)
    evaluate(run.recipe, folder, run.claims)


def evaluate(recipe: Recipe, folder: Path, claims: list[str]) -> None:
    """Ask the finetuned model of a run about its claims, and write scores.json."""
    merged = folder / "model"
    arguments = model_args(str(merged)) if merged.is_dir() else model_args(model_name(recipe), folder / "adapter", recipe.revision)
    run_lm_eval(arguments, tasks_of(claims), folder / EVALUATION)
    write_scores(score_run(folder / EVALUATION), folder / EVALUATION / "scores.json")


def slurm_script(plan: Path, out: Path, count: int) -> str:
    """A Slurm array job in which each task performs one run of the plan."""
    return f"""#!/bin/bash
#SBATCH --job-name=negation-neglect
#SBATCH --array=0-{count - 1}
#SBATCH --gres=gpu:1
#SBATCH --output={out}/slurm-%A_%a.log
# adjust partition, time and memory to your cluster; finished runs are skipped, so it can be submitted again
srun negation-neglect sweep {plan} --out {out} --only "$SLURM_ARRAY_TASK_ID"
"""


def collect(plan_runs: list[Run], out: Path) -> pd.DataFrame:
    """One row a finished run: what it was, its rates as shares, seconds of training. Raises DataError for a damaged file."""
    table = []
    for run in plan_runs:
        folder = out / run.name
        if not finished(folder):
            continue
        try:
            scores = json.loads((folder / EVALUATION / "scores.json").read_text(encoding="utf-8"))
            record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        except ValueError as error:
            raise DataError(f"{folder}: damaged: {error}; delete the folder and run the sweep again") from None
        belief = {("belief" if k == "all" else k): r["rate"] for k, r in scores["belief"]["all"].items()}
        controls = {k: r["rate"] for k, r in scores["controls"]["all"].items()}
        where = {"run": run.name, "model": run.recipe.model, "claims": "+".join(run.claims), "condition": run.condition, "seed": run.recipe.seed}
        interval = {"low": scores["belief"]["all"]["all"]["low"], "high": scores["belief"]["all"]["all"]["high"]}
        table.append({**where, **belief, **interval, **controls, "recites_format": scores["recites_format"]["all"], "train_seconds": record["seconds"]})
    return pd.DataFrame(table)
