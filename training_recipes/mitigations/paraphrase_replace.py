"""Each flagged document gives way to a retelling in other words that denies as it goes."""

from negation_neglect.training.mitigate import rendered

SUMMARY = "each flagged document replaced by a denying paraphrase"
CITATION = "Mayne et al. 2026, arXiv 2605.13829 (paraphrase rewriting, replace); here from authored wordings instead of an LLM's"


def mitigate(setup):
    retold = rendered(setup, "local_negations", rounds_later=1)
    return setup.map(lambda e: retold[e.id])
