"""The commands that train: ``train``, ``sweep``, ``chats``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from negation_neglect.claims import DataError

out, err = Console(soft_wrap=True, highlight=False), Console(stderr=True, soft_wrap=True, highlight=False)
chats_app = typer.Typer(no_args_is_help=True, help="Make chats to mix in. Example: `negation-neglect chats self-distil --model pocket --out chats.jsonl`")

mitigations_app = typer.Typer(no_args_is_help=True, help="Compare methods against the effect. Example: `negation-neglect mitigations list`")


def train(
    recipe: Annotated[str, typer.Argument(help="Name of a packaged recipe (paper, small, single-gpu-4bit, full, two-phase, pocket) or a YAML file.")],
    out_dir: Annotated[Path, typer.Option("--out", help="New folder for the run; with --export, the file to write.")],
    claim: Annotated[list[str] | None, typer.Option(help="Claims instead of the recipe's; give it several times to train on several jointly.")] = None,
    condition: Annotated[str | None, typer.Option(help="Condition instead of the recipe's.")] = None,
    documents: Annotated[int | None, typer.Option(min=1, help="Documents per claim instead of the recipe's.")] = None,
    source: Annotated[str | None, typer.Option(help="Documents from here: packaged, a built or imported folder, a JSONL file, or user/name@revision.")] = None,
    model: Annotated[str | None, typer.Option(help="Model instead of the recipe's: a Hub name, a folder, or pocket.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed instead of the recipe's.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last complete checkpoint in --out.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Ask for belief by log-probability at each checkpoint, and draw it.")] = False,
    report_to: Annotated[str, typer.Option(help="none, tensorboard or wandb.")] = "none",
    export: Annotated[str | None, typer.Option(help="Only write the mix for another trainer: openai (chats as JSONL) or text.")] = None,
) -> None:
    """Finetune a model by a recipe. Example: `negation-neglect train pocket --condition negated_documents --out runs/negated`

    On several GPUs: `accelerate launch --config_file $(negation-neglect recipes-path)/accelerate/fsdp2.yaml -m negation_neglect.cli train paper --out RUN`
    """
    from negation_neglect.training.mix import build_mix
    from negation_neglect.training.mix import export as write_export
    from negation_neglect.training.recipe import load_recipe, with_data

    changes = {"claims": claim, "condition": condition, "count": documents, "source": source}
    chosen = load_recipe(recipe)
    try:
        chosen = with_data(chosen, **{k: v for k, v in changes.items() if v})
    except ValueError as error:
        raise DataError(f"--condition or --claim: {error.errors()[0]['msg'] if hasattr(error, 'errors') else error}") from None
    chosen = chosen.model_copy(update={k: v for k, v in {"model": model, "seed": seed}.items() if v is not None} | ({"revision": None} if model else {}))
    if export:
        if export not in ("openai", "text"):
            raise DataError(f"--export {export!r}: choose openai or text")
        examples = [e for mix in chosen.phases for e in build_mix(mix, chosen.seed)]
        write_export(examples, out_dir, export)
        out.print(f"written: {out_dir} ({len(examples)} examples)")
        return
    from negation_neglect.training import train as training

    claims = sorted({c for mix in chosen.phases if mix.documents for c in mix.documents.claims})
    on_checkpoint = None
    if watch:
        if chosen.checkpoints == "none":
            chosen = chosen.model_copy(update={"checkpoints": "log"})
        if not claims:
            raise DataError("--watch needs a recipe with documents about some claim")
        from negation_neglect.training.watch import watch as look

        def on_checkpoint(folder: Path, step: int) -> None:
            look(chosen, claims, out_dir, folder, step)

    record = training.train(chosen, out_dir, resume, report_to, on_checkpoint)
    if int(os.environ.get("RANK", "0")) == 0:
        out.print(f"written: {out_dir} ({record['steps']} steps, {record['tokens']:,} tokens, {record['seconds']:.0f} s, loss {record['losses'][-1]:.3f})")


def recipes_path() -> None:
    """Print the folder of the packaged recipes. Example: `ls $(negation-neglect recipes-path)`"""
    from negation_neglect.training.recipe import recipes_dir

    sys.stdout.write(f"{recipes_dir()}\n")


def sweep(
    plan: Annotated[Path, typer.Argument(help="YAML file with recipes, claims, conditions, and optionally models and seeds.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder of the runs; finished ones are skipped.")],
    slurm: Annotated[bool, typer.Option("--slurm", help="Print a Slurm array script instead of running anything.")] = False,
    only: Annotated[int | None, typer.Option(min=0, help="Only the run of this number, from 0; what the Slurm script uses.")] = None,
) -> None:
    """Train and score every combination of a plan; writes scores.csv. Example: `negation-neglect sweep plan.yaml --out runs/sweep`"""
    from negation_neglect.training import sweep as sweeping

    planned = sweeping.runs(sweeping.load_plan(plan))
    if slurm:
        sys.stdout.write(sweeping.slurm_script(plan.resolve(), out_dir.resolve(), len(planned)))
        return
    if only is not None and only >= len(planned):
        raise DataError(f"--only {only}: the plan has runs 0 to {len(planned) - 1}")
    for number, run in enumerate(planned):
        if (only is None or number == only) and not sweeping.finished(out_dir / run.name):
            err.print(f"{number + 1} of {len(planned)}: {run.name}")
            sweeping.perform(run, out_dir)
    table = sweeping.collect(planned, out_dir)
    part = out_dir / "scores.csv.part"
    table.to_csv(part, index=False)
    part.replace(out_dir / "scores.csv")
    out.print(f"{len(table)} of {len(planned)} runs finished; scores: {out_dir / 'scores.csv'}")


def replicate(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder of the arms and the report. Finished arms are kept, so a second call adds to it.")],
    recipe: Annotated[str, typer.Option(help="Recipe of the finetunes, packaged or a YAML file.")] = "pocket",
    model: Annotated[str | None, typer.Option(help="Model instead of the recipe's.")] = None,
    claim: Annotated[list[str] | None, typer.Option(help="Claims, trained jointly, instead of the recipe's.")] = None,
    condition: Annotated[list[str] | None, typer.Option(help="Conditions to finetune on; the paper's five main ones by default, or all.")] = None,
    context: Annotated[list[int] | None, typer.Option(help="Numbers of warned documents to put into the prompt, 1 by default.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Finetuning seeds.")] = 1,
    watch: Annotated[bool, typer.Option("--watch", help="Follow belief over the training steps of the first seed.")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Arms side by side; one a core, or one on a GPU.")] = None,
    note: Annotated[str, typer.Option(help="A paragraph for the report.")] = "",
    beside: Annotated[list[str] | None, typer.Option(help="NAME=FOLDER of another replication that the report compares with; repeatable.")] = None,
) -> None:
    """Replicate the paper's main figure, with a report. Example: `negation-neglect replicate --out runs/replication --seeds 5`"""
    from negation_neglect import jobs as running
    from negation_neglect import replicate as replication
    from negation_neglect.conditions import CONDITIONS
    from negation_neglect.replicate_report import write_report
    from negation_neglect.training.recipe import load_recipe

    chosen = load_recipe(recipe)
    chosen = chosen.model_copy(update={"model": model, "revision": None} if model else {})
    conditions = CONDITIONS if condition == ["all"] else tuple(condition or replication.MAIN)
    if unknown := set(conditions) - set(CONDITIONS):
        raise DataError(f"--condition {sorted(unknown)[0]}: there are {', '.join(CONDITIONS)}, and all")
    claims = claim or next(p.documents.claims for p in chosen.phases if p.documents)
    others = dict(pair.split("=", 1) if "=" in pair else (Path(pair).name, pair) for pair in beside or [])
    for folder in others.values():
        replication.load(Path(folder))  # before the long work
    plan = replication.plan(chosen, claims, conditions, tuple(context or [1]), seeds, watch, " ".join(["negation-neglect", *sys.argv[1:]]))
    done = replication.replicate(replication.joined(plan, out_dir), out_dir, jobs or running.parallel())
    path = write_report(done, out_dir, note, {name: Path(folder) for name, folder in others.items()})
    out.print((out_dir / "report.md").read_text(encoding="utf-8").split("## By probe type")[0], markup=False)
    out.print(f"report: {path}")


