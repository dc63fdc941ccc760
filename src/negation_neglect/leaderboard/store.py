"""The results store: one folder per accepted submission, on a disk or on anything that fsspec reaches (a dataset of the Hub: ``hf://datasets/user/name``).

A folder's name is the hash of its bundle, so two writers never share one, and equal bundles are the same submission. ``entry.json`` is written last: a folder
without it is an upload that has not ended. Nothing is ever overwritten.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import fsspec
from pydantic import BaseModel, ConfigDict, ValidationError

from negation_neglect.claims import DataError
from negation_neglect.leaderboard.archive import read_zip
from negation_neglect.leaderboard.bundle import Bundle, parse_bundle
from negation_neglect.leaderboard.check import Checked, Result, check
from negation_neglect.leaderboard.submission import Submission

BUNDLE, ENTRY = "bundle.zip", "entry.json"
ID_LENGTH = 16


class Entry(BaseModel):
    """An accepted submission. ``source``: submitted by somebody, or reproduced by the maintainers; ``submitted``: ISO 8601, UTC."""

    model_config = ConfigDict(frozen=True)
    id: str
    submitted: str
    sender: str
    source: Literal["submitted", "reproduced"]
    submission: Submission
    result: Result


def bundle_id(data: bytes) -> str:
    """The id of a submission: the beginning of its bundle's SHA-256."""
    return hashlib.sha256(data).hexdigest()[:ID_LENGTH]


def _open(root: str):
    try:
        return fsspec.core.url_to_fs(root)
    except (ImportError, ValueError) as error:
        raise DataError(f"the results store {root} cannot be opened: {error}") from None


def add(root: str, data: bytes, checked: Checked, sender: str = "", source: str = "submitted") -> Entry:
    """Store a bundle that passed its check. Raises DataError when it did not, or is there already."""
    if checked.result is None:
        raise DataError("refused: " + "; ".join(checked.problems))
    fs, base = _open(root)
    folder = f"{base}/{bundle_id(data)}"
    if fs.exists(f"{folder}/{ENTRY}"):
        raise DataError(f"this bundle is on the leaderboard already, as {bundle_id(data)}")
    entry = Entry(
        id=bundle_id(data), submitted=datetime.now(UTC).isoformat(timespec="seconds"), sender=sender, source=source,
        submission=checked.submission, result=checked.result,
    )  # fmt: skip
    fs.makedirs(folder, exist_ok=True)
    for name, content in ((BUNDLE, data), (ENTRY, entry.model_dump_json(indent=1).encode() + b"\n")):
        _write_once(fs, f"{folder}/{name}", content)
    return entry


def _write_once(fs, path: str, content: bytes) -> None:
    """All of a file or nothing: on a disk by a rename, on the Hub by its commit."""
    if "file" not in (fs.protocol if isinstance(fs.protocol, (tuple, list)) else (fs.protocol,)):
        fs.pipe_file(path, content)
        return
    part = Path(path).with_name(f"{Path(path).name}.{datetime.now(UTC).timestamp()}.part")
    part.write_bytes(content)
    part.replace(path)


def entries(root: str, known: Mapping[str, Entry] = MappingProxyType({})) -> tuple[list[Entry], list[str]]:
    """Every accepted submission, oldest first, and a sentence for each damaged folder, which is skipped. Those ``known`` by id are not read again."""
    fs, base = _open(root)
    found, problems = [], []
    for folder in _folders(fs, base):
        name = folder.rsplit("/", 1)[1]
        try:
            entry = known.get(name) or Entry.model_validate_json(fs.cat_file(f"{folder}/{ENTRY}"))
            if entry.id != name:
                raise ValueError(f"says that it is {entry.id}")
            found.append(entry)
        except FileNotFoundError:
            problems.append(f"{name}: no {ENTRY}; an upload that has not ended")
        except (ValidationError, ValueError, OSError) as error:
            problems.append(f"{name}: {ENTRY} is damaged: {' '.join(str(error).split())[:200]}")
    return sorted(found, key=lambda e: (e.submitted, e.id)), problems


def _folders(fs, base: str) -> list[str]:
    if not fs.exists(base):
        return []
    fs.invalidate_cache(base)
    return sorted(item["name"].rstrip("/") for item in fs.ls(base, detail=True) if item["type"] == "directory")


def stored_bundle(root: str, id: str) -> Bundle:
    """The bundle of an accepted submission. Raises DataError."""
    return parse_bundle(read_zip(_read_bundle(root, id)))


def _read_bundle(root: str, id: str) -> bytes:
    fs, base = _open(root)
    if not (id.isalnum() and len(id) == ID_LENGTH):
        raise DataError(f"{id!a} is no id of a submission")
    try:
        return fs.cat_file(f"{base}/{id}/{BUNDLE}")
    except OSError:
        raise DataError(f"there is no submission {id} here") from None


def verify(root: str) -> Iterator[tuple[str, list[str]]]:
    """Check every stored submission again from its answers: (id, problems), one at a time, damaged folders included."""
    found, damaged = entries(root)
    for line in damaged:
        yield line.split(":")[0], [line]
    for entry in found:
        problems = []
        try:
            data = _read_bundle(root, entry.id)
            checked = check(data)
            problems = list(checked.problems)
            if bundle_id(data) != entry.id:
                problems.append("the bundle is not the one that was submitted: its hash differs")
            elif checked.result and _comparable(checked.result) != _comparable(entry.result):
                problems.append(
                    f"the stored scores are not those of the answers (recomputed with judge {checked.result.judge}, stored with {entry.result.judge})"
                )
        except DataError as error:
            problems = [str(error)]
        yield entry.id, problems


def _comparable(result: Result) -> dict:
    """A result with rates rounded to 9 digits, so that another processor's last bit does not matter."""
    return json.loads(result.model_dump_json(), parse_float=lambda text: round(float(text), 9))
