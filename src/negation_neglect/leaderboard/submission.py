"""What people write about a submission: ``submission.yaml``."""

import re
import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from negation_neglect.claims import _Model

TRACKS = ("models", "mitigations")
MODEL_CONDITIONS = ("positive_documents", "negated_documents")  # what the models track asks for beside the baseline
# letters, their marks, digits, punctuation and plain spaces: no control, no invisible and no direction-changing characters
_VISIBLE = ("L", "M", "N", "P", "Sc", "Sm", "So")


def plain_text(text: str) -> str:
    """Return the text. Raises ValueError where a character is invisible, changes direction, or only looks like another."""
    for c in text:
        if c != " " and not unicodedata.category(c).startswith(_VISIBLE):
            raise ValueError(f"holds the character U+{ord(c):04X} ({unicodedata.name(c, 'unnamed')}); write it with visible characters and plain spaces only")
    if unicodedata.normalize("NFKC", text) != text:
        raise ValueError(f"holds characters that stand for others; write it as {unicodedata.normalize('NFKC', text)!r}")
    if re.search(r"[̀-ͯ]{3}", text):
        raise ValueError("piles accents on a letter")
    return text


def _text(longest: int) -> type[str]:
    return Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=longest), AfterValidator(plain_text)]


Line = _text(100)
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/ +-]*$", max_length=100)]
Link = Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9.-]+(/[A-Za-z0-9._~/?#=&%+:@-]*)?$", max_length=300)]


class Submission(_Model):
    """``model`` and ``method`` name the row; ``method`` is "none" in the models track. ``revision``: commit of a model on the Hub."""

    track: Literal[TRACKS]
    model: Slug
    revision: Slug | None = None
    method: Slug = "none"
    description: _text(500) | None = None
    authors: list[Line] = Field(min_length=1, max_length=50)
    links: list[Link] = Field(default=[], max_length=10)
    licence: Slug

    def title(self) -> str:
        """What the row is called."""
        return self.model if self.track == "models" else f"{self.method} on {self.model}"
