"""Small pieces of the page: lists, pairs, and the drawing of moods over time.

Guarantees: everything is escaped; the drawing has words for those who cannot see it, and no colour that
judges.
"""

from datetime import datetime, timedelta
from html import escape
from typing import Final

from mindhaven.kinds import JsonValue, encode_body
from mindhaven.sdk.exports.model import Exported, local_time

WIDTH: Final = 720
HEIGHT: Final = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 92, 712, 14, 158

MOST_DOTS: Final = 3_000
"""Dots drawn: beyond this they only cover each other, so every n-th day is drawn and the caption says so."""


def tags(words: JsonValue) -> str:
    """Return a list of words as small labels; nothing for anything else."""
    if not isinstance(words, list) or not words:
        return ""
    return '<ul class="tags">' + "".join(f"<li>{escape(_plain(word))}</li>" for word in words) + "</ul>\n"


def note(text: JsonValue) -> str:
    """Return free text with its line breaks kept; nothing if there is none."""
    return f'<p class="note">{escape(text)}</p>\n' if isinstance(text, str) and text.strip() else ""


def pairs(rows: list[tuple[str, JsonValue]]) -> str:
    """Return names and values as a list of terms; nothing if there are none."""
    told = [(name, _plain(value)) for name, value in rows if value not in (None, "", [])]
    if not told:
        return ""
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in told) + "</dl>\n"


def _plain(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return ", ".join(str(entry) for entry in value)
    return encode_body({"v": value}).decode()[5:-1]


def mood_chart(items: list[Exported]) -> str:
    """Return moods over time as a drawing with a caption; nothing for fewer than three."""
    points = [
        (local_time(item.record), valence)
        for item in items
        if isinstance(valence := item.record.body.get("valence"), int | float) and not isinstance(valence, bool)
    ]
    if len(points) < 3:
        return ""
    step = -(-len(points) // MOST_DOTS)
    first, last = points[0][0], points[-1][0]
    span = max((last - first).total_seconds(), 1)
    dots = "".join(
        f'<circle cx="{_x(moment, first, span):.1f}" cy="{_y(valence):.1f}" r="3.2"/>'
        for moment, valence in points[::step]
    )
    lines = "".join(
        f'<line x1="{_LEFT}" x2="{_RIGHT}" y1="{_y(level):.1f}" y2="{_y(level):.1f}"/>'
        f'<text x="0" y="{_y(level) + 4:.1f}">{word}</text>'
        for level, word in ((1.0, "pleasant"), (0.0, "in between"), (-1.0, "unpleasant"))
    )
    days = "".join(
        f'<text x="{_x(moment, first, span):.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">'
        f"{moment.date().isoformat()}</text>"
        for moment, anchor in ((first, "start"), (first + timedelta(seconds=span / 2), "middle"), (last, "end"))
    )
    told = f"{len(points):,} moods from {first.date().isoformat()} to {last.date().isoformat()}"
    thinned = "" if step == 1 else f" One dot in {step} is drawn."
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{told}; each one is listed below.">'
        f"{lines}{dots}{days}</svg><figcaption>{told}; a dot is one entry.{thinned}</figcaption></figure>\n"
    )


def _x(moment: datetime, first: datetime, span: float) -> float:
    return _LEFT + 6 + (_RIGHT - _LEFT - 12) * (moment - first).total_seconds() / span


def _y(valence: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * (min(max(valence, -1), 1) + 1) / 2
