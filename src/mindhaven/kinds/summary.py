"""One plain line for each record, for lists, exports and screen readers.

Guarantees: one line, at most 160 characters, no markup, no judgement: a low mood is told like a high one.
Does not: translate; lines are English. No I/O.
"""

from collections.abc import Callable, Mapping
from typing import Final

from mindhaven.kinds.fields import JsonValue
from mindhaven.kinds.record import Record

LONGEST: Final = 160
"""Characters of a line: two rows on a phone."""

Body = Mapping[str, JsonValue]

_INSTRUMENTS: Final = {"phq9": "PHQ-9", "phq8": "PHQ-8", "gad7": "GAD-7", "pcl5": "PCL-5", "audit_c": "AUDIT-C"}

_FACES: Final = (
    (-0.75, "very unpleasant"),
    (-0.25, "unpleasant"),
    (0.25, "in between"),
    (0.75, "pleasant"),
)


def summary(record: Record) -> str:
    """Return one plain line that says what `record` is; an app's own kind is told by its name and number of
    fields."""
    render = _LINES.get(record.kind)
    try:
        line = _unknown(record) if render is None else render(record.body)
    except (KeyError, TypeError, ValueError, AttributeError):
        line = _unknown(record)  # a newer version may have another shape, and a list must still show it
    line = " ".join(line.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def valence_word(valence: float) -> str:
    """Return the word for a valence of -1..1: one of five, bounds half-way between the faces of a five-face
    scale."""
    for bound, word in _FACES:
        if valence < bound:
            return word
    return "very pleasant"


def _unknown(record: Record) -> str:
    count = len(record.body)
    return f"{record.kind}: {count} field{'' if count == 1 else 's'}"


def _words(body: Body, *names: str) -> list[str]:
    words: list[str] = []
    for name in names:
        value = body.get(name)
        if isinstance(value, str) and value.strip():
            words.append(value)
        elif isinstance(value, list) and value:
            words.append(", ".join(str(entry) for entry in value))
    return words


def _with(head: str, rest: list[str]) -> str:
    return f"{head} ({'; '.join(rest)})" if rest else head


def _number(value: JsonValue) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return f"{value:g}"


def _mood(body: Body) -> str:
    valence = body["valence"]
    if isinstance(valence, bool) or not isinstance(valence, int | float):
        raise TypeError
    raw = body.get("raw")
    own = raw.get("name") if isinstance(raw, dict) else None
    word = own if isinstance(own, str) and own else valence_word(valence)
    return _with(f"Mood: {word}", _words(body, "labels", "activities", "title", "note"))


def _journal(body: Body) -> str:
    title = body.get("title")
    text = body["text"]
    return f"Journal: {title if isinstance(title, str) and title else text}"


def _checkup(body: Body) -> str:
    name = _INSTRUMENTS.get(str(body["instrument"]), str(body["instrument"]))
    score = body.get("score")
    if score is None:
        return f"Check-up {name}: no total, some answers are missing"
    band = body.get("band")
    return f"Check-up {name}: {_number(score)}" + (f", {band}" if isinstance(band, str) else "")


def _plan(body: Body) -> str:
    filled = [name for name in body if name not in {"source", "note"} and body[name]]
    return f"My plan for hard times: {len(filled)} of 7 parts filled in"


def _sleep(body: Body) -> str:
    start, end = body["start"], body["end"]
    if not isinstance(start, int) or not isinstance(end, int):
        raise TypeError
    minutes = (end - start) // 60_000
    return _with(f"Sleep: {minutes // 60} h {minutes % 60:02d} min", _words(body, "note"))


def _mindful(body: Body) -> str:
    return _with(f"Mindful minutes: {_number(body['minutes'])}", _words(body, "activity", "note"))


def _medication(body: Body) -> str:
    taken = body.get("taken")
    state = ["taken" if taken else "not taken"] if isinstance(taken, bool) else []
    rest = [*_words(body, "dose"), *state, *_words(body, "schedule", "note")]
    return _with(f"Medication: {body['name']}", rest)


def _rated(head: str) -> Callable[[Body], str]:
    def line(body: Body) -> str:
        value = body.get("value")
        told = _number(value) if value is not None else body.get("amount")
        return _with(f"{head}: {body['name']}" + (f" {told}" if told else ""), _words(body, "detail", "note"))

    return line


def _craving(body: Body) -> str:
    return _with(f"Craving: {_number(body['strength'])} of 10", _words(body, "about", "note"))


def _history(body: Body) -> str:
    return _with(f"History: {body['title']}", _words(body, "category", "since", "text"))


def _request(body: Body) -> str:
    name = str(body["instrument"])
    return f"Asked for: check-up {_INSTRUMENTS.get(name, name)}"


def _lock(_: Body) -> str:
    return "A lock"


def _locked(_: Body) -> str:
    return "A locked entry"


_LINES: Final[Mapping[str, Callable[[Body], str]]] = {
    "mindhaven/mood": _mood,
    "mindhaven/journal": _journal,
    "mindhaven/checkup": _checkup,
    "mindhaven/plan": _plan,
    "mindhaven/sleep": _sleep,
    "mindhaven/mindful": _mindful,
    "mindhaven/medication": _medication,
    "mindhaven/symptom": _rated("Symptom"),
    "mindhaven/factor": _rated("Factor"),
    "mindhaven/craving": _craving,
    "mindhaven/history": _history,
    "mindhaven/request": _request,
    "mindhaven/lock": _lock,
    "mindhaven/locked": _locked,
}
