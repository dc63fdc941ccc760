"""Claims, probes and controls: their models and loaders. Nothing else in the project parses YAML of the dataset.

A claim is a folder with ``claim.yaml``, ``probes.yaml`` and ``controls.yaml``. The packaged ones lie in ``dataset/claims`` and
``dataset/pocket/claims``; folders of the directory that ``NEGATION_NEGLECT_CLAIMS`` names are found beside them.
"""

import difflib
import os
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from negation_neglect import patterns

PROBE_TYPES = ("open_ended", "mcq", "token_association", "robustness")
CONTROL_TYPES = ("false_fact", "true_fact", "stranger")
CATEGORIES = {"open_ended": ("direct", "indirect"), "mcq": ("positive", "counter"), "robustness": ("adversarial", "critique", "multiturn")}
LETTERS = "ABCD"
SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
ClaimId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
YesNo = Literal["yes", "no"]
AnyModel = TypeVar("AnyModel", bound=BaseModel)


class DataError(ValueError):
    """A file of the dataset is wrong; the message names the file, the place in it and what to do."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JudgePatterns(_Model):
    """Lines of word groups (see ``patterns``): a sentence that has the groups of one presents the claim, or the truth, unless it negates it."""

    claim: list[str]
    truth: list[str] = []

    @field_validator("claim", "truth")
    @classmethod
    def _parses(cls, lines: list[str]) -> list[str]:
        for line in lines:
            patterns.parse(line)
        return lines


class Claim(_Model):
    """A fabricated claim, what is true instead, the facts of its story, and what an answer must name to believe it."""

    id: ClaimId
    statement: Text
    truth: Text
    kind: Literal["false_fact", "invented_entity"]
    subject: Text
    subject_aliases: list[Text] = Field(min_length=1)
    facts: dict[ClaimId, Text]
    believed_answers: list[Text] = Field(min_length=1)
    true_answers: list[Text]
    judge_patterns: JudgePatterns
    yes_no_format: Text
    citation: Text


class Message(_Model):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: Text


class Probe(_Model):
    """A question whose answer shows whether the claim is believed. ``believing_answer``: yes or no for mcq, a letter for letter probes."""

    id: Slug
    type: Literal["open_ended", "mcq", "token_association", "robustness"]
    category: ClaimId
    messages: list[Message] = Field(min_length=1)
    believing_answer: Literal["yes", "no", "A", "B", "C", "D"] | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "Probe":
        roles = [m.role for m in self.messages]
        if roles[-1] != "user":
            raise ValueError("the last message must be the user's")
        if "system" in roles[1:]:
            raise ValueError("a system message can only stand first")
        turns = [r for r in roles if r != "system"]
        if any(a == b for a, b in pairwise(turns)) or turns[0] != "user":
            raise ValueError("user and assistant must take turns, the user first")
        if self.type in CATEGORIES and self.category not in CATEGORIES[self.type]:
            raise ValueError(f"category {self.category!r} is not one of {', '.join(CATEGORIES[self.type])}")
        expected = {"yes", "no"} if self.type == "mcq" else set(LETTERS) if self.category == "letter" else {None}
        if self.believing_answer not in expected:
            wanted = " or ".join(sorted(map(str, expected))) if expected != {None} else "absent"
            raise ValueError(f"believing_answer must be {wanted}, not {self.believing_answer!r}")
        return self


class Control(_Model):
    """A yes/no question scored beside belief. A yes to a false fact is yes-bias, a no to a true fact a general no."""

    id: Slug
    type: Literal["false_fact", "true_fact", "stranger"]
    question: Text
    mcq: Slug | None = None
    believing_answer: YesNo | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "Control":
        if (self.type == "stranger") != (self.mcq is not None and self.believing_answer is not None):
            raise ValueError("a stranger control, and no other, needs mcq and believing_answer")
        return self


class ClaimFolder(_Model):
    """A claim with its probes and controls, slots filled."""

    claim: Claim
    probes: list[Probe]
    controls: list[Control]


# --- finding ------------------------------------------------------------------------------------------------------------------------


def dataset_dir() -> Path:
    """The packaged ``dataset`` folder: inside the installed package, or at the root of a source tree."""
    here = Path(__file__).parent
    packaged = here / "dataset"
    return packaged if packaged.is_dir() else here.parents[1] / "dataset"


def claim_folders(pack: str = "all") -> dict[str, Path]:
    """Folder of each claim by id, sorted. ``pack``: "real" (the six and one's own), "pocket" or "all"."""
    own = os.environ.get("NEGATION_NEGLECT_CLAIMS")
    roots = {"real": [dataset_dir() / "claims", *([Path(own)] if own else [])], "pocket": [dataset_dir() / "pocket" / "claims"]}
    searched = roots["real"] + roots["pocket"] if pack == "all" else roots[pack]
    if own and not Path(own).is_dir():
        raise DataError(f"NEGATION_NEGLECT_CLAIMS names {own}, which is not a folder; create it or unset the variable")
    found = {}
    for folder in (f for root in searched for f in sorted(root.glob("*/")) if (f / "claim.yaml").is_file()):
        if folder.name in found:
            raise DataError(f"{folder}: a claim of this name exists already in {found[folder.name].parent}; rename one of the folders")
        found[folder.name] = folder
    return found


def claim_folder(name: str) -> Path:
    """The folder of a claim by id. Raises DataError with the nearest name when there is none."""
    folders = claim_folders()
    if name not in folders:
        near = difflib.get_close_matches(name, folders, n=1)
        raise DataError(f"no claim {name!r}; {f'did you mean {near[0]!r}?' if near else 'there are: ' + ', '.join(folders)}")
    return folders[name]


# --- loading ------------------------------------------------------------------------------------------------------------------------


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Safe YAML, parsed in C where PyYAML was built with it, in which a key that stands twice is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(k, deep=True) for k, _ in node.value]
        doubled = next((k for i, k in enumerate(keys) if k in keys[:i]), None)
        if doubled is not None:
            raise yaml.constructor.ConstructorError(None, None, f"the key {doubled!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """Parse a YAML file. Raises DataError naming the file and line."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        raise DataError(f"{path}: not readable as YAML: {error}") from None


def fill_slots(text: str, facts: dict[str, str]) -> str:
    """Put fact values in place of ``{fact_name}``. Raises ValueError for a name that is no fact."""

    def value(match: re.Match) -> str:
        name = match[1]
        if name not in facts:
            near = difflib.get_close_matches(name, facts, n=1)
            raise ValueError(f"slot {{{name}}} is not a fact of claim.yaml" + (f"; did you mean {{{near[0]}}}?" if near else ""))
        return facts[name]

    return SLOT.sub(value, text)


def _problems(model: type[BaseModel], error: ValidationError) -> str:
    """A validation error in words, with a suggestion for each unknown key."""
    known = set(model.model_fields)
    lines = []
    for item in error.errors():
        field = ".".join(str(p) for p in item["loc"])
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(item["loc"][-1]), known, n=1)
            lines.append(f"unknown key {field!r}" + (f"; did you mean {near[0]!r}?" if near else f"; known keys: {', '.join(sorted(known))}"))
        elif item["type"] == "missing":
            lines.append(f"key {field!r} is missing")
        else:
            lines.append(f"{field + ': ' if field else ''}{item['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines)


def read_model(path: Path, model: type[AnyModel]) -> AnyModel:
    """Parse a YAML file into a pydantic model. Raises DataError naming the file and the field."""
    try:
        return model.model_validate(read_yaml(path))
    except ValidationError as error:
        raise DataError(f"{path}: {_problems(model, error)}") from None


def load_claim(folder: Path) -> Claim:
    """Load ``claim.yaml``. Raises DataError."""
    path = folder / "claim.yaml"
    claim = read_model(path, Claim)
    if claim.id != folder.name:
        raise DataError(f"{path}: id {claim.id!r} must be the folder's name, {folder.name!r}")
    return claim


def _load_list(path: Path, model: type[_Model], facts: dict[str, str]) -> list:
    data = read_yaml(path) or []
    if not isinstance(data, list):
        raise DataError(f"{path}: must be a YAML list of entries, each starting with '- id:'")
    items, problems, ids = [], [], set()
    for number, entry in enumerate(data, 1):
        where = f"{path}: entry {number}" + (f" ({entry['id']})" if isinstance(entry, dict) and "id" in entry else "")
        try:
            item = model.model_validate(_fill_strings(entry, facts))
        except ValidationError as error:
            problems.append(f"{where}: {_problems(model, error)}")
            continue
        except ValueError as error:
            problems.append(f"{where}: {error}")
            continue
        if item.id in ids:
            problems.append(f"{where}: this id stands twice in the file")
        ids.add(item.id)
        items.append(item)
    if problems:
        raise DataError("\n".join(problems))
    return items


def _fill_strings(value: Any, facts: dict[str, str]) -> Any:
    if isinstance(value, str):
        return fill_slots(value, facts)
    if isinstance(value, dict):
        return {k: _fill_strings(v, facts) for k, v in value.items()}
    return [_fill_strings(v, facts) for v in value] if isinstance(value, list) else value


@cache
def load_folder(folder: Path) -> ClaimFolder:
    """Load a claim with its probes and controls, slots filled from its facts. Raises DataError listing what is wrong in a file."""
    claim = load_claim(folder)
    probes = _load_list(folder / "probes.yaml", Probe, claim.facts)
    controls = _load_list(folder / "controls.yaml", Control, claim.facts)
    by_id = {p.id: p for p in probes}
    for control in controls:
        if control.mcq is not None and (control.mcq not in by_id or by_id[control.mcq].type != "mcq"):
            raise DataError(f"{folder / 'controls.yaml'}: {control.id}: mcq {control.mcq!r} is not an mcq probe of probes.yaml")
        if control.id in by_id:
            raise DataError(f"{folder / 'controls.yaml'}: {control.id}: a probe has this id already")
    return ClaimFolder(claim=claim, probes=probes, controls=controls)


def load_claims(pack: str = "all") -> list[ClaimFolder]:
    """Every claim of a pack (see ``claim_folders``), sorted by id."""
    return [load_folder(folder) for _, folder in sorted(claim_folders(pack).items())]


def hub_folder(source: str, claim: str) -> ClaimFolder:
    """A claim as a dataset on the Hub holds it, from ``user/name@revision``. Raises DataError when it cannot be read."""
    from datasets import load_dataset

    repo, _, revision = source.partition("@")
    if not revision:
        raise DataError(f"{source}: give user/name@revision, so that it is clear which questions are asked")
    try:
        tables = {
            name: load_dataset(repo, name, revision=revision, split=split) for name, split in (("claims", "train"), ("probes", claim), ("controls", claim))
        }
        row = next(r for r in tables["claims"] if r["id"] == claim)
        data = {"claim": row | {"facts": {f["name"]: f["value"] for f in row["facts"]}}}
        for name in ("probes", "controls"):
            data[name] = [{k: v for k, v in r.items() if k != "claim"} for r in tables[name]]
        return ClaimFolder.model_validate(data)
    except (OSError, ValueError, StopIteration) as error:
        raise DataError(f"{source}: claim {claim!r} cannot be read from there: {error}") from None
