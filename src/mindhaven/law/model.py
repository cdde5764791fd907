"""The shape of a law's data file. `docs/reference/law-data.md` explains each field to whoever writes one.

Guarantees: frozen values; an unknown key in a file is an error. No I/O, no clock, and no country, law or
authority by name: those stand in the files alone.
"""

from datetime import date
from typing import Final, Literal, TypeAlias

import msgspec

Status: TypeAlias = Literal["in-force", "scheduled", "proposed", "vacated", "tolled"]
"""Only `in-force` and `scheduled` rules bind, from their `since` on. `tolled`: enacted, its compliance put off."""

RecordClass: TypeAlias = Literal["health", "psychotherapy-notes", "substance-use", "substance-use-notes", "contact"]
"""`health`: moods, journals, check-ups, plans, a clinician's ordinary notes; the three after it are kept and
shared apart from those; `contact`: how a person is reached, and the account."""

Unit: TypeAlias = Literal["hours", "days", "business-days", "months", "years"]

Start: TypeAlias = Literal[
    "receipt",
    "identity-confirmed",
    "fee-paid",
    "collected",
    "request-authenticated",
    "appeal",
    "opt-out",
    "discovery",
    "awareness",
    "suspicion",
    "determination",
    "belief",
    "individuals-told",
    "created",
    "last-effective",
    "signed",
    "last-service",
    "birth",
    "answered",
    "obliged",
]
"""What a clock begins at. Laws differ in it on purpose, so there is no bare "day 0". `obliged`: the day on which the
duty came to stand for this host, for duties that no single act begins."""

