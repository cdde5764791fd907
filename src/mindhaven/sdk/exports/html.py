"""One readable page of all records, for a person: opens offline in any browser, prints well.

Guarantees: no script, no link to anywhere, no image; a Content-Security-Policy that allows only the page's
own style by its hash; everything that a person wrote is escaped; kinds that nobody knows are listed too; the
plan for hard times comes first.
Does not: judge (no red scores, no streaks) or use the clock. I/O: the file object it is given.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources
from itertools import groupby
from typing import BinaryIO, Final

from mindhaven.kinds import kind_named
from mindhaven.sdk.exports.html_entries import entry_html, plan_html
from mindhaven.sdk.exports.html_marks import mood_chart
from mindhaven.sdk.exports.model import Exported, in_order, kind_of, local_time, utc_text

PLAN: Final = "mindhaven/plan"
ORDER: Final = ("plan", "mood", "journal", "checkup", "sleep", "mindful", "medication", "symptom", "factor", "craving")
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def write_html(items: Iterable[Exported], target: BinaryIO, *, made_at: int, title: str = "My records") -> None:
    """Write the page of `items` to `target`, in UTF-8.

    `made_at`: unix milliseconds, told in the footer; `title`: neutral by default, because tabs and file lists
    show it.
    """
    groups: dict[str, list[Exported]] = {}
    for item in in_order(items):
        groups.setdefault(item.record.kind, []).append(item)
    names = sorted(groups, key=_place)
    for part in _page(groups, names, made_at, title):
        target.write(part.encode("utf-8", "replace"))


def _place(kind: str) -> tuple[int, str]:
    short = kind.removeprefix("mindhaven/")
    known = short in ORDER and kind.startswith("mindhaven/")
    return (ORDER.index(short) if known else len(ORDER) + (kind_named(kind) is None), kind)


def _page(groups: dict[str, list[Exported]], names: list[str], made_at: int, title: str) -> Iterator[str]:
    style = resources.files(__package__).joinpath("page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    total = sum(len(group) for group in groups.values())
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#records">Skip to the records</a>\n<div class="page">\n'
        f"<header>\n<h1>{escape(title)}</h1>\n"
        f'<p class="lead">{_count(total, "record")}{_range(groups)}. Everything is in this one file: it needs no '
        "connection, runs nothing and tells nobody that you opened it.</p>\n"
        '<p class="caution">Whoever has this file can read all of it. Keep it where you would keep a diary.</p>\n'
    )
    yield '<nav aria-label="Kinds of records"><ul>\n'
    for name in names:
        told = f'{escape(_title(name))} <span class="count">{len(groups[name])}</span>'
        yield f'<li><a href="#{_anchor(name)}">{told}</a></li>\n'
    yield '</ul></nav>\n</header>\n<main id="records">\n'
    for name in names:
        yield from _section(name, groups[name])
    if not names:
        yield "<p>There are no records in this file.</p>\n"
    made = utc_text(made_at)
    yield (
        f'</main>\n<footer><p>Made by Mindhaven on <time datetime="{made}">{made[:10]}</time>. Times are those of '
        "the writer's clock when each record was made.</p></footer>\n</div>\n</body>\n</html>\n"
    )


def _section(name: str, items: list[Exported]) -> Iterator[str]:
    anchor = _anchor(name)
    shown = ' class="plan"' if name == PLAN else ""
    yield f'<section id="{anchor}" aria-labelledby="{anchor}-h"{shown}>\n'
    yield f'<h2 id="{anchor}-h">{escape(_title(name))}</h2>\n'
    if kind_named(name) is None:
        yield f'<p class="lead">Kept by another app as <code>{escape(name)}</code>; shown as it is stored.</p>\n'
    if name == "mindhaven/mood":
        yield mood_chart([item for item in items if not item.author_name and kind_of(item.record)])
    newest_first = list(reversed(items))
    if name == PLAN:
        for item in newest_first:
            yield entry_html(item) if kind_of(item.record) is None else plan_html(item)
    else:
        for (year, month), group in groupby(newest_first, key=lambda item: _month(item)):
            yield f'<h3 class="month">{_MONTHS[month - 1]} {year}</h3>\n'
            for item in group:
                yield entry_html(item)
    yield "</section>\n"


def _month(item: Exported) -> tuple[int, int]:
    moment = local_time(item.record)
    return moment.year, moment.month


def _title(name: str) -> str:
    kind = kind_named(name)
    return kind.title if kind is not None else name


def _anchor(name: str) -> str:
    return "k-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _range(groups: dict[str, list[Exported]]) -> str:
    moments = [
        local_time(item.record).date()
        for name, group in groups.items()
        for item in (group[0], group[-1])
        if (kind := kind_named(name)) is None or not kind.timeless
    ]
    if not moments:
        return ""
    first, last = min(moments), max(moments)
    return f" of {first.isoformat()}" if first == last else f" from {first.isoformat()} to {last.isoformat()}"
