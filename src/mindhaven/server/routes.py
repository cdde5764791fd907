"""Routing: from a method and a path to an operation and its typed parameters.

Guarantees: a known path with another method is 405 and names the methods that are allowed; a parameter that is not of
its kind is 404, as if the path did not exist. No I/O.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mindhaven.kernel.operation import Operation
from mindhaven.server.problems import Refusal

_ID_BYTES: Final = 32
_ID_TEXT: Final = 43
_TEXT_MOST: Final = 256


@dataclass
class _Node:
    children: "dict[str, _Node]" = field(default_factory=dict)
    parameter: "_Node | None" = None
    name: str = ""
    rest: bool = False
    parse: "Callable[[str], Any]" = str
    methods: dict[str, Any] = field(default_factory=dict)


class Routes:
    """The tree of paths; `find` walks it segment by segment."""

    def __init__(self, operations: Iterable[tuple[Operation, Any]]) -> None:
        self._root = _Node()
        for operation, value in operations:
            self._add(operation, value)

    def find(self, method: str, path: str) -> tuple[Any, Mapping[str, Any]]:
        """Return what is kept for the method and path, and the parameters; raise a 404 or 405 refusal."""
        node: _Node | None = self._root
        params: dict[str, Any] = {}
        segments = path.split("/")[1:]
        for at, segment in enumerate(segments):
            assert node is not None
            child = node.children.get(segment)
            if child is None and node.parameter is not None and node.parameter.rest:
                node = node.parameter
                params[node.name] = _rest(segments[at:])
                break
            if child is None and node.parameter is not None:
                child = node.parameter
                try:
                    params[child.name] = child.parse(segment)
                except ValueError:
                    raise _absent() from None
            node = child
            if node is None:
                raise _absent()
        assert node is not None
        if not node.methods:
            raise _absent()
        found = node.methods.get(method) or (node.methods.get("GET") if method == "HEAD" else None)
        if found is None:
            allowed = sorted(node.methods) + (["HEAD"] if "GET" in node.methods else [])
            raise Refusal(
                405,
                "method-not-allowed",
                "This path does not take this method.",
                hint="Allowed: " + ", ".join(allowed),
                headers={"allow": ", ".join(allowed)},
            )
        return found, params

    def _add(self, operation: Operation, value: Any) -> None:
        kinds = dict(operation.parameters)
        node = self._root
        for segment in operation.plain_path.split("/")[1:]:
            if segment.startswith("{") and segment.endswith("}"):
                name = segment[1:-1]
                if node.parameter is None:
                    node.parameter = _Node(name=name, rest=kinds[name] == "rest", parse=_PARSERS[kinds[name]])
                elif (node.parameter.name, node.parameter.parse) != (name, _PARSERS[kinds[name]]):
                    raise TypeError(f"The path of {operation.name} names a parameter otherwise than another does.")
                node = node.parameter
            else:
                node = node.children.setdefault(segment, _Node())
        if operation.method in node.methods:
            raise TypeError(f"Two operations answer {operation.method} {operation.plain_path}.")
        node.methods[operation.method] = value


def parse_id(text: str) -> bytes:
    """Return the 32 bytes that `text` writes in base64url without padding; raise ValueError on any other spelling."""
    if len(text) != _ID_TEXT:
        raise ValueError
    try:
        value = base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError from None
    if len(value) != _ID_BYTES or base64.urlsafe_b64encode(value).decode().rstrip("=") != text:
        raise ValueError
    return value


def _parse_text(text: str) -> str:
    if not text or len(text) > _TEXT_MOST:
        raise ValueError
    return text


def _parse_int(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError
    return int(text)


def _rest(segments: list[str]) -> str:
    text = "/".join(segments)
    if not text or len(text) > _TEXT_MOST:
        raise _absent()
    return text


_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "id": parse_id,
    "text": _parse_text,
    "int": _parse_int,
    "rest": _parse_text,
}


def _absent() -> Refusal:
    return Refusal(404, "path-unknown", "There is nothing at this path.")
