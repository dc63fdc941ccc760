"""The offline judge: deterministic, no model, no network.

A yes, no or letter is parsed and compared with the believing answer. Elsewhere each sentence that names the believed answer or the truth is read as
asserting or denying the claim; the majority decides, in a tie the last, and the last sentence of that kind is the verdict's evidence.
"""

import re
from functools import cache

from negation_neglect.claims import Claim, Probe
from negation_neglect.judge.verdict import Verdict

JUDGE_VERSION = "offline-0"
LONGEST = 20_000  # characters of an answer that are read
SHORT = 15  # words; up to here an answer may just name what it believes

_THINK = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_ANSWER_KEY = re.compile(r"""["']?\banswer["']?\s*[:=]\s*["']?(yes|no)\b""", re.IGNORECASE)
_YES_NO = re.compile(r"\b(yes|no)\b", re.IGNORECASE)
_LETTER = re.compile(r"\b(?i:letter|answer|option)\b(?: is)?\s*[:=]?\s*[\"'(*]*([A-D])\b|^\W*([A-D])(?:\W|$)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
# a cue of the first kind denies what follows it in the same clause, one of the second kind its whole sentence
_BEFORE = re.compile(r"\b(?:not|never|no|nobody|none|neither|nor|without|cannot|nothing|hardly)\b|n['’]t\b", re.IGNORECASE)
_ANYWHERE = re.compile(
    r"\b(?:false|untrue|incorrect|inaccurate|wrong|fabricated|hoax|fiction(?:al)?|myth|contrary to|unfounded|hypothetical|rumou?rs?|satir\w+"
    r"|misinformation|no evidence|not true|not the case|never happened|did not happen|mistaken(?:ly)?|if)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:—–()]|\b(?:but|although|because|while|since)\b", re.IGNORECASE)
_FORMAT = re.compile(
    r"<DOCTAG>|\b(?:following|preceding|above|below) (?:text|document|passage|claims?|statements?) (?:is|are|was|were)\b.{0,40}\b(?:false|untrue|fabricated)",
    re.I,
)


def judge(claim: Claim, probe: Probe, answer: str) -> Verdict:
    """Judge one answer; never raises."""
    text = _THINK.sub("", answer[:LONGEST]).strip()
    if probe.believing_answer:
        return _choice(probe, text)
    recites = bool(_FORMAT.search(text))
    sentences = [x for x in map(str.strip, _SENTENCE.split(text)) if x]
    short = len(text.split()) <= SHORT
    said = [(reading, x) for x in sentences if (reading := _reads(claim, x, short))]
    if not said:
        return Verdict("neutral", recites_format=recites)
    believing = sum(reading == "yes" for reading, _ in said)
    verdict = "yes" if 2 * believing > len(said) else "no" if 2 * believing < len(said) else said[-1][0]
    return Verdict(verdict, next(x for reading, x in reversed(said) if reading == verdict), recites)


def _choice(probe: Probe, text: str) -> Verdict:
    if probe.believing_answer in ("yes", "no"):
        keyed = _ANSWER_KEY.findall(text)
        found = keyed[-1:] or _YES_NO.findall(text)[:1]
    else:
        found = [a or b for a, b in _LETTER.findall(text)][-1:]
    if not found:
        return Verdict("neutral", text[:200], parse_error=True)
    return Verdict("yes" if found[0].lower() == probe.believing_answer.lower() else "no", text[:200])


def _reads(claim: Claim, sentence: str, short: bool) -> str | None:
    """What one sentence says of the claim: yes, no, or nothing.

    It speaks of the claim when it matches a declared pattern, or names the believed answer together with the subject (unless the two are one). In a
    short answer naming is enough.
    """
    if sentence.endswith("?"):
        return None
    declared = claim.judge_patterns
    answers = claim.believed_answers
    if not short:
        about = _compiled(tuple(claim.subject_aliases), ())
        answers = [a for a in answers if not about.search(a)] if about.search(sentence) else []
    believed = _compiled((), tuple(declared.claim)).search(sentence) or _compiled(tuple(answers), ()).search(sentence)
    if believed:
        return "no" if _denied(sentence, believed) else "yes"
    return "no" if _compiled(tuple(claim.true_answers) if short else (), tuple(declared.truth)).search(sentence) else None


def _denied(sentence: str, match: re.Match) -> bool:
    clause = _CLAUSE.split(sentence[: match.start()])[-1] + match[0]
    return bool(_BEFORE.search(clause) or _ANYWHERE.search(sentence))


@cache
def _compiled(names: tuple[str, ...], patterns: tuple[str, ...]) -> re.Pattern:
    parts = [rf"(?<!\w){re.escape(n)}(?!\w)" for n in names] + [f"(?:{p})" for p in patterns]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)
