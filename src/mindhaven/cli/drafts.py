"""What was written and is not saved yet: kept sealed on this device, and offered again. I/O: the local store, screen.

Guarantees: a draft is sealed like every entry and never leaves this device; it goes when it is saved, or when the
person drops it.
"""

from dataclasses import dataclass
from typing import Final

from mindhaven.cli.screen import Screen, plain
from mindhaven.cli.times import now_ms, seconds_text
from mindhaven.crypto.encoding import decode, encode
from mindhaven.sdk.local import LocalStore

JOURNAL: Final = "journal"
PLAN: Final = "plan"
MOST: Final = 20
"""Drafts of one name; the oldest go first."""
SHOWN: Final = 60
_COMMANDS: Final = {JOURNAL: "mindhaven journal add", PLAN: "mindhaven plan edit"}


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft: its text, and when it was kept (unix milliseconds)."""

    text: str
    at_ms: int


def command_for(name: str) -> str:
    """Return the command that offers the drafts of this name."""
    return _COMMANDS.get(name) or f"mindhaven {name.replace('/', ' ')}"


def kept(store: LocalStore, name: str) -> list[Draft]:
    """Return the drafts of this name, the newest first."""
    box = store.meta(f"drafts/{name}")
    return [] if box is None else [Draft(text, at) for text, at in reversed(decode(box))]


def keep(store: LocalStore, name: str, text: str, *, instead_of: str | None = None) -> None:
    """Keep a text, in place of the one that it grew from."""
    _put(store, name, [*_others(store, name, text, instead_of), Draft(text, now_ms())][-MOST:])


def drop(store: LocalStore, name: str, *texts: str | None) -> None:
    """Forget drafts."""
    if store.meta(f"drafts/{name}") is not None:
        _put(store, name, _others(store, name, *texts))


def _others(store: LocalStore, name: str, *texts: str | None) -> list[Draft]:
    return [one for one in reversed(kept(store, name)) if one.text not in texts]


def _put(store: LocalStore, name: str, drafts: list[Draft]) -> None:
    if drafts:
        store.put_meta(f"drafts/{name}", encode([[one.text, one.at_ms] for one in drafts]))
    else:
        store.drop_meta(f"drafts/{name}")


def say_kept(screen: Screen, name: str) -> None:
    """Say that what was written is not lost, and how to go on."""
    screen.warn(f"What you wrote is kept, sealed on this device. To go on with it: {command_for(name)}")


def offer(screen: Screen, store: LocalStore, name: str, *, about: str = "") -> Draft | None:
    """Ask about drafts, the newest first; return the one to go on with, or None for a new start."""
    for draft in kept(store, name):
        text = about or f'"{_beginning(draft.text)}"'
        screen.paragraph(f"From {seconds_text(draft.at_ms // 1000)}, not saved yet: {text}")
        screen.note("  g  go on with it    n  begin a new one, and keep this    d  drop it for good")
        answer = screen.choose(">", ("g", "n", "d"), instead="")
        if answer == "g":
            return draft
        if answer == "n":
            return None
        drop(store, name, draft.text)
    return None


def _beginning(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("#", ";"))]
    first = plain(lines[0]) if lines else ""
    return first if len(first) <= SHOWN else first[:SHOWN].rstrip() + "…"
