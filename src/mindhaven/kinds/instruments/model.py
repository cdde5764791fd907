"""The shape of a questionnaire's data file, and the loader that refuses anything else.

Guarantees: unknown keys, doubled linkIds, answers without a list, gaps or overlaps between bands, and a range
that the items cannot reach are refused, so that a typing slip in a reviewed file is found by the first test
that loads it. Reads: the TOML files of this package, through importlib.resources.
"""

import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import Final, Literal, TypeAlias

import msgspec

from mindhaven.errors import InvalidInputError, NotFoundError

InstrumentId: TypeAlias = str

Direction: TypeAlias = Literal["higher-is-worse", "lower-is-worse"]


class _Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table: frozen, and an unknown key is an error."""


class Coded(_Data, frozen=True):
    """A LOINC code, and the line that says where it was read."""

    loinc: str
    source: str


class Total(_Data, frozen=True):
    """The range that a total can have, both ends included, and its code if one is confirmed."""

    low: int
    high: int
    loinc: str | None = None
    source: str = ""


class Licence(_Data, frozen=True):
    """What may be done with the words.

    `text_rights`: `free` (anybody, any use), `conditions` (only as `attribution` says), `none`; the gate
    wants it to agree with the two flags, so that one edited flag opens nothing.
    """

    id: str
    text_rights: Literal["free", "conditions", "none"]
    attribution: str
    source: str
    may_bundle: bool
    may_serve_commercial: bool


class Option(_Data, frozen=True):
    """One answer: the code that is stored, what it counts, its words and, if it has one, its LOINC answer
    code."""

    code: int
    weight: int
    text: str
    loinc: str | None = None


class AnswerList(_Data, frozen=True):
    """Answers that items share; `source` says where its codes were read."""

    id: str
    source: str
    options: tuple[Option, ...]
    loinc: str | None = None


class Item(_Data, frozen=True):
    """One question. `loinc` may be absent, then `source` says where the words were read."""

    link_id: str
    text: str
    source: str
    answers: str
    loinc: str | None = None


class MissingRule(_Data, frozen=True):
    """What happens without an answer; `all-required`: no total."""

    rule: Literal["all-required"]
    citation: str


class Skip(_Data, frozen=True):
    """Answering `item` with `code` makes the items in `then` count 0 when they have no answer."""

    item: str
    code: int
    then: tuple[str, ...]
    citation: str


class Band(_Data, frozen=True):
    """A named range of totals, both ends included."""

    low: int
    high: int
    name: str
    citation: str


class CutOff(_Data, frozen=True):
    """A total from which a published source asks for a closer look; it names no diagnosis and no band."""

    at: int
    about: str
    citation: str


class Risk(_Data, frozen=True):
    """Items whose answer above `above` opens the help screen at once, before any total."""

    items: tuple[str, ...]
    above: int
    citation: str


class Instrument(_Data, frozen=True):
    """One questionnaire, whole. The words are behind `mindhaven.kinds.instruments.serve`."""

    id: InstrumentId
    version: str
    title: str
    about: str
    language: str
    recall: str
    stem: str
    direction: Direction
    review_date: date
    total: Total
    licence: Licence
    missing: MissingRule
    answers: tuple[AnswerList, ...]
    items: tuple[Item, ...]
    bands: tuple[Band, ...] = ()
    cut_offs: tuple[CutOff, ...] = ()
    skips: tuple[Skip, ...] = ()
    panel: Coded | None = None
    risk: Risk | None = None
    difficulty: Item | None = None

    def options_of(self, item: Item) -> tuple[Option, ...]:
        """Return the answers of `item`."""
        return next(found.options for found in self.answers if found.id == item.answers)


_SHIPPED: Final = ("phq9", "phq8", "gad7", "pcl5", "audit_c")


def load_all() -> tuple[Instrument, ...]:
    """Return every questionnaire that is shipped."""
    return tuple(load(name) for name in _SHIPPED)


@cache
def load(name: InstrumentId) -> Instrument:
    """Return the questionnaire with id `name`; raise `NotFoundError` with code `instrument-unknown`."""
    if name not in _SHIPPED:
        raise NotFoundError("There is no such questionnaire here.", code="instrument-unknown")
    return parse(resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


def parse(text: str) -> Instrument:
    """Return the questionnaire that the TOML `text` describes; raise `InvalidInputError`
    (`instrument-malformed`)."""
    try:
        instrument = msgspec.convert(tomllib.loads(text), Instrument)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _malformed(f"is not well formed: {error}") from error
    for wrong, why in (
        (_doubled(instrument), "an id stands twice"),
        (_dangling(instrument), "an answer list, item or code is named that does not exist"),
        (_range_wrong(instrument), "the total's range is not what the weights give"),
        (_bands_wrong(instrument), "the bands leave a gap, overlap, or miss an end of the range"),
        (_cut_off_wrong(instrument), "a cut-off lies outside the range"),
    ):
        if wrong:
            raise _malformed(f"does not add up: {why}")
    return instrument


def _malformed(why: str) -> InvalidInputError:
    return InvalidInputError(f"This questionnaire file {why}.", code="instrument-malformed")


def _doubled(instrument: Instrument) -> bool:
    names: list[list[str | int]] = [
        [item.link_id for item in _questions(instrument)],
        [found.id for found in instrument.answers],
    ]
    names += [[option.code for option in found.options] for found in instrument.answers]
    return any(len(set(group)) != len(group) for group in names)


def _questions(instrument: Instrument) -> tuple[Item, ...]:
    return instrument.items if instrument.difficulty is None else (*instrument.items, instrument.difficulty)


def _dangling(instrument: Instrument) -> bool:
    lists = {found.id for found in instrument.answers}
    if not instrument.items or any(item.answers not in lists for item in _questions(instrument)):
        return True
    items = {item.link_id: item for item in instrument.items}
    if instrument.risk is not None and not set(instrument.risk.items) <= set(items):
        return True
    return any(
        skip.item not in items
        or not set(skip.then) <= set(items)
        or skip.code not in {option.code for option in instrument.options_of(items[skip.item])}
        for skip in instrument.skips
    )


def _range_wrong(instrument: Instrument) -> bool:
    weights = [[option.weight for option in instrument.options_of(item)] for item in instrument.items]
    return (sum(map(min, weights)), sum(map(max, weights))) != (instrument.total.low, instrument.total.high)


def _cut_off_wrong(instrument: Instrument) -> bool:
    return any(not instrument.total.low <= cut.at <= instrument.total.high for cut in instrument.cut_offs)


def _bands_wrong(instrument: Instrument) -> bool:
    if not instrument.bands:
        return False
    expected = instrument.total.low
    for band in instrument.bands:
        if band.low != expected or band.high < band.low:
            return True
        expected = band.high + 1
    return expected != instrument.total.high + 1
