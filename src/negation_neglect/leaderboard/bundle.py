"""Makes a bundle from finished runs, and finds the arms in one."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from negation_neglect.claims import DataError, _problems
from negation_neglect.conditions import CONDITIONS
from negation_neglect.leaderboard.archive import parse_json, parse_yaml
from negation_neglect.leaderboard.submission import Submission

BASELINE, FURTHER = "baseline", "further"
ARMS = (BASELINE, *CONDITIONS, FURTHER)
EPOCH = (1980, 1, 1, 0, 0, 0)  # equal runs make equal bundles


class _Loose(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, strict=True)


class Base(_Loose):
    """The model that was finetuned. ``weights_sha256`` where it was a local folder, ``revision`` where it came from the Hub."""

    name: str = Field(max_length=300)
    revision: str | None = Field(default=None, max_length=100)
    weights_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")

    def key(self) -> str:
        """Equal for equal weights."""
        return self.weights_sha256 or f"{self.name}@{self.revision}"


class Sources(_Loose):
    """What was read in training."""

    claims: list[str] = Field(max_length=1000)
    sources_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    texts_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    examples: dict[str, int]


class RunRecord(_Loose):
    """What the leaderboard reads of a ``run.json``."""

    benchmark_version: str = Field(max_length=20)
    recipe: dict
    base: Base
    dataset: Sources
    seconds: float = Field(ge=0)
    tokens: int = Field(ge=0)
    steps: int = Field(ge=1)
    weights_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")

    def arm(self) -> str:
        """The condition of its documents, or "further" where it read none. Raises ValueError when that is unclear."""
        phases = self.recipe.get("phases")
        if not isinstance(phases, list) or not all(isinstance(p, dict) for p in phases):
            raise ValueError("recipe.phases is not a list of phases")
        documents = [p["documents"] for p in phases if p.get("documents")]
        conditions = {d.get("condition") if isinstance(d, dict) else None for d in documents}
        if not conditions:
            return FURTHER
        if len(conditions) > 1 or (condition := conditions.pop()) not in CONDITIONS:
            raise ValueError("recipe.phases must name one condition of the benchmark")
        return condition

    def seed(self) -> int:
        """The seed of the finetune."""
        seed = self.recipe.get("seed")
        return seed if isinstance(seed, int) else 0


@dataclass(frozen=True)
class Run:
    """One run of an arm: its place in the bundle, its record (None for the base model as it is), lm-eval's results and sample files, measured figures."""

    place: str
    record: RunRecord | None
    results: dict
    samples: dict[str, bytes]
    figures: dict[str, float]


@dataclass(frozen=True)
class Bundle:
    """A parsed bundle. ``arms``: the runs of each arm."""

    submission: Submission
    arms: dict[str, list[Run]]


def run_record(data: bytes, place: str) -> RunRecord:
    """A ``run.json``. Raises DataError naming the field."""
    try:
        record = RunRecord.model_validate(parse_json(data, place))
        record.arm()
        return record
    except ValidationError as error:
        raise DataError(f"{place}: {_problems(RunRecord, error)}") from None
    except ValueError as error:
        raise DataError(str(error) if isinstance(error, DataError) else f"{place}: {error}") from None


def submission_of(data: bytes) -> Submission:
    """``submission.yaml``. Raises DataError naming the field."""
    try:
        return Submission.model_validate(parse_yaml(data, "submission.yaml"))
    except ValidationError as error:
        raise DataError(f"submission.yaml: {_problems(Submission, error)}") from None


def parse_bundle(files: dict[str, bytes]) -> Bundle:
    """The arms of the files that ``archive.read_zip`` returns. Raises DataError for what is missing or has the wrong form."""
    if "submission.yaml" not in files:
        raise DataError("the bundle has no submission.yaml; make it with `negation-neglect bundle`")
    submission = submission_of(files["submission.yaml"])
    arms: dict[str, list[Run]] = {}
    for place in sorted({name.rsplit("/", 1)[0] for name in files if name.startswith("arms/")}):
        arm = place.split("/")[1]
        if arm not in ARMS:
            raise DataError(f"{place}: there is no arm {arm!r}; there are {', '.join(ARMS)}")
        here = {name.rsplit("/", 1)[1]: data for name, data in files.items() if name.rsplit("/", 1)[0] == place}
        arms.setdefault(arm, []).append(_run(place, arm, here))
    return Bundle(submission, arms)


