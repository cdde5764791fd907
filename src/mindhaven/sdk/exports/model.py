"""What an export is made from, and by which table a record is read.

Guarantees: what another program wrote otherwise than its kind says is kept as it is, and stops no export. No I/O.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from mindhaven.errors import InvalidInputError
from mindhaven.kinds import Kind, Record, kind_named
from mindhaven.kinds.catalogue import EARLIEST_MS, LATEST_MS
from mindhaven.kinds.fields import check_fields

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """Another person whose records these are: their id, and what one calls them."""

    uid: bytes
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """One opened item and where it stood.

    `item`: its id, 16 or 32 bytes; `revision`: counted from 1; `author`: the id of who wrote it;
    `conflict_of`: the item that this one is another version of, None for nearly all; `author_name`: what one calls
    the author, empty where the person whose records these are wrote it; `owner`: that person, None for oneself.
    """

    record: Record
    item: bytes
    revision: int
    collection_name: str
    author: bytes
    conflict_of: bytes | None = None
    author_name: str = ""
    owner: Owner | None = None


def kind_of(record: Record) -> Kind | None:
    """Return the table that says how to read `record`; None for what is told as it is stored: a kind that nobody
    knows, another version of one, or a body that does not fit it."""
    kind = kind_named(record.kind)
    if kind is None or kind.version != record.version:
        return None
    try:
        check_fields(record.body, kind.fields)
    except InvalidInputError:
        return None
    return kind


def local_text(record: Record) -> str:
    """Return the moment of `record` as the person's clock showed it, with its offset; UTC if its zone is
    unknown."""
    return _moment(record).isoformat(timespec="seconds")


def local_time(record: Record) -> datetime:
    """Return the moment of `record` on the person's clock; UTC if its zone is unknown here."""
    return _moment(record)


def utc_text(moment_ms: int) -> str:
    """Return unix milliseconds as a FHIR instant, such as 2026-03-09T20:35:00Z."""
    return _utc(moment_ms).isoformat(timespec="seconds").replace("+00:00", "Z")


def in_order(items: Iterable[Exported]) -> list[Exported]:
    """Return `items` oldest first; equal moments by item id, so that the same records give the same file."""
    return sorted(items, key=lambda item: (item.record.created_at, item.item))


def _moment(record: Record) -> datetime:
    try:
        return replace(record, created_at=_within(record.created_at)).local_time()
    except InvalidInputError:
        return _utc(record.created_at)


def _utc(moment_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=_within(moment_ms))


def _within(moment_ms: int) -> int:
    """Return the moment, or the nearest that a record can have: whoever may write to a collection may write others."""
    return min(max(moment_ms, EARLIEST_MS), LATEST_MS)
