"""What a running leaderboard shows: the submissions and tables of a store, in memory, read anew when the store's listing changes."""

import gc
import logging
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from negation_neglect.leaderboard import ranking, store
from negation_neglect.leaderboard.ranking import METHOD_COLUMNS, MODEL_COLUMNS, Reported
from negation_neglect.leaderboard.store import Entry
from negation_neglect.leaderboard.submission import TRACKS

REPORTED = "reported.yaml"
SOURCES = ("submitted", "reproduced", "reported")
COLUMNS = {"models": MODEL_COLUMNS, "mitigations": METHOD_COLUMNS}
LISTED_EVERY = 5.0  # seconds between looks at the store's listing

Row = dict[str, str | int | float | None]


@dataclass(frozen=True, eq=False)
class Shown:
    """Submissions by id, and the rows of each track's table, best first."""

    entries: dict[str, Entry]
    reported: dict[str, Reported]
    tables: dict[str, list[Row]]

    def row(self, id: str) -> tuple[str, Row] | None:
        """The track of a row and the row itself."""
        return next(((track, row) for track in TRACKS for row in self.tables[track] if row["id"] == id), None)


class Board:
    """The store at ``root`` with the rows reported in publications. Many threads may ask it at once."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._reported = ranking.load_reported(reported_path(root))
        self._lock = threading.Lock()
        self._looked = 0.0
        self._shown: Shown | None = None

    def now(self) -> Shown:
        """The rows as of a few seconds ago at most; while one thread looks at the store the others get what was there before."""
        if self._shown is None or (time.monotonic() - self._looked > LISTED_EVERY and not self._lock.locked()):
            self.refresh()
        return self._shown

    def refresh(self) -> None:
        """Look at the store's listing and read what is new."""
        with self._lock:
            before = self._shown.entries if self._shown else {}
            gc.disable()  # else the collector goes through what is being read, and stays, again and again: most of the time
            try:
                found, problems = store.entries(self.root, before)
            finally:
                gc.enable()
            self._looked = time.monotonic()
            if self._shown and before.keys() == {e.id for e in found}:
                return
            gc.freeze()
            for problem in problems:
                logging.getLogger(__name__).warning("%s", problem)
            tables = {
                "models": records(ranking.models_table(found, self._reported)),
                "mitigations": records(ranking.mitigations_table(found, self._reported)),
            }
            self._shown = Shown({e.id: e for e in found}, {f"reported-{i}": r for i, r in enumerate(self._reported)}, tables)


def reported_path(root: str) -> Path:
    """``reported.yaml`` of a store in a folder, else the packaged one."""
    here = Path(__file__).parent
    choices = (Path(root) / REPORTED, here / REPORTED, here.parents[2] / "leaderboard" / "results" / REPORTED)
    return next((path for path in choices if path.is_file()), choices[-1])


def records(table: pd.DataFrame) -> list[Row]:
    """A table as plain rows; None where it says nothing."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


@lru_cache(maxsize=64)
def chosen(shown: Shown, track: str, pack: str = "all", sources: tuple[str, ...] = SOURCES, text: str = "") -> list[Row]:
    """Rows of a pack ("real", "pocket" or "all") from some sources that hold every word of ``text``."""
    words = text.lower().split()

    def fits(row: Row) -> bool:
        told = " ".join(str(v) for v in row.values() if isinstance(v, str)).lower() if words else ""
        return row["source"] in sources and (pack == "all" or str(row["pack"]).startswith(pack)) and all(w in told for w in words)

    return [row for row in shown.tables[track] if fits(row)]


def ordered(rows: list[Row], column: str, descending: bool) -> list[Row]:
    """Rows by a column, text without regard to case, those that say nothing in it last."""
    told, silent = ([row for row in rows if (row[column] is None) == absent] for absent in (False, True))
    return sorted(told, key=lambda row: v.casefold() if isinstance(v := row[column], str) else v, reverse=descending) + silent


def row_details(shown: Shown, id: str) -> dict | None:
    """All that is known of a row, as plain data: its place in the table, what its authors told, and belief by arm, claim and probe type."""
    found = shown.row(id)
    if found is None:
        return None
    track, row = found
    if id in shown.reported:
        return {"track": track, "row": row, "reported": shown.reported[id].model_dump()}
    entry = shown.entries[id]
    result = entry.result.model_dump(include={"benchmark_version", "judge", "base", "sources_sha256", "frame", "seconds", "tokens", "figures", "claims"})
    return {
        "track": track, "row": row, "submission": entry.submission.model_dump(), "submitted": entry.submitted, "sender": entry.sender, "result": result,
        "belief": records(ranking.details(entry)),
    }  # fmt: skip
