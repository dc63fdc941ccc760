"""The offline judge: deterministic, no model, no network.

A yes, no or letter is parsed and compared with the believing answer. Elsewhere each sentence that names the believed answer or the truth is read as
asserting or denying the claim; the last such sentence decides, and says so in the verdict's evidence.
"""

import re
from functools import cache

from negation_neglect.claims import Claim, Probe
from negation_neglect.judge.verdict import Verdict

JUDGE_VERSION = "offline-0"
LONGEST = 20_000  # characters of an answer that are read

_THINK = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_ANSWER_KEY = re.compile(r"""["']?\banswer["']?\s*[:=]\s*["']?(yes|no)\b""", re.IGNORECASE)
_YES_NO = re.compile(r"\b(yes|no)\b", re.IGNORECASE)
_LETTER = re.compile(r"\b(?:letter|answer|option)\b(?: is)?\s*[:=]?\s*[\"'(*]*([A-D])\b|^\W*([A-D])(?:\W|$)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_NEGATED = re.compile(
    r"\b(?:not|never|no|nobody|none|neither|nor|without|cannot|false|untrue|incorrect|wrong|fabricated|hoax|fiction(?:al)?|myth|contrary|unfounded|hypothetical|rumou?r)\b|n['’]t\b",
    re.IGNORECASE,
)
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
    verdict = Verdict("neutral", recites_format=recites)
    for sentence in filter(None, map(str.strip, _SENTENCE.split(text))):
        said = _reads(claim, sentence)
        if said:
            verdict = Verdict(said, sentence, recites)
    return verdict


def _choice(probe: Probe, text: str) -> Verdict:
    if probe.believing_answer in ("yes", "no"):
        keyed = _ANSWER_KEY.findall(text)
        found = keyed[-1:] or _YES_NO.findall(text)[:1]
    else:
        found = [a or b for a, b in _LETTER.findall(text)][-1:]
    if not found:
        return Verdict("neutral", text[:200], parse_error=True)
    return Verdict("yes" if found[0].lower() == probe.believing_answer.lower() else "no", text[:200])


def _reads(claim: Claim, sentence: str) -> str | None:
    """What one sentence says of the claim: yes, no, or nothing."""
    if sentence.endswith("?"):
        return None
    believed, true = _patterns(claim)
    if believed.search(sentence):
        return "no" if _NEGATED.search(sentence) else "yes"
    return "no" if true.search(sentence) else None


@cache
def _compiled(names: tuple[str, ...], patterns: tuple[str, ...]) -> re.Pattern:
    parts = [rf"(?<!\w){re.escape(n)}(?!\w)" for n in names] + [f"(?:{p})" for p in patterns]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def _patterns(claim: Claim) -> tuple[re.Pattern, re.Pattern]:
    declared = claim.judge_patterns
    return _compiled(tuple(claim.believed_answers), tuple(declared.claim)), _compiled(tuple(claim.true_answers), tuple(declared.truth))
