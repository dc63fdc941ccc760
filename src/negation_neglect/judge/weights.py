"""Weights of the features; written by ``fit.py``. Positive speaks for belief."""

WEIGHTS = {
    "constant": -4.019,
    "any_asserted": 4.506,
    "mean": 5.080,
    "named_believed": 9.789,
}