Pause: TypeAlias = Literal["clarification", "law-enforcement", "identity", "fee"]


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table: frozen, and an unknown key is an error."""


class Evidence(Data, frozen=True, kw_only=True):
    """How sure we are, and of what kind the text is that we saw."""

    confidence: Literal["high", "medium", "low"]
    source: Literal["primary", "secondary", "general-knowledge"]


class Clock(Data, frozen=True, kw_only=True):
    """A length of time, and how it is counted.

    `n` None: the law says only "without undue delay", "promptly". `duty`: `cap` (act without delay, at the latest
    then), `by` (then is the duty), `not-before` (a wait), `norm` (no law fixes it: the usual length), `at-least`
    and `at-most` (how long something is kept). `starts`: begins at the latest of those that happened; the first must
    have. `year_end`: counted from the end of the start's calendar year. `counts_start`: the start's own day is day 1.
    `roll`: a last day that is no working day moves to the next one, by `calendar`. Hours are counted between instants
    and never roll. `pauses`: days that fall in such a pause do not count.
    """

    n: int | None = None
    unit: Unit = "days"
    duty: Literal["cap", "by", "not-before", "norm", "at-least", "at-most"] = "by"
    starts: tuple[Start, ...]
    year_end: bool = False
    counts_start: bool = False
    roll: bool = False
    calendar: str = ""
    pauses: tuple[Pause, ...] = ()


class Extension(Data, frozen=True, kw_only=True):
    """Further time. `notice`: the person must be told, with reasons, before the first length ends."""

    n: int
    unit: Unit
    times: int = 1
    counts_from: Literal["due", "start"] = "due"
    notice: bool = True


class Threshold(Data, frozen=True, kw_only=True):
    """How many people make a duty. `scope`: of whom they are counted."""

    op: Literal[">=", ">", "<"]
    n: int
    scope: Literal["all", "one-state", "residents"] = "all"


class Said(Data, frozen=True, kw_only=True):
    """One listed thing: a code that later parts check by, and a plain sentence."""

    code: str
    says: str
    cite: str = ""


class Ground(Said, frozen=True, kw_only=True):
    """A ground to refuse. `reviewable`: somebody who was not involved must look again if the person asks."""

    reviewable: bool = False


class Rule(Data, frozen=True, kw_only=True, tag_field="kind"):
    """What every rule has.

    Two rules may share an `id` if their times do not meet: then they are versions of one rule. `since` is the first
    day, `until` the first day on which it no longer stands. `classes` empty: every class that its law covers.
    """

    id: str
    cite: str
    says: str
    status: Status
    evidence: Evidence
    since: date | None = None
    until: date | None = None
    classes: tuple[RecordClass, ...] = ()
    note: str = ""


class Right(Rule, frozen=True, kw_only=True, tag="right"):
    """What a person may ask for, and by when it is answered. `act`: one word for the request."""

    act: Literal[
        "access", "amend", "account-for", "restrict", "reach-otherwise", "erase", "port", "object", "opt-out",
        "limit", "complain", "appeal", "acknowledge", "human-review", "ask-again", "notice", "withdraw",
        "erase-backups",
    ]  # fmt: skip
    clock: Clock | None = None
    extension: Extension | None = None
    verify: Literal["must", "may", "never"] = "may"
    fee: Literal["none", "cost-based", "free-first"] = "none"
    look_back_years: int | None = None
    exceptions: tuple[Ground, ...] = ()
    denial: tuple[Said, ...] = ()


class Breach(Rule, frozen=True, kw_only=True, tag="breach"):
    """Whom to tell of a breach, from when, with what.

    `risk`: how bad it must be for the duty to stand. `sealed`: what it does that all that got out was encrypted and no
    key with it: `exempt` (no breach under this law), `no-notice` (this recipient is not told), `weighs` (it counts in
    the test of risk), `nothing`. `role`: which hosts owe it; empty: every host that the law applies to.
    """

    to: tuple[str, ...]
    risk: Literal["any", "unless-unlikely", "likely-high", "serious-harm"] = "any"
    sealed: Literal["exempt", "no-notice", "weighs", "nothing"]
    threshold: Threshold | None = None
    clock: Clock | None = None
    content: tuple[Said, ...] = ()
    method: tuple[Said, ...] = ()
    role: tuple[str, ...] = ()


class Consent(Rule, frozen=True, kw_only=True, tag="consent"):
    """What a valid consent holds. `purpose`: of what; `apart`: may stand with no other consent."""

    purpose: Literal["any", "share", "sale", "psychotherapy-notes", "substance-use", "proceedings", "collect", "child"]
    elements: tuple[Said, ...] = ()
    apart: bool = False
    express: bool = False
    expires: Clock | None = None
    age: int | None = None
    ages: dict[str, int] = {}


class Agreement(Rule, frozen=True, kw_only=True, tag="agreement"):
    """What a contract with a vendor must hold."""

    clauses: tuple[Said, ...]


class Retention(Rule, frozen=True, kw_only=True, tag="retention"):
    """How long something must, or may, be kept. `of`: what; `content`: what each entry of it holds."""

    of: Literal[
        "documents", "authorisations", "request-log", "breach-register", "care-records", "consents", "personal-data"
    ]
    clock: Clock
    content: tuple[Said, ...] = ()


class Control(Rule, frozen=True, kw_only=True, tag="control"):
    """A safeguard. `required` False: do it, do something equal, or write down why not. `same_as`: ids elsewhere."""

    required: bool = True
    same_as: tuple[str, ...] = ()


class Notice(Rule, frozen=True, kw_only=True, tag="notice"):
    """What a published text must say. `of`: which text. `refresh`: when it must be looked at again."""

    of: Literal[
        "policy", "practices", "collection", "redisclosure", "vendor-list", "record-of-processing", "assessment"
    ]
    content: tuple[Said, ...] = ()
    refresh: Clock | None = None


AnyRule: TypeAlias = Right | Breach | Consent | Agreement | Retention | Control | Notice


class Applies(Data, frozen=True, kw_only=True):
    """When a law is looked at at all: a host with one of `roles` (empty: any), a record of one of `classes` (empty:
    any), about a person who lives in one of `people` (a place or a group of places; empty: anywhere) and in none of
    `not_people`.

    A person who has not said where they live is taken to live everywhere, and who named a country in each of its parts.
    """

    roles: tuple[str, ...] = ()
    classes: tuple[RecordClass, ...] = ()
    people: tuple[str, ...] = ()
    not_people: tuple[str, ...] = ()
    why: str


class GivesWay(Data, frozen=True, kw_only=True):
    """This law is silent about a record to which the law `to` applies."""

    to: str
    cite: str


class Law(Data, frozen=True, kw_only=True):
    """One file. `reviewed`: who of counsel read it and when; empty until then, and the product says so."""

    id: str
    name: str
    cite: str
    place: str
    about: str
    read_on: date
    reviewed: str = ""
    authority: str = ""
    applies: tuple[Applies, ...]
    gives_way: tuple[GivesWay, ...] = ()
    rule: tuple[AnyRule, ...]


UNREVIEWED: Final = "No lawyer has reviewed this rule yet. Ask counsel before you rely on it."
