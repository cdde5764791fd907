"""Entries as lines and as JSON. No I/O."""

import difflib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from mindhaven.cli.session import Session
from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.kinds import KINDS, Record, kind_named, summary
from mindhaven.sdk import Entry
from mindhaven.sdk.exports.model import local_time
from mindhaven.sdk.sharing import NO_CONTACT

SHORT: Final = 8
"""Signs of an id that lists show: enough to be the only one among some hundred thousand, and easy to type."""
LEAST: Final = 4
NEAR: Final = 0.74
"""How like each other two words are (0 to 1) for one to be a slip of the other: one letter of four, two of eight."""
YOU: Final = "you"


def short(item: bytes) -> str:
    """Return the beginning of an id, as lists show it."""
    return item.hex()[:SHORT]


def when(record: Record) -> str:
    """Return the moment of a record on the person's own clock."""
    kind = kind_named(record.kind)
    if kind is not None and kind.timeless:
        return "-"
    return local_time(record).strftime("%Y-%m-%d %H:%M")


def zone_mark(record: Record, zone: str) -> str:
    """Return the record's zone if it is another than `zone`."""
    return "" if record.zone == zone else record.zone


def short_kind(kind: str) -> str:
    """Return a kind as it is typed: `mood` for `mindhaven/mood`."""
    return kind.removeprefix("mindhaven/")


def full_kind(kind: str) -> str:
    """Return the kind that `kind` names, with or without its domain; raise `InvalidInputError` (kind-unknown).

    An app's own kind (`org.example/x`) is taken as it is.
    """
    full = kind if "/" in kind else f"mindhaven/{kind}"
    if kind_named(full) is None and full.startswith("mindhaven/"):
        known = sorted(short_kind(one.name) for one in KINDS)
        near = nearest(short_kind(kind), known)
        raise InvalidInputError(
            f"There is no kind of entry called {short_kind(kind)}.{f' Did you mean {near}?' if near else ''}",
            hint=f"There are: {', '.join(known)}.",
            code="kind-unknown",
        )
    return full


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` is a slip of, or None: a guess that is far off confuses."""
    found = difflib.get_close_matches(word.lower(), list(known), 1, NEAR)
    return found[0] if found else None


def line(entry: Entry) -> str:
    """Return one line about an entry."""
    if entry.record is None:
        return "(can't be opened here)"
    text = summary(entry.record)
    title = text.partition(": ")
    kind = kind_named(entry.record.kind)
    if kind is not None and title[2] and title[0].lower() in {kind.title.lower(), short_kind(entry.record.kind)}:
        text = title[2]
    files = len(entry.notes.files)
    return text + (f" [{files} {'file' if files == 1 else 'files'}]" if files else "")


def people(session: Session) -> dict[bytes, str]:
    """Return what one calls people, by their uid; oneself is `you`."""
    return {one.uid: one.name for one in session.client.contacts()} | {session.client.me.uid: YOU}


def named(known: Mapping[bytes, str], uid: bytes) -> str:
    """Return what one calls a person, or the beginning of an unknown uid."""
    return known.get(uid) or f"{NO_CONTACT}{uid.hex()[:8]}"


def as_json(entry: Entry, known: Mapping[bytes, str], who: str | None = None) -> dict[str, Any]:
    """Return an entry for programs; `known` names people, `who` is whose collection it stands in."""
    record = entry.record
    told: dict[str, Any] = {
        "id": entry.item.hex(),
        "kind": None if record is None else record.kind,
        "version": None if record is None else record.version,
        "at": None if record is None else _iso(local_time(record)),
        "created_at": None if record is None else record.created_at,
        "zone": None if record is None else record.zone,
        "collection": entry.collection_name,
        "revision": entry.revision,
        "mine": entry.mine,
        "author": entry.author.hex(),
        "author_name": named(known, entry.author),
        "waits": entry.waits,
        "held": entry.held,
        "checked": entry.checked,
        "conflict_of": None if entry.notes.conflict_of is None else entry.notes.conflict_of.hex(),
        "files": [{"name": one.name, "type": one.media_type, "size_bytes": one.size} for one in entry.notes.files],
        "error": entry.error,
        "summary": None if record is None else summary(record),
        "body": None if record is None else dict(record.body),
    }
    if who is not None:
        told["from"] = who
    return told


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def own(session: Session, *, collection: str | None = None, kind: str | None = None) -> list[Entry]:
    """Return the entries of one's own collections, oldest first."""
    me = session.client.me.uid
    foreign = {one.id for one in session.client.index.collections() if one.owner != me}
    found = session.client.entries(collection=collection, kind=None if kind is None else full_kind(kind))
    return [entry for entry in found if entry.collection not in foreign]


def find(entries: list[Entry], text: str) -> Entry:
    """Return the entry whose id begins with `text`; raise `NotFoundError` or `InvalidInputError` (id-unclear)."""
    return find_id(entries, text, "mindhaven list and mindhaven shared show them.")


class _Item(Protocol):
    @property
    def item(self) -> bytes: ...


HasItem = TypeVar("HasItem", bound=_Item)


def find_id(entries: list[HasItem], text: str, hint: str) -> HasItem:
    """Return the one whose id begins with `text`; raise `NotFoundError` (entry-unknown) or `InvalidInputError`."""
    typed = text.strip().lower()
    if len(typed) < LEAST:
        raise InvalidInputError(f"An id needs at least {LEAST} signs.", hint=hint, code="id-short")
    found = [entry for entry in entries if entry.item.hex().startswith(typed)]
    if not found:
        raise NotFoundError("No entry here has this id.", hint=hint, code="entry-unknown")
    if len(found) > 1:
        raise InvalidInputError("More than one entry begins like this.", hint="Type more of it.", code="id-unclear")
    return found[0]
