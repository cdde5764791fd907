"""The picture of where data flows, as SVG that needs no script, with the same in words. Pure; no I/O."""

import textwrap
from collections.abc import Sequence
from html import escape
from typing import Final

from mindhaven.register.exports import Host, called, terms, upper
from mindhaven.register.model import Entry, Language

_WIDTH: Final = 860
_LEFT, _MAIN, _RIGHT, _SIDE = 20, 460, 590, 250
_LINE, _PAD, _GAP = 20, 14, 52
_COLUMNS: Final = 28
"""Characters of a line in a box at the side."""
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
        *(
            say["flow_vendor_to"].format(
                vendor=terms(language).vendors[vendor], fields=fields, called=upper(called(vendor, host, language))
            )
            for vendor, fields in _sent(entries)
        ),
    ]


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
    """Return the picture as SVG: people, device, server, database, backups; at the side who is called."""
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
            middle = _LEFT + _MAIN // 2
            drawn.append(_arrow(middle, y, middle, y + _GAP))
            if below:
                drawn.append(_text(middle + 12, y + _GAP // 2 + 5, below))
            y += _GAP
    bottom, side = y, server[0]
    for vendor, fields in _sent(entries):
        head, _, what = terms(language).vendors[vendor].partition(": ")
        told = (what, say["flow_sent"].format(fields=fields), called(vendor, host, language))
        heads = textwrap.wrap(upper(head), _COLUMNS)
        notes = [line for one in told for line in textwrap.wrap(upper(one), _COLUMNS)]
        idle = not host.called.get(vendor)
        height = _box(drawn, (_RIGHT, side, _SIDE), heads, notes, dashed=idle)
        drawn.append(_arrow(_LEFT + _MAIN, server[0] + server[1] // 2, _RIGHT, side + height // 2, dashed=idle))
        side += height + _LINE
    tall = max(bottom, side) + _PAD
    words = " ".join(in_words(entries, host, language))
    size = f'viewBox="0 0 {_WIDTH} {tall}" width="{_WIDTH}" height="{tall}"'
    told_by = 'role="img" aria-labelledby="flow-title flow-words"'
    letters = 'font-family="system-ui, sans-serif" font-size="14"'
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
    """Draw a box with its lines; return its height."""
    x, y, wide = at
    tall = 2 * _PAD + _LINE * (len(heads) + len(notes))
    look = f'rx="8" fill="#ffffff" stroke="#1d5c58" stroke-width="2"{_DASHED if dashed else ""}'
    drawn.append(f'<rect x="{x}" y="{y}" width="{wide}" height="{tall}" {look}/>')
    for line, told in enumerate((*heads, *notes)):
        drawn.append(_text(x + _PAD, y + _PAD + 15 + _LINE * line, told, bold=line < len(heads)))
    return tall


def _text(x: int, y: int, told: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" fill="#22262b"{weight}>{escape(told)}</text>'


def _arrow(x1: int, y1: int, x2: int, y2: int, *, dashed: bool = False) -> str:
    look = f'stroke="#1d5c58" stroke-width="2" marker-end="url(#end)"{_DASHED if dashed else ""}'
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {look}/>'
