"""One record as an article of the page.

Guarantees: every field of a record is shown, the mapped ones in words and the rest by name; all of it
escaped.
"""

from collections.abc import Mapping
from html import escape
from typing import Final

from mindhaven.errors import NotFoundError
from mindhaven.kinds import JsonValue, encode_body
from mindhaven.kinds.instruments import Instrument, load, may_serve
from mindhaven.kinds.summary import valence_word
from mindhaven.sdk.exports.fhir_resources import PLAN_PARTS
from mindhaven.sdk.exports.html_marks import note, pairs, tags
from mindhaven.sdk.exports.model import Exported, kind_of, local_text, local_time

Body = Mapping[str, JsonValue]

_SPECIAL: Final = frozenset({"note", "text", "labels", "activities", "contexts", "raw", "source", "title", "valence"})
LABELS: Final = {
    "arousal": "Stirred up (-1 calm, 1 strongly)",
    "span": "About",
    "scales": "Own scales",
    "part_of_day": "Part of the day",
    "strength": "Strength of 10",
    "attachments": "Attachments",
}


def entry_html(item: Exported) -> str:
    """Return the article of a record of any kind but a plan."""
    record = item.record
    body = record.body
    if kind_of(record) is None:
        inside = f"<pre>{escape(encode_body(body).decode())}</pre>\n"
        return _article(item, "Record", inside)
    head, inside = _SHAPES.get(record.kind, _plain_entry)(body)
    return _article(item, head, inside + _origin(body))


def plan_html(item: Exported) -> str:
    """Return a plan for hard times, part by part, empty parts left out."""
    body = item.record.body
    parts = []
    for name, title in PLAN_PARTS.items():
        entries = body.get(name)
        if isinstance(entries, list) and entries:
            lines = "".join(f"<li>{_person(entry)}</li>" for entry in entries)
            parts.append(f"<article><h3>{escape(title)}</h3><ul>{lines}</ul></article>\n")
    return "".join(parts) + note(body.get("note")) + f'<p class="meta">{_when(item)}{_by(item)}{_conflict(item)}</p>\n'


def _person(entry: JsonValue) -> str:
    if not isinstance(entry, dict):
        return escape(str(entry))
    name = f"<strong>{escape(str(entry.get('name', '')))}</strong>"
    rest = [escape(str(value)) for key, value in entry.items() if key != "name" and value not in (None, "")]
    return " · ".join([name, *rest])


def _article(item: Exported, head: str, inside: str) -> str:
    return (
        f'<article>\n<div class="head"><h3>{escape(head)}</h3><p class="meta">{_when(item)}{_by(item)}</p></div>\n'
        f"{inside}{_conflict_line(item)}</article>\n"
    )


def _when(item: Exported) -> str:
    moment = local_time(item.record)
    return f'<time datetime="{local_text(item.record)}">{moment:%Y-%m-%d %H:%M}</time> {escape(item.record.zone)}'


def _by(item: Exported) -> str:
    return f" · written by {escape(item.author_name)}" if item.author_name else ""


def _conflict(item: Exported) -> str:
    return " · another version of the same record" if item.conflict_of is not None else ""


def _conflict_line(item: Exported) -> str:
    return '<p class="meta">Another version of the same record.</p>\n' if item.conflict_of is not None else ""


def _origin(body: Body) -> str:
    source = body.get("source")
    return (
        f'<p class="meta">Brought in from {escape(str(source.get("app", "")))}</p>\n'
        if isinstance(source, dict)
        else ""
    )


def _mood(body: Body) -> tuple[str, str]:
    valence = body["valence"]
    word = valence_word(float(valence)) if isinstance(valence, int | float) else ""
    raw = body.get("raw")
    own = raw.get("name") if isinstance(raw, dict) else None
    head = f"{own} ({word})" if isinstance(own, str) and own else word.capitalize()
    rows: list[tuple[str, JsonValue]] = [("Pleasant (-1 to 1)", valence)]
    if isinstance(raw, dict) and raw.get("value") is not None:
        rows.append((f"On the scale {raw.get('scale', '')}", raw["value"]))
    title = f"<p><strong>{escape(str(body['title']))}</strong></p>\n" if body.get("title") else ""
    lists = "".join(tags(body.get(name)) for name in ("labels", "activities", "contexts"))
    return head, title + note(body.get("note")) + lists + pairs(rows + _rest(body))


