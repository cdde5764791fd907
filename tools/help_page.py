"""Write the crisis page of the web app from the dated list of lines; `--check` only compares, `--fresh` looks at dates.

python tools/help_page.py [--check | --fresh]

The page is plain HTML: it opens before sign-in, without a script, from the cache, and nothing is written down about it.
"""

import datetime
import html
import re
import sys
from pathlib import Path
from typing import Final

from mindhaven.cli.crisis import ANYWHERE, RIGHT_NOW, Country, Line, load

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "web" / "apps" / "person" / "public" / "help.html"
MAX_BYTES: Final = 20 * 1024
"""It must open on a weak line, in a bad minute."""
FRESH_DAYS: Final = 180
"""Numbers change: lists that are older than half a year were found to be wrong in part."""
WORDS: Final = {
    "000": "zero, zero, zero", "111": "one, one, one", "112": "one, one, two", "119": "one, one, nine",
    "15": "one, five", "911": "nine, one, one", "999": "nine, nine, nine",
}  # fmt: skip
"""How a number is said: digits can be read wrong when one is upset."""


def _said(number: str) -> str:
    return WORDS[number]


def _dial(number: str) -> str:
    return re.sub(r"[^0-9+]", "", number)


def _button(address: str, text: str) -> str:
    outside = ' rel="noreferrer noopener"' if address.startswith("https:") else ""
    return f'<a class="way" href="{html.escape(address)}"{outside}>{html.escape(text)}</a>'


def _ways(line: Line, *, written: bool = False) -> list[str]:
    """Return the buttons of a line, all alike; `written`: only those for who can't speak."""
    found = []
    for channel in line.channels:
        if channel == "call" and not written:
            found.append(_button(f"tel:{_dial(line.number)}", f"Call {line.number}"))
        elif channel.startswith("text"):
            word = channel.removeprefix("text").strip()
            found.append(_button(f"sms:{_dial(line.number)}", f"Text {word} to {line.number}".replace("  to", "")))
        elif channel == "chat" and line.url:
            found.append(_button(line.url, "Chat"))
    return found


def _line(line: Line, *, written: bool = False) -> list[str]:
    about = [f"For {line.audience}", line.hours, ", ".join(line.languages)]
    return [
        f"<h4>{html.escape(line.name)}</h4>",
        f"<p>{html.escape('. '.join(one for one in about if one))}.</p>",
        f'<p class="ways">{"".join(_ways(line, written=written))}</p>',
    ]


def _country(country: Country, lines: list[Line]) -> list[str]:
    numbers = country.emergency or (ANYWHERE,)
    called = "".join(_button(f"tel:{one}", f"Call {one}") for one in numbers)
    told = " or ".join(_said(one) for one in numbers)
    return [
        f'<section id="{country.code.lower()}">',
        f"<h3>{html.escape(country.name)}</h3>",
        f'<p class="ways">{called}</p>',
        f"<p>In danger now: {told}.</p>",
        *[part for one in lines for part in _line(one)],
        "</section>",
    ]


def page() -> str:
    """Return the page."""
    data = load()
    by_name = sorted(data.country, key=lambda one: one.name)
    written = [(one, line) for one in by_name for line in data.of(one.code)[1] if _ways(line, written=True)]
    checked = datetime.date.fromisoformat(data.checked_on)
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="robots" content="noindex">',
        '<meta name="referrer" content="no-referrer">',
        "<title>Help now</title>",
        '<link rel="stylesheet" href="/app/help.css">',
        "</head>",
        "<body>",
        "<main>",
        f"<h1>If you are in danger now, call {ANYWHERE}</h1>",
        f'<p><a class="call" href="tel:{ANYWHERE}">Call {ANYWHERE}</a></p>',
        (
            f"<p>{_said(ANYWHERE).capitalize()}. It works in Europe, and on most mobile phones elsewhere. Your own"
            " emergency number works too: choose your country.</p>"
        ),
        "<h2>Talk to someone</h2>",
        '<p><a href="#write">I can\'t speak</a>. <a href="#friend">I\'m worried about someone else</a>.</p>',
        '<nav aria-label="Countries">',
        "<ul>",
        *[f'<li><a href="#{one.code.lower()}">{html.escape(one.name)}</a></li>' for one in by_name],
        '<li><a href="#other">Another country</a></li>',
        "</ul>",
        "</nav>",
        "<h2>Right now</h2>",
        "<ol>",
        *[f"<li>{html.escape(one)}</li>" for one in RIGHT_NOW],
        "</ol>",
        '<h2 id="friend">I\'m worried about someone else</h2>',
        "<ul>",
        f"<li>Are they in danger now? Call {ANYWHERE}, or their emergency number. You can call for somebody else.</li>",
        "<li>Stay with them, or on the phone, if that is safe for you. Ask how they are, and listen.</li>",
        "<li>You can call the lines below too, and ask what to do.</li>",
        "</ul>",
        '<h2 id="write">I can\'t speak</h2>',
        "<p>These answer in writing.</p>",
    ]
    for country, line in written:
        parts.append(f"<h3>{html.escape(country.name)}</h3>")
        parts += _line(line, written=True)
    parts.append("<h2>Lines by country</h2>")
    for country in by_name:
        parts += _country(country, data.of(country.code)[1])
    parts += [
        '<section id="other">',
        "<h3>Another country</h3>",
        (
            f"<p>We have no checked line for it. {ANYWHERE} reaches help in many countries. Your local emergency"
            " number, a doctor, or a person near you can help now.</p>"
        ),
        "</section>",
        "<h2>This page</h2>",
        (
            f"<p>Checked on {checked.day} {checked:%B %Y}. This page records nothing. A call may stay in this"
            " phone's call list.</p>"
        ),
        '<p><a href="/">Back</a></p>',
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def overdue(today: datetime.date) -> bool:
    """Return whether the lines were checked too long ago for a release."""
    return (today - datetime.date.fromisoformat(load().checked_on)).days > FRESH_DAYS


def main() -> int:
    if sys.argv[1:] == ["--fresh"]:
        if overdue(datetime.datetime.now(datetime.UTC).date()):
            print(f"crisis.toml was checked on {load().checked_on}, more than {FRESH_DAYS} days ago: check each line.")
            return 1
        return 0
    if sys.argv[1:] == ["--check"]:
        if PAGE.read_text("utf-8") != page():
            print("web/apps/person/public/help.html is stale: run python tools/help_page.py")
            return 1
        return 0
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
