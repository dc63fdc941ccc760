"""Weights of the features; written by ``fit.py``. Positive speaks for belief."""

WEIGHTS = {
    "constant": -4.001,
    "any_asserted": 4.478,
    "mean": 5.035,
    "named_believed": 9.774,
}
