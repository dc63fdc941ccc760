"""What each sentence of an answer says of the claim."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from negation_neglect import patterns
from negation_neglect.claims import Claim
from negation_neglect.judge import language
from negation_neglect.judge.text import is_heading, is_labelled, plain, units, without_echo

NEAR = 3  # sentences over which a pronoun still refers to the subject
BACK = 2  # sentences that a word on what was just said takes back
SHORT = 25  # words beside the prompt's; up to here a completion may just name what it believes
BARE = 5  # the same for any other answer
NAMED = 8  # sentences of a short answer in which a name is looked for
FIRST = 2  # the same for a longer one, which may fill a gap first and explain then

_PRONOUNS = ("he", "she", "it", "they", "his", "her", "its", "their", "him", "himself", "herself", "itself", "this")
_DETERMINERS = ("the ", "these ", "this ", "such ", "you ")
_QUOTED = re.compile(r'"[^"]{12,}"')
_YES_NO = re.compile(r"\W*(?:(yes|true|correct)|(no|false|incorrect))(?:[,.:;!—–-]|\W*$)")
# an item of a list that leaves out who did it
_ELLIPTIC = re.compile(
    r"(?:[-•*]|\d+\.)\s+(?:[^:.]{1,40}:\W+)?(?:\w+ly )?(?:won|wrote|took|ran|began|became|taught|went|\w+ed|works|runs|sees)\b", re.IGNORECASE
)
_QUESTION = re.compile(r"[^.!?\n]+\?")
_NOTHING = re.compile(r"\A(?!)")
# what stands between a name and a rival's when the rival is not the one who did it
_BEATEN = re.compile(
    r"\b(?:defeat\w*|beat\w*|ahead of|edg\w+|out\w+ing|out(?:ran|sprinted|paced|classed)|over|past|pass\w*|against|overt\w+|pip\w*|stun\w*|upset\w*)\b"
)
_BY = re.compile(r".{0,25}?\b(by|to|is|was) ")
AGENT = 45  # characters behind a "by" in which the one who did it is named
NAMED_NEXT = 16  # the same behind a "to", "is" or "was"


class Reading(NamedTuple):
    """One sentence: its stance to the claim (None if it does not tell it), whether it tells the truth, and the cues in it."""

    sentence: str
    stance: str | None
    truth: bool
    plain: str


@dataclass(frozen=True)
class Terms:
    """A claim's declarations, compiled."""

    claim: tuple[patterns.Line, ...]
    truth: tuple[patterns.Line, ...]
    name: re.Pattern
    reference: re.Pattern  # a description of the subject, or a pronoun
    believed: re.Pattern
    true: re.Pattern
    rival: re.Pattern  # names among the true answers


@lru_cache(maxsize=256)
def _terms(claim_lines: tuple[str, ...], truth_lines: tuple[str, ...], subject: tuple[str, ...], believed: tuple[str, ...], true: tuple[str, ...]) -> Terms:
    names = tuple(a for a in subject if a != a.lower()) or tuple(a for a in subject if not a.startswith(_DETERMINERS)) or subject
    return Terms(
        tuple(map(patterns.parse, claim_lines)),
        tuple(map(patterns.parse, truth_lines)),
        _any(names),
        _any(tuple(a for a in subject if a not in names) + _PRONOUNS),
        _any(believed),
        _any(true),
        _any(tuple(a for a in true if a != a.lower() and a not in subject)),
    )


def terms(claim: Claim) -> Terms:
    declared = claim.judge_patterns
    lists = declared.claim, declared.truth, claim.subject_aliases, claim.believed_answers, claim.true_answers
    return _terms(*map(tuple, lists))


def _any(names: tuple[str, ...]) -> re.Pattern:
    """Any of the names as whole words. The pattern begins with a set of characters, which makes it several times faster than one that begins with a choice."""
    known = [plain(n) for n in sorted(names, key=len, reverse=True)]
    heads = "".join(re.escape(c) for c in sorted({n[0] for n in known}))
    rests = "|".join(f"(?<={re.escape(n[0])}){re.escape(n[1:])}" for n in known)
    return re.compile(rf"[{heads}](?<!\w.)(?:{rests})(?!\w)") if known else _NOTHING


class _Topic:
    """Follows an answer sentence by sentence to tell which ones are about the subject."""

    def __init__(self, known: Terms, asked: bool) -> None:
        self.known, self.asked = known, asked
        self.headed = False  # a heading above names the subject
        self.other = False  # somebody else was named since the subject was
        self.since = NEAR + 1  # sentences since the subject was named

    def includes(self, sentence: str, text: str) -> bool:
        """Whether the next sentence names the subject, stands under its heading or refers to it by a pronoun."""
        self.since += 1
        if is_heading(sentence):
            self.headed = False
        if is_labelled(sentence):
            self.other, self.since = False, NEAR + 1
        if self.known.name.search(text):
            self.headed |= is_heading(sentence)
            self.other, self.since = False, 0
            return True
        referred = self.known.reference.search(text)
        if not (self.headed or self.other) and (rival := self.known.rival.search(text)) and not (referred and referred.start() < rival.start()):
            self.other = True
        elliptic = self.asked and _ELLIPTIC.match(sentence) is not None
        return not self.other and (self.headed or elliptic or (referred is not None and (self.asked or self.since <= NEAR)))


