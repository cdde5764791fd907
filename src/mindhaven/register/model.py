"""Processing entries, what a host says of itself, policies, and their event. No I/O but this package's own files."""

import tomllib
from functools import cache
from importlib import resources
from typing import Final, Literal, TypeAlias

import msgspec

from mindhaven.kernel import Event, event

Language: TypeAlias = Literal["en", "de", "es"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "de", "es")


class _Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table of a data file: frozen, and an unknown key is an error."""


class Says(_Data, frozen=True, kw_only=True):
    """An entry in the words of the policy: what, why, how long, who gets it, by what right."""

    title: str
    what: str
    why: str
    keep: str
    who: str
    ground: str


class Category(_Data, frozen=True, kw_only=True):
    """A kind of data that an entry is about, by its plain name, and every field of it that the code has: columns by
    table, an event's own fields by its name, what is sent by the purpose of an outgoing call.
    """

    name: dict[Language, str]
    columns: dict[str, tuple[str, ...]] = {}
    events: dict[str, tuple[str, ...]] = {}
    outbound: dict[str, tuple[str, ...]] = {}


class Transfer(_Data, frozen=True, kw_only=True):
    """Data that may leave the country: to which kind of vendor, where that is, by which tool. Each is an id."""

    to: str
    region: str
    tool: str


class Entry(_Data, frozen=True, kw_only=True):
    """One line of the record of processing. It says what the code does; a host can't edit it.

    `special`: it is, or may show something of, a person's health. `grounds`: ids of what the GDPR lets it rest on, one
    of Art. 6 and, where it is special, one of Art. 9; laws of elsewhere ask for other things (`bylaw`). `owner`,
    `vendors` (kinds of companies that get something), `derivatives` (what is made of the data) and `measures` are ids;
    `retention` lists every keep rule of its holdings and events.
    """

    id: str
    title: str
    version: str
    purpose: str
    data: str
    people: str
    basis: str
    keep: str
    recipients: str
    third_countries: str
    reviewed_on: str
    grounds: tuple[str, ...]
    role: Literal["controller", "processor"]
    special: bool
    owner: str
    vendors: tuple[str, ...]
    retention: tuple[str, ...]
    derivatives: tuple[str, ...]
    measures: tuple[str, ...]
    transfers: tuple[Transfer, ...] = ()
    categories: tuple[Category, ...]
    says: dict[Language, Says]


class LawWords(_Data, frozen=True, kw_only=True):
    """What the layer law by law says, in one language.

    `units` maps a unit to its singular and plural, as they stand after `within`; `acts` the kind of a right to what a
    person does with it, `rights` a rule's id where the kind says too much; `places` a place, `names`, `abouts` and
    `offices` a law's id.
    """

    title: str
    lead: tuple[str, ...]
    link: str
    back: str
    heading: str
    read_on: str
    some: str
    law: str
    about: str
    office: str
    breach: str
    breach_any: str
    breach_unlikely: str
    breach_harm: str
    within: str
    norm: str
    wait: str
    soon: str
    open: str
    more: str
    known: str
    later: str
    units: dict[str, tuple[str, str]]
    acts: dict[str, str]
    rights: dict[str, str]
    places: dict[str, str]
    names: dict[str, str]
    abouts: dict[str, str]
    offices: dict[str, str]


class ChangeWords(_Data, frozen=True, kw_only=True):
    """What the layer of changes says, in one language."""

    title: str
    link: str
    lead: str
    version: str
    gone: str
    added: str
    first: str
    none: str
    earlier: str


class Words(_Data, frozen=True, kw_only=True):
    """What a policy says beside its entries, in one language."""

    title: str
    named: str
    unnamed: str
    seat: str
    contact: str
    officer: str
    address: str
    representative: str
    hosting: str
    short_title: str
    short: tuple[str, ...]
    uses_title: str
    what: str
    why: str
    keep: str
    who: str
    ground: str
    rights_title: str
    rights: tuple[str, ...]
    complain: str
    limits_title: str
    limits: tuple[str, ...]
    check_title: str
    check: str
    language: str
    more_title: str
    more: tuple[str, ...]
    laws: LawWords
    changes: ChangeWords


LINES: Final = ("name", "contact", "address", "officer", "representative", "seat")
"""What a host says of itself in one line each."""


class Facts(_Data, frozen=True, kw_only=True):
    """What a host says of itself: the only part of a policy that is theirs. Empty: not said.

    `roles` are words of the laws' files; a law that holds for none of them is left out. `hosting`: who runs machines or
    keeps backups for them, a line each with where.
    """

    name: str = ""
    contact: str = ""
    address: str = ""
    officer: str = ""
    representative: str = ""
    seat: str = ""
    hosting: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that was published: number, hash, texts as they were hashed, when, and which event says so."""

    version: int
    digest: bytes
    texts: bytes
    published_at: int
    seq: int


@event("register.policy.published", version=1, keep="always")
class PolicyPublished(Event):
    """This server began to show a policy; `digest` is the SHA-256 of its texts in all languages."""

    number: int
    digest: bytes


@cache
def entries() -> tuple[Entry, ...]:
    """Return the processing entries, by id."""
    found = (path for path in (resources.files(__package__) / "entries").iterdir() if path.name.endswith(".toml"))
    made = [msgspec.convert(tomllib.loads(path.read_text("utf-8")), Entry) for path in found]
    return tuple(sorted(made, key=lambda one: one.id))


@cache
def words(language: Language) -> Words:
    """Return what a policy says beside its entries."""
    text = (resources.files(__package__) / "text" / f"{language}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Words)
