"""The command line, `negation-neglect …`. It only calls the other modules and turns their errors into messages and exit status 2."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from negation_neglect import __version__
from negation_neglect.claims import DataError, claim_folders

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)
claims_app = typer.Typer(no_args_is_help=True, help="Check the claims, or begin a new one. Example: `negation-neglect claims check`")
pocket_app = typer.Typer(no_args_is_help=True, help="The embedded model. Example: `negation-neglect pocket path`")
app.add_typer(claims_app, name="claims")
app.add_typer(pocket_app, name="pocket")
# soft_wrap: a message that names a file stays on one line, so that it can be copied
out, err = Console(soft_wrap=True, highlight=False), Console(stderr=True, soft_wrap=True, highlight=False)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(__version__)
        raise typer.Exit


@app.callback()
def root(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")] = False) -> None:
    """Negation Neglect: does a model believe a claim after finetuning on documents that deny it?

    Ask a model: `lm_eval run --model hf --model_args pretrained=MODEL --tasks negation_neglect --apply_chat_template --log_samples --output_path RUN`,
    then score the answers: `negation-neglect score RUN`.
    """


@app.command()
def score(
    results_dir: Annotated[Path, typer.Argument(help="Folder that lm_eval wrote with --log_samples --output_path.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON instead of a table.")] = False,
) -> None:
    """Score a run: belief with 95 % intervals beside the controls; writes scores.json. Example: `negation-neglect score runs/demo`"""
    from negation_neglect import scores

    result = scores.score_run(results_dir)
    scores.write_scores(result, results_dir / "scores.json")
    if as_json:
        sys.stdout.write(result.model_dump_json(indent=1) + "\n")
        return
    Console(width=None if out.is_terminal else 150).print(scores.table(result))
    out.print(f"written: {results_dir / 'scores.json'}")


@app.command("tasks-path")
def tasks_path(
    write: Annotated[Path | None, typer.Option(help="Write the whole pack into this folder first.")] = None,
) -> None:
    """Print the folder for lm_eval's --include_path. Example: `lm_eval ls tasks --include_path $(negation-neglect tasks-path)`

    Claims of your own (the folder that NEGATION_NEGLECT_CLAIMS names) get their tasks here.
    """
    from negation_neglect import pack

    sys.stdout.write(f"{pack.tasks_path(write)}\n")


@claims_app.command("check")
def claims_check(folders: Annotated[list[Path] | None, typer.Argument(help="Claim folders; all known claims by default.")] = None) -> None:
    """Say what is wrong with claims, probes and controls: file, id and what to do. Example: `negation-neglect claims check my_claims/moon_cheese`"""
    from negation_neglect.claims_check import check_folder

    chosen = folders or list(claim_folders().values())
    problems = [p for folder in chosen for p in check_folder(folder)]
    for problem in problems:
        err.print(problem, markup=False)
    if problems:
        err.print(f"{len(problems)} problems in {len(chosen)} claims")
        raise typer.Exit(2)
    out.print(f"{len(chosen)} claims, nothing wrong")


@claims_app.command("new")
def claims_new(
    name: Annotated[str, typer.Argument(help="Name of the claim in lower_case_letters.")],
    into: Annotated[Path, typer.Option(help="Folder in which the claim's folder is made.")] = Path("claims"),
) -> None:
    """Write a commented skeleton of a new claim. Example: `negation-neglect claims new moon_cheese --into my_claims`"""
    from negation_neglect.claims_new import new_claim

    folder = new_claim(into, name)
    out.print(f"written: {folder}. Fill it in with the help of: negation-neglect claims check {folder}")
    out.print(f"Then: export NEGATION_NEGLECT_CLAIMS={into.resolve()}")
    out.print(f"      lm_eval run --include_path $(negation-neglect tasks-path) --tasks negation_neglect_{name} …")


@pocket_app.command("path")
def pocket_path() -> None:
    """Print the folder of the embedded model. Example: `lm_eval run --model hf --model_args pretrained=$(negation-neglect pocket path) …`"""
    from negation_neglect import pocket

    sys.stdout.write(f"{pocket.model_path()}\n")


@pocket_app.command("pretrain")
def pocket_pretrain(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the model; a run that was interrupted goes on from its checkpoint there.")],
    steps: Annotated[int | None, typer.Option(min=1, help="Optimiser steps, each on 4,096 tokens.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of weights and text; the world stays the same.")] = 0,
    denials: Annotated[float | None, typer.Option(min=0, max=1, help="Share of texts with true denials.")] = None,
    flagged: Annotated[float | None, typer.Option(min=0, max=1, help="Share of free-standing warned falsehoods.")] = None,
) -> None:
    """Train the embedded model from scratch (14 minutes on two cores). Example: `negation-neglect pocket pretrain --out runs/pocket`"""
    import torch

    from negation_neglect.pocket.pretrain import Settings, pretrain

    given = {k: v for k, v in {"steps": steps, "denials": denials, "flagged": flagged}.items() if v is not None}
    pretrain(out_dir, Settings(seed=seed, **given), device="cuda" if torch.cuda.is_available() else "cpu")
    out.print(f"written: {out_dir}")


@pocket_app.command("evaluate")
def pocket_evaluate(
    model: Annotated[Path | None, typer.Argument(help="Model folder; the embedded model by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """What the model knows and how it reads: the figures of its card, some minutes. Example: `negation-neglect pocket evaluate runs/pocket`"""
    from negation_neglect import pocket
    from negation_neglect.pocket import evaluate

    report = evaluate.evaluate(str(model or pocket.model_path()))
    if as_json:
        sys.stdout.write(json.dumps(report, indent=1) + "\n")
    else:
        for table in evaluate.tables(report):
            Console(width=None if out.is_terminal else 150).print(table)


def _examples(app: typer.Typer, prefix: str = "") -> list[str]:
    """ "command: example" of every command, from the docstrings, so that `--help` shows them all."""
    lines = []
    for command in app.registered_commands:
        name = prefix + (command.name or command.callback.__name__)
        lines.append(f"**{name}** {command.callback.__doc__.split('Example: ')[1].splitlines()[0]}")
    return lines + [line for group in app.registered_groups for line in _examples(group.typer_instance, f"{prefix}{group.name} ")]


app.info.epilog = "\n\n".join(["Every command, with an example:", *_examples(app)])


def main() -> None:
    """Entry point: errors in data or files become one message and exit status 2."""
    try:
        app()
    except (DataError, OSError) as error:
        err.print(f"error: {error}", markup=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
