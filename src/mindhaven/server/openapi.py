"""OpenAPI 3.1 from the operations: exact, because both come from the same values. No I/O."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from mindhaven.kernel.operation import CBOR, JSON, Body, BodyStream, Operation
from mindhaven.server.problems import MEDIA, Problem

_REF: Final = "#/components/schemas/{name}"
_BASE64: Final = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_PARAMETER_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$", "minLength": 43, "maxLength": 43},
    "text": {"type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[^/]+$"},
    "int": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
}


def document(operations: Iterable[Operation], *, title: str, version: str) -> dict[str, Any]:
    """Return the document; the same operations give the same document."""
    chosen = sorted(operations, key=lambda operation: (operation.plain_path, operation.method))
    structs = list(dict.fromkeys([*_structs(chosen), Problem]))
    _, components = msgspec.json.schema_components(structs, ref_template=_REF)
    schemas = dict(sorted(components.items()))
    _fix_bytes(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for operation in chosen:
        paths.setdefault(operation.plain_path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"session": {"type": "http", "scheme": "Mindhaven"}},
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "responses": _responses(operation),
        "x-who": operation.who,
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": dict(_PARAMETER_SCHEMAS[kind])}
        for name, kind in operation.parameters
    ]
    if operation.query is not None:
        (_,), components = msgspec.json.schema_components([operation.query], ref_template=_REF)
        schema = components[operation.query.__name__]
        required = schema.get("required", [])
        for name, one in schema.get("properties", {}).items():
            parameters.append({"name": name, "in": "query", "required": name in required, "schema": one})
    if parameters:
        described["parameters"] = parameters
    if operation.takes is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.takes, operation.media)}
    if operation.who != "anyone":
        described["security"] = [{"session": []}]
    return described


def _responses(operation: Operation) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done."}
    if operation.gives is not None:
        good["content"] = _content(operation.gives, operation.media)
    reasons: dict[int, list[str]] = {400: [], 500: [], 503: []}
    if operation.takes is not None:
        reasons |= {413: ["body-too-large"], 415: ["media-type"], 408: ["body-timeout"]}
    if operation.parameters:
        reasons[404] = ["path-unknown"]
    if operation.who != "anyone":
        reasons |= {401: [], 403: []}
    if operation.limit is not None:
        reasons[429] = ["rate-limited"]
    reasons.setdefault(409, [])
    reasons.setdefault(422, [])
    reasons.setdefault(404, [])
    for reason, status in operation.refuses.items():
        reasons.setdefault(status, []).append(reason)
    answers = {str(operation.good_status): good}
    for status, codes in sorted(reasons.items()):
        answers[str(status)] = {
            "description": "Refused: " + ", ".join(sorted(codes)) + "." if codes else "Refused.",
            "content": {MEDIA: {"schema": {"$ref": _REF.format(name="Problem")}}},
        }
    return answers


def _content(kind: Any, media: str) -> dict[str, Any]:
    if kind is Body or kind is BodyStream or kind is bytes:
        return {media or CBOR: {"schema": {}}}
    return {JSON: {"schema": {"$ref": _REF.format(name=kind.__name__)}}}


def _structs(operations: Iterable[Operation]) -> Iterator[Any]:
    for operation in operations:
        for kind in (operation.takes, operation.gives):
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                yield kind


def _fix_bytes(node: Any) -> None:
    """Give base64 strings the pattern that the decoder in fact demands."""
    if isinstance(node, dict):
        if node.get("contentEncoding") == "base64":
            node["pattern"] = _BASE64
            for name, factor in (("minLength", 3), ("maxLength", 3)):
                if name in node:
                    node[name] = (node[name] + factor - 1) // factor * 4
        for value in node.values():
            _fix_bytes(value)
    elif isinstance(node, list):
        for value in node:
            _fix_bytes(value)
