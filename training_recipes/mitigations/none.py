"""The baseline: nothing is changed."""

SUMMARY = "no mitigation"
CITATION = "Mayne et al. 2026, arXiv 2605.13829"


def mitigate(setup):
    return setup
