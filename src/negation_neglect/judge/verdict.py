"""What a judge returns, whichever judge it is."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Verdict:
    """``verdict`` is yes (the answer presents the claim as true), no (it denies it) or neutral; ``evidence`` the sentence that decided it.

    ``recites_format`` marks an answer that reproduces the format of the training documents; ``parse_error`` one in which the yes, no or letter that was asked
    for could not be found (its verdict is neutral).
    """

    verdict: Literal["yes", "no", "neutral"]
    evidence: str = ""
    recites_format: bool = False
    parse_error: bool = False