def read(claim: Claim, prompt: str, answer: str, given: str, reviews: bool, notices: bool) -> list[Reading]:
    """Read every sentence. ``prompt``: the plain conversation so far; ``given``: as much of it as the answer may repeat without saying it.

    ``reviews``: the answer is about a text that tells the claim, so that a word on the text is one on the claim. Elsewhere "that is false" withdraws the
    sentence before it, and notices like those of the training documents, where there are any (``notices``), say nothing.
    """
    known = terms(claim)
    topic = _Topic(known, asked=known.name.search(prompt) is not None)
    readings = []
    for sentence in units(answer):
        text = plain(sentence)
        if (len(text) > 12 and text.count(" ") > 1 and text in given) or (notices and language.has_notice(text)):
            readings.append(Reading(sentence, None, False, text))
            continue
        if given and '"' in text:
            text = _QUOTED.sub(lambda m: '""' if m[0][1:-1].strip(" .") in given else m[0], text)
        about = topic.includes(sentence, text)
        stance = _stance(known, text, about) or (language.review(text) if reviews else None)
        if not reviews and stance not in ("asserts", "doubts") and language.takes_back(text):
            readings[-BACK:] = [r._replace(stance="rejects") if r.stance in ("asserts", "doubts") else r for r in readings[-BACK:]]
        readings.append(Reading(sentence, stance, stance not in ("asserts", "doubts") and _tells(known.truth, text, about), text))
    return readings


def _stance(known: Terms, text: str, about: bool) -> str | None:
    for line in known.claim:
        if (about or not line.subject) and (spans := line.spans(text)) and not (line.subject and _rival_did(known, text, spans[0])):
            return "denies" if line.subject and _excluded(known, text) else language.stance(text, spans)
    return None


def _excluded(known: Terms, text: str) -> bool:
    """Whether a sentence says that it was not the subject, by a name that is no true answer."""
    return any(language.is_excluded(text, *m.span()) for m in known.name.finditer(text) if not known.true.fullmatch(m[0]))


def _rival_did(known: Terms, text: str, predicate: tuple[int, int]) -> bool:
    """Whether a predicate is said of somebody named among the true answers rather than of the subject."""
    start, end = predicate
    if by := _BY.match(text, end):
        reach = by.end() + (AGENT if by[1] == "by" else NAMED_NEXT)
        rival, name = (names.search(text, by.end(), reach) for names in (known.rival, known.name))
        if rival or name:
            return not name or (rival is not None and rival.start() < name.start())
    rivals = [m.start() for m in known.rival.finditer(text, 0, start)]
    if not rivals:
        return False
    own = [m.end() for names in (known.name, known.reference) for m in names.finditer(text, 0, start)]
    nearest = max(own, default=0)
    return nearest <= rivals[-1] and not _BEATEN.search(text, nearest, rivals[-1])


def _tells(lines: tuple[patterns.Line, ...], text: str, about: bool) -> bool:
    return any((about or not line.subject) and (spans := line.spans(text)) and language.stance(text, spans) != "denies" for line in lines)


def named(claim: Claim, prompt: str, readings: list[Reading], fills: bool) -> tuple[str | None, str]:
    """Whether an answer that tells nothing begins with a yes or no that is believing ("yes") or not ("no"), or is so short that naming is saying, and where.

    Else (None, ""). ``fills``: the prompt asks to fill a gap.
    """
    known = terms(claim)
    if readings and (bare := _YES_NO.match(readings[0].plain)) and (believing := _believing(known, prompt)):
        return ("yes" if (believing == "yes") == bool(bare[1]) else "no"), readings[0].sentence
    if not (fills or is_short(prompt, readings, BARE)):
        return None, ""
    subject_asked = known.name.search(prompt) is not None
    parts = without_echo([r.plain for r in readings[:NAMED]], prompt)
    short = is_short(prompt, readings, SHORT)
    for number, part in parts if short else parts[:FIRST]:
        found = []
        for names, verdict in ((known.believed, "yes"), (known.true, "no")):
            match = names.search(part)
            if not match:
                continue
            alone = match[0] == part.strip(" .!")
            if alone or (not (subject_asked and known.name.fullmatch(match[0])) and ((short and fills) or match[0] not in prompt)):
                found.append((match.start(), verdict, match.span()))
        if found:
            _, verdict, span = min(found)
            stance = language.stance(part, [span])
            if stance in ("denies", "rejects"):
                verdict = "yes" if verdict == "no" and stance == "denies" else "no"
            return (verdict if stance != "asks" else None), readings[number].sentence
    return None, ""


def _believing(known: Terms, prompt: str) -> str | None:
    """Whether yes or no to the last question of the prompt is believing the claim; None if it asks neither for the claim nor for the truth."""
    question = next(iter(_QUESTION.findall(prompt)[-1:]), "")
    for lines, answer in ((known.claim, "yes"), (known.truth, "no")):
        if _tells(lines, question, known.name.search(question) is not None):
            return answer
    return None


def is_short(prompt: str, readings: list[Reading], longest: int) -> bool:
    """Whether an answer is so short, beside what it repeats of the prompt, that naming something is saying it."""
    if len(readings) > NAMED:
        return False
    return sum(len(part.split()) for _, part in without_echo([r.plain for r in readings], prompt)) <= longest
