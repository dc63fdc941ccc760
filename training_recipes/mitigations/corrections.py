"""The warnings around a flagged document and its claim sentences state the true version where there is one."""

from negation_neglect.training.mitigate import rendered

SUMMARY = "warnings that state what is true instead"
CITATION = "Mayne et al. 2026, arXiv 2605.13829 (corrected documents)"


def mitigate(setup):
    corrected = rendered(setup, "corrected_documents")
    return setup.map(lambda e: corrected[e.id])
