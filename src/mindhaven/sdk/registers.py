"""What changed between the registers of two policies, in words. Pure; no I/O.

A register is what stands as `register` in a policy's texts: what the host says of itself, and the processing entries,
as JSON. It is of any version of the server, so a field that is not known here is told by its own name.
Does not: compare the sentences that people read; those are in the texts.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

NOTHING: Final = "nothing"
HOST: Final = "The host"
_FIELDS: Final = {
    "basis": "legal ground",
    "derivatives": "what is made of it",
    "keep": "how long it is kept",
    "people": "whose data",
    "retention": "keep rules",
    "reviewed_on": "day of review",
    "special": "special category",
    "third_countries": "other countries",
    "vendors": "kinds of vendors",
}
_TEXTS: Final = frozenset({"id", "says", "categories"})
"""What is not compared as a field: the id, what the texts show line by line, and what has sentences of its own."""
_COVERS: Final = ("columns", "events", "outbound")


def register_of(texts: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the register of a policy's texts: `controller` and `entries`; None if there is none that can be read."""
    try:
        return msgspec.json.decode(texts.get("register", ""), type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return None


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """Return what changed, a sentence each: of the host first, then of entries, by id."""
    old, new = before or {}, after or {}
    told = [f"{HOST}: {one}" for one in _fields(_table(old.get("controller")), _table(new.get("controller")))]
    was, now = _by_id(old.get("entries")), _by_id(new.get("entries"))
    for id_ in sorted(was.keys() | now.keys()):
        title = _title(now.get(id_) or was[id_], id_)
        if id_ not in was:
            told.append(f"{title}: is new")
        elif id_ not in now:
            told.append(f"{title}: is gone")
        else:
            told += [f"{title}: {one}" for one in (*_fields(was[id_], now[id_]), *_categories(was[id_], now[id_]))]
    return told


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _by_id(entries: Any) -> dict[str, dict[str, Any]]:
    return {str(one["id"]): one for one in _list(entries) if isinstance(one, dict) and "id" in one}


def _title(entry: Mapping[str, Any], id_: str) -> str:
    return str(_table(_table(entry.get("says")).get("en")).get("title") or entry.get("title") or id_)


def _fields(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted((was.keys() | now.keys()) - _TEXTS):
        before, after = _value(was.get(name)), _value(now.get(name))
        if before != after:
            yield f"{_FIELDS.get(name, name)} changed from {before} to {after}"


def _value(value: Any) -> str:
    """Return a value in words: `nothing`, yes or no, a list by its members, a text in quotation marks."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, list):
        return ", ".join(sorted(_member(one) for one in value))
    return f'"{_member(value)}"'


def _member(value: Any, *, within: bool = False) -> str:
    """Return a member of a list in words; what lies deeper than a table in it is not told."""
    if isinstance(value, dict | list) and within:
        return "..."
    if isinstance(value, dict):
        return " ".join(f"{name} {_member(one, within=True)}" for name, one in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(_member(one, within=True) for one in value)
    return str(value)


def _categories(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield which categories came and went, and which fields each covers that it did not, or no longer."""
    old, new = _named(was.get("categories")), _named(now.get("categories"))
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield f'the category "{name}" is new'
        elif name not in new:
            yield f'the category "{name}" is gone'
        else:
            for field in sorted(new[name] - old[name]):
                yield f'"{name}" now covers {field}'
            for field in sorted(old[name] - new[name]):
                yield f'"{name}" no longer covers {field}'


def _named(categories: Any) -> dict[str, set[str]]:
    return {
        str(_table(one.get("name")).get("en", "")): {
            f"{table}.{field}" for kind in _COVERS for table, names in _table(one.get(kind)).items()
            for field in _list(names)
        }
        for one in _list(categories)
        if isinstance(one, dict)
    }  # fmt: skip
