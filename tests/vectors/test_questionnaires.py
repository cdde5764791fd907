"""The cases of vectors/instruments, which the browser's twin (web/packages/kinds) is held to as well."""

import json
from pathlib import Path

import msgspec
import pytest

from mindhaven.errors import DeniedError, InvalidInputError
from mindhaven.kinds import Record, check
from mindhaven.kinds.instruments import checkup_body, load, serve
from mindhaven.kinds.instruments.model import Licence

FOLDER = Path(__file__).parents[2] / "vectors" / "instruments"


def cases(name):
    found = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["cases"]
    return [pytest.param(case, id=case["comment"]) for case in found]


@pytest.mark.parametrize("case", cases("checkups"))
def test_checkups(case):
    instrument = load(case["instrument"])
    if "error" in case:
        with pytest.raises(InvalidInputError) as caught:
            checkup_body(instrument, case["answers"], difficulty=case["difficulty"])
        assert caught.value.reason == case["error"]
        return
    body = checkup_body(instrument, case["answers"], difficulty=case["difficulty"])
    assert body == case["body"]
    assert list(body["answers"]) == list(case["body"]["answers"])
    check(Record(kind="mindhaven/checkup", version=1, created_at=0, zone="UTC", body=body))


@pytest.mark.parametrize("use", ["free-of-charge", "commercial"])
@pytest.mark.parametrize("case", cases("licences"))
def test_licences(case, use):
    licence = msgspec.convert(case["licence"], Licence)
    instrument = msgspec.structs.replace(load("phq9"), licence=licence)
    if case[use]:
        assert serve(instrument, use=use) is instrument
        return
    with pytest.raises(DeniedError) as caught:
        serve(instrument, use=use)
    assert caught.value.reason == "instrument-licence"
