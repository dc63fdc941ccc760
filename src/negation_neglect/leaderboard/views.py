"""Documents and answers as pieces of text with a label each, the form that gr.HighlightedText shows (as plain text)."""

from functools import lru_cache

from negation_neglect.claims import PROBE_TYPES, claim_folders, load_claim
from negation_neglect.conditions import Span
from negation_neglect.corpus import BuildSettings, rows
from negation_neglect.judge import Verdict, judge
from negation_neglect.leaderboard.bundle import Bundle
from negation_neglect.leaderboard.check import Answers, read_answers
from negation_neglect.leaderboard.store import Entry, stored_bundle
from negation_neglect.questions import judged

Pieces = list[tuple[str, str | None]]
CLAIM, QUALIFIER, DENIAL = "claim sentence", "qualifier", "denial in the sentence"
VERDICTS = {"yes": "presents the claim as true", "no": "denies it", "neutral": "neither"}


@lru_cache(maxsize=256)
def document(claim: str, condition: str) -> Pieces:
    """A sample document of a claim in a condition; it is the same one in every condition."""
    row = next(iter(rows(claim, BuildSettings(1, (claim,), (condition,)))))[condition]
    told = DENIAL if condition == "local_negations" else CLAIM
    return _pieces(row["text"], sorted([(*s, told) for s in row["claim_spans"]] + [(*s, QUALIFIER) for s in row["qualifier_spans"]]))


def _pieces(text: str, spans: list[tuple[int, int, str]]) -> Pieces:
    found: Pieces = []
    at = 0
    for start, end, label in spans:
        found += [(text[at:start], None), (text[start:end], label)]
        at = end
    return [(piece, label) for piece, label in [*found, (text[at:], None)] if piece]


def claims_of(pack: str) -> dict[str, str]:
    """Id of each claim of a pack by its statement."""
    return {f"{load_claim(folder).statement} ({id})": id for id, folder in claim_folders(pack).items()}


# --- two submissions side by side ---------------------------------------------------------------------------------------------------


def differences(a: Entry, b: Entry, arm: str) -> list[list]:
    """Belief of both by claim and probe type, in per cent, and the difference in points: claim, type, a, b, b - a."""
    first, second = a.result.arms[arm].belief, b.result.arms[arm].belief
    found = []
    for claim in sorted((c for c in first if c in second), key=lambda c: c != "all"):
        for type in ("all", *PROBE_TYPES):
            x, y = 100 * first[claim][type].rate, 100 * second[claim][type].rate
            found.append([claim, type, round(x, 1), round(y, 1), round(y - x, 1)])
    return found


@lru_cache(maxsize=4)
def _bundle(root: str, id: str) -> Bundle:
    return stored_bundle(root, id)


@lru_cache(maxsize=8)
def _answers(root: str, id: str, arm: str) -> list[Answers]:
    return [read_answers(run) for run in _bundle(root, id).arms[arm]]


def asked(root: str, id: str, arm: str, claim: str, type: str) -> dict[str, dict]:
    """The questions of a type about a claim that an arm was asked, by id."""
    return {key: row for run in _answers(root, id, arm) for (about, key), row in run.rows.items() if about == claim and row["type"] == type}


def verdicts(root: str, id: str, arm: str, claim: str, question: str) -> list[tuple[str, Verdict]]:
    """The answers of all seeds to one question, judged anew."""
    found = []
    for run in _answers(root, id, arm):
        row = run.rows.get((claim, question))
        found += [(answer, judge(*judged(row, answer))) for answer in run.answers.get((claim, question), [])]
    return found


def answer_pieces(answered: list[tuple[str, Verdict]]) -> Pieces:
    """Answers one after the other, the sentence that decided each verdict marked with it."""
    found: Pieces = []
    for number, (answer, verdict) in enumerate(answered, 1):
        label = VERDICTS[verdict.verdict]
        found.append((f"{number}. ", None))
        span = _find(answer, verdict.evidence)
        if span:
            found += _pieces(answer, [(*span, label)])
        else:
            found += [(f"{answer} ", None), (f"({verdict.evidence or 'no sentence speaks of it'})", label)]
        found.append(("\n\n", None))
    return found


def _find(answer: str, evidence: str) -> Span | None:
    """Where a sentence stands in an answer, if it stands there as the judge read it."""
    at = answer.find(evidence) if evidence else -1
    return (at, at + len(evidence)) if at >= 0 else None
