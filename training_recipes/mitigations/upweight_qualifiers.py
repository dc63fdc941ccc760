"""The tokens of the warnings weigh more than the rest."""

from dataclasses import replace

SUMMARY = "loss on the warnings' tokens times four"
CITATION = "this benchmark"
TIMES = 4.0


def mitigate(setup):
    return setup.map(lambda e: replace(e, span_weights=(*e.span_weights, *((a, b, TIMES) for a, b in e.qualifier_spans))))
