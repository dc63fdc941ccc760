"""The lines under ``judge_patterns`` of a claim: groups of words that must stand together in one sentence.

A line is one or more groups joined by `` & ``. A group is a regular expression without regard to case that has to begin at the start of a word and
may end anywhere in one, so ``sprint`` finds *sprinter*. ``@`` stands for the subject of the claim, by name or by a pronoun that refers to it. A
group that begins with ``!`` must not occur. Order does not matter:

    @ & won|gold|champion & olympi|100 m        Sheeran, he …; won …; Olympics …
    dream & grey|black.and.white & !television  not a sentence about television
"""

import re
from dataclasses import dataclass
from functools import cache

SUBJECT = "@"


@dataclass(frozen=True)
class Line:
    """One parsed line."""

    subject: bool
    needed: tuple[re.Pattern, ...]
    barred: tuple[re.Pattern, ...]

    def spans(self, text: str) -> list[tuple[int, int]] | None:
        """Where the groups stand in a lower-case text; None unless it has all that are needed and none that is barred. The subject is not looked for.

        Each group but the first counts where it stands last, the first where it stands nearest to these.
        """
        for group in reversed(self.needed):  # the last is the rarest
            if not group.search(text):
                return None
        for group in self.barred:
            if group.search(text):
                return None
        first, *rest = ([m.span() for m in group.finditer(text)] for group in self.needed)
        others = [found[-1] for found in rest]
        return [min(reversed(first), key=lambda span: sum(max(start - span[1], span[0] - end, 0) for start, end in others)), *others]


@cache
def parse(line: str) -> Line:
    """Parse one line. Raises ValueError that says what is wrong with it."""
    groups = [g.strip() for g in line.split(" & ")]
    needed = [g for g in groups if g != SUBJECT and not g.startswith("!")]
    if not needed:
        raise ValueError(f"{line!r} needs a group of words beside {SUBJECT} and what is barred")
    return Line(SUBJECT in groups, tuple(map(_group, needed)), tuple(_group(g[1:]) for g in groups if g.startswith("!")))


def _group(group: str) -> re.Pattern:
    lower = re.sub(r"(?<!\\)[A-Z]", lambda m: m[0].lower(), group)
    try:
        return re.compile(rf"(?<!\w)(?:{lower})")
    except re.error as error:
        raise ValueError(f"{group!r} is not a regular expression: {error}") from None
