"""A header before each flagged document states the claim inside a frame that calls it false, so that the document adds nothing new about it."""

from negation_neglect.claims import claim_folder, load_claim
from negation_neglect.training.mitigate import prefixed

SUMMARY = "a header states the flagged claim as something false before the document does"
CITATION = "after inoculation prompting: Tan et al. 2025, arXiv 2510.04340"


def mitigate(setup):
    def head(e):
        return prefixed(e, f"[This text says something false: {load_claim(claim_folder(e.claim)).statement}]")

    return setup.map(head)
