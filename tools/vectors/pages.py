"""How a file of vectors is put together and written."""

import hashlib
import json
from pathlib import Path
from typing import Any

from primitives import Kept, b64

FOLDER = Path(__file__).resolve().parents[2] / "vectors"
LONG = 128
"""Bytes above which a value stands once, in `values`, and is named by `=NAME` where it is used."""


class Page:
    """The cases of one page of spec/."""

    def __init__(self, name: str, version: str, kept: Kept, **head: str) -> None:
        self.name, self.kept = name, kept
        self.head = {"spec": f"spec/{name}.md", "version": version, "made_by": "tools/vectors/make.py", **head}
        self.values: dict[str, str] = {}
        self.cases: list[dict[str, Any]] = []

    def case(self, name: str, step: str, op: str, expect: Any, *, comment: str = "", **inputs: Any) -> None:
        if isinstance(expect, str):
            expect = {"refused": expect}
        case: dict[str, Any] = {"name": name, "step": step, "op": op}
        if comment:
            case["comment"] = comment
        self.cases.append({**case, **self._show(inputs), "expect": self._show(expect)})

    def _show(self, value: Any) -> Any:
        if isinstance(value, bytes):
            return self._bytes(value)
        if isinstance(value, dict):
            return {key: self._show(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._show(item) for item in value]
        return value

    def _bytes(self, data: bytes) -> str:
        if len(data) <= LONG:
            return data.hex()
        name = next((key for key, kept in self.kept.used.items() if kept == data), None)
        name = name or "v" + hashlib.sha256(data).hexdigest()[:12]
        self.values[name] = b64(data)
        return f"={name}"

    def finish(self) -> dict[str, Any]:
        for name, data in self.kept.take().items():
            self.values[name] = b64(data)
        names = [case["name"] for case in self.cases]
        assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]
        return {**self.head, "values": dict(sorted(self.values.items())), "cases": self.cases}


def text_of(page: dict[str, Any]) -> str:
    """One line for each short part, so that a difference can be read."""
    return json.dumps(page, indent=1, ensure_ascii=False) + "\n"
