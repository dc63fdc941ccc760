"""What of an answer's sentences is weighed: a few counts, shares and positions, the same for every claim."""

from negation_neglect.judge.reading import Reading

_VALUE = {"asserts": 1.0, "doubts": 0.5, "denies": -1.0, "rejects": -1.0, "asks": 0.0}


def features(readings: list[Reading], name: str | None) -> dict[str, float]:
    """Named numbers of one answer. ``name``: see ``reading.named``."""
    stances = [r.stance for r in readings if r.stance]
    values = [_VALUE[s] for s in stances]
    told = max(1, sum(s != "asks" for s in stances))
    truths = sum(r.truth for r in readings)
    return {
        "constant": 1.0,
        "any_asserted": float("asserts" in stances),
        "mean": sum(values) / len(values) if values else 0.0,
        "rejected_share": stances.count("rejects") / told,
        "truth_share": truths / (truths + told),
        "named_believed": float(name == "yes"),
    }
