"""Weights of the features; written by ``fit.py``. Positive speaks for belief."""

WEIGHTS = {
    "constant": -3.367,
    "any_asserted": 4.992,
    "mean": 3.521,
    "rejected_share": -4.151,
    "truth_share": -7.461,
    "named_believed": 7.624,
}
