"""A little slice for the tests of storage: one table, three events."""

from dataclasses import dataclass

from mindhaven.kernel import Actor, Event, Migration, Work, event

PERSON = Actor("person", b"p" * 32, b"s" * 16)
SUBJECT = b"p" * 32

THINGS = Migration(
    "things",
    "0001_things",
    "CREATE TABLE thing (id {BIGINT} NOT NULL PRIMARY KEY, body {BYTES} NOT NULL, note TEXT) {STRICT};",
)


@event("things.thing.made", version=1, keep="access-log")
@dataclass(frozen=True, kw_only=True)
class Made(Event):
    thing: int


@event("things.thing.taken", version=1, keep="access-log", urgent=True)
@dataclass(frozen=True, kw_only=True)
class Taken(Event):
    thing: int


@event("things.thing.refused", version=1, keep="access-log")
@dataclass(frozen=True, kw_only=True)
class Refused(Event):
    thing: int


async def put(work: Work, number: int, *, subject: bytes = SUBJECT, body: bytes = b"x") -> int:
    """Insert one thing and record it."""
    await work.run("INSERT INTO thing (id, body) VALUES ($1, $2)", number, body)
    work.record(Made(subject=subject, thing=number))
    return number
