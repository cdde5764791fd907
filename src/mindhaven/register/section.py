"""A text as sections, and as Markdown. Pure; no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading of level 1 to 3, named lines, a list, and paragraphs, in that order.

    `keys` name what it tells; `covers.toml` says which content that a law demands each of them is.
    """

    heading: str
    level: int = 2
    terms: tuple[tuple[str, str], ...] = ()
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def parts(made: Sequence[Section]) -> set[str]:
    """Return what sections tell, by key."""
    return {key for one in made for key in one.keys}


def text(made: Sequence[Section]) -> str:
    """Return sections as Markdown, one line a paragraph or list item."""
    lines: list[str] = []
    for one in made:
        lines += ["#" * one.level + " " + one.heading, ""]
        if one.terms:
            lines += [*(f"- {name}: {told}" for name, told in one.terms), ""]
        if one.items:
            lines += [*(f"- {item}" for item in one.items), ""]
        for paragraph in one.paragraphs:
            lines += [paragraph, ""]
    return "\n".join(lines)
