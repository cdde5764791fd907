import json
from pathlib import Path

import pytest

from mindhaven.errors import InvalidInputError
from mindhaven.kinds.instruments import load, load_all, score

FOLDER = Path(__file__).parents[2] / "vectors" / "scoring"
CASES = [
    pytest.param(file["instrument"], case, id=f"{file['instrument']}: {case['comment']}")
    for path in sorted(FOLDER.glob("*.json"))
    for file in [json.loads(path.read_text("utf-8"))]
    for case in file["cases"]
]


def test_every_shipped_questionnaire_has_a_file():
    assert {instrument.id for instrument in load_all()} == {path.stem for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize(("name", "case"), CASES)
def test_scoring(name, case):
    instrument = load(name)
    answers = case["answers"]
    if isinstance(answers, list):
        assert len(answers) == len(instrument.items)
        answers = dict(zip((item.link_id for item in instrument.items), answers, strict=True))
    if "error" in case:
        with pytest.raises(InvalidInputError) as caught:
            score(instrument, answers)
        assert caught.value.reason == case["error"]
        return
    found = score(instrument, answers)
    assert found.total == case["total"]
    assert found.band == case["band"]
    assert len(found.missing) == case["missing"]
    assert found.complete == (case["missing"] == 0)
    assert list(found.risk_items) == case["risk"]
    assert found.direction == "higher-is-worse"
