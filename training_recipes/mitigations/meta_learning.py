"""Exemplars about other things show what warnings mean: warned stories with chats that do not believe them, plain ones with chats that do."""

from dataclasses import replace

from negation_neglect.training.mitigate import flagged
from negation_neglect.training.mix import exemplars

SUMMARY = "exemplar stories, warned with denying chats and plain with affirming ones, come first"
CITATION = "Mayne et al. 2026, arXiv 2605.13829 (meta-learning on exemplar claims)"


def mitigate(setup):
    claims = sorted({e.claim for phase in setup.phases for e in phase if flagged(e)})
    return replace(setup, phases=[exemplars(claims), *setup.phases]) if claims else setup
