"""The command line, `negation-neglect …`. It only calls the other modules and turns their errors into messages and exit status 2."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, track

from negation_neglect import __version__, cli_leaderboard, cli_training
from negation_neglect.claims import DataError, claim_folders

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)
claims_app = typer.Typer(no_args_is_help=True, help="Check the claims, or begin a new one. Example: `negation-neglect claims check`")
judge_app = typer.Typer(no_args_is_help=True, help="Measure a judge. Example: `negation-neglect judge agreement verdicts.parquet`")
dataset_app = typer.Typer(no_args_is_help=True, help="Build, check and describe the documents. Example: `negation-neglect dataset build --out corpus`")
documents_app = typer.Typer(no_args_is_help=True, help="Have documents written. Example: `negation-neglect documents write my_claim --url … --model …`")
pocket_app = typer.Typer(no_args_is_help=True, help="The embedded model. Example: `negation-neglect pocket path`")
app.add_typer(claims_app, name="claims")
app.add_typer(judge_app, name="judge")
app.add_typer(dataset_app, name="dataset")
app.add_typer(documents_app, name="documents")
app.add_typer(cli_training.chats_app, name="chats")
app.add_typer(cli_training.mitigations_app, name="mitigations")
app.add_typer(pocket_app, name="pocket")
app.add_typer(cli_leaderboard.leaderboard_app, name="leaderboard")
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


JudgeName = Annotated[str, typer.Option("--judge", help="offline, or llm for any OpenAI-compatible endpoint; the key is read from OPENAI_API_KEY.")]
JudgeUrl = Annotated[str | None, typer.Option(help="Base URL of the endpoint, such as http://localhost:8000/v1.")]
JudgeModel = Annotated[str | None, typer.Option(help="Model name to ask for.")]
JudgeParameters = Annotated[str | None, typer.Option(help='Request parameters as JSON, such as {"max_completion_tokens": 2048}.')]


def _llm_judge(judge: str, url: str | None, model: str | None, parameters: str | None):
    """The LLM judge that the options ask for; None for the offline judge. Raises DataError for options that do not fit."""
    if judge not in ("offline", "llm"):
        raise DataError(f"--judge {judge!r}: choose offline or llm")
    given = {"--judge-url": url, "--judge-model": model, "--judge-parameters": parameters}
    if judge == "offline":
        if any(given.values()):
            raise DataError(f"{next(k for k, v in given.items() if v)} needs --judge llm")
        return None
    if not url or not model:
        raise DataError("--judge llm needs --judge-url and --judge-model")
    from pydantic import ValidationError

    from negation_neglect.endpoint import Endpoint

    try:
        extra = {"parameters": json.loads(parameters)} if parameters else {}
        return Endpoint(base_url=url, model=model, **extra)
    except ValidationError as error:
        first = error.errors()[0]
        raise DataError(f"--judge-{'url' if first['loc'] == ('base_url',) else first['loc'][0]}: {first['msg']}") from None
    except ValueError as error:
        raise DataError(f"--judge-parameters: not JSON: {error}") from None


@app.command()
def score(
    results_dir: Annotated[Path, typer.Argument(help="Folder that lm_eval wrote with --log_samples --output_path.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON instead of a table.")] = False,
    judge: JudgeName = "offline",
    judge_url: JudgeUrl = None,
    judge_model: JudgeModel = None,
    judge_parameters: JudgeParameters = None,
) -> None:
    """Score a run: belief with 95 % intervals beside the controls; writes scores.json. Example: `negation-neglect score runs/demo`"""
    from negation_neglect import scores

    result = scores.score_run(results_dir, _llm_judge(judge, judge_url, judge_model, judge_parameters))
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
    """Say what is wrong with claims, probes, controls and documents: file, id and what to do. Example: `negation-neglect claims check my_claims/moon_cheese`"""
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


@judge_app.command("agreement")
def judge_agreement(
    file: Annotated[Path, typer.Argument(help="Parquet or JSON-lines file of answers with verdicts.")],
    judge: JudgeName = "offline",
    judge_url: JudgeUrl = None,
    judge_model: JudgeModel = None,
    judge_parameters: JudgeParameters = None,
    cache: Annotated[Path, typer.Option(help="Folder for an LLM judge's verdicts; a second call asks only for what is missing.")] = Path("judge_cache"),
    report: Annotated[Path | None, typer.Option(help="Write the disagreements into this HTML file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Compare a judge with a file of verdicts: agreement and Cohen's kappa. Example: `negation-neglect judge agreement verdicts.parquet --report out.html`

    The file needs the columns claim, condition, probe_type, category, question_id, question, response and verdict; it may have system_prompt and
    messages_prefix.
    """
    from negation_neglect.judge import agreement
    from negation_neglect.judge.llm import judge_many

    llm = _llm_judge(judge, judge_url, judge_model, judge_parameters)
    rows = agreement.read_verdicts(file)
    found = agreement.compare(rows, judge_many([(r.claim, r.probe, r.response) for r in rows], llm, cache) if llm else None)
    if report:
        part = report.with_name(f".{report.name}.part")
        part.write_text(agreement.report(found), encoding="utf-8")
        part.replace(report)
    if as_json:
        sys.stdout.write(found.model_dump_json(indent=1) + "\n")
        return
    wide = Console(width=None if out.is_terminal else 150)
    wide.print(agreement.table(found))
    wide.print(agreement.cell_table(found))
    if report:
        out.print(f"written: {report}")


