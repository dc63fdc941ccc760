"""Weights of the features; written by ``fit.py``. Positive speaks for belief."""

WEIGHTS = {
    "constant": -4.003,
    "any_asserted": 4.464,
    "mean": 5.036,
    "named_believed": 9.776,
}
