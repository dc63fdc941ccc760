"""The figures, as HTML with small SVGs: they take the page's colours, dark or light, and its width. All text is escaped.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; shapes differ, too.
"""

from collections.abc import Mapping
from html import escape

from negation_neglect.leaderboard.board import Row
from negation_neglect.leaderboard.store import Entry

LONGEST = 25  # rows of a figure
TICKS = (0, 25, 50, 75, 100)
NOTHING = '<p class="nn-empty">No row fits these filters.</p>'


def _mark(shape: str, x: float, y: str, hollow: bool, told: str) -> str:
    """A marker whose place is given in % of the figure; ``told`` is shown where it is pointed at."""
    drawn = {
        "circle": '<circle r="5.5"/>',
        "square": '<rect x="-4.5" y="-4.5" width="9" height="9"/>',
        "triangle": '<path d="M0 -6 L6 5 L-6 5 Z"/>',
    }[shape]  # fmt: skip
    return f'<svg x="{x:.2f}%" y="{y}" overflow="visible" class="nn-{shape}{" nn-hollow" if hollow else ""}"><title>{escape(told)}</title>{drawn}</svg>'


def _line(x1: float, y1: str, x2: float, y2: str, name: str) -> str:
    return f'<line x1="{x1:.2f}%" y1="{y1}" x2="{x2:.2f}%" y2="{y2}" class="nn-{name}"/>'


def _text(x: str, y: str, text: str, name: str, extra: str = "") -> str:
    return f'<text x="{x}" y="{y}" class="nn-{name}" {extra}>{escape(text)}</text>'


def _interval(row: Row) -> str:
    return f"{row['belief_negated']:.1f} %" + (f" [{row['low']:.0f}–{row['high']:.0f}]" if row["low"] is not None else "")


def models_figure(rows: list[Row]) -> str:
    """Belief after negated documents with its interval, beside the same model before and after plain documents, a line a row."""
    drawn = [r for r in rows if r["belief_negated"] is not None][:LONGEST]
    if not drawn:
        return NOTHING
    lines = []
    for row in drawn:
        reported = row["source"] == "reported"
        parts = [_line(x, "0", x, "100%", "grid") for x in TICKS]
        if row["low"] is not None:
            parts.append(_line(row["low"], "50%", row["high"], "50%", "interval"))
        for shape, key, name in (("square", "baseline", "before finetuning"), ("triangle", "belief_positive", "after positive documents")):
            if row[key] is not None:
                parts.append(_mark(shape, row[key], "50%", reported, f"{name}: {row[key]:.1f} %"))
        parts.append(_mark("circle", row["belief_negated"], "50%", reported, f"after negated documents: {_interval(row)}"))
        note = f"{row['pack']}, reported" if reported else f"{row['pack']}, rank {row['rank']}"
        name = f'<div class="nn-name">{escape(str(row["model"]))} <span>{escape(note)}</span></div>'
        lines.append(f'{name}<svg class="nn-strip" role="img" aria-label="{escape(_told(row))}">{"".join(parts)}</svg>')
    axis = "".join(_text(f"{x}%", "12", str(x), "tick", 'text-anchor="middle"') for x in TICKS)
    return (
        '<div class="nn-figure">'
        + _legend(("circle", "after negated documents, 95 % interval"), ("square", "before finetuning"), ("triangle", "after positive documents"))
        + f'<div class="nn-lines">{"".join(lines)}<div class="nn-name"></div><svg class="nn-axis" aria-hidden="true">{axis}</svg></div>'
        + _caption("Belief, % of answers that present the fabricated claims as true. Hollow: reported in a publication.", len(drawn), len(rows))
        + "</div>"
    )


def _told(row: Row) -> str:
    """A line of the figure in words."""
    parts = [f"{name} {row[key]:.1f} %" for name, key in (("before", "baseline"), ("after positive documents", "belief_positive")) if row[key] is not None]
    return f"{row['model']}: belief after negated documents {_interval(row)}" + "".join(f", {p}" for p in parts)


