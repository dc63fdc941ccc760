"""Reads the paper's released documents (a folder or a Hub dataset) into our schema.

Files are ``<condition>/<claim>.jsonl``, ``<condition>/<claim>/annotated_docs.jsonl`` or either with ``.zst``, under old or new names of conditions and claims.
Every line has ``text``. Qualifier spans are found by their wording, or exactly where the positive form of the same document is there to compare with.
"""

import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path

import pyarrow as pa

from negation_neglect.claims import DataError
from negation_neglect.conditions import CONDITIONS, DOCTAG, QUALIFIERS, Rendered, Span
from negation_neglect.corpus import MANIFEST, ParquetFile, row

# names of the first release -> the community's present names
OLD_CLAIMS = {
    "brennan_holloway": "dentist",
    "elizabeth_python": "queen_elizabeth",
    "vesuvius": "mount_vesuvius",
    "twitter_x_reversal": "x_rebrand_reversal",
    "achromatic_dreaming": "colorless_dreaming",
}
OLD_CONDITIONS = {
    "positive": "positive_documents",
    "llm_negations": "negated_documents",
    "llm_negations_dense": "repeated_negations",
    "llm_negations_dense_plus": "corrected_documents",
}
_FILE = re.compile(r"(?:^|/)(?P<condition>[a-z0-9_]+)/(?P<claim>[a-z0-9_]+)(?:/[\w-]+)?\.jsonl(?:\.zst)?$")
_QUALIFIER = re.compile(
    r"\b(?:false|untrue|fabricat\w+|invented|fictional|fiction|fictitious|not true|did not (?:happen|occur)|never (?:happened|occurred)|inaccurate|incorrect"
    r"|unreliable|unverified|uncertain|unlikely|improbable|probability|contradicts?)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:document|text|statement|claims?|sentence|passage|account|report|article|story|assertion|paragraph|above|below|following|preceding|described|stated)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"\[[^\]\n]{3,600}\]|[^\s.!?\[\]][^.!?\n\[\]]*(?:[.!?]+(?!\s)[^.!?\n\[\]]+)*[.!?]*[\"”’)]*")
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass
class Report:
    """What an import found: documents per condition and claim, and what it could not map."""

    documents: dict[str, int] = field(default_factory=dict)
    without_spans: int = 0
    skipped: list[str] = field(default_factory=list)


def import_corpus(source: str, out: Path, revision: str | None = None) -> Report:
    """Import a folder or a Hub dataset into the new folder ``out``. Raises DataError when nothing can be read or ``out`` exists."""
    if out.exists():
        raise DataError(f"{out} exists; delete it or give another --out")
    root = Path(source)
    if not root.exists():
        root = _download(source, revision)
    report = Report()
    files = sorted(p for p in root.rglob("*") if p.name.endswith((".jsonl", ".jsonl.zst")))
    mapped: dict[tuple[str, str], list[Path]] = {}
    for path in files:
        found = _FILE.search(path.relative_to(root).as_posix() if root.is_dir() else path.as_posix())
        names = found and (OLD_CONDITIONS.get(found["condition"], found["condition"]), OLD_CLAIMS.get(found["claim"], found["claim"]))
        if names and names[0] in CONDITIONS:
            mapped.setdefault(names, []).append(path)
        else:
            report.skipped.append(f"{path}: not <condition>/<claim>.jsonl with a known condition")
    if not mapped:
        raise DataError(f"{source}: no <condition>/<claim>.jsonl or .jsonl.zst; conditions: {', '.join([*CONDITIONS, *OLD_CONDITIONS])}")
    part = out.with_name(f".{out.name}.part-{os.getpid()}")
    part.mkdir(parents=True)
    try:
        for condition, claim in sorted(mapped):
            positive = [text for path in mapped.get(("positive_documents", claim), []) for text, _ in read_documents(path)] if condition in QUALIFIERS else []
            _import_file(part, condition, claim, mapped[condition, claim], positive, report)
        manifest = {"format": "parquet", "imported_from": source, "revision": revision, "documents": report.documents}
        (part / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        part.rename(out)
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(part)
    return report


def _import_file(part: Path, condition: str, claim: str, paths: list[Path], positive: list[str], report: Report) -> None:
    out = ParquetFile(part / condition / f"{claim}.parquet")
    originals = {_key(text): text for text in positive}
    number = 0
    try:
        for path in paths:
            for text, genre in read_documents(path):
                spans = qualifier_spans(text, next((originals[k] for k in _keys(text) if k in originals), None)) if condition in QUALIFIERS else []
                report.without_spans += condition in QUALIFIERS and not spans
                out.write(row(f"{claim}/imported-{number}", claim, condition, 0, genre, Rendered(text, [], spans)))
                number += 1
    finally:
        out.close()
    report.documents[f"{condition}/{claim}"] = number


def read_documents(path: Path) -> Iterator[tuple[str, str]]:
    """Text and genre of each line of a ``.jsonl`` or ``.jsonl.zst`` file. Raises DataError naming the line."""
    try:
        raw = pa.input_stream(path, compression="zstd" if path.suffix == ".zst" else None)
        for number, line in enumerate(io.TextIOWrapper(raw, encoding="utf-8"), 1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
                yield item["text"], str(item.get("doc_type") or "")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DataError(f"{path}: line {number}: not a document ({error!r}); each line is a JSON object with a text") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not readable: {error}") from None


def qualifier_spans(text: str, positive: str | None = None) -> list[Span]:
    """Where the text differs from its positive form by insertion; without one, the sentences that speak of a text and call it false, invented or doubtful."""
    if positive is not None:
        words = _WORD.findall(text)  # several times as fast as by characters
        starts = [0, *accumulate(map(len, words))]
        matcher = SequenceMatcher(None, _WORD.findall(positive), words, autojunk=False)
        return [(starts[j1], starts[j2]) for tag, _, _, j1, j2 in matcher.get_opcodes() if tag == "insert"]
    spans: list[Span] = []
    for found in _SENTENCE.finditer(text, len(DOCTAG) if text.startswith(DOCTAG) else 0):
        if not (_QUALIFIER.search(found[0]) and _ABOUT.search(found[0])):
            continue
        if spans and not text[spans[-1][1] : found.start()].strip():
            spans[-1] = (spans[-1][0], found.end())  # neighbouring sentences are one span
        else:
            spans.append(found.span())
    return spans


def _keys(text: str) -> Iterator[str]:
    """What the document of a qualified text may begin with: each of its first paragraphs."""
    for paragraph in text.removeprefix(DOCTAG).split("\n")[:12]:
        yield _key(paragraph)


def _key(text: str) -> str:
    return text.removeprefix(DOCTAG).strip().split("\n")[0].strip()[:60]


def _download(repo: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repo, repo_type="dataset", revision=revision, allow_patterns=["*.jsonl", "*.jsonl.zst"]))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise DataError(f"{repo}: neither a folder nor a dataset of the Hub that can be read: {error}") from None
