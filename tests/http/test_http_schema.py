"""The real application against its own OpenAPI document: schemathesis makes the calls, Hypothesis the data.

Every status is documented, every body is what its schema says, nothing is a 5xx. The document itself is valid 3.1.
"""

import os
import random
from collections.abc import Iterator
from typing import Any

import cbor2
import httpx
import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from inline import ORIGIN, Inline, operations
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.definitions import OPENAPI_31

from mindhaven.server.openapi import document

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
SEED = int(os.environ.get("MINDHAVEN_SCHEMA_SEED", "20261123"))
EXAMPLES = int(os.environ.get("MINDHAVEN_SCHEMA_EXAMPLES", "5"))
FEW = {"signup": 2, "account_keys": 2, "account_candidate": 2, "account_cancel": 2, "session_end": 2}
"""Key sets are kilobytes of base64 by pattern, and path texts have a pattern of their own: both are slow to draw."""
ENDS_THE_SESSION = {"account_erase"}
DOCUMENT = document(operations(), title="Mindhaven", version="test")


@schemathesis.deserializer("application/cbor")
def from_cbor(_context: Any, response: Any) -> Any:
    return cbor2.loads(response.content)


@schemathesis.serializer("application/cbor", "application/octet-stream")
def to_cbor(_context: Any, value: Any) -> bytes:
    return cbor2.dumps(value)


def whole(value: Any) -> Any:
    """Turn 150.0 into 150: an integer to JSON Schema, none to msgspec."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: whole(one) for key, one in value.items()}
    return [whole(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inline]:
    print(f"seed {SEED}: MINDHAVEN_SCHEMA_SEED={SEED} repeats this run")
    random.seed(SEED)
    with Inline(tmp_path_factory.mktemp("schema")) as made:
        yield made


def test_the_document_is_valid_openapi_3_1() -> None:
    jsonschema.Draft202012Validator(OPENAPI_31).validate(DOCUMENT)
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    names = [one["operationId"] for path in DOCUMENT["paths"].values() for one in path.values()]
    assert len(names) == len(set(names)) == len(operations())


def sent(here: Inline, case: Any, *, session: bool) -> httpx.Response:
    case.body = whole(case.body)
    prepared = requests.Request(
        **{
            name: value
            for name, value in case.as_transport_kwargs(base_url=ORIGIN).items()
            if name in {"method", "url", "headers", "params", "data", "json", "files", "cookies"}
        }
    ).prepare()
    assert prepared.url is not None
    headers = {name: value for name, value in prepared.headers.items() if name.lower() != "content-length"}
    return here.send(str(prepared.method), prepared.url, session=session, content=prepared.body, headers=headers)


SCHEMA = schemathesis.openapi.from_dict(
    DOCUMENT,
    config=SchemathesisConfig.from_dict(
        {
            "base-url": ORIGIN,
            "generation": {"with-security-parameters": False},
            "phases": {"coverage": {"enabled": False}},
        }
    ),
)
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


def examples(operation: Any, mode: Any, count: int) -> Any:
    """Return a decorator that feeds `count` cases; Hypothesis draws them from the seed."""

    def decorate(check: Any) -> Any:
        quiet = settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        return seed(SEED)(quiet(given(operation.as_strategy(generation_mode=mode))(check)))

    return decorate


def found(name: str) -> Any:
    (operation,) = [one.ok() for one in SCHEMA.get_all_operations() if one.ok().definition.raw["operationId"] == name]
    return operation


@pytest.mark.parametrize("name", [one.name for one in operations() if one.name not in ENDS_THE_SESSION])
def test_every_answer_is_as_documented(here: Inline, name: str) -> None:
    operation = found(name)
    session = operation.definition.raw["x-who"] != "anyone"
    for mode in MODES:

        @examples(operation, mode, FEW.get(name, EXAMPLES))
        def check(case: Any) -> None:
            answer = sent(here, case, session=session)
            case.validate_response(answer, checks=CHECKS)
            assert answer.status_code != 401 or not session

        try:
            check()
        except Unsatisfiable:
            assert mode is schemathesis.GenerationMode.NEGATIVE, "no valid call can be made from the document"


@pytest.mark.parametrize("name", [one.name for one in operations() if one.who != "anyone"])
def test_without_a_session_the_answer_is_a_documented_401(here: Inline, name: str) -> None:
    @examples(found(name), schemathesis.GenerationMode.POSITIVE, 1)
    def check(case: Any) -> None:
        answer = sent(here, case, session=False)
        case.validate_response(answer, checks=CHECKS)
        assert answer.status_code == 401

    check()
