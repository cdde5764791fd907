"""Whether every field that the code has belongs to an entry, and every field that an entry names is there. Pure.

Guarantees: a column that a holding calls structural and an event that is of no person are the only ones left out.
Does not: look at a database or a call; `kernel.holding` and `kernel.outbound` hold the code to what is declared here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mindhaven.kernel import STRUCTURAL, Event, Holding
from mindhaven.register.model import Category, Entry

OF_NO_PERSON: Final = frozenset(
    {
        "accounts.invitation.made",
        "kernel.reader.skipped",
        "ledger.cover.added",
        "ledger.openings.erased",
        "register.policy.published",
        "upkeep.backup.made",
        "upkeep.release.served",
        "upkeep.restore.done",
        "vault.salt-key.destroyed",
        "vault.salt-key.turned",
        "vault.window.set",
    }
)
"""Events that are about the host alone, whatever happens; a test holds that each is recorded with it as subject."""


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What the code has of people: columns by table, events' own fields by name, what is sent by purpose."""

    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    events: Mapping[str, Sequence[str]] = field(default_factory=dict)
    outbound: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def names(self) -> set[str]:
        """Return each field as `column table.name`, `event its.name.field` (`event its.name` alone too), `sent
        purpose.field`.
        """
        return set(_names(self.columns, self.events, self.outbound))


def _names(
    columns: Mapping[str, Sequence[str]], events: Mapping[str, Sequence[str]], outbound: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    for what, tables in (("column", columns), ("event", events), ("sent", outbound)):
        for name, fields in tables.items():
            if what == "event":
                yield f"event {name}"  # one that has no field of its own says something, too
            yield from (f"{what} {name}.{one}" for one in fields)


def names_of(category: Category) -> list[str]:
    """Return the fields of a category, in the form of `Fields.names`."""
    return list(_names(category.columns, category.events, category.outbound))


def of_code(
    holdings: Iterable[Holding], events: Iterable[type[Event]], sends: Iterable[Mapping[str, Sequence[str]]]
) -> Fields:
    """Return what the code has of people: of holdings what is not structural, of events those of people."""
    told: dict[str, list[str]] = {}
    for one in events:
        if one.NAME not in OF_NO_PERSON:
            told.setdefault(one.NAME, []).extend(name for name in one.FIELDS if name not in told.get(one.NAME, ()))
    return Fields(
        columns={
            one.table: held for one in holdings if (held := [c for c, e in one.columns.items() if e != STRUCTURAL])
        },
        events=told,
        outbound={purpose: tuple(fields) for sent in sends for purpose, fields in sent.items()},
    )


def uncovered(entries: Iterable[Entry], code: Fields) -> list[str]:
    """Return what the code has and no entry names, as sentences in order; empty when all is covered."""
    named = {name for entry in entries for category in entry.categories for name in names_of(category)}
    return [f"{name} belongs to no entry" for name in sorted(code.names() - named)]


def unused(entries: Iterable[Entry], code: Fields) -> list[str]:
    """Return what an entry names and the code has not, as sentences in order."""
    there = code.names()
    found = {(name, entry.id) for entry in entries for one in entry.categories for name in names_of(one)}
    return [f"{name} is named by {entry} and not there" for name, entry in sorted(found) if name not in there]


def doubled(entries: Iterable[Entry]) -> list[str]:
    """Return what is named more than once, in one entry or two, as sentences in order."""
    count = Counter(name for entry in entries for one in entry.categories for name in names_of(one))
    return [f"{name} is named {times} times" for name, times in sorted(count.items()) if times > 1]


def misplaced(entries: Iterable[Entry], holdings: Iterable[Holding]) -> list[str]:
    """Return each column that its holding gives to another entry than the one that names it, as sentences."""
    held = {f"{one.table}.{column}": entry for one in holdings for column, entry in one.columns.items()}
    return [
        f"column {name} is named by {entry.id}, and its holding says {held[name]}"
        for entry in entries
        for one in entry.categories
        for table, columns in one.columns.items()
        for name in (f"{table}.{column}" for column in columns)
        if held.get(name, entry.id) != entry.id
    ]


def keeps(entry: Entry, holdings: Iterable[Holding], events: Iterable[type[Event]]) -> set[str]:
    """Return the keep rule of each holding and event of which an entry names a field."""
    tables = {table for one in entry.categories for table in one.columns}
    told = {name for one in entry.categories for name in one.events}
    return {one.keep for one in holdings if one.table in tables} | {one.KEEP for one in events if one.NAME in told}
