"""The kinds that Mindhaven knows, as frozen tables.

Guarantees: data only; adding a kind is adding a table here, a line in `mindhaven.kinds.summary` and a row in
`docs/reference/kinds.md` (tests hold the three together). No I/O.
Does not: limit which kinds exist. An app's own kind (`org.example/x`) is stored and exported without a table.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mindhaven.kinds.fields import PROSE, Field

FhirRule: TypeAlias = Literal[
    "observation",
    "questionnaire-response",
    "document-reference",
    "care-plan",
    "medication-statement",
    "basic",
]

EARLIEST_MS: Final = -2_208_988_800_000
"""1900-01-01T00:00:00Z: nobody alive keeps a record about an earlier moment."""

LATEST_MS: Final = 7_258_118_399_999
"""2199-12-31T23:59:59.999Z: later moments are a mistake of units (microseconds read as milliseconds)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of record.

    `collection` is the name of the collection that a client puts it in unless the person chose another;
    `timeless` kinds are about no moment (their month is 0); `fhir` names the export rule.
    """

    name: str
    version: int
    collection: str
    title: str
    timeless: bool
    fields: tuple[Field, ...]
    fhir: FhirRule


def _moment(name: str, *, required: bool = True) -> Field:
    return Field(
        name=name, type="integer", required=required, low=EARLIEST_MS, high=LATEST_MS, unit="unix milliseconds UTC"
    )


_NOTE: Final = Field(name="note", type="text", longest=PROSE, about="free text")
_RAW: Final = Field(
    name="raw",
    type="object",
    about="what was said, on the scale it was said on",
    fields=(
        Field(name="scale", type="text", required=True, about='the scale by name, such as "daylio-5"'),
        Field(name="value", type="number", nullable=True),
        Field(name="name", type="text", about="the person's own word for it"),
    ),
)
_SOURCE: Final = Field(
    name="source",
    type="object",
    about="set on imported records only",
    fields=(
        Field(name="app", type="text", required=True, about='the importer by name, such as "daylio-csv"'),
        Field(name="key", type="text", required=True, about="import key: one row, one key"),
    ),
)
_NAMED_VALUE: Final = (
    Field(name="name", type="text", required=True),
    Field(name="value", type="number", nullable=True),
    Field(name="amount", type="text", about="as written, when it is not a number"),
    Field(name="scale", type="text"),
)
_PERSON: Final = (
    Field(name="name", type="text", required=True),
    Field(name="contact", type="text", about="number, address, or where to find them"),
    Field(name="hours", type="text"),
    _NOTE,
)

MOOD: Final = Kind(
    name="mindhaven/mood",
    version=1,
    collection="mood",
    title="Mood",
    timeless=False,
    fhir="observation",
    fields=(
        Field(name="valence", type="number", required=True, low=-1, high=1, about="-1 unpleasant, 1 pleasant"),
        Field(name="arousal", type="number", low=-1, high=1, about="-1 very calm, 1 very stirred up"),
        Field(name="span", type="text", choices=("moment", "day"), about="what the entry is about"),
        Field(name="labels", type="texts", about="words for the feeling"),
        Field(name="activities", type="texts", about="what was done"),
        Field(name="contexts", type="texts", about="what it had to do with"),
        Field(name="title", type="text"),
        _NOTE,
        _RAW,
        Field(name="scales", type="objects", fields=_NAMED_VALUE, about="own scales noted with the mood"),
        _SOURCE,
    ),
)

JOURNAL: Final = Kind(
    name="mindhaven/journal",
    version=1,
    collection="journal",
    title="Journal",
    timeless=False,
    fhir="document-reference",
    fields=(
        Field(name="title", type="text"),
        Field(name="text", type="text", required=True, longest=PROSE),
        Field(
            name="attachments",
            type="objects",
            fields=(
                Field(name="id", type="text", required=True),
                Field(name="name", type="text"),
                Field(name="type", type="text", about="media type"),
                Field(name="size_bytes", type="integer", low=0),
            ),
        ),
        _SOURCE,
    ),
)

CHECKUP: Final = Kind(
    name="mindhaven/checkup",
    version=1,
    collection="checkups",
    title="Check-up",
    timeless=False,
    fhir="questionnaire-response",
    fields=(
        Field(name="instrument", type="text", required=True, about='instrument id, such as "phq9"'),
        Field(name="version", type="text", required=True, about="version of the instrument record"),
        Field(name="language", type="text", required=True, about="language the person read, such as en"),
        Field(name="answers", type="codes", required=True, low=0, about="linkId to answer code"),
        Field(name="difficulty", type="integer", nullable=True, low=0, high=3, about="not scored"),
        Field(name="score", type="integer", nullable=True, about="total, null if there is none"),
        Field(name="band", type="text", nullable=True),
        Field(name="missing", type="texts", about="linkIds without an answer"),
        _NOTE,
        _SOURCE,
    ),
)

PLAN: Final = Kind(
    name="mindhaven/plan",
    version=1,
    collection="plan",
    title="My plan for hard times",
    timeless=True,
    fhir="care-plan",
    fields=(
        Field(name="signs", type="texts", about="signs that tell me it is getting hard"),
        Field(name="helps", type="texts", about="what helps me, on my own"),
        Field(name="distractions", type="texts", about="people and places that take my mind off it"),
        Field(name="people", type="objects", fields=_PERSON, about="people I can ask for help"),
        Field(name="professionals", type="objects", fields=_PERSON, about="professionals and crisis lines"),
        Field(name="surroundings", type="texts", about="making my surroundings safer"),
        Field(name="reasons", type="texts", about="my reasons for living"),
        _NOTE,
        _SOURCE,
    ),
)

SLEEP: Final = Kind(
    name="mindhaven/sleep",
    version=1,
    collection="sleep",
    title="Sleep",
    timeless=False,
    fhir="observation",
    fields=(
        _moment("start"),
        _moment("end"),
        Field(
            name="stages",
            type="objects",
            fields=(
                Field(
                    name="stage",
                    type="text",
                    required=True,
                    choices=("in-bed", "awake", "asleep", "core", "deep", "rem"),
                ),
                _moment("start"),
                _moment("end"),
            ),
        ),
        Field(name="quality", type="number", low=0, high=1, about="0 worst, 1 best"),
        _NOTE,
        _RAW,
        _SOURCE,
    ),
)

MINDFUL: Final = Kind(
    name="mindhaven/mindful",
    version=1,
    collection="practice",
    title="Mindful minutes",
    timeless=False,
    fhir="observation",
    fields=(
        Field(name="minutes", type="number", required=True, low=0, high=1440, unit="minutes"),
        Field(name="activity", type="text"),
        _NOTE,
        _SOURCE,
    ),
)

MEDICATION: Final = Kind(
    name="mindhaven/medication",
    version=1,
    collection="medication",
    title="Medication",
    timeless=False,
    fhir="medication-statement",
    fields=(
        Field(name="name", type="text", required=True),
        Field(name="dose", type="text", about='as written, such as "20 mg"'),
        Field(name="taken", type="flag", about="true taken, false skipped, absent for a schedule"),
        Field(name="schedule", type="text", about='in words, such as "every morning"'),
        _NOTE,
        _SOURCE,
    ),
)


def _rated(name: str, title: str) -> Kind:
    return Kind(
        name=name,
        version=1,
        collection="symptoms",
        title=title,
        timeless=False,
        fhir="observation",
        fields=(
            Field(name="name", type="text", required=True),
            Field(name="scale", type="text", about="the scale by name"),
            Field(name="value", type="number", nullable=True, about="on that scale"),
            Field(name="amount", type="text", about="as written, when it is not a number"),
            Field(name="category", type="text"),
            Field(name="part_of_day", type="text"),
            Field(name="detail", type="text", longest=PROSE),
            _NOTE,
            _SOURCE,
        ),
    )


SYMPTOM: Final = _rated("mindhaven/symptom", "Symptom")
FACTOR: Final = _rated("mindhaven/factor", "Factor")

CRAVING: Final = Kind(
    name="mindhaven/craving",
    version=1,
    collection="cravings",
    title="Craving",
    timeless=False,
    fhir="observation",
    fields=(
        Field(name="strength", type="number", required=True, low=0, high=10, about="0 none, 10 strongest"),
        Field(name="about", type="text", about="what for"),
        Field(name="acted", type="flag"),
        Field(name="helped", type="texts"),
        _NOTE,
        _RAW,
        _SOURCE,
    ),
)

HISTORY: Final = Kind(
    name="mindhaven/history",
    version=1,
    collection="history",
    title="My history",
    timeless=True,
    fhir="basic",
    fields=(
        Field(name="title", type="text", required=True),
        Field(name="text", type="text", longest=PROSE),
        Field(name="category", type="text", about="such as diagnosis, treatment, family, allergy"),
        Field(name="since", type="text", about="as precise as the person likes: 2019, 2019-05"),
        Field(name="until", type="text"),
        _SOURCE,
    ),
)

REQUEST: Final = Kind(
    name="mindhaven/request",
    version=1,
    collection="requests",
    title="A check-up asked for",
    timeless=False,
    fhir="basic",
    fields=(
        Field(name="instrument", type="text", required=True, about='instrument id, such as "phq9"'),
        Field(name="reads_from", type="text", about="yyyy-mm-dd: whoever asks may not read answers before this day"),
        Field(name="until", type="text", about="yyyy-mm-dd: the last day on which an answer helps"),
    ),
)

SEALED: Final = 5_000_000
"""Longest box of a locked record in characters: a body of full free text, sealed and in base64."""

LOCK: Final = Kind(
    name="mindhaven/lock",
    version=1,
    collection="lock",
    title="Lock",
    timeless=True,
    fhir="basic",
    fields=(
        Field(name="ring", type="text", required=True, longest=90_000, about="base64, as spec/lock.md has it"),
        Field(name="ended", type="flag", about="it locks nothing new, and opens what came later"),
        Field(name="known", type="texts", about="import keys of what is locked"),
    ),
)

LOCKED: Final = Kind(
    name="mindhaven/locked",
    version=1,
    collection="journal",
    title="Locked entry",
    timeless=False,
    fhir="basic",
    fields=(
        Field(name="lock", type="text", required=True, about="the lock's id in hex"),
        Field(name="sealed", type="text", required=True, longest=SEALED, about="base64, as spec/lock.md has it"),
    ),
)

KINDS: Final[tuple[Kind, ...]] = (
    MOOD,
    JOURNAL,
    CHECKUP,
    PLAN,
    SLEEP,
    MINDFUL,
    MEDICATION,
    SYMPTOM,
    FACTOR,
    CRAVING,
    HISTORY,
    REQUEST,
    LOCK,
    LOCKED,
)

_BY_NAME: Final = {kind.name: kind for kind in KINDS}


def kind_named(name: str) -> Kind | None:
    """Return the table of the kind called `name`, or None for an app's own kind."""
    return _BY_NAME.get(name)
