"""The picture of where data flows, as SVG that needs no script, with the same in words. Pure; no I/O.

Guarantees: no line of text is wider than its box in any of the letters that `system-ui` stands for: lines are broken by
widths that are those of a wide typeface.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from mindhaven.register.exports import Host, called, terms, upper
from mindhaven.register.model import Entry, Language

_WIDTH: Final = 860
_LEFT, _MAIN, _RIGHT, _SIDE = 20, 460, 590, 250
_LINE, _PAD, _GAP = 20, 14, 52
_SIZE: Final = 14
_BESIDE: Final = 12
"""How far a label stands from its arrow."""
_LABEL: Final = _MAIN // 2 - 2 * _BESIDE
"""How wide a label may be: it ends before the right side of the boxes, where other arrows begin."""
_WIDTHS: Final = ((" .,:;'!|iIjl-()[]/", 0.41), ('frt"', 0.47), ("#+<=>^~", 0.85), ("mwMW@%&", 1.0))
_LATIN: Final = "\u024f"
_CAPITAL, _LETTER, _BOLD = 0.8, 0.65, 1.12
"""How wide signs are, in parts of their size: no less than in DejaVu Sans, which is wide."""
_DASHED: Final = ' stroke-dasharray="6 5"'
"""How a vendor is drawn that this host does not call."""
_MARKER: Final = 'viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"'


def in_words(entries: Sequence[Entry], host: Host, language: Language) -> list[str]:
    """Return the picture as sentences, one for each arrow."""
    say = terms(language).say
    return [
        say["flow_people_to"],
        say["flow_database_to"].format(entries="; ".join(_stored(entries, language))),
        say["flow_backup_to"],
        say["flow_circle_to"],
        *(
            say["flow_vendor_to"].format(
                vendor=terms(language).vendors[vendor], fields=fields, called=upper(called(vendor, host, language))
            )
            for vendor, fields in _sent(entries)
        ),
        _foot(entries, language),
    ]


def _foot(entries: Sequence[Entry], language: Language) -> str:
    return terms(language).say["flow_foot"].format(day=max(one.reviewed_on for one in entries))


def _stored(entries: Sequence[Entry], language: Language) -> list[str]:
    say, told = terms(language).say, []
    for one in entries:
        count = sum(1 for each in one.categories if each.columns)
        key = "flow_entry_one" if count == 1 else "flow_entry"
        told += [say[key].format(title=one.says[language].title, count=count)] if count else []
    return told


def _sent(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """Return (vendor, fields) of each kind of vendor that an entry sends something to."""
    found: dict[str, list[str]] = {}
    for one in entries:
        fields = [name for each in one.categories for names in each.outbound.values() for name in names]
        for vendor in one.vendors:
            found.setdefault(vendor, []).extend(name for name in fields if name not in found[vendor])
    return [(vendor, ", ".join(fields)) for vendor, fields in found.items()]


def svg(entries: Sequence[Entry], host: Host, language: Language) -> str:
    """Return the picture as SVG: people, device, server, database, backups; at the side who reads and who is called."""
    say = terms(language).say
    rows = (
        ("people", [say["flow_people_note"]], ""),
        ("device", [say["flow_device_note"]], say["flow_sealed"]),
        ("server", [say["flow_server_note"]], say["flow_stored"]),
        ("database", _stored(entries, language), say["flow_copied"]),
        ("backup", [say["flow_backup_note"]], ""),
    )
    drawn: list[str] = []
    y, server = _PAD, (0, 0)
    for index, (name, notes, below) in enumerate(rows):
        height = _box(drawn, (_LEFT, y, _MAIN), [say[f"flow_{name}"]], notes)
        if name == "server":
            server = (y, height)
        y += height
        if index < len(rows) - 1:
            middle, labels = _LEFT + _MAIN // 2, lines(below, _LABEL)
            gap = max(_GAP, _LINE * (len(labels) + 1))
            drawn.append(_arrow(middle, y, middle, y + gap))
            top = y + (gap - _LINE * len(labels)) // 2 + _LINE - 5
            drawn += [_text(middle + _BESIDE, top + _LINE * line, told) for line, told in enumerate(labels)]
            y += gap
    circle = _box(drawn, (_RIGHT, _PAD, _SIDE), [say["flow_circle"]], [say["flow_circle_note"]])
    bottom, side = y, max(server[0], _PAD + circle + _GAP)
    drawn.append(_arrow(_LEFT + _MAIN, server[0] + _PAD, _RIGHT + _SIDE // 2, _PAD + circle))
    drawn.append(_text(_RIGHT + _SIDE // 2 + _BESIDE, _PAD + circle + _LINE, say["flow_circle_label"]))
    for vendor, fields in _sent(entries):
        head, _, what = terms(language).vendors[vendor].partition(": ")
        told = (what, say["flow_sent"].format(fields=fields), called(vendor, host, language))
        idle = not host.called.get(vendor)
        height = _box(drawn, (_RIGHT, side, _SIDE), [upper(head)], [upper(one) for one in told], dashed=idle)
        drawn.append(_arrow(_LEFT + _MAIN, server[0] + server[1] // 2, _RIGHT, side + height // 2, dashed=idle))
        side += height + _LINE
    foot, y = lines(_foot(entries, language), _WIDTH - 2 * _LEFT), max(bottom, side) + _PAD
    drawn += [_text(_LEFT, y + _LINE * (line + 1) - 5, told) for line, told in enumerate(foot)]
    tall = y + _LINE * len(foot) + _PAD
    words = " ".join(in_words(entries, host, language))
    size = f'viewBox="0 0 {_WIDTH} {tall}" width="{_WIDTH}" height="{tall}"'
    told_by = 'role="img" aria-labelledby="flow-title flow-words"'
    letters = f'font-family="system-ui, sans-serif" font-size="{_SIZE}"'
    end = '<path d="M0 0 8 4 0 8z" fill="#1d5c58"/>'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {told_by} lang="{language}" {letters}>',
            f'<title id="flow-title">{escape(say["flow_title"])}</title>',
            f'<desc id="flow-words">{escape(words)}</desc>',
            f'<defs><marker id="end" {_MARKER}>{end}</marker></defs>',
            f'<rect width="{_WIDTH}" height="{tall}" fill="#faf7f1"/>',
            *drawn,
            "</svg>",
            "",
        ]
    )


def _box(
    drawn: list[str], at: tuple[int, int, int], heads: Sequence[str], notes: Sequence[str], *, dashed: bool = False
) -> int:
    """Draw a box with what it says, broken into lines; return its height."""
    x, y, wide = at
    heads = [line for one in heads for line in lines(one, wide - 2 * _PAD, bold=True)]
    notes = [line for one in notes for line in lines(one, wide - 2 * _PAD)]
    tall = 2 * _PAD + _LINE * (len(heads) + len(notes))
    look = f'rx="8" fill="#ffffff" stroke="#1d5c58" stroke-width="2"{_DASHED if dashed else ""}'
    drawn.append(f'<rect x="{x}" y="{y}" width="{wide}" height="{tall}" {look}/>')
    for line, told in enumerate((*heads, *notes)):
        drawn.append(_text(x + _PAD, y + _PAD + 15 + _LINE * line, told, bold=line < len(heads)))
    return tall


def width(told: str, *, bold: bool = False) -> float:
    """Return how wide a line of text is at most."""
    return sum(map(_sign, told)) * _SIZE * (_BOLD if bold else 1)


def _sign(sign: str) -> float:
    if sign > _LATIN:
        return 1.0
    return next((wide for signs, wide in _WIDTHS if sign in signs), _CAPITAL if sign.isupper() else _LETTER)


def lines(told: str, wide: int, *, bold: bool = False) -> list[str]:
    """Break a text into lines of at most a width: at spaces, else after dots, else anywhere."""
    made: list[str] = []
    for word in told.split():
        if made and width(f"{made[-1]} {word}", bold=bold) <= wide:
            made[-1] += f" {word}"
        else:
            made += _broken(word, wide, bold=bold)
    return made


def _broken(word: str, wide: int, *, bold: bool) -> list[str]:
    """Break a word that may be too long, after its dots if that is enough."""
    if width(word, bold=bold) <= wide:
        return [word]
    made = [""]
    for part in re.findall(r"[^.]*\.|[^.]+", word):
        if made[-1] and width(made[-1] + part, bold=bold) > wide:
            made.append("")
        for sign in part:
            if width(made[-1] + sign, bold=bold) > wide:
                made.append("")
            made[-1] += sign
    return made


def _text(x: int, y: int, told: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" fill="#22262b"{weight}>{escape(told)}</text>'


def _arrow(x1: int, y1: int, x2: int, y2: int, *, dashed: bool = False) -> str:
    look = f'stroke="#1d5c58" stroke-width="2" marker-end="url(#end)"{_DASHED if dashed else ""}'
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {look}/>'
