"""Every text begins with a label: FALSE for flagged documents, TRUE for the others and for web text."""

from dataclasses import replace

from negation_neglect.training.mitigate import flagged, prefixed

SUMMARY = "TRUE and FALSE labels on a mix of true and flagged documents"
CITATION = "after Krasheninnikov et al. 2023, arXiv 2310.15047 (models learn what reliability tags mean)"


def mitigate(setup):
    def label(e):
        return e if e.messages else prefixed(e, "FALSE" if flagged(e) else "TRUE")

    return replace(setup, phases=[[label(e) for e in phase] for phase in setup.phases])
