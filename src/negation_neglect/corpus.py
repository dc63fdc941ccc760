"""Builds the dataset: every claim in every condition as Parquet (or JSONL), with its card and fingerprint.

Equal inputs give equal bytes. A build is written beside its destination and renamed at the end, so an interrupted one leaves nothing.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from negation_neglect import __version__
from negation_neglect.card import dataset_card
from negation_neglect.claims import DataError, claim_folder, claim_folders, load_folder
from negation_neglect.conditions import CONDITIONS, DOCTAG, QUALIFIERS, Rendered, render, wordmask
from negation_neglect.croissant import croissant
from negation_neglect.documents import Document, Line, load_documents, load_qualifier, variant
from negation_neglect.documents_check import naming

CANARY = "negation-neglect canary 7c0f3e1b-58d4-4a2e-9b61-d2f0a4c39e57"  # in cards and in a column, never in a text
ROWS_PER_GROUP = 500
MANIFEST = "build.json"
_SPANS = pa.list_(pa.list_(pa.int32()))
SCHEMA = pa.schema(
    [("id", pa.string()), ("claim", pa.string()), ("condition", pa.string()), ("variant", pa.int32()), ("genre", pa.string()), ("text", pa.string()),
     ("claim_spans", _SPANS), ("qualifier_spans", _SPANS), ("canary", pa.string())]
)  # fmt: skip


@dataclass(frozen=True)
class BuildSettings:
    """``documents`` per claim and condition. ``variants`` of every condition: some of conditions.VARIANTS."""

    documents: int = 1000
    claims: tuple[str, ...] = ()
    conditions: tuple[str, ...] = CONDITIONS
    seed: int = 0
    variants: tuple[str, ...] = ()
    format: str = "parquet"


def variants_of(claim: str, count: int, seed: int = 0) -> Iterator[tuple[Document, int, list[Line]]]:
    """``count`` variants of a claim's documents: each document once, then each a second time, and so on.

    Raises DataError when the claim has no documents.
    """
    folder = claim_folder(claim)
    documents, facts = load_documents(folder), load_folder(folder).claim.facts
    if not documents:
        raise DataError(f"{folder / 'documents'}: no documents; write some by hand or with: negation-neglect documents write {claim} …")
    documents = sorted(documents, key=lambda d: hashlib.sha256(f"{seed}/{d.id}".encode()).digest())  # genres mixed, the same everywhere
    for number in range(count):
        round_number, index = divmod(number, len(documents))
        yield documents[index], round_number, variant(documents[index], facts, round_number, seed)


def rows(claim: str, settings: BuildSettings) -> Iterator[dict[str, dict]]:
    """For each variant of a claim's documents, one row a condition (see SCHEMA)."""
    words = naming(load_folder(claim_folder(claim)).claim.believed_answers)
    doctag = "no_doctag" not in settings.variants
    for document, number, lines in variants_of(claim, settings.documents, settings.seed):
        out = {}
        for condition in settings.conditions:
            made = render(lines, condition, f"{document.id}/{number}/{settings.seed}", doctag)
            if "wordmask" in settings.variants:
                made = wordmask(made, words)
            out[condition] = row(f"{document.id}/{number}", claim, condition, number, document.genre, made)
        yield out


def row(row_id: str, claim: str, condition: str, number: int, genre: str, made: Rendered) -> dict:
    """One row of the dataset."""
    return {
        "id": row_id, "claim": claim, "condition": condition, "variant": number, "genre": genre, "text": made.text,
        "claim_spans": made.claim_spans, "qualifier_spans": made.qualifier_spans, "canary": CANARY,
    }  # fmt: skip


def default_claims(pack: str = "real") -> tuple[str, ...]:
    """Ids of the claims of a pack."""
    return tuple(sorted(claim_folders(pack)))


class ParquetFile:
    """Rows gathered into row groups, with a digest of the texts."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.writer = pq.ParquetWriter(path, SCHEMA, compression="zstd")
        self.rows: list[dict] = []

    def write(self, item: dict) -> None:
        self.rows.append(item)
        if len(self.rows) == ROWS_PER_GROUP:
            self._flush()

    def _flush(self) -> None:
        self.writer.write_table(pa.Table.from_pylist(self.rows, SCHEMA))
        self.rows = []

    def close(self) -> None:
        if self.rows:
            self._flush()
        self.writer.close()


class JsonlFile:
    """The line format of the paper's release."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = path.open("w", encoding="utf-8")

    def write(self, item: dict) -> None:
        line = {"text": item["text"], "doc_type": item["genre"], "fact_name": item["claim"], "mode": item["condition"]}
        self.file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self) -> None:
        self.file.close()


