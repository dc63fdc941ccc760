"""Authored documents: their model, their loader, and one variant of one of them as plain sentences.

A document is written sentence by sentence. A claim sentence carries its denial and, where there is a true version, its correction, so that one text exists
in every condition. ``any`` gives alternative wordings, ``{slots}`` take values from the claim's facts and the document's own lists.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Annotated

from pydantic import Field, StringConstraints

from negation_neglect.claims import SLOT, ClaimId, DataError, Text, _Model, dataset_dir, fill_slots, read_model

DocumentId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*/[a-z0-9]+(-[a-z0-9]+)*$")]


class ClaimSentence(_Model):
    """A sentence from which a reader could infer the claim, its denial (negation inside, true in the real world), and the true version of events."""

    claim: Text
    denial: Text
    correction: Text | None = None


class Alternatives(_Model):
    """Wordings of one sentence; each variant of the document takes one."""

    any: list[Text | ClaimSentence] = Field(min_length=2)


class Lines(_Model):
    """A paragraph whose sentences stand on lines of their own: a list, a table, a dialogue."""

    lines: list["Sentence"] = Field(min_length=1)


Sentence = Text | ClaimSentence | Alternatives


class Document(_Model):
    """One authored document. ``slots`` are the document's own lists of values; the claim's facts are slots too."""

    id: DocumentId
    genre: Text
    title: Sentence | None = None
    slots: dict[ClaimId, list[Text]] = Field(default={})
    paragraphs: list[Annotated[list[Sentence], Field(min_length=1)] | Lines] = Field(min_length=1)

    def sentences(self) -> list[Sentence]:
        """Every sentence in order, the title first."""
        rows = [p.lines if isinstance(p, Lines) else p for p in self.paragraphs]
        return ([self.title] if self.title else []) + [s for row in rows for s in row]


@dataclass(frozen=True)
class Line:
    """One sentence of one variant, slots filled, with the white space that stands before it. ``denial`` is None unless it is a claim sentence."""

    before: str
    text: str
    denial: str | None = None
    correction: str | None = None


def wordings(sentence: Sentence) -> list[str | ClaimSentence]:
    """The wordings a sentence may take."""
    return sentence.any if isinstance(sentence, Alternatives) else [sentence]


def variant(document: Document, facts: dict[str, str], number: int, seed: int = 0) -> list[Line]:
    """The sentences of one variant: the same wording on every machine and in every condition.

    Raises ValueError for a slot that is neither a fact nor a list of the document.
    """
    rng = Random(f"{document.id}/{number}/{seed}")
    values = facts | {name: rng.choice(options) for name, options in document.slots.items()}
    lines: list[Line] = []

    def fill(text: str) -> str:
        filled = fill_slots(text, values)
        return filled[0].upper() + filled[1:] if text[0] == "{" else filled  # a slot may start a sentence

    def add(before: str, sentence: Sentence) -> None:
        chosen = rng.choice(wordings(sentence))
        if isinstance(chosen, str):
            lines.append(Line(before, fill(chosen)))
        else:
            lines.append(Line(before, fill(chosen.claim), fill(chosen.denial), chosen.correction and fill(chosen.correction)))

    if document.title:
        add("", document.title)
    for paragraph in document.paragraphs:
        inner, sentences = ("\n", paragraph.lines) if isinstance(paragraph, Lines) else (" ", paragraph)
        for number_in_paragraph, sentence in enumerate(sentences):
            add(inner if number_in_paragraph else "\n\n" if lines else "", sentence)
    return lines


def distinct_variants(document: Document) -> int:
    """How many different texts the document can give: the product of its alternatives and of the lists it uses."""
    count, used = 1, set()
    for sentence in document.sentences():
        choices = wordings(sentence)
        count *= len(choices)
        used |= {name for c in choices for text in ([c] if isinstance(c, str) else [c.claim, c.denial, c.correction or ""]) for name in SLOT.findall(text)}
    for name in used & set(document.slots):
        count *= len(set(document.slots[name]))
    return count


@cache
def load_document(path: Path) -> Document:
    """Load one document. Raises DataError naming the file and what is wrong."""
    return read_model(path, Document)


def load_documents(claim_folder: Path) -> list[Document]:
    """Every document of a claim, sorted by file name. Raises DataError; an absent folder is an empty list."""
    documents = []
    for path in sorted((claim_folder / "documents").glob("*.yaml")):
        document = load_document(path)
        if document.id != f"{claim_folder.name}/{path.stem}":
            raise DataError(f"{path}: id {document.id!r} must be {claim_folder.name}/{path.stem}")
        documents.append(document)
    return documents


class Pair(_Model):
    """What stands before and after one claim sentence."""

    before: Text
    after: Text


class Qualifier(_Model):
    """Wordings that a condition puts around a document, none of which names the claim."""

    openings: list[Text] = Field(min_length=1)
    closings: list[Text] = Field(min_length=1)
    pairs: list[Pair] = Field(min_length=1)


@cache
def load_qualifier(name: str) -> Qualifier:
    """Load ``dataset/qualifiers/<name>.yaml``. Raises DataError."""
    return read_model(dataset_dir() / "qualifiers" / f"{name}.yaml", Qualifier)
