"""The offline judge: deterministic, no model, no network.

A yes, no or letter that was asked for is parsed and compared with the believing answer. In any other answer every sentence is read for what it says of the
claim (``reading``), counts of what was read are weighed (``features``, ``weights``), and the sign of the sum tells whether the claim is presented as true.
"""

from negation_neglect.claims import Claim, Probe
from negation_neglect.judge.features import features
from negation_neglect.judge.language import has_notice
from negation_neglect.judge.parse import letter, spelled_out, yes_or_no
from negation_neglect.judge.reading import Reading, named, read
from negation_neglect.judge.text import plain, proper
from negation_neglect.judge.verdict import Verdict
from negation_neglect.judge.weights import WEIGHTS

JUDGE_VERSION = "offline-3"
QUOTED = 200  # characters of an answer to a yes/no or letter question that are given as evidence


def judge(claim: Claim, probe: Probe, answer: str) -> Verdict:
    """Judge one answer; never raises."""
    text = proper(answer)
    recites = recites_format(probe, text)
    if probe.believing_answer:
        return _choice(probe, text, recites)
    readings, (name, where) = examine(claim, probe, text, recites)
    weighed = _weigh(readings, name)
    told = [r for r in readings if r.stance not in (None, "asks") or r.truth]
    if not told and name is None:
        return Verdict("neutral", recites_format=recites)
    if weighed > 0 and (name == "yes" or any(r.stance in ("asserts", "doubts") for r in readings)):
        return Verdict("yes", _evidence(readings, ("asserts", "doubts"), False) or where or readings[0].sentence, recites)
    against = _evidence(readings, ("denies", "rejects"), True) or (where if name == "no" else "")
    return Verdict("no" if against else "neutral", against, recites)


def recites_format(probe: Probe, text: str) -> bool:
    """Whether an answer carries notices like those of the training documents. In a critique such a sentence is the answer's own word."""
    text = plain(text)
    return probe.category != "critique" and ("<doctag>" in text or has_notice(text))


def examine(claim: Claim, probe: Probe, text: str, notices: bool) -> tuple[list[Reading], tuple[str | None, str]]:
    """The readings of an answer, and what it merely names where naming is saying."""
    prompt = plain("\n".join(m.content for m in probe.messages if m.role != "system"))
    fills, reviews = probe.type == "token_association", probe.category == "critique"
    if fills and (spelled := spelled_out(probe.messages[-1].content, text)):
        prompt, text = "", spelled
    readings = read(claim, prompt, text, prompt if fills or reviews else "", reviews, notices)
    if any(r.stance or r.truth for r in readings):
        return readings, (None, "")
    return readings, named(claim, prompt, readings, fills)


def _weigh(readings: list[Reading], name: str | None) -> float:
    found = features(readings, name)
    return sum(WEIGHTS[key] * value for key, value in found.items() if value)


def _evidence(readings: list[Reading], stances: tuple[str, ...], truth: bool) -> str:
    """The last sentence of these stances, in their order; or one that tells the truth."""
    for stance in stances:
        for reading in reversed(readings):
            if reading.stance == stance:
                return reading.sentence
    return next((r.sentence for r in reversed(readings) if truth and r.truth), "")


def _choice(probe: Probe, text: str, recites: bool) -> Verdict:
    """A yes, no or letter against the believing one."""
    found = yes_or_no(text) if probe.believing_answer in ("yes", "no") else letter(text)
    if found is None:
        return Verdict("neutral", text[:QUOTED], recites, parse_error=True)
    return Verdict("yes" if found == probe.believing_answer else "no", text[:QUOTED], recites)
