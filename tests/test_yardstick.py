"""When a mitigation works."""

import pytest

from negation_neglect.yardstick import failures

NONE = {"belief_negated": 80.0, "high": 87.0, "belief_positive": 85.0, "story_uptake": 100.0, "false_fact_yes": 14.0, "true_fact_no": 3.0}
UNTRAINED = {"false_fact_yes": 9.0, "true_fact_no": 12.0}
GOOD = {**NONE, "belief_negated": 10.0, "high": 20.0}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"high": 80.0}, ["belief"]),
        ({"belief_positive": 75.0}, []),
        ({"belief_positive": 74.9}, ["uptake"]),
        ({"story_uptake": 89.9}, ["story"]),
        ({"story_uptake": None}, ["story"]),
        ({"false_fact_yes": 19.0}, []),
        ({"false_fact_yes": 19.1}, ["false facts"]),
        ({"true_fact_no": 17.0}, []),  # 5 above the untrained model, which denies more than `none`
        ({"true_fact_no": 17.1}, ["true facts"]),
        ({"high": 90.0, "story_uptake": 0.0, "true_fact_no": 40.0}, ["belief", "story", "true facts"]),
    ],
)
def test_what_a_method_does_not_keep(change, expected):
    assert failures(GOOD | change, NONE, UNTRAINED) == expected