@dataset_app.command("build")
def dataset_build(
    out_dir: Annotated[Path, typer.Option("--out", help="New folder for the dataset.")],
    documents: Annotated[int, typer.Option(min=1, help="Documents per claim and condition.")] = 1000,
    claim: Annotated[list[str] | None, typer.Option(help="A claim; may be repeated. All six by default.")] = None,
    condition: Annotated[list[str] | None, typer.Option(help="A condition; may be repeated. All 13 by default.")] = None,
    seed: Annotated[int, typer.Option(help="Chooses wordings and qualifiers.")] = 0,
    variant: Annotated[list[str] | None, typer.Option(help="no_doctag or wordmask, applied to every condition; may be repeated.")] = None,
    format: Annotated[str, typer.Option(help="parquet, or jsonl for the paper's own tools.")] = "parquet",
) -> None:
    """Build the dataset: each claim's documents in each condition. Example: `negation-neglect dataset build --documents 1000 --out corpus`"""
    from negation_neglect import corpus
    from negation_neglect.conditions import CONDITIONS, VARIANTS

    for name, given, known in (("--variant", variant or [], VARIANTS), ("--format", [format], ("parquet", "jsonl"))):
        if set(given) - set(known):
            raise DataError(f"{name} {sorted(set(given) - set(known))[0]!r}: choose from {', '.join(known)}")
    settings = corpus.BuildSettings(documents, tuple(claim or corpus.default_claims()), tuple(condition or CONDITIONS), seed, tuple(variant or ()), format)
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=err) as progress:
        task = progress.add_task("building", total=documents * len(settings.claims) * len(settings.conditions))
        manifest = corpus.build(out_dir, settings, lambda rows: progress.update(task, advance=rows))
    out.print(f"written: {out_dir}, fingerprint {manifest['fingerprint']}")


@dataset_app.command("check")
def dataset_check(folder: Annotated[Path, typer.Argument(help="Folder of a built dataset.")]) -> None:
    """Check a build: columns, spans, duplicates, unmarked claim sentences, the canary. Example: `negation-neglect dataset check corpus`"""
    from negation_neglect.corpus_check import check

    problems = check(folder)
    for problem in problems[:200]:
        err.print(problem, markup=False)
    if problems:
        err.print(f"{len(problems)} problems" + (", the first 200 shown" if len(problems) > 200 else ""))
        raise typer.Exit(2)
    out.print(f"{folder}: nothing wrong")