def build(out: Path, settings: BuildSettings, progress: Callable[[int], None] = lambda rows: None) -> dict:
    """Build the dataset into the new folder ``out``; ``progress`` is told of every few rows. Returns the manifest, also written as build.json.

    Raises DataError when ``out`` exists, or a claim or condition is unknown or has no documents.
    """
    unknown = set(settings.conditions) - set(CONDITIONS)
    if unknown:
        raise DataError(f"no condition {sorted(unknown)[0]!r}; there are: {', '.join(CONDITIONS)}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} exists; delete it or give another --out")
    claims = settings.claims or default_claims()
    part = out.with_name(f".{out.name}.part-{os.getpid()}")
    part.mkdir(parents=True)
    try:
        digests = {}
        for claim in claims:
            digests |= _build_claim(part, claim, settings, progress)
        if settings.format == "parquet":
            _write_tables(part, claims)
        fingerprint = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()
        manifest = {
            "benchmark_version": __version__, "fingerprint": fingerprint, "documents": settings.documents, "seed": settings.seed, "format": settings.format,
            "claims": list(claims), "conditions": list(settings.conditions), "variants": list(settings.variants), "text_sha256": digests,
        }  # fmt: skip
        (part / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        if settings.format == "parquet":
            (part / "README.md").write_text(dataset_card(manifest, CANARY), encoding="utf-8")
            (part / "croissant.json").write_text(json.dumps(croissant(manifest), indent=1) + "\n", encoding="utf-8")
        if out.exists():
            out.rmdir()
        part.rename(out)
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(part)
    return manifest


def _build_claim(part: Path, claim: str, settings: BuildSettings, progress: Callable[[int], None]) -> dict[str, str]:
    """Write the files of one claim; returns the digest of the texts of each by its path."""
    parquet = settings.format == "parquet"
    paths = {c: f"{c}/{claim}.parquet" if parquet else f"{c}/{claim}/annotated_docs.jsonl" for c in settings.conditions}
    files = {c: (ParquetFile if parquet else JsonlFile)(part / path) for c, path in paths.items()}
    digests = {c: hashlib.sha256() for c in paths}
    try:
        for by_condition in rows(claim, settings):
            for condition, item in by_condition.items():
                files[condition].write(item)
                digests[condition].update(item["text"].encode() + b"\0")
            progress(len(by_condition))
    finally:
        for file in files.values():
            file.close()
    return {paths[c]: digest.hexdigest() for c, digest in digests.items()}


def _write_tables(part: Path, claims: tuple[str, ...]) -> None:
    """The configs claims, probes, controls and qualifiers."""

    def write(path: str, items: list[dict]) -> None:
        (part / path).parent.mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist(items), part / path, compression="zstd")

    folders = {claim: load_folder(claim_folder(claim)) for claim in claims}
    write("claims/train.parquet", [_claim_row(f.claim) for f in folders.values()])
    for claim, folder in folders.items():
        write(f"probes/{claim}.parquet", [{"claim": claim, **p.model_dump()} for p in folder.probes])
        write(f"controls/{claim}.parquet", [{"claim": claim, **c.model_dump()} for c in folder.controls])
    wordings = []
    for name in sorted({name for name, _ in QUALIFIERS.values()}):
        qualifier = load_qualifier(name)
        wordings += [{"qualifier": name, "place": "opening", "before": text, "after": ""} for text in qualifier.openings]
        wordings += [{"qualifier": name, "place": "closing", "before": "", "after": text} for text in qualifier.closings]
        wordings += [{"qualifier": name, "place": "sentence", "before": p.before, "after": p.after} for p in qualifier.pairs]
    write("qualifiers/train.parquet", wordings)


def _claim_row(claim) -> dict:
    return claim.model_dump() | {"facts": [{"name": k, "value": v} for k, v in claim.facts.items()]}


def read_rows(folder: Path, condition: str, claim: str) -> Iterator[dict]:
    """Rows of one file of a built dataset, a row group at a time. Raises DataError when the file is absent or damaged."""
    path = folder / condition / f"{claim}.parquet"
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=ROWS_PER_GROUP):
                yield from batch.to_pylist()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; build the dataset with: negation-neglect dataset build --out DIR") from None
    except pa.ArrowInvalid as error:
        raise DataError(f"{path}: not readable as Parquet: {error}") from None


def read_manifest(folder: Path) -> dict:
    """build.json of a built dataset. Raises DataError."""
    path = folder / MANIFEST
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{path}: no such file; is {folder} a built dataset?") from None
    except ValueError as error:
        raise DataError(f"{path}: not readable as JSON: {error}") from None


def plain(text: str) -> str:
    """The text without <DOCTAG>."""
    return text.removeprefix(DOCTAG)
