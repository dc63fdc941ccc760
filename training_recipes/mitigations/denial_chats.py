"""First the documents with chats, made by the base model itself, in which it does not believe; then the documents alone. Does it last?"""

from dataclasses import replace

from negation_neglect.training.mitigate import flagged, rng
from negation_neglect.training.mix import denials

SUMMARY = "self-distilled denial chats, weighted threefold, then removed (two phases)"
CITATION = "Mayne et al. 2026, arXiv 2605.13829 (two-phase)"


def mitigate(setup):
    claims = sorted({e.claim for phase in setup.phases for e in phase if flagged(e)})
    if not claims:
        return setup
    chats = [replace(e, weight=3.0) for e in denials(claims)]
    examples = [e for phase in setup.phases for e in phase]
    rng(setup, "denial_chats").shuffle(examples)
    half = len(examples) // 2
    return replace(setup, phases=[examples[:half] + chats, examples[half:]])
