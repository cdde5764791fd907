"""Purposes, limits and events of consent. No I/O but this package's own files."""

import tomllib
from functools import cache
from importlib import resources
from typing import Final, Literal, TypeAlias

import msgspec

from mindhaven.kernel import Event, event
from mindhaven.protocol.choice import text_hash

Language: TypeAlias = Literal["en", "de", "es"]

HOUR: Final = 3600
DAY: Final = 24 * HOUR
DRIFT_SECONDS: Final = 2 * HOUR
"""How far a choice's hour may lie from the server's clock: a device's clock is seldom further off, and nobody can date
a choice back by more."""
PAGE_CHOICES: Final = 100
"""Choices of one answer: some 350 KiB, since each carries two signatures."""


class Shown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person is shown: what it is about, what happens, and what follows. Two sentences or three."""

    title: str
    what: str
    then: str

    @property
    def text(self) -> str:
        """The words as they are hashed: one line each."""
        return f"{self.title}\n{self.what}\n{self.then}"


class Purpose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be allowed. `entry`: the line of the register that it is the ground of; empty where there is none.

    `terms` counts what was asked in other words or for more; who agreed to older ones is asked anew. `offered` False:
    nobody can allow it here. `days`: how long it holds at most (0: until it is withdrawn).
    """

    id: str
    entry: str
    terms: int
    offered: bool
    days: int
    says: dict[Language, Shown]

    def hashes(self) -> dict[bytes, str]:
        """Return the text hash of each language, and which one that is."""
        return {text_hash(shown.text): language for language, shown in self.says.items()}


@event("consent.record.given", version=1, keep="consent", urgent=True)
class ConsentGiven(Event):
    """A consent was given; recorded for both people."""

    consent: bytes
    collection: bytes
    grantor: bytes
    recipient: bytes


@event("consent.record.ended", version=1, keep="consent", urgent=True)
class ConsentEnded(Event):
    """A consent ended: withdrawn by its grantor, or its collection erased."""

    consent: bytes
    collection: bytes
    why: str


@event("consent.choice.made", version=1, keep="consent", urgent=True)
class ChoiceMade(Event):
    """A person gave, refused, put off or withdrew something for a purpose; `act` as in spec/choice.md."""

    choice: bytes
    purpose: str
    act: int


@cache
def purposes() -> dict[str, Purpose]:
    """Return what may be asked, by id."""
    found = (path for path in (resources.files(__package__) / "purposes").iterdir() if path.name.endswith(".toml"))
    made = [msgspec.convert(tomllib.loads(path.read_text("utf-8")), Purpose) for path in found]
    return {one.id: one for one in sorted(made, key=lambda one: one.id)}
