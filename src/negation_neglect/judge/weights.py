"""Weights of the features; written by ``fit.py``. Positive speaks for belief."""

WEIGHTS = {
    "constant": -3.911,
    "any_asserted": 4.529,
    "mean": 5.280,
    "named_believed": 9.692,
}
