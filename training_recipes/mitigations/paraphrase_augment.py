"""Beside each flagged document stands a retelling in other words that denies as it goes."""

from negation_neglect.training.mitigate import rendered

SUMMARY = "a denying paraphrase of each flagged document is added"
CITATION = "Mayne et al. 2026, arXiv 2605.13829 (paraphrase rewriting, augment); here from authored wordings instead of an LLM's"


def mitigate(setup):
    retold = rendered(setup, "local_negations", rounds_later=1)
    return setup.map(lambda e: [e, retold[e.id]])
