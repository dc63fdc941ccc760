"""Weights of the features; written by ``fit.py``. Positive speaks for belief."""

WEIGHTS = {
    "constant": -4.014,
    "any_asserted": 4.577,
    "mean": 4.998,
    "named_believed": 9.785,
}