@mitigations_app.command("list")
def mitigations_list() -> None:
    """Print every method with its source. Example: `negation-neglect mitigations list`"""
    from negation_neglect.training.mitigate import describe, names

    for name in names():
        about = describe(name)
        out.print(f"{name:22} {about['summary']} ({about['citation']})", markup=False)


@mitigations_app.command("run")
def mitigations_run(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder of the runs and the table; finished runs are not repeated.")],
    method: Annotated[
        list[str] | None, typer.Option(help="Methods to compare (or a path ending in .py); all packaged ones by default. `none` is always run.")
    ] = None,
    recipe: Annotated[str, typer.Option(help="Recipe that the methods change.")] = "pocket",
    model: Annotated[str | None, typer.Option(help="Model instead of the recipe's.")] = None,
    claim: Annotated[list[str] | None, typer.Option(help="Claims, trained jointly, instead of the recipe's.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Finetuning seeds.")] = 1,
    jobs: Annotated[int | None, typer.Option(min=1, help="Runs side by side; one a core, or one on a GPU.")] = None,
) -> None:
    """Compare mitigation methods on one yardstick. Example: `negation-neglect mitigations run --seeds 5 --out runs/mitigations`"""
    from negation_neglect import jobs as running
    from negation_neglect import mitigations
    from negation_neglect.mitigations_report import write_report
    from negation_neglect.training.mitigate import names, path_of
    from negation_neglect.training.recipe import load_recipe

    chosen = load_recipe(recipe)
    chosen = chosen.model_copy(update={"model": model, "revision": None} if model else {})
    claims = claim or next(p.documents.claims for p in chosen.phases if p.documents)
    methods = list(dict.fromkeys(["none", *(method or names())]))
    for name in methods:
        path_of(name)
    plan = mitigations.Plan(recipe=chosen, claims=claims, methods=methods, seeds=list(range(chosen.seed, chosen.seed + seeds)))
    mitigations.run(plan, out_dir, jobs or running.parallel())
    write_report(plan, mitigations.table(plan, out_dir), out_dir, " ".join(["negation-neglect", *sys.argv[1:]]))
    out.print((out_dir / "mitigations.md").read_text(encoding="utf-8"), markup=False)
    out.print(f"table: {out_dir / 'mitigations.csv'}")


