"""OpenAPI 3.1 from the operations: exact, because both come from the same values. No I/O."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from mindhaven.kernel.operation import CBOR, JSON, Body, BodyStream, Operation
from mindhaven.server.problems import MEDIA, Problem

_REF: Final = "#/components/schemas/{name}"
_BASE64: Final = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_ALWAYS: Final = (400, 404, 409, 422, 429, 500, 503)
"""What any operation may answer: errors of every family can be raised below it."""
_PARAMETER_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$", "minLength": 43, "maxLength": 43},
    "text": {"type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[^/]+$"},
    "rest": {"type": "string", "minLength": 1, "maxLength": 256},
    "int": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
}


def document(operations: Iterable[Operation], *, title: str, version: str) -> dict[str, Any]:
    """Return the document; the same operations give the same document."""
    chosen = sorted(operations, key=lambda operation: (operation.plain_path, operation.method))
    structs = list(dict.fromkeys([*_structs(chosen), Problem]))
    _, components = msgspec.json.schema_components(structs, ref_template=_REF)
    schemas = dict(sorted(components.items()))
    _fix_bytes(schemas, structs)
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
    reasons: dict[int, list[str]] = {status: [] for status in _ALWAYS}
    if operation.takes is not None:
        reasons |= {413: ["body-too-large"], 415: ["media-type", "content-encoding"], 408: ["body-timeout"]}
    if operation.parameters:
        reasons[404] = ["path-unknown"]
    if operation.who != "anyone":
        reasons |= {401: [], 403: []}
    if operation.limit is not None:
        reasons[429] = ["rate-limited"]
    for reason, status in operation.refuses.items():
        reasons.setdefault(status, []).append(reason)
    answers = {str(operation.good_status): good}
    for status, codes in sorted(reasons.items()):
        content: dict[str, Any] = {MEDIA: {"schema": {"$ref": _REF.format(name="Problem")}}}
        if status in operation.answers:
            content[operation.answers[status]] = {"schema": {}}
        answers[str(status)] = {
            "description": "Refused: " + ", ".join(sorted(codes)) + "." if codes else "Refused.",
            "content": content,
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


def _exactly(size: int) -> str:
    """Return the pattern of the base64 of exactly `size` bytes."""
    whole, rest = divmod(size, 3)
    tail = ("", "[A-Za-z0-9+/][AQgw]==", "[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=")[rest]
    return f"^(?:[A-Za-z0-9+/]{{4}}){{{whole}}}{tail}$"


def _fix_bytes(schemas: dict[str, Any], structs: Iterable[Any]) -> None:
    """Give base64 strings the pattern that the decoder in fact demands; msgspec has turned the lengths already."""
    sizes: dict[tuple[str, str], int] = {}
    for info in msgspec.inspect.multi_type_info(structs):
        for struct in _nodes(info, msgspec.inspect.StructType):
            for one in struct.fields:
                for found in _nodes(one.type, msgspec.inspect.BytesType):
                    if found.min_length is not None and found.min_length == found.max_length:
                        sizes[struct.cls.__name__, one.encode_name] = found.min_length
    for name, schema in schemas.items():
        for field, node in schema.get("properties", {}).items():
            size = sizes.get((name, field))
            _set_pattern(node, _BASE64 if size is None else _exactly(size))


def _nodes(info: Any, kind: Any) -> Iterator[Any]:
    """Yield every `kind` in a type: itself, in its list, in its union, and for structs in their fields."""
    if isinstance(info, kind):
        yield info
    if isinstance(info, msgspec.inspect.StructType) and kind is msgspec.inspect.StructType:
        for one in info.fields:
            yield from _nodes(one.type, kind)
    elif isinstance(info, msgspec.inspect.ListType):
        yield from _nodes(info.item_type, kind)
    elif isinstance(info, msgspec.inspect.UnionType):
        for part in info.types:
            yield from _nodes(part, kind)


def _set_pattern(node: Any, pattern: str) -> None:
    if isinstance(node, dict):
        if node.get("contentEncoding") == "base64":
            node["pattern"] = pattern
        for value in node.values():
            _set_pattern(value, pattern)
    elif isinstance(node, list):
        for value in node:
            _set_pattern(value, pattern)