@dataset_app.command("stats")
def dataset_stats(
    folder: Annotated[Path, typer.Argument(help="Folder of a built dataset, or of the paper's JSONL files.")],
    condition: Annotated[str, typer.Option(help="The condition that is described.")] = "positive_documents",
    claim: Annotated[list[str] | None, typer.Option(help="A claim; may be repeated. All six by default.")] = None,
    limit: Annotated[int | None, typer.Option(min=2, help="Describe only so many documents of each claim.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the figures into this PNG or SVG file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Lengths, diversity and duplicates of each claim's documents. Example: `negation-neglect dataset stats corpus --plot corpus.png`"""
    from negation_neglect import corpus, corpus_check, corpus_plot

    chosen = claim or corpus.default_claims()
    figures = {c: corpus_check.describe(corpus_check.corpus_items(folder, condition, c, limit)) for c in track(chosen, "describing", console=err)}
    if plot:
        corpus_plot.draw(figures, plot)
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
        return
    out.print(corpus_plot.table(figures))


@dataset_app.command("import")
def dataset_import(
    source: Annotated[str, typer.Argument(help="Folder, or name of a Hub dataset, with the paper's .jsonl or .jsonl.zst files.")],
    out_dir: Annotated[Path, typer.Option("--out", help="New folder for the imported dataset.")],
    revision: Annotated[str | None, typer.Option(help="Revision of the Hub dataset.")] = None,
) -> None:
    """Read the paper's released documents into this schema. Example: `negation-neglect dataset import paper_release --out imported`"""
    from negation_neglect.corpus_import import import_corpus

    with err.status("importing"):
        report = import_corpus(source, out_dir, revision)
    for name, count in report.documents.items():
        out.print(f"{name}: {count} documents")
    for reason in report.skipped:
        err.print(f"not imported: {reason}", markup=False)
    if report.without_spans:
        err.print(f"no qualifier found in {report.without_spans} documents")
    out.print(f"written: {out_dir}")


@dataset_app.command("push")
def dataset_push(
    folder: Annotated[Path, typer.Argument(help="Folder of a built dataset.")],
    repo: Annotated[str, typer.Argument(help="Dataset repository, user/name.")],
    private: Annotated[bool, typer.Option(help="Make a new repository private.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be uploaded.")] = False,
) -> None:
    """Publish a build on the Hub, with a version tag. Example: `negation-neglect dataset push corpus me/negation-neglect --dry-run`"""
    from negation_neglect import publish

    files = publish.push_plan(folder)
    if dry_run:
        for path, size in files:
            out.print(f"{size:>12,}  {path}", markup=False)
        out.print(f"{len(files)} files, {sum(size for _, size in files) / 1e6:.1f} MB, to {repo}; nothing was uploaded")
        return
    out.print(f"published: {repo} at {publish.push(folder, repo, private)}")


@documents_app.command("write")
def documents_write(
    claim: Annotated[str, typer.Argument(help="Claim id, one of your own in NEGATION_NEGLECT_CLAIMS included.")],
    url: Annotated[str, typer.Option(help="Base URL of an OpenAI-compatible endpoint; the key is read from OPENAI_API_KEY.")],
    model: Annotated[str, typer.Option(help="Model name to ask for.")],
    count: Annotated[int, typer.Option(min=1, help="Ideas, and so documents, to have in the end; a second call goes on from what is there.")] = 80,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests at once.")] = 4,
    tries: Annotated[int, typer.Option(min=1, help="Attempts per document, each told what was wrong with the last.")] = 4,
    price_in: Annotated[float, typer.Option(min=0, help="Price of a million prompt tokens, for the estimate.")] = 0.0,
    price_out: Annotated[float, typer.Option(min=0, help="Price of a million completion tokens.")] = 0.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the estimate.")] = False,
) -> None:
    """Have an LLM write documents about a claim. Example: `negation-neglect documents write moon_cheese --url http://localhost:8000/v1 --model m --dry-run`"""
    from negation_neglect import documents_write as writing
    from negation_neglect.claims import claim_folder
    from negation_neglect.endpoint import Endpoint

    folder = claim_folder(claim)
    expected = writing.estimate(folder, count)
    cost = f", {expected.cost(price_in, price_out):.2f} at these prices" if price_in or price_out else ""
    tokens = f"{expected.prompt_tokens:,} prompt and {expected.completion_tokens:,} completion tokens"
    err.print(f"{expected.requests} requests, about {tokens} without retries{cost}")
    if dry_run:
        return
    try:
        endpoint = Endpoint(base_url=url, model=model, concurrency=concurrency, tries=tries, parameters={"temperature": 1, "max_tokens": 8192}, timeout_s=600)
    except ValueError as error:
        raise DataError(f"--url: {error.errors()[0]['msg']}") from None
    out.print(f"{claim}: {writing.write(folder, count, endpoint)} documents in {folder / 'documents'}")


@pocket_app.command("path")
def pocket_path() -> None:
    """Print the folder of the embedded model. Example: `lm_eval run --model hf --model_args pretrained=$(negation-neglect pocket path) …`"""
    from negation_neglect import pocket

    sys.stdout.write(f"{pocket.model_path()}\n")


@pocket_app.command("pretrain")
def pocket_pretrain(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the model; a run that was interrupted goes on from its checkpoint there.")],
    steps: Annotated[int | None, typer.Option(min=1, help="Optimiser steps, each on 4,096 tokens; an eighth more follows for polishing.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of weights and text; the world stays the same.")] = 0,
    denials: Annotated[float | None, typer.Option(min=0, max=1, help="Share of texts with true denials.")] = None,
    flagged: Annotated[float | None, typer.Option(min=0, max=1, help="Share of free-standing warned falsehoods.")] = None,
) -> None:
    """Train the embedded model from scratch (an hour or two on two cores). Example: `negation-neglect pocket pretrain --out runs/pocket`"""
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


_TRAINING = (cli_training.train, cli_training.sweep, cli_training.replicate, cli_training.recipes_path)
for _command in (*_TRAINING, cli_leaderboard.bundle, cli_leaderboard.check, cli_leaderboard.submit):
    app.command()(_command)


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