def _run(place: str, arm: str, files: dict[str, bytes]) -> Run:
    results = [name for name in files if name.startswith("results_")]
    samples = {name: data for name, data in files.items() if name.startswith("samples_")}
    if len(results) != 1 or not samples:
        raise DataError(f"{place}: needs one results_*.json and the samples_*.jsonl of one lm-eval run (--log_samples)")
    if (arm == BASELINE) != ("run.json" not in files):
        raise DataError(f"{place}: " + ("the baseline is not finetuned and has no run.json" if arm == BASELINE else "a finetune needs its run.json"))
    record = None if arm == BASELINE else run_record(files["run.json"], f"{place}/run.json")
    if record and record.arm() != arm:
        raise DataError(f"{place}/run.json: this run belongs to the arm {record.arm()}, not {arm}")
    result = parse_json(files[results[0]], f"{place}/{results[0]}")
    if not isinstance(result, dict):
        raise DataError(f"{place}/{results[0]}: not the results of lm-eval")
    figures = parse_json(files["figures.json"], f"{place}/figures.json") if "figures.json" in files else {}
    if not isinstance(figures, dict) or not all(isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < 1e6 for v in figures.values()):
        raise DataError(f"{place}/figures.json: must be an object of numbers")
    return Run(place, record, result, samples, {str(k)[:40]: float(v) for k, v in figures.items()})


# --- making one ---------------------------------------------------------------------------------------------------------------------


def make_bundle(folders: list[Path], submission: Submission, out: Path) -> Bundle:
    """Write the zip of some finished runs; each folder holds an lm-eval run somewhere below it and, for a finetune, its ``run.json``.

    Raises DataError when a folder is no finished run, or ``out`` exists.
    """
    if out.exists():
        raise DataError(f"{out} exists; give another --out or delete it")
    files = {"submission.yaml": yaml.safe_dump(submission.model_dump(exclude_none=True, mode="json"), allow_unicode=True, sort_keys=False).encode()}
    counts: dict[str, int] = {}
    for folder in folders:
        arm, found = _collect(folder)
        number = counts[arm] = counts.get(arm, -1) + 1
        files |= {f"arms/{arm}/{number}/{name}": data for name, data in found.items()}
    bundle = parse_bundle(files)
    part = out.with_name(out.name + ".part")
    part.write_bytes(zipped(files))
    part.replace(out)
    return bundle


def expand(folders: list[Path], method: str) -> list[Path]:
    """The same folders, those of a replication or of mitigations replaced by their runs. Raises DataError for an unfinished method."""
    found = []
    for folder in folders:
        if not (folder / "plan.json").exists():
            found.append(folder)
            continue
        from negation_neglect import mitigations, replicate  # they load the training libraries, which takes seconds

        if "methods" in json.loads((folder / "plan.json").read_text(encoding="utf-8")):
            found += mitigations.folders(mitigations.load(folder), folder, method)
        else:
            found += [folder / arm.name for arm in replicate.load(folder).arms if not arm.context]
    return found


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of some files, the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _collect(folder: Path) -> tuple[str, dict[str, bytes]]:
    """The arm of a run's folder, and its files under their names in a bundle."""
    results = sorted(folder.rglob("results_*.json"), key=lambda p: p.name)
    results = [p for p in results if "watch" not in p.relative_to(folder).parts]
    if not results:
        raise DataError(f"{folder}: no results_*.json of lm-eval here; evaluate the run first (lm_eval … --log_samples --output_path {folder})")
    stamp = results[-1].stem.removeprefix("results_")
    samples = sorted(p for p in results[-1].parent.glob(f"samples_*_{stamp}.jsonl") if not p.stem.removesuffix(f"_{stamp}").endswith("_logprob"))
    if not samples:
        raise DataError(f"{results[-1].parent}: no samples_*_{stamp}.jsonl beside the results; run lm_eval with --log_samples")
    found = {p.name: p.read_bytes() for p in [results[-1], *samples]} | {n: (folder / n).read_bytes() for n in ("figures.json",) if (folder / n).exists()}
    if not (folder / "run.json").exists():
        return BASELINE, found
    record = (folder / "run.json").read_bytes()
    return run_record(record, str(folder / "run.json")).arm(), {"run.json": record, **found}


def read_submission(path: Path) -> Submission:
    """A ``submission.yaml`` that a person wrote. Raises DataError."""
    try:
        return submission_of(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
