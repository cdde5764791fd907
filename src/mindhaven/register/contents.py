"""Whether a text says what each law demands of it: the contents that a law lists, against the parts a text has. Pure.

Guarantees: what a law adds is missing until `covers.toml` says which part tells it, or why only the host can.
Does not: judge how well a part says it. I/O: this package's own file.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal, TypeAlias

import msgspec

from mindhaven.law import Law, binds
from mindhaven.law.model import Notice, Said

Of: TypeAlias = Literal["policy", "collection", "record-of-processing", "assessment", "practices"]


class Covers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By rule and code: which part of a text tells it, and why only the host can; by rule why no text here is meant."""

    contents: dict[str, dict[str, str]]
    host: dict[str, dict[str, str]]
    other: dict[str, str]


@dataclass(frozen=True, slots=True)
class Gap:
    """What a rule demands and a text does not say; `why` if only the host can say it."""

    rule: str
    code: str
    says: str
    why: str = ""


@cache
def covers() -> Covers:
    """Return what `covers.toml` says."""
    return msgspec.convert(tomllib.loads((resources.files(__package__) / "covers.toml").read_text("utf-8")), Covers)


def demanded(law: Law, of: Of, on: date) -> Iterator[tuple[str, Said]]:
    """Yield the rule and each content that a law demands of such a text on a day."""
    for rule in law.rule:
        if isinstance(rule, Notice) and rule.of == of and binds(rule, on) and rule.id not in covers().other:
            yield from ((rule.id, said) for said in rule.content)


def missing(law: Law, parts: Iterable[str], *, on: date, of: Of = "policy") -> tuple[Gap, ...]:
    """Return what a law demands on a day of a text that has these parts, and none of them tells, in the law's order."""
    there, known = set(parts), covers()
    return tuple(
        Gap(rule, said.code, said.says, known.host.get(rule, {}).get(said.code, ""))
        for rule, said in demanded(law, of, on)
        if known.contents.get(rule, {}).get(said.code) not in there
    )
