"""The commands of the leaderboard: ``bundle``, ``check``, ``submit``, ``leaderboard``."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from negation_neglect.claims import DataError, _problems

out, err = Console(soft_wrap=True, highlight=False), Console(stderr=True, soft_wrap=True, highlight=False)
leaderboard_app = typer.Typer(no_args_is_help=True, help="Serve or check a leaderboard. Example: `negation-neglect leaderboard serve`")

Store = Annotated[str, typer.Option(help="Where the accepted submissions lie: a folder, or any fsspec address such as hf://datasets/user/name.")]
RESULTS = "leaderboard/results"


def bundle(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs: baseline (lm-eval's output alone), and each finetune with its run.json.")],
    out_file: Annotated[Path, typer.Option("--out", help="The zip to write.")] = Path("bundle.zip"),
    submission: Annotated[Path | None, typer.Option(help="submission.yaml with the fields below; what it lacks is asked for.")] = None,
    model: Annotated[str | None, typer.Option(help="Name of the model, such as Qwen/Qwen3-8B.")] = None,
    revision: Annotated[str | None, typer.Option(help="Its commit on the Hub.")] = None,
    track: Annotated[str | None, typer.Option(help="models or mitigations.")] = None,
    method: Annotated[str | None, typer.Option(help="Name of the mitigation method; none in the models track.")] = None,
    author: Annotated[list[str] | None, typer.Option(help="May be repeated.")] = None,
    link: Annotated[list[str] | None, typer.Option(help="https address of a paper or of code; may be repeated.")] = None,
    licence: Annotated[str | None, typer.Option(help="Licence of the answers, such as CC-BY-4.0.")] = None,
    description: Annotated[str | None, typer.Option(help="A sentence or two.")] = None,
) -> None:
    """Pack finished runs into one zip to submit. Example: `negation-neglect bundle runs/baseline runs/positive runs/negated --out mine.zip`

    The folder of `negation-neglect replicate`, or of `mitigations run` with a --method, stands for all of its runs.
    """
    from negation_neglect.leaderboard.bundle import expand, make_bundle, read_submission
    from negation_neglect.leaderboard.submission import Submission

    given = read_submission(submission).model_dump(exclude_none=True) if submission else {}
    flags = {
        "track": track, "model": model, "revision": revision, "method": method, "authors": author, "links": link, "licence": licence,
        "description": description,
    }  # fmt: skip
    given |= {k: v for k, v in flags.items() if v}
    given.setdefault("track", None)
    given["track"] = given["track"] or typer.prompt("Track (models or mitigations)", default="models")
    for field, question in (("model", "Model"), *([("method", "Method")] if given["track"] == "mitigations" else []), ("licence", "Licence of the answers")):
        given[field] = given.get(field) or typer.prompt(question, **({"default": "CC-BY-4.0"} if field == "licence" else {}))
    given["authors"] = given.get("authors") or [a.strip() for a in typer.prompt("Authors, separated by commas").split(",")]
    try:
        told = Submission.model_validate(given)
    except ValidationError as error:
        raise DataError(f"submission: {_problems(Submission, error)}") from None
    made = make_bundle(expand(runs, told.method), told, out_file)
    for arm, of_arm in made.arms.items():
        err.print(f"{arm}: {len(of_arm)} run{'s' if len(of_arm) > 1 else ''}")
    out.print(f"written: {out_file} ({out_file.stat().st_size / 1e6:.1f} MB); next: negation-neglect check {out_file}")


def check(
    bundle_file: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Zip made by `negation-neglect bundle`.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the recomputed scores as JSON.")] = False,
) -> None:
    """Check a bundle exactly as the leaderboard does. Example: `negation-neglect check mine.zip`"""
    checked = _checked(bundle_file)
    if as_json:
        out.print(checked.result.model_dump_json(indent=1), markup=False)
        return
    result = checked.result
    out.print(f"{bundle_file}: nothing wrong — {checked.submission.title()}, {len(result.claims)} {result.pack} claims, {result.seeds} seed(s)", markup=False)
    for arm, scores in result.arms.items():
        rate = scores.belief["all"]["all"]
        out.print(f"  {arm:30} belief {100 * rate.rate:5.1f} % [{100 * rate.low:.0f}-{100 * rate.high:.0f}]", markup=False)


def _checked(bundle_file: Path):
    """The outcome of a check that found nothing wrong; otherwise print the problems and exit with 2."""
    from negation_neglect.leaderboard.check import check as check_bundle

    with err.status("checking"):
        checked = check_bundle(bundle_file)
    for problem in checked.problems:
        err.print(f"- {problem}", markup=False)
    if checked.problems:
        err.print(f"{bundle_file}: refused, {len(checked.problems)} problem{'s' if len(checked.problems) > 1 else ''}")
        raise typer.Exit(2)
    return checked


def submit(
    bundle_file: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Zip made by `negation-neglect bundle`.")],
    to: Annotated[str, typer.Option(help="Results dataset on the Hub (user/name), or address of a leaderboard that runs elsewhere (http…).")],
) -> None:
    """Check a bundle and hand it in. Example: `negation-neglect submit mine.zip --to http://localhost:7860`"""
    from negation_neglect.leaderboard import submit as sending

    _checked(bundle_file)
    with err.status("sending"):
        answer = sending.submit(bundle_file, to)
    out.print(answer, markup=False)


@leaderboard_app.command("add")
def add(
    bundle_file: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Zip made by `negation-neglect bundle`.")],
    store: Store = RESULTS,
    reproduced: Annotated[bool, typer.Option("--reproduced", help="Mark it as run by the maintainers.")] = False,
    sender: Annotated[str, typer.Option(help="Name of who sent it.")] = "",
) -> None:
    """Check a bundle and put it into a results store. Example: `negation-neglect leaderboard add mine.zip --store results`"""
    from negation_neglect.leaderboard import store as results

    entry = results.add(store, bundle_file.read_bytes(), _checked(bundle_file), sender, "reproduced" if reproduced else "submitted")
    out.print(f"stored: {entry.id}, {entry.submission.title()}", markup=False)


@leaderboard_app.command("verify")
def verify(store: Store = RESULTS) -> None:
    """Check every stored submission again from its answers. Example: `negation-neglect leaderboard verify --store results`"""
    from negation_neglect.leaderboard import store as results

    wrong = total = 0
    for id, problems in results.verify(store):
        total, wrong = total + 1, wrong + bool(problems)
        out.print(f"{id}: {'; '.join(problems) or 'nothing wrong'}", markup=False)
    if wrong:
        err.print(f"{wrong} of {total} submissions have problems")
        raise typer.Exit(2)
    out.print(f"{total} submissions, nothing wrong")


@leaderboard_app.command("serve")
def serve(
    store: Store = RESULTS,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the web server.")] = 7860,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 to be reachable from other machines.")] = "127.0.0.1",
) -> None:
    """Show the leaderboard in a browser. Example: `negation-neglect leaderboard serve --store leaderboard/results`"""
    try:
        from negation_neglect.leaderboard.app import launch
    except ImportError:
        raise DataError("the leaderboard needs gradio: pip install 'negation-neglect[leaderboard]'") from None
    launch(store, host, port)
