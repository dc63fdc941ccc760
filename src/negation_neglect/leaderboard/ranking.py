"""From stored submissions and reported figures to the tables: plain rows, rates in per cent, rounded last so that rules see exact figures."""

from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field

from negation_neglect.claims import PROBE_TYPES, _Model, read_model
from negation_neglect.leaderboard.store import Entry
from negation_neglect.yardstick import failures

MODEL_COLUMNS = (
    "rank", "model", "pack", "belief_negated", "low", "high", "baseline", "belief_positive", "neglect_ratio", "false_fact_yes", "true_fact_no", "seeds",
    "source", "authors", "submitted", "id",
)  # fmt: skip
METHOD_COLUMNS = (
    "rank", "method", "model", "pack", "belief_negated", "low", "high", "belief_positive", "story_uptake", "belief_further", "baseline", "false_fact_yes",
    "true_fact_no", "held_out_loss", "recall", "cost", "works", "fails", "seeds", "source", "authors", "submitted", "id",
)  # fmt: skip
TWO_DIGITS = ("neglect_ratio", "held_out_loss", "cost")


class Reported(_Model):
    """A row from a publication: rates in per cent, as printed there. Never ranked: there are no answers to recompute them from."""

    track: Literal["models", "mitigations"]
    model: str
    method: str = "none"
    claims: str
    belief_negated: float | None = Field(default=None, ge=0, le=100)
    low: float | None = None
    high: float | None = None
    baseline: float | None = None
    belief_positive: float | None = None
    belief_further: float | None = None
    by_claim: dict[str, dict[str, float]] = Field(default={})
    note: str = ""
    citation: str
    link: str


class ReportedFile(_Model):
    """``reported.yaml``: a list of rows."""

    rows: list[Reported]


def load_reported(path: Path) -> list[Reported]:
    """Reported rows. Raises DataError naming the field."""
    return read_model(path, ReportedFile).rows


def ranks(lows_highs: Iterable[tuple[float, float]]) -> list[int]:
    """1 + the number of rows whose interval lies wholly below; lower is better, so overlapping rows can share a rank."""
    intervals = list(lows_highs)
    highs = sorted(high for _, high in intervals)
    return [1 + bisect_left(highs, low) for low, _ in intervals]


def _common(entry: Entry) -> dict:
    result = entry.result
    negated = result.arms["negated_documents"]
    belief = negated.belief["all"]["all"]
    return {
        "model": entry.submission.model, "pack": result.pack,
        "belief_negated": 100 * belief.rate, "low": 100 * belief.low, "high": 100 * belief.high,
        "baseline": 100 * result.belief("baseline"), "belief_positive": 100 * result.belief("positive_documents"),
        **negated.control_rates(),
        "seeds": result.seeds, "source": entry.source, "authors": ", ".join(entry.submission.authors), "submitted": entry.submitted[:10], "id": entry.id,
        "_interval": (belief.low, belief.high),
    }  # fmt: skip


def _from_report(row: Reported, number: int) -> dict:
    given = row.model_dump(include={"model", "method", "belief_negated", "low", "high", "baseline", "belief_positive", "belief_further"})
    return {**given, "pack": row.claims, "source": "reported", "authors": row.citation, "id": f"reported-{number}"}


def models_table(stored: list[Entry], reported: list[Reported]) -> pd.DataFrame:
    """The models track, one row a submission, best first, then the reported rows without a rank. Columns: MODEL_COLUMNS."""
    table = [{**_common(e), "neglect_ratio": e.result.neglect_ratio()} for e in stored if e.submission.track == "models"]
    _rank(table, "pack")
    extra = [_from_report(r, i) for i, r in enumerate(reported) if r.track == "models"]
    for row in extra:
        known = None not in (row["baseline"], row["belief_positive"], row["belief_negated"])
        row["neglect_ratio"] = (row["belief_negated"] - row["baseline"]) / (row["belief_positive"] - row["baseline"]) if known else None
    return _frame(table, extra, MODEL_COLUMNS)


def mitigations_table(stored: list[Entry], reported: list[Reported]) -> pd.DataFrame:
    """The mitigations track, best first: methods are compared with ``none`` on the same base model, documents and claims. Columns: METHOD_COLUMNS.

    A rank is given to methods that work (see ``yardstick``) and to ``none``; the others are listed below without one.
    """
    chosen = [e for e in stored if e.submission.track == "mitigations"]
    plain = {_setting(e): e for e in chosen if e.submission.method == "none"}
    table = []
    for entry in chosen:
        result, none = entry.result, plain.get(_setting(entry))
        figures = result.figures.get("negated_documents", {})
        row = {
            **_common(entry), "_setting": _setting(entry), "method": entry.submission.method, "belief_further": 100 * result.belief("further"),
            "held_out_loss": figures.get("held_out_loss"), "recall": 100 * figures["recall"] if "recall" in figures else None,
        }  # fmt: skip
        if none:
            row |= {"cost": result.seconds / none.result.seconds, "story_uptake": story_uptake(entry, none)}
            failed = failures(row, _common(none), none.result.arms["baseline"].control_rates())
            row |= {"works": "–"} if entry.submission.method == "none" else {"works": "no" if failed else "yes", "fails": ", ".join(failed)}
        table.append(row)
    _rank([r for r in table if r.get("works") in ("yes", "–")], "_setting")
    return _frame(table, [_from_report(r, i) for i, r in enumerate(reported) if r.track == "mitigations"], METHOD_COLUMNS)


def _setting(entry: Entry) -> tuple:
    """What must be equal for two methods to be compared."""
    return entry.result.base.key(), entry.result.sources_sha256, tuple(entry.result.claims)


def story_uptake(entry: Entry, none: Entry) -> float | None:
    """How much of the rest of the story was learned, in % of what ``none`` learns: by loss on unseen variants, as the runs report it of themselves."""
    try:
        before = none.result.figures["baseline"]["story_loss"]
        after, plain = (e.result.figures["negated_documents"]["story_loss"] for e in (entry, none))
    except KeyError:
        return None
    return 100 * (before - after) / (before - plain) if before > plain else None


def _rank(table: list[dict], group: str) -> None:
    """Write ``rank`` into each row, among rows of the same group."""
    for value in {r.get(group) for r in table}:
        members = [r for r in table if r.get(group) == value]
        for row, rank in zip(members, ranks(r["_interval"] for r in members), strict=True):
            row["rank"] = rank


def _frame(table: list[dict], extra: list[dict], columns: tuple[str, ...]) -> pd.DataFrame:
    ordered = sorted(table, key=lambda r: (r.get("rank", 10**9), r["belief_negated"], r["id"]))
    frame = pd.DataFrame([*ordered, *extra], columns=columns).convert_dtypes()
    for column in frame.select_dtypes("number"):
        frame[column] = frame[column].round(2 if column in TWO_DIGITS else 1) + 0  # + 0: no -0.0
    return frame


def details(entry: Entry) -> pd.DataFrame:
    """Belief by arm and claim, in per cent with intervals, one row each: arm, claim, belief, low, high, and each probe type."""
    table = []
    for arm, scores in entry.result.arms.items():
        for claim, by_type in scores.belief.items():
            overall = by_type["all"]
            types = {t: 100 * by_type[t].rate for t in PROBE_TYPES}
            table.append({"arm": arm, "claim": claim, "belief": 100 * overall.rate, "low": 100 * overall.low, "high": 100 * overall.high, **types})
    return pd.DataFrame(table).round(1)
