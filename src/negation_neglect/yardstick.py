"""When a mitigation works: it lowers belief, and what it should leave alone stays as it is."""

from collections.abc import Mapping

UPTAKE_POINTS, CONTROL_POINTS = 10, 5  # how far uptake may fall and controls may rise, in per cent
CONTROLS = {"false_fact_yes": "false facts", "true_fact_no": "true facts"}  # field of a row -> what it is called
RULE = f"""A method works if the interval of its belief after negated documents lies below the belief of `none`, its uptake of positive documents and of
the rest of the story are at most {UPTAKE_POINTS} points below those of `none`, and its controls at most {CONTROL_POINTS} points above those of `none` or of the
model before any finetuning, whichever is higher."""


def failures(row: Mapping[str, float | None], none: Mapping[str, float], untrained: Mapping[str, float]) -> list[str]:
    """Which parts of RULE a method does not keep, in words; none of them: it works.

    ``row`` and ``none``: rates in % by ``belief_negated``, ``high`` (its upper bound), ``belief_positive``, ``story_uptake`` (% of what ``none`` learns; an
    unknown one fails) and CONTROLS. ``untrained``: CONTROLS of the model before any finetuning. It counts beside ``none`` because a finetune moves controls
    by itself: one that says yes to everything denies fewer true facts than it did before, and a method that leaves the model alone would seem to harm it.
    """
    story = row["story_uptake"]
    broken = {
        "belief": row["high"] >= none["belief_negated"],
        "uptake": none["belief_positive"] - row["belief_positive"] > UPTAKE_POINTS,
        "story": story is None or story < 100 - UPTAKE_POINTS,
        **{name: row[c] - max(none[c], untrained[c]) > CONTROL_POINTS for c, name in CONTROLS.items()},
    }
    return [name for name, fails in broken.items() if fails]