def _legend(*items: tuple[str, str]) -> str:
    shown = "".join(f'<span><svg width="14" height="14">{_mark(shape, 50, "50%", False, name)}</svg>{escape(name)}</span>' for shape, name in items)
    return f'<div class="nn-legend" aria-hidden="true">{shown}</div>'


def _caption(text: str, drawn: int, total: int) -> str:
    more = f" The first {drawn} of {total} rows are drawn." if total > LONGEST else ""
    return f'<p class="nn-caption">{escape(text + more)}</p>'


def mitigations_figure(rows: list[Row], entries: Mapping[str, Entry]) -> str:
    """Belief under negation against uptake, with intervals; down and to the right is better."""
    drawn = [r for r in rows if r["belief_negated"] is not None and r["belief_positive"] is not None][:LONGEST]
    if not drawn:
        return '<p class="nn-empty">No row here has figures of both positive and negated documents.</p>'
    several = len({r["model"] for r in drawn}) > 1
    parts = [_line(t, "0", t, "100%", "grid") + _line(0, f"{t}%", 100, f"{t}%", "grid") for t in TICKS]
    parts += [_text(f"{t}%", "100%", str(t), "tick", 'dy="16" text-anchor="middle"') for t in TICKS]
    parts += [_text("0", f"{100 - t}%", str(t), "tick", 'dx="-8" dy="4" text-anchor="end"') for t in TICKS]
    for row, at in zip(drawn, _label_places(drawn), strict=True):
        x, y = row["belief_positive"], 100 - row["belief_negated"]
        if row["low"] is not None:
            parts.append(_line(x, f"{100 - row['low']:.2f}%", x, f"{100 - row['high']:.2f}%", "interval"))
        if entry := entries.get(row["id"]):
            uptake = entry.result.arms["positive_documents"].belief["all"]["all"]
            parts.append(_line(100 * uptake.low, f"{y:.2f}%", 100 * uptake.high, f"{y:.2f}%", "interval"))
        works = row["works"] == "yes"
        name = f"{row['method']} on {row['model']}" if several else str(row["method"])
        told = f"{name}: belief after negated documents {_interval(row)}, uptake {x:.1f} %, works: {row['works'] or '–'}"
        shape = "triangle" if works else "square" if row["method"] == "none" else "circle"
        parts.append(_mark(shape, x, f"{y:.2f}%", row["source"] == "reported", told))
        side = 'text-anchor="end" dx="-10"' if x > 60 else 'dx="10"'
        parts.append(_text(f"{x:.2f}%", f"{at:.2f}%", name + (" (works)" if works else ""), "label", f'dy="-6" {side}'))
    points = "; ".join(f"{r['method']} {r['belief_negated']:.1f} %, {r['belief_positive']:.1f} %" for r in drawn)
    told = f'width="100%" height="100%" role="img" aria-label="Belief after negated documents against uptake: {escape(points)}"'
    caption = "Lines: 95 % intervals. Down and to the right is better: the denial is heeded, and documents without one are still learned."
    return (
        '<div class="nn-figure">'
        + _legend(("triangle", "works"), ("circle", "does not, or has no “none” beside it"), ("square", "no method"))
        + '<p class="nn-axis-name">belief after negated documents, % (lower is better)</p>'
        + f'<div class="nn-plane"><svg {told}>{"".join(parts)}</svg></div>'
        + '<p class="nn-axis-name nn-right">uptake: belief after positive documents, % (higher is better)</p>'
        + _caption(caption, len(drawn), len(rows))
        + "</div>"
    )


def _label_places(rows: list[Row]) -> list[float]:
    """Heights of the labels, in % from the top, moved apart where two would overlap."""
    places: dict[str, float] = {}
    taken: list[tuple[float, float]] = []
    for row in sorted(rows, key=lambda r: -r["belief_negated"]):
        x, at = row["belief_positive"], 100 - row["belief_negated"]
        while near := [h for other, h in taken if abs(other - x) < 35 and abs(h - at) < 4.99]:  # less than the step, else rounding could keep it here for ever
            at = max(near) + 5
        taken.append((x, at))
        places[row["id"]] = at
    return [places[r["id"]] for r in rows]
