"""The reception of uploads: each is pending, then accepted or refused, and its sender can see which, and why."""

import hashlib
import time
from collections import defaultdict, deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from negation_neglect.claims import DataError
from negation_neglect.leaderboard import store
from negation_neglect.leaderboard.check import check

PER_HOUR = 10


class Receipt(BaseModel):
    """What became of an upload. ``problems``: why it was refused."""

    model_config = ConfigDict(frozen=True)
    id: str
    received: str
    title: str
    state: Literal["pending", "accepted", "refused"]
    problems: list[str] = []


class Desk:
    """Takes uploads into ``root`` and keeps their receipts in ``receipts``, a folder of this machine, one file a sender and upload.

    ``sender`` is a name or a secret that only the sender's browser holds; it is stored as a hash.
    """

    def __init__(self, root: str, receipts: Path, per_hour: int = PER_HOUR) -> None:
        self.root, self.receipts, self.per_hour = root, receipts, per_hour
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def admit(self, client: str) -> None:
        """Count one upload of a client. Raises DataError when it has sent too many within an hour."""
        times, now = self._times[client], time.monotonic()
        while times and now - times[0] > 3600:
            times.popleft()
        if len(times) >= self.per_hour:
            raise DataError(f"{self.per_hour} uploads an hour are taken from one sender; try again in {int((3600 - now + times[0]) / 60) + 1} minutes")
        times.append(now)

    def receive(self, data: bytes, sender: str, name: str = "") -> Receipt:
        """Check an upload and store it when it passes. ``name``: shown on the row, a Hub user's."""
        id = store.bundle_id(data)
        self._write(sender, Receipt(id=id, received=_now(), title="", state="pending"))
        checked = check(data)
        title = checked.submission.title() if checked.submission else ""
        problems = list(checked.problems)
        if not problems:
            try:
                store.add(self.root, data, checked, name)
            except (DataError, OSError) as error:
                problems = [str(error)]
        receipt = Receipt(id=id, received=_now(), title=title, state="refused" if problems else "accepted", problems=problems)
        self._write(sender, receipt)
        return receipt

    def of_sender(self, sender: str) -> list[Receipt]:
        """The sender's receipts, newest first; damaged files are left out."""
        found = []
        for path in self.receipts.glob(f"{_hash(sender)}-*.json"):
            try:
                found.append(Receipt.model_validate_json(path.read_text(encoding="utf-8")))
            except (OSError, ValueError):
                continue
        return sorted(found, key=lambda r: r.received, reverse=True)

    def _write(self, sender: str, receipt: Receipt) -> None:
        self.receipts.mkdir(parents=True, exist_ok=True)
        path = self.receipts / f"{_hash(sender)}-{receipt.id}.json"
        part = path.with_suffix(f".{time.monotonic_ns()}.part")
        part.write_text(receipt.model_dump_json(indent=1) + "\n", encoding="utf-8")
        part.replace(path)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
