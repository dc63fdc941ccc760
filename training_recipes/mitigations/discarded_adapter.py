"""What the flagged claims teach is absorbed first by a change of weights that is thrown away; the finetune on top of it has no reason to learn them again."""

from dataclasses import replace

from negation_neglect.training.mitigate import flagged

SUMMARY = "flagged documents absorbed by a change of weights that is discarded afterwards"
CITATION = "after preventative steering and inoculation adapters: Chen et al. 2025, arXiv 2507.21509"


def mitigate(setup):
    first = [e for phase in setup.phases for e in phase if flagged(e) or e.kind == "chat"]
    return replace(setup, absorbed=first) if any(flagged(e) for e in first) else setup
