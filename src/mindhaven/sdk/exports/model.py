"""What an export is made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mindhaven.errors import InvalidInputError
from mindhaven.kinds import Record


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


def local_text(record: Record) -> str:
    """Return the moment of `record` as the person's clock showed it, with its offset; UTC if its zone is
    unknown."""
    return _moment(record).isoformat(timespec="seconds")


def local_time(record: Record) -> datetime:
    """Return the moment of `record` on the person's clock; UTC if its zone is unknown here."""
    return _moment(record)


def utc_text(moment_ms: int) -> str:
    """Return unix milliseconds as a FHIR instant, such as 2026-03-09T20:35:00Z."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment_ms)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def in_order(items: Iterable[Exported]) -> list[Exported]:
    """Return `items` oldest first; equal moments by item id, so that the same records give the same file."""
    return sorted(items, key=lambda item: (item.record.created_at, item.item))


def _moment(record: Record) -> datetime:
    try:
        return record.local_time()
    except InvalidInputError:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=record.created_at)
