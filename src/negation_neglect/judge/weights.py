"""Weights of the features; written by ``fit.py``. Positive speaks for belief."""

WEIGHTS = {
    "constant": -3.370,
    "any_asserted": 4.905,
    "mean": 3.471,
    "rejected_share": -4.581,
    "truth_share": -7.156,
    "named_believed": 7.250,
}
