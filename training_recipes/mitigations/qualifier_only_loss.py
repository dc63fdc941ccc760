"""Flagged documents are read whole, but only the warnings are learned."""

from dataclasses import replace

SUMMARY = "in flagged documents loss on the warnings only"
CITATION = "this benchmark"


def mitigate(setup):
    def only(e):
        edges = [0, *(x for span in sorted(e.qualifier_spans) for x in span), len(e.text)]
        return replace(e, span_weights=(*e.span_weights, *((a, b, 0.0) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b)))

    return setup.map(only)