def _journal(body: Body) -> tuple[str, str]:
    return str(body.get("title") or "Journal entry"), note(body.get("text")) + pairs(_rest(body))


def _checkup(body: Body) -> tuple[str, str]:
    name = str(body["instrument"])
    try:
        instrument: Instrument | None = load(name)
    except NotFoundError:
        instrument = None
    if instrument is not None and instrument.version != body.get("version"):
        instrument = None
    total, band = body.get("score"), body.get("band")
    head = instrument.title if instrument else name
    if total is None:
        head += ": no total, some answers are missing"
    else:
        most = f" of {instrument.total.high}" if instrument else ""
        head += f": {total}{most}" + (f", {band}" if isinstance(band, str) else "")
    answers = body.get("answers")
    return head, _answers(instrument, body, answers if isinstance(answers, dict) else {}) + note(body.get("note"))


def _answers(instrument: Instrument | None, body: Body, answers: Mapping[str, JsonValue]) -> str:
    if instrument is None or not may_serve(instrument.licence, "free-of-charge"):
        return pairs([*answers.items(), ("difficulty", body.get("difficulty"))])
    questions = list(instrument.items)
    given = dict(answers)
    if instrument.difficulty is not None and body.get("difficulty") is not None:
        questions.append(instrument.difficulty)
        given[instrument.difficulty.link_id] = body["difficulty"]
    rows = []
    for question in questions:
        code = given.get(question.link_id)
        option = next((o for o in instrument.options_of(question) if o.code == code and code is not None), None)
        told = f"{option.text} ({option.code})" if option else "no answer"
        rows.append(f'<tr><th scope="row">{escape(question.text)}</th><td>{escape(told)}</td></tr>')
    return (
        f"<table><caption>{escape(instrument.stem)}</caption><tbody>{''.join(rows)}</tbody></table>\n"
        f'<p class="meta">{escape(instrument.licence.attribution)}</p>\n'
    )


def _sleep(body: Body) -> tuple[str, str]:
    start, end = body["start"], body["end"]
    minutes = (end - start) // 60_000 if isinstance(start, int) and isinstance(end, int) else 0
    rows: list[tuple[str, JsonValue]] = []
    stages = body.get("stages")
    spent: dict[str, int] = {}
    for stage in stages if isinstance(stages, list) else []:
        if isinstance(stage, dict) and isinstance(stage["start"], int) and isinstance(stage["end"], int):
            name = str(stage["stage"])
            spent[name] = spent.get(name, 0) + stage["end"] - stage["start"]
    rows += [(name.replace("-", " ").capitalize(), _length(ms // 60_000)) for name, ms in spent.items()]
    rows.append(("Quality (0 to 1)", body.get("quality")))
    return _length(minutes), pairs(rows) + note(body.get("note"))


def _length(minutes: int) -> str:
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _medication(body: Body) -> tuple[str, str]:
    taken = body.get("taken")
    state = {True: ", taken", False: ", not taken"}[taken] if isinstance(taken, bool) else ""
    rows: list[tuple[str, JsonValue]] = [("Dose", body.get("dose")), ("When", body.get("schedule"))]
    return f"{body['name']}{state}", pairs(rows) + note(body.get("note"))


def _plain_entry(body: Body) -> tuple[str, str]:
    name, value = body.get("name") or body.get("title"), body.get("value")
    head = str(name) if name else "Entry"
    if isinstance(value, int | float):
        head += f": {value:g}"
    shown = {key: entry for key, entry in body.items() if key not in {"name", "value"}}
    lists = "".join(tags(body.get(key)) for key in ("labels", "activities", "contexts"))
    return head, note(body.get("text")) + note(body.get("note")) + lists + pairs(_rest(shown))


def _rest(body: Body) -> list[tuple[str, JsonValue]]:
    return [
        (LABELS.get(name, name.replace("_", " ").capitalize()), value)
        for name, value in body.items()
        if name not in _SPECIAL
    ]


_SHAPES: Final = {
    "mindhaven/mood": _mood,
    "mindhaven/journal": _journal,
    "mindhaven/checkup": _checkup,
    "mindhaven/sleep": _sleep,
    "mindhaven/medication": _medication,
}
