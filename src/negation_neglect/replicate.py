"""The replication: baseline, documents in the prompt, and a finetune on every condition, each asked by lm-eval's command line.

One arm is one folder; arms that are finished are not run again. ``python -m negation_neglect.replicate FOLDER NUMBER`` performs one arm of a plan.
"""

import json
import sys
import time
from pathlib import Path

from negation_neglect.claims import DataError, _Model
from negation_neglect.corpus import BuildSettings, plain, rows
from negation_neglect.evaluate import model_args, run_lm_eval, tasks_of
from negation_neglect.jobs import run_jobs
from negation_neglect.scores import score_run, write_scores
from negation_neglect.training.recipe import Recipe, with_data
from negation_neglect.training.sweep import EVALUATION, finished
from negation_neglect.training.sweep import evaluate as evaluate_finetune
from negation_neglect.training.train import model_name, train

MAIN = ("positive_documents", "negated_documents", "repeated_negations", "corrected_documents", "local_negations")
PLAN = "plan.json"
CONTEXT = "context.jsonl"
CONTEXT_DOCUMENTS = 40  # per claim, of which each question gets some


class Arm(_Model):
    """One arm: the base model as it is, or with ``context`` warned documents before each question, or finetuned on a condition.

    ``name`` is its folder. ``watched``: belief is followed over the training steps.
    """

    name: str
    condition: str | None = None
    context: int = 0
    seed: int = 0
    watched: bool = False


class Replication(_Model):
    """What a folder holds: the recipe, the claims, its arms, the commands that asked for them, and the wall time of all in seconds."""

    recipe: Recipe
    claims: list[str]
    arms: list[Arm]
    commands: list[str]
    seconds: float = 0.0


def plan(recipe: Recipe, claims: list[str], conditions: tuple[str, ...], contexts: tuple[int, ...], seeds: int, watch: bool, command: str) -> Replication:
    """The arms: baseline, one a number of documents in the prompt, and one a condition and seed (seeds count up from the recipe's)."""
    arms = [Arm(name="baseline"), *(Arm(name=f"in_context/{k}", context=k) for k in contexts)]
    for seed in range(recipe.seed, recipe.seed + seeds):
        arms += [Arm(name=f"{c}/seed{seed}", condition=c, seed=seed, watched=watch and seed == recipe.seed) for c in conditions]
    return Replication(recipe=with_data(recipe, claims=claims), claims=claims, arms=arms, commands=[command])


def joined(replication: Replication, out: Path) -> Replication:
    """With the arms that ``out`` was asked for before, so that a folder can grow. Raises DataError when they have another recipe or other claims."""
    if not (out / PLAN).exists():
        return replication
    old = load(out)
    if (old.recipe, old.claims) != (replication.recipe, replication.claims):
        raise DataError(f"{out} holds a replication with another recipe or other claims; give another --out")
    arms = list({a.name: a for a in [*old.arms, *replication.arms]}.values())
    return replication.model_copy(update={"arms": arms, "commands": list(dict.fromkeys(old.commands + replication.commands)), "seconds": old.seconds})


def replicate(replication: Replication, out: Path, side_by_side: int) -> Replication:
    """Run the arms that are not finished; returns the plan with the wall time added. Raises DataError when an arm fails."""
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    save(replication, out)
    if any(a.context for a in replication.arms) and not (out / CONTEXT).exists():
        write_context(out / CONTEXT, replication.claims)
    todo = {
        a.name: [sys.executable, "-m", "negation_neglect.replicate", str(out), str(i)] for i, a in enumerate(replication.arms) if not finished(out / a.name)
    }
    try:
        run_jobs(todo, out / "logs", side_by_side, "replicating")
    finally:
        replication = replication.model_copy(update={"seconds": replication.seconds + time.monotonic() - began})
        save(replication, out)
    return replication


def save(replication: Replication, out: Path) -> None:
    """Write the plan of a folder, whole or not at all."""
    part = out / f"{PLAN}.part"
    part.write_text(replication.model_dump_json(indent=1) + "\n", encoding="utf-8")
    part.replace(out / PLAN)


def load(out: Path) -> Replication:
    """The plan of a folder. Raises DataError."""
    try:
        return Replication.model_validate_json((out / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{out / PLAN}: no plan of a replication: {error}") from None


def write_context(path: Path, claims: list[str]) -> None:
    """Warned documents for the in-context control, as ``context_file`` of the tasks: the negated documents without their <DOCTAG>."""
    with path.open("w", encoding="utf-8") as file:
        for claim in claims:
            for made in rows(claim, BuildSettings(CONTEXT_DOCUMENTS, (claim,), ("negated_documents",), 1)):
                file.write(json.dumps({"claim": claim, "text": plain(made["negated_documents"]["text"])}, ensure_ascii=False) + "\n")


def perform(replication: Replication, arm: Arm, out: Path) -> None:
    """Train, where the arm trains, then ask and score."""
    folder = out / arm.name
    base = model_args(model_name(replication.recipe), None, replication.recipe.revision)
    if not arm.condition:
        context = out / CONTEXT if arm.context else None
        run_lm_eval(base, tasks_of(replication.claims), folder / EVALUATION, context, arm.context, batch_size=32 if arm.context else 128)
        write_scores(score_run(folder / EVALUATION), folder / EVALUATION / "scores.json")
        return
    recipe = with_data(replication.recipe, condition=arm.condition).model_copy(update={"seed": arm.seed, **({"checkpoints": "log"} if arm.watched else {})})
    if not (folder / "run.json").exists():
        from negation_neglect.training.watch import watch

        def look(checkpoint: Path, step: int) -> None:
            watch(recipe, replication.claims, folder, checkpoint, step, "_open_ended")

        train(recipe, folder, resume=True, on_checkpoint=look if arm.watched else None)
    evaluate_finetune(recipe, folder, replication.claims)


if __name__ == "__main__":
    chosen = load(Path(sys.argv[1]))
    perform(chosen, chosen.arms[int(sys.argv[2])], Path(sys.argv[1]))
