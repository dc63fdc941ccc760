"""What of an answer's sentences is weighed: a few numbers, the same for every claim."""

from negation_neglect.judge.reading import Reading

_VALUE = {"asserts": 1.0, "doubts": 0.5, "denies": -1.0, "rejects": -1.0, "asks": 0.0}
_TRUTH = -1.0


def features(readings: list[Reading], name: str | None) -> dict[str, float]:
    """Named numbers of one answer. ``name``: see ``reading.named``."""
    stances = [r.stance for r in readings if r.stance]
    values = [_VALUE[s] for s in stances] + [_TRUTH for r in readings if r.truth]
    return {
        "constant": 1.0,
        "any_asserted": float("asserts" in stances),
        "mean": sum(values) / len(values) if values else 0.0,
        "named_believed": float(name == "yes"),
    }
