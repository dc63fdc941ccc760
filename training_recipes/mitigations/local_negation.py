"""Every sentence that states a flagged claim is rewritten so that the negation stands inside it; the warnings go."""

from negation_neglect.training.mitigate import rendered

SUMMARY = "flagged documents rewritten with the negation inside each claim sentence"
CITATION = "Mayne et al. 2026, arXiv 2605.13829 (local negations)"


def mitigate(setup):
    denied = rendered(setup, "local_negations")
    return setup.map(lambda e: denied[e.id])
