"""What changed from one published policy to the next, in the words that people read. Pure; no I/O.

Guarantees: it is made of the texts that were hashed, line by line; nothing is left out that changed in a language.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mindhaven.register.model import Language, words
from mindhaven.register.section import Section

MOST: Final = 20
"""Versions on one page: each is two texts of some pages; a host changes what it says a few times a year."""
_MARKS: Final = ("# ", "## ", "### ", "- ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One version in one language. `day`: yyyy-mm-dd; `text`: Markdown, empty where it had none in that language."""

    version: int
    day: str
    text: str


def lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return which lines are gone and which are new, without the marks of a heading or a list."""
    told = difflib.ndiff(before.splitlines(), after.splitlines())
    found: dict[str, list[str]] = {"- ": [], "+ ": []}
    for line in told:
        if line[:2] in found and line[2:].strip():
            found[line[:2]].append(_bare(line[2:]))
    return found["- "], found["+ "]


def _bare(line: str) -> str:
    return next((line.removeprefix(mark) for mark in _MARKS if line.startswith(mark)), line)


def sections(texts: Sequence[Text], language: Language) -> tuple[Section, ...]:
    """Return what changed with each version, the newest first. `texts` are in order, at most `MOST` and one before."""
    say = words(language).changes
    made = [Section(heading=say.title, level=1, paragraphs=(say.lead,))]
    for number in range(len(texts) - 1, -1, -1):
        one = texts[number]
        heading = say.version.format(version=one.version, day=one.day)
        if number == 0:
            told = say.first if one.version == 1 else say.earlier
            made.append(Section(heading=heading, paragraphs=(told,)))
            continue
        gone, added = lines(texts[number - 1].text, one.text)
        terms = (*((say.gone, line) for line in gone), *((say.added, line) for line in added))
        made.append(Section(heading=heading, terms=terms, paragraphs=() if terms else (say.none,)))
    return tuple(made)