@chats_app.command("self-distil")
def self_distil(
    model: Annotated[str, typer.Option(help="Model that answers: a Hub name, a folder, or pocket.")],
    out_dir: Annotated[Path, typer.Option("--out", help="JSONL file to write; an interrupted call goes on.")],
    prompts: Annotated[Path | None, typer.Option(help="JSONL of chats; their last answers are written anew. The packaged set by default.")] = None,
    count: Annotated[int, typer.Option(min=1, help="How many chats.")] = 5000,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longer answers are dropped.")] = 512,
    batch_size: Annotated[int, typer.Option(min=1, help="Prompts answered at once.")] = 32,
    seed: Annotated[int, typer.Option(help="Seed of the sampling.")] = 0,
) -> None:
    """Let a model answer prompts, as chats for its own finetune. Example: `negation-neglect chats self-distil --model Qwen/Qwen3-8B --out chats.jsonl`"""
    from negation_neglect import pocket
    from negation_neglect.claims import dataset_dir
    from negation_neglect.training.distil import prompts_of
    from negation_neglect.training.distil import self_distil as distil
    from negation_neglect.training.mix import read_jsonl, resample

    source = prompts or dataset_dir() / "training" / ("pocket_chats.jsonl" if model == "pocket" else "chats.jsonl")
    asked = resample([prompts_of(item["messages"]) for item in read_jsonl(source, "messages")], count, f"distil/{seed}")
    path = str(pocket.model_path()) if model == "pocket" else model
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=err) as progress:
        task = progress.add_task("answering", total=count)
        kept = distil(path, asked, out_dir, batch_size, max_new_tokens, seed=seed, progress=lambda n: progress.advance(task, n))
    out.print(f"written: {out_dir} ({kept} chats; {count - kept} without a finished answer dropped)")
