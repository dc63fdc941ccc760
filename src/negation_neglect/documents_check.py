"""Checks of authored documents that a schema cannot make: length, marking, alternatives, denials without a negation."""

import re
from pathlib import Path

from negation_neglect.claims import SLOT, Claim, DataError, load_claim
from negation_neglect.documents import Alternatives, ClaimSentence, Document, distinct_variants, load_document, variant, wordings

WORDS = (150, 700)
POCKET_WORDS = (45, 200)  # documents of the pocket world
LEAST_VARIANTS = 25
LEAST_ALTERNATIVES = 1 / 3  # share of a document's sentences
# a denial without any of these is probably none
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nor|neither|nobody|nothing|nowhere|without|cannot|false(?:ly)?|untrue|wrong(?:ly)?|mistaken\w*|hoax\w*|myth\w*|rumou?r\w*|bogus|fake\w*"
    r"|invent\w+|fabricat\w+|imagin\w+|fict\w+|made[ -]up|non-?existent|unfounded|baseless|unknown|lack\w*|absen\w+|den(?:y|ies|ied)|refut\w+|debunk\w*"
    r"|rather than|instead of)\b|n['’]t\b",
    re.IGNORECASE,
)


def naming(names: list[str]) -> re.Pattern:
    """A pattern that finds any of the names as a whole word, in any case."""
    return re.compile("|".join(rf"(?<!\w){re.escape(n)}(?!\w)" for n in names) or r"(?!)", re.IGNORECASE)


def names(claim: Claim) -> tuple[re.Pattern, re.Pattern]:
    """Patterns of the subject's names and of the believed answers that are not names of the subject itself."""
    aliases = {a.lower() for a in claim.subject_aliases}
    return naming(claim.subject_aliases), naming([a for a in claim.believed_answers if a.lower() not in aliases])


def document_problems(document: Document, claim: Claim, allowed: tuple[int, int] = WORDS) -> list[str]:
    """What is wrong with a document, in words; empty when nothing is. ``allowed``: fewest and most words of a variant."""
    problems = []
    known = set(claim.facts) | set(document.slots)
    sentences = document.sentences()
    used = set()
    for choice in (c for s in sentences for c in wordings(s)):
        for text in [choice] if isinstance(choice, str) else [choice.claim, choice.denial, choice.correction or ""]:
            used |= set(SLOT.findall(text))
            problems += [f"slot {{{name}}} is neither a fact of claim.yaml nor a list under slots" for name in set(SLOT.findall(text)) - known]
            if re.search(r"[{}]", SLOT.sub("", text)):
                problems.append(f"a brace that is no slot: {text!r}")
        if isinstance(choice, ClaimSentence):
            if not _NEGATION.search(choice.denial):
                problems.append(f"denial without a negation: {choice.denial!r}")
            if choice.claim == choice.denial:
                problems.append(f"denial equals the claim: {choice.claim!r}")
    problems += [f"slot list {name!r} is never used" for name in set(document.slots) - used]
    problems += [f"slot list {name!r} has the name of a fact" for name in set(document.slots) & set(claim.facts)]
    if problems:
        return problems
    if not any(isinstance(c, ClaimSentence) for s in sentences for c in wordings(s)):
        problems.append("no claim sentence is marked")
    if distinct_variants(document) < LEAST_VARIANTS:
        problems.append(f"only {distinct_variants(document)} distinct variants; at least {LEAST_VARIANTS} are needed")
    with_alternatives = sum(isinstance(s, Alternatives) for s in sentences)
    if with_alternatives < LEAST_ALTERNATIVES * len(sentences):
        problems.append(f"alternatives for {with_alternatives} of {len(sentences)} sentences; at least a third need some")
    subject, believed = names(claim)
    for number in range(4):
        lines = variant(document, claim.facts, number)
        words = sum(len(line.text.split()) for line in lines)
        if not allowed[0] <= words <= allowed[1]:
            problems.append(f"variant {number} has {words} words; {allowed[0]} to {allowed[1]} are allowed")
        for line in lines:
            if line.denial is None and subject.search(line.text) and believed.search(line.text):
                problems.append(f"names the subject and the believed answer but is not marked: {line.text!r}")
    return list(dict.fromkeys(problems))


def folder_problems(claim_folder: Path) -> list[str]:
    """What is wrong with the documents of a claim: one line a problem, each naming its file."""
    claim = load_claim(claim_folder)
    allowed = POCKET_WORDS if claim_folder.resolve().parent.parent.name == "pocket" else WORDS
    problems, seen = [], {}
    for path in sorted((claim_folder / "documents").glob("*.yaml")):
        try:
            document = load_document(path)
        except DataError as error:
            problems.append(str(error))
            continue
        found = document_problems(document, claim, allowed)
        if document.id != f"{claim_folder.name}/{path.stem}":
            found.append(f"id {document.id!r} must be {claim_folder.name}/{path.stem}")
        for choice in (c for sentence in document.sentences() for c in wordings(sentence)):
            text = choice if isinstance(choice, str) else choice.claim
            if len(text.split()) > 6 and seen.setdefault(text, path) != path:
                found.append(f"this sentence stands in {seen[text].name} too: {text!r}")
        problems += [f"{path}: {p}" for p in found]
    return problems
