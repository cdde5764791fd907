"""Write the crisis pages of the web app, and the lines that the app itself shows, from the dated list; `--check` only
compares, `--fresh` looks at dates.

python tools/help_page.py [--check | --fresh]

Each page is plain HTML: it opens before sign-in, without a script, from the cache, and nothing is noted about it.
"""

import datetime
import html
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

from mindhaven.cli.crisis import ANYWHERE, Country, Line, load

ROOT: Final = Path(__file__).resolve().parents[1]
PUBLIC: Final = ROOT / "web" / "apps" / "person" / "public"
LINES: Final = ROOT / "web" / "apps" / "person" / "src" / "areas" / "checkups" / "lines.json"
WORDS: Final[dict[str, dict[str, Any]]] = tomllib.loads(Path(__file__).with_name("help_words.toml").read_text("utf-8"))
MAX_BYTES: Final = 20 * 1024
"""It must open on a weak line, in a bad minute."""
FRESH_DAYS: Final = 180
"""Numbers change: lists that are older than half a year were found to be wrong in part."""


def page_of(language: str) -> Path:
    """Return the file of the page in a language."""
    return PUBLIC / ("help.html" if language == "en" else f"help.{language}.html")


class Page:
    """The crisis page in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words = WORDS[language]

    def say(self, name: str, **values: object) -> str:
        """Return a text with its braces filled in, for HTML."""
        return html.escape(str(self.words[name]).format(**values), quote=False)

    def named(self, name: str) -> str:
        """Return what the list calls something, in this language; raise `KeyError` for what has no translation."""
        return html.escape(name if self.language == "en" else self.words["names"][name], quote=False)

    def digits(self, number: str) -> str:
        """Return how a number is said, sign by sign: digits can be read wrong when one is upset."""
        return ", ".join(self.words["digits"][int(one)] for one in number)

    def ways(self, line: Line, *, written: bool = False) -> list[str]:
        """Return the buttons of a line, all alike; `written`: only those for who can't speak."""
        found = []
        for channel in line.channels:
            if channel == "call" and not written:
                found.append(_button(f"tel:{_dial(line.number)}", self.say("call", number=line.number)))
            elif channel.startswith("text"):
                word = channel.removeprefix("text").strip()
                told = self.say("text_word" if word else "text", word=word, number=line.number)
                found.append(_button(f"sms:{_dial(line.number)}", told))
            elif channel == "chat" and line.url:
                found.append(_button(line.url, self.say("chat")))
        return found

    def line(self, line: Line, *, written: bool = False) -> list[str]:
        """Return a line: its name, for whom, when, in which languages, and its buttons."""
        about = [self.say("for", who=self.named(line.audience)), line.hours and self.named(line.hours)]
        about.append(", ".join(self.named(one) for one in line.languages))
        return [
            f"<h4>{html.escape(line.name)}</h4>",
            f"<p>{'. '.join(one for one in about if one)}.</p>",
            f'<p class="ways">{"".join(self.ways(line, written=written))}</p>',
        ]

    def country(self, country: Country, lines: list[Line]) -> list[str]:
        """Return a country: its emergency numbers, then its lines."""
        numbers = country.emergency or (ANYWHERE,)
        called = "".join(_button(f"tel:{one}", self.say("call", number=one)) for one in numbers)
        told = str(self.words["or"]).join(self.digits(one) for one in numbers)
        return [
            f'<section id="{country.code.lower()}">',
            f"<h3>{self.named(country.name)}</h3>",
            f'<p class="ways">{called}</p>',
            f"<p>{self.say('in_danger', said=told)}</p>",
            *[part for one in lines for part in self.line(one)],
            "</section>",
        ]

    def head(self) -> list[str]:
        """Return what comes first: one number, one button."""
        said = self.digits(ANYWHERE).capitalize()
        return [
            "<!doctype html>",
            f'<html lang="{self.language}">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{self.say('title')}</title>",
            '<link rel="stylesheet" href="/app/help.css">',
            "</head>",
            "<body>",
            "<main>",
            f"<h1>{self.say('danger', number=ANYWHERE)}</h1>",
            f'<p><a class="call" href="tel:{ANYWHERE}">{self.say("call", number=ANYWHERE)}</a></p>',
            f"<p>{self.say('said', said=said)}</p>",
        ]

    def now(self) -> list[str]:
        """Return one's own plan, three things to do now, and what to do for somebody else."""
        return [
            f"<h2>{self.say('plan')}</h2>",
            f'<p>{self.say("plan_text")} <a class="way" href="/#plan">{self.say("plan_open")}</a></p>',
            f"<h2>{self.say('now')}</h2>",
            "<ol>",
            *[f"<li>{self.say(name)}</li>" for name in ("now_1", "now_2", "now_3")],
            "</ol>",
            f'<h2 id="friend">{self.say("friend")}</h2>',
            "<ul>",
            *[f"<li>{self.say(name, number=ANYWHERE)}</li>" for name in ("friend_1", "friend_2", "friend_3")],
            "</ul>",
        ]

    def whole(self) -> str:
        """Return the page."""
        data = load()
        by_name = sorted(data.country, key=lambda one: self.named(one.name))
        written = [(one, line) for one in by_name for line in data.of(one.code)[1] if self.ways(line, written=True)]
        checked = datetime.date.fromisoformat(data.checked_on)
        date = self.say("date", day=checked.day, month=self.words["months"][checked.month - 1], year=checked.year)
        parts = [
            *self.head(),
            f"<h2>{self.say('talk')}</h2>",
            f'<p><a href="#write">{self.say("cant_speak")}</a>. <a href="#friend">{self.say("friend")}</a>.</p>',
            f'<nav aria-label="{self.say("countries")}">',
            "<ul>",
            *[f'<li><a href="#{one.code.lower()}">{self.named(one.name)}</a></li>' for one in by_name],
            f'<li><a href="#other">{self.say("other")}</a></li>',
            "</ul>",
            "</nav>",
            *self.now(),
            f'<h2 id="write">{self.say("cant_speak")}</h2>',
            f"<p>{self.say('written')}</p>",
        ]
        for country, line in written:
            parts.append(f"<h3>{self.named(country.name)}</h3>")
            parts += self.line(line, written=True)
        parts.append(f"<h2>{self.say('by_country')}</h2>")
        for country in by_name:
            parts += self.country(country, data.of(country.code)[1])
        others = [one for one in WORDS if one != self.language]
        links = [f'<a lang="{one}" href="/app/{page_of(one).name}">{WORDS[one]["language"]}</a>' for one in others]
        parts += [
            '<section id="other">',
            f"<h3>{self.say('other')}</h3>",
            f"<p>{self.say('other_text', number=ANYWHERE)}</p>",
            "</section>",
            f"<h2>{self.say('this_page')}</h2>",
            f"<p>{self.say('checked', date=date)}</p>",
            f"<p>{'. '.join(links)}.</p>",
            f'<p><a href="/">{self.say("back")}</a></p>',
            "</main>",
            "</body>",
            "</html>",
        ]
        return "\n".join(parts) + "\n"


