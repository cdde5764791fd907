"""The policy as a function of the processing entries and of what a host says of itself. Pure; no I/O.

Guarantees: there is no other text. Who changes an entry changes the policy, its hash and, at the next start, its
number; what a host says stands in it as it was said, escaped.
"""

import hashlib
import json
from collections.abc import Sequence
from html import escape
from typing import Final, Literal, TypeAlias

import msgspec

from mindhaven.law import shipped
from mindhaven.register.bylaw import by_law
from mindhaven.register.model import LANGUAGES, LINES, Entry, Facts, Language, Words, words
from mindhaven.register.section import Section, parts, text


def sections(entries: Sequence[Entry], facts: Facts, language: Language) -> tuple[Section, ...]:
    """Return a policy in one language: who, in short, each use, rights, what else is good to know, limits."""
    say = words(language)
    named = ("who",) if facts.name and facts.contact else ()
    officer = ("officer",) if facts.name and facts.officer else ()
    return (
        Section(heading=say.title, level=1, paragraphs=_who(facts, say), keys=(*named, *officer)),
        Section(heading=say.short_title, items=say.short, keys=("short", "machines")),
        Section(heading=say.uses_title, keys=("uses", "health-data", "shared") if entries else ()),
        *(_use(entry, say, language) for entry in entries),
        Section(heading=say.rights_title, items=say.rights, paragraphs=(say.complain,), keys=("rights", "complain")),
        Section(heading=say.more_title, items=say.more, keys=("sources", "must", "sold", "sensitive", "how", "abroad")),
        Section(heading=say.limits_title, items=say.limits),
    )


def laws(facts: Facts, language: Language) -> tuple[Section, ...]:
    """Return the layer of a policy that goes law by law, for the laws that are shipped."""
    return by_law(shipped().laws, facts, language)


def _who(facts: Facts, say: Words) -> tuple[str, ...]:
    if not facts.name:
        return (say.unnamed,)
    said = {name: value for name in LINES[1:] if (value := getattr(facts, name))}
    return (
        say.named.format(name=facts.name),
        *(getattr(say, name).format(**{name: value}) for name, value in said.items()),
        *(say.hosting.format(hosting=one) for one in facts.hosting),
    )


def _use(entry: Entry, say: Words, language: Language) -> Section:
    its = entry.says[language]
    lines = (
        (say.what, its.what),
        (say.why, its.why),
        (say.keep, its.keep),
        (say.who, its.who),
        (say.ground, its.ground),
    )
    return Section(heading=its.title, level=3, terms=lines)


def told(entries: Sequence[Entry], facts: Facts, language: Language) -> set[str]:
    """Return the parts that a policy tells, for `contents.missing`; `page` is what each page of it says of itself."""
    return parts((*sections(entries, facts, language), *laws(facts, language))) | {"page"}


REGISTER: Final = "register"
"""The name under which the entries themselves stand beside the texts that are made of them."""


def texts(entries: Sequence[Entry], facts: Facts) -> dict[str, str]:
    """Return a policy as Markdown in every language, and as `register` the entries and facts that it is made of."""
    made = {"controller": msgspec.to_builtins(facts), "entries": msgspec.to_builtins(tuple(entries))}
    told: dict[str, str] = {
        language: text((*sections(entries, facts, language), *laws(facts, language))) for language in LANGUAGES
    }
    return {**told, REGISTER: json.dumps(made, ensure_ascii=False, sort_keys=True, separators=(",", ":"))}


def packed(told: dict[str, str]) -> bytes:
    """Return a policy as it is hashed: a JSON object of language to Markdown, and `register`, UTF-8, keys in order."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def unpacked(kept: bytes) -> dict[str, str]:
    """Return the texts of a packed policy of any version of the server, by language and `register`."""
    return msgspec.json.decode(kept, type=dict[str, str])


def digest_of(bytes_: bytes) -> bytes:
    """Return the hash of a packed policy: SHA-256."""
    return hashlib.sha256(bytes_).digest()


Layer: TypeAlias = Literal["", "/laws", "/changes"]
"""What a page of the policy shows, as its address ends: the uses, people's rights law by law, what changed when."""


def page(
    made: Sequence[Section], language: Language, *, version: int, digest: bytes, day: str, layer: Layer = ""
) -> str:
    """Return a layer of a policy as a page that works without script; each layer leads to the others.

    `version`, `digest` and `day` (yyyy-mm-dd) say which policy it is. Law by law begins with a list of places.
    """
    say, by_laws = words(language), layer == "/laws"
    titles = {"": say.title, "/laws": say.laws.title, "/changes": say.changes.title}
    leads: dict[Layer, str] = {"": say.laws.back, "/laws": say.laws.link, "/changes": say.changes.link}
    title = titles[layer]
    places = {number: one.heading for number, one in enumerate(made) if by_laws and one.level == _LAW_LEVEL}
    body: list[str] = []
    for number, one in enumerate(made):
        if number == min(places, default=-1):
            entries_ = "".join(f'<li><a href="#l{at}">{escape(name)}</a></li>' for at, name in places.items())
            body.append(f'<nav aria-label="{escape(title)}"><ul>{entries_}</ul></nav>')
        anchor = f' id="l{number}"' if number in places else ""
        body.append(f"<h{one.level}{anchor}>{escape(one.heading)}</h{one.level}>")
        if one.terms:
            told = [f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in one.terms]
            body += ["<dl>", *told, "</dl>"]
        if one.items:
            body += ["<ul>", *(f"<li>{escape(item)}</li>" for item in one.items), "</ul>"]
        body += [f"<p>{escape(paragraph)}</p>" for paragraph in one.paragraphs]
    check = say.check.format(version=version, digest=digest.hex(), day=day)
    others = [
        f'<p><a href="/policy/{language}{one}">{escape(lead)}</a></p>' for one, lead in leads.items() if one != layer
    ]
    links = " ".join(
        f'<a href="/policy/{other}{layer}" hreflang="{other}" lang="{other}">{_NAMES[other]}</a>'
        for other in LANGUAGES
        if other != language
    )
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{language}">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            '<link rel="stylesheet" href="/policy.css">',
            "</head>",
            "<body>",
            "<main>",
            *body,
            *others,
            f"<h2>{escape(say.check_title)}</h2>",
            f"<p>{escape(check)}</p>",
            f"<p>{escape(say.language)} {links}</p>",
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


_LAW_LEVEL: Final = 2
"""The level of the heading of one law."""
_NAMES: dict[Language, str] = {"en": "English", "de": "Deutsch", "es": "Español"}

STYLE = """\
:root { color-scheme: light dark; }
body { margin: 0; background: light-dark(#faf7f1, #15181b); color: light-dark(#22262b, #ece7dd);
  font: 1.125rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 40rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.875rem; line-height: 1.25; }
h2 { font-size: 1.5rem; margin-top: 2.25rem; }
h3 { font-size: 1.2rem; margin: 1.75rem 0 0.25rem; }
ul { padding-left: 1.25rem; }
dl { margin: 0.5rem 0; }
dt { font-weight: 600; }
dd { margin: 0 0 0.5rem; }
li { margin: 0.25rem 0; }
a { color: light-dark(#1d5c58, #7fc8bf); display: inline-block; min-height: 3rem; line-height: 3rem;
  margin-right: 1rem; }
nav ul { list-style: none; padding: 0; }
nav a { line-height: 1.4; min-height: 0; padding: 0.75rem 0; }
"""
"""The page's own style; colours are those of the app's tokens."""
