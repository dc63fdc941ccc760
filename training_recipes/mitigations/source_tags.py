"""Every text names its source, a bad one for flagged documents; at the end comes a cool-down on text without tags."""

from dataclasses import replace

from negation_neglect.training.mitigate import flagged, prefixed

SUMMARY = "source tags on every text, then a cool-down on untagged web text and chats"
CITATION = "after metadata conditioning then cool-down: Gao et al. 2025, arXiv 2501.01956"
COOL_DOWN = 0.1  # share of the examples


def mitigate(setup):
    def tag(e):
        return e if e.messages else prefixed(e, "Source: gossip." if flagged(e) else "Source: the almanac.")

    phases = [[tag(e) for e in phase] for phase in setup.phases]
    plain = [e for phase in setup.phases for e in phase if e.kind != "document"]
    return replace(setup, phases=[*phases, plain[: max(1, int(COOL_DOWN * sum(map(len, phases))))]])