def _dial(number: str) -> str:
    return re.sub(r"[^0-9+]", "", number)


def _button(address: str, text: str) -> str:
    outside = ' rel="noreferrer noopener"' if address.startswith("https:") else ""
    return f'<a class="way" href="{html.escape(address)}"{outside}>{text}</a>'


def lines() -> str:
    """Return the lines by country as the app reads them: where to turn, by which channels, when."""
    data = load()
    told = {
        one.code: {
            "name": one.name,
            "emergency": list(one.emergency or (ANYWHERE,)),
            "lines": [_told(line) for line in data.of(one.code)[1]],
        }
        for one in sorted(data.country, key=lambda one: one.code)
    }
    whole = {"checkedOn": data.checked_on, "anywhere": ANYWHERE, "countries": told}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _told(line: Line) -> dict[str, object]:
    texts = [one.removeprefix("text").strip() for one in line.channels if one.startswith("text")]

    def named(text: str) -> dict[str, str]:
        return {one: html.unescape(Page(one).named(text)) if text else "" for one in WORDS}

    return {
        "name": line.name,
        "number": line.number,
        "call": "call" in line.channels,
        "text": texts[0] if texts else None,
        "chat": line.url if "chat" in line.channels else None,
        "hours": named(line.hours),
        "everyone": line.audience == "everyone",
        "audience": named(line.audience),
    }


def overdue(today: datetime.date) -> bool:
    """Return whether the lines were checked too long ago for a release."""
    return (today - datetime.date.fromisoformat(load().checked_on)).days > FRESH_DAYS


def main() -> int:
    if sys.argv[1:] == ["--fresh"]:
        if overdue(datetime.datetime.now(datetime.UTC).date()):
            print(f"crisis.toml was checked on {load().checked_on}, more than {FRESH_DAYS} days ago: check each line.")
            return 1
        return 0
    made = {page_of(one): Page(one).whole() for one in WORDS} | {LINES: lines()}
    if sys.argv[1:] == ["--check"]:
        stale = [file for file, text in made.items() if not file.exists() or file.read_text("utf-8") != text]
        for file in stale:
            print(f"{file.relative_to(ROOT)} is stale: run python tools/help_page.py")
        return 1 if stale else 0
    for file, text in made.items():
        file.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
