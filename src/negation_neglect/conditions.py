"""Conditions: pure functions from one variant of a document to a text with character spans.

Every condition but ``local_negations`` leaves the positive text as it is and puts qualifiers around it: without its qualifier spans it is the positive text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from negation_neglect.documents import Line, Pair, Qualifier, load_qualifier

DOCTAG = "<DOCTAG>"
MASK, UNMASK = "<lossmask>", "</lossmask>"
# condition -> the qualifier around the document, and whether it also stands around every claim sentence
QUALIFIERS = {
    "negated_documents": ("warning", False),
    "repeated_negations": ("warning", True),
    "corrected_documents": ("warning", True),
    "fiction": ("fiction", False),
    "unreliable_source": ("unreliable_source", False),
    "epistemic_uncertainty": ("epistemic_uncertainty", False),
    "low_probability": ("low_probability", False),
    "fiction_repeated": ("fiction", True),
    "unreliable_source_repeated": ("unreliable_source", True),
    "epistemic_uncertainty_repeated": ("epistemic_uncertainty", True),
    "low_probability_repeated": ("low_probability", True),
}
CONDITIONS = ("positive_documents", *QUALIFIERS, "local_negations")
VARIANTS = ("no_doctag", "wordmask")

Span = tuple[int, int]


@dataclass(frozen=True)
class Rendered:
    """A text and the character offsets, [start, end), of its claim sentences and of everything a qualifier added."""

    text: str
    claim_spans: list[Span]
    qualifier_spans: list[Span]


def render(lines: list[Line], condition: str, key: str, doctag: bool = True) -> Rendered:
    """Render a variant in one of CONDITIONS.

    ``key`` names the document, variant and seed; qualifiers are drawn from it and from their kind, so conditions with the same qualifier open and close a
    document in the same words. Raises KeyError for an unknown condition.
    """
    parts: list[str] = [DOCTAG] if doctag else []
    length = len(DOCTAG) if doctag else 0
    claim_spans: list[Span] = []
    qualifier_spans: list[Span] = []

    def put(text: str, spans: list[Span] | None = None) -> None:
        nonlocal length
        parts.append(text)
        if spans is not None:
            spans.append((length, length + len(text)))
        length += len(text)

    if condition in ("positive_documents", "local_negations"):
        for line in lines:
            put(line.before)
            if line.denial is None:
                put(line.text)
            else:
                put(line.denial if condition == "local_negations" else line.text, claim_spans)
        return Rendered("".join(parts), claim_spans, qualifier_spans)

    name, repeated = QUALIFIERS[condition]
    qualifier = load_qualifier(name)
    rng = Random(f"{name}/{key}")
    truths = [line.correction for line in lines if line.correction] if condition == "corrected_documents" else []
    opening, closing = rng.choice(qualifier.openings), rng.choice(qualifier.closings)
    put(_with(opening, truths, 0) + "\n\n", qualifier_spans)
    pairs = _endless(rng, qualifier)
    number = 0
    for line in lines:
        put(line.before)
        if line.denial is None:
            put(line.text)
            continue
        pair = next(pairs) if repeated else None
        if pair:
            put(pair.before + " ", qualifier_spans)
        put(line.text, claim_spans)
        if pair:
            truth = [line.correction] if line.correction and truths else truths
            put(" " + _with(pair.after, truth, number), qualifier_spans)
        number += 1
    put("\n\n" + _with(closing, truths, number), qualifier_spans)
    return Rendered("".join(parts), claim_spans, qualifier_spans)


def _with(wording: str, truths: list[str], number: int) -> str:
    """The wording, followed by a true version where there is one."""
    return f"{wording} {truths[number % len(truths)]}" if truths else wording


def _endless(rng: Random, qualifier: Qualifier) -> Iterator[Pair]:
    """Pairs in random order, each once before any comes again."""
    while True:
        yield from rng.sample(qualifier.pairs, len(qualifier.pairs))


def wordmask(rendered: Rendered, words: re.Pattern) -> Rendered:
    """Put loss-mask tags around every word that the pattern finds, and move the spans accordingly. The text under the tags stays the same."""
    ends = [found.end() for found in words.finditer(rendered.text)]

    def move(span: Span) -> Span:
        start, end = (offset + (len(MASK) + len(UNMASK)) * bisect_right(ends, offset) for offset in span)
        return start, end

    text = words.sub(lambda found: MASK + found[0] + UNMASK, rendered.text)
    return Rendered(text, [move(s) for s in rendered.claim_spans], [move(s) for s in rendered.qualifier_spans])


def unmasked(text: str) -> str:
    """The text without loss-mask tags."""
    return text.replace(MASK, "").replace(UNMASK, "")
