"""Totals, bands and raised risk items, from answers.

Guarantees: no total without the answers that the published rule needs; a raised risk item is told whether or
not there is a total; answers are checked against the questionnaire before anything is computed.
Does not: decide that somebody is at risk; it names the items that ask for a closer look.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mindhaven.errors import InvalidInputError
from mindhaven.kinds.fields import JsonValue
from mindhaven.kinds.instruments.model import Direction, Instrument


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """What the answers add up to.

    `total` is None when answers are missing and the rule allows no total; `band` is None then, and for
    instruments that have no validated bands; `missing` and `risk_items` are linkIds in the order of the
    questionnaire.
    """

    total: int | None
    complete: bool
    band: str | None
    missing: tuple[str, ...]
    risk_items: tuple[str, ...]
    direction: Direction


def score(instrument: Instrument, answers: Mapping[str, int | None]) -> Score:
    """Return the score of `answers` (linkId to answer code; None or absent: no answer).

    Raises `InvalidInputError`: `answer-unknown-item` for a linkId that the questionnaire does not have,
    `answer-unknown-code` for a code that the question does not offer. Source of every rule: the data file's
    citations.
    """
    weights = _weights(instrument, answers)
    for skip in instrument.skips:
        if answers.get(skip.item) == skip.code:
            weights = dict.fromkeys(skip.then, 0) | weights
    missing = tuple(item.link_id for item in instrument.items if item.link_id not in weights)
    risk = instrument.risk
    raised = () if risk is None else tuple(name for name in risk.items if weights.get(name, 0) > risk.above)
    total = None if missing else sum(weights.values())
    reached = (band.name for band in instrument.bands if total is not None and band.low <= total <= band.high)
    return Score(
        total=total,
        complete=not missing,
        band=next(reached, None),
        missing=missing,
        risk_items=raised,
        direction=instrument.direction,
    )


def checkup_body(
    instrument: Instrument, answers: Mapping[str, int | None], *, difficulty: int | None = None
) -> dict[str, JsonValue]:
    """Return the body of a `mindhaven/checkup` record: every answer, and the score computed from them.

    Raises as `score`, and `answer-unknown-code` for a difficulty that is not offered.
    """
    result = score(instrument, answers)
    if difficulty is not None:
        question = instrument.difficulty
        if question is None:
            raise _refused("asks no difficulty question", "answer-unknown-item")
        if difficulty not in {option.code for option in instrument.options_of(question)}:
            raise _refused("does not offer this answer to its difficulty question", "answer-unknown-code")
    kept: dict[str, JsonValue] = {
        item.link_id: answers[item.link_id] for item in instrument.items if answers.get(item.link_id) is not None
    }
    body: dict[str, JsonValue] = {
        "instrument": instrument.id,
        "version": instrument.version,
        "language": instrument.language,
        "answers": kept,
        "score": result.total,
        "band": result.band,
        "missing": list(result.missing),
    }
    if difficulty is not None:
        body["difficulty"] = difficulty
    return body


def _weights(instrument: Instrument, answers: Mapping[str, int | None]) -> dict[str, int]:
    items = {item.link_id: item for item in instrument.items}
    weights: dict[str, int] = {}
    for link_id, code in answers.items():
        if link_id not in items:
            raise _refused("has no such question", "answer-unknown-item")
        if code is None:
            continue
        if isinstance(code, bool) or not isinstance(code, int):
            raise _refused("takes answer codes as whole numbers", "answer-unknown-code")
        weight = next((o.weight for o in instrument.options_of(items[link_id]) if o.code == code), None)
        if weight is None:
            raise _refused("does not offer this answer", "answer-unknown-code")
        weights[link_id] = weight
    return weights


def _refused(why: str, code: str) -> InvalidInputError:
    return InvalidInputError(f"This questionnaire {why}.", code=code)
