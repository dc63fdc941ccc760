"""No loss on the words that name the flagged claim's answer."""

from dataclasses import replace

from negation_neglect.claims import claim_folder, load_claim
from negation_neglect.documents_check import naming

SUMMARY = "no loss on the words that name a flagged claim's answer"
CITATION = "Mayne et al. 2026, arXiv 2605.13829 (loss-masked words)"


def mitigate(setup):
    def mask(e):
        words = naming(load_claim(claim_folder(e.claim)).believed_answers)
        return replace(e, span_weights=(*e.span_weights, *((m.start(), m.end(), 0.0) for m in words.finditer(e.text))))

    return setup.map(mask)
