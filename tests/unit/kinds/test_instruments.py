import re
from datetime import date
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from mindhaven.errors import DeniedError, InvalidInputError, NotFoundError
from mindhaven.kinds import Record, check
from mindhaven.kinds.instruments import checkup_body, load, load_all, may_serve, parse, score, serve
from mindhaven.kinds.instruments import model as instrument_model

SOURCE = Path(instrument_model.__file__).parents[2]
LOINC = re.compile(r"\b(?:LL|LA)?\d{1,6}-\d\b")


def toml(name):
    return resources.files("mindhaven.kinds.instruments").joinpath(f"{name}.toml").read_text("utf-8")


def coded(instrument):
    """Every table of an instrument that may hold a LOINC code, as (code, source)."""
    yield from (
        (part.loinc, part.source) for part in (instrument.panel, instrument.total, instrument.difficulty) if part
    )
    for found in instrument.answers:
        yield found.loinc, found.source
        yield from ((option.loinc, found.source) for option in found.options)
    yield from ((item.loinc, item.source) for item in instrument.items)


@pytest.mark.parametrize("instrument", load_all(), ids=lambda i: i.id)
def test_every_loinc_code_has_a_source_line(instrument):
    pairs = [(code, source) for code, source in coded(instrument) if code]
    assert pairs
    for code, source in pairs:
        assert LOINC.fullmatch(code)
        assert len(source.strip()) >= 10, f"{code} says nothing about where it was read"
    for item in instrument.items:
        assert len(item.source) >= 10


def test_no_loinc_code_stands_outside_the_data_files():
    # so that the test above sees every code that there is
    strays = {
        str(path.relative_to(SOURCE)): found
        for folder in ("kinds", "sdk")
        for path in (SOURCE / folder).rglob("*.py")
        if (found := re.findall(r"['\"](?:LL\d+-\d|LA\d+-\d|\d{4,6}-\d)['\"]", path.read_text("utf-8")))
    }
    assert strays == {}


# LOINC's check digit is Luhn's. In answer and list codes the letters count too: they add a constant that depends on
# whether the number of digits is even. It holds for published codes outside our tree (LA32-8, LA33-6, LL382-3,
# LA26460-8), so a mistyped code is caught without a network.
def right_check_digit(code):
    even = len(code.lstrip("LA").partition("-")[0]) % 2 == 0
    letters = {"LA": 5 if even else 2, "LL": 1}.get(code[:2], 0)
    digits, _, last = code.lstrip("LA").partition("-")
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return (10 - total % 10 + letters) % 10 == int(last)


@pytest.mark.parametrize("instrument", load_all(), ids=lambda i: i.id)
def test_every_loinc_code_has_the_right_check_digit(instrument):
    assert all(right_check_digit(code) for code in ("44261-6", "69729-2", "LA32-8", "LA33-6", "LL382-3", "LA26460-8"))
    assert not any(right_check_digit(code) for code in ("44261-7", "44216-6", "LA32-3", "LL382-2"))
    for code, _source in coded(instrument):
        assert code is None or right_check_digit(code), code


@pytest.mark.parametrize("instrument", load_all(), ids=lambda i: i.id)
def test_every_rule_is_cited_and_reviewed(instrument):
    assert instrument.licence.attribution
    assert instrument.missing.citation
    for part in (*instrument.bands, *instrument.cut_offs, *instrument.skips):
        assert re.search(r"\b(?:19|20)\d\d\b|National Center for PTSD", part.citation)
    assert instrument.review_date > date(2026, 1, 1)
    assert instrument.language == "en"


# The official English wording, typed from the published forms and not from the data files.
def test_the_words_are_the_published_ones():
    phq9 = [item.text for item in load("phq9").items]
    assert phq9[0] == "Little interest or pleasure in doing things"
    assert phq9[1] == "Feeling down, depressed, or hopeless"
    assert phq9[8] == "Thoughts that you would be better off dead or of hurting yourself in some way"
    assert [item.text for item in load("phq8").items] == phq9[:8]
    assert load("gad7").items[3].text == "Trouble relaxing"
    assert load("pcl5").items[12].text == "Feeling distant or cut off from other people?"
    assert load("audit_c").items[0].text == "How often do you have a drink containing alcohol?"
    assert [len(load(name).items) for name in ("phq9", "phq8", "gad7", "pcl5", "audit_c")] == [9, 8, 7, 20, 3]


def test_item_9_has_its_own_code_and_raises_the_help_screen():
    instrument = load("phq9")
    assert instrument.risk is not None
    assert instrument.risk.items == ("/44260-8",)
    assert all(load(name).risk is None for name in ("phq8", "gad7", "pcl5", "audit_c"))


def test_an_unknown_questionnaire_is_not_found():
    with pytest.raises(NotFoundError) as caught:
        load("../../secret")
    assert caught.value.reason == "instrument-unknown"


FREE = load("phq9").licence
CLOSED = msgspec.structs.replace(
    FREE,
    id="LicenseRef-closed",
    text_rights="none",
    attribution="(c) somebody",
    may_bundle=False,
    may_serve_commercial=False,
)


def test_the_gate_is_open_for_what_is_free():
    for instrument in load_all():
        assert serve(instrument, use="commercial") is instrument
        assert serve(instrument, use="free-of-charge") is instrument


@pytest.mark.parametrize(
    "flag",
    [
        {"id": FREE.id},
        {"text_rights": "free"},
        {"may_bundle": True},
        {"may_serve_commercial": True},
        {"attribution": FREE.attribution},
    ],
)
@pytest.mark.parametrize("use", ["free-of-charge", "commercial"])
def test_no_single_flag_opens_the_gate(flag, use):
    assert not may_serve(CLOSED, use)
    assert not may_serve(msgspec.structs.replace(CLOSED, **flag), use)


@pytest.mark.parametrize(
    "flag",
    [{"id": "x"}, {"text_rights": "none"}, {"text_rights": "conditions"}, {"may_bundle": False}, {"attribution": " "}],
)
def test_any_single_flag_closes_it(flag):
    closed = msgspec.structs.replace(load("phq9"), licence=msgspec.structs.replace(FREE, **flag))
    with pytest.raises(DeniedError) as caught:
        serve(closed, use="free-of-charge")
    assert caught.value.reason == "instrument-licence"


def test_commercial_use_needs_its_own_flag():
    only_free = msgspec.structs.replace(FREE, may_serve_commercial=False)
    assert may_serve(only_free, "free-of-charge")
    assert not may_serve(only_free, "commercial")


def test_scores_need_no_licence():
    closed = msgspec.structs.replace(load("phq9"), licence=CLOSED)
    assert score(closed, {item.link_id: 0 for item in closed.items}).total == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "phq9"', 'id = "phq9"\nsurprise = 1'),
        ('text_rights = "free"', 'text_rights = "free"\nopen = true'),
        ('text_rights = "free"', 'text_rights = "always"'),
        ('direction = "higher-is-worse"', 'direction = "up"'),
        ('rule = "all-required"', 'rule = "mean"'),
        ('link_id = "/44255-8"', 'link_id = "/44250-9"'),
        ('id = "difficulty"', 'id = "frequency"'),
        ("{ code = 1, weight = 1,", "{ code = 0, weight = 1,"),
        ('items = ["/44260-8"]', 'items = ["/00000-0"]'),
        ("high = 27\n\n[licence]", "high = 28\n\n[licence]"),
        ("low = 5\nhigh = 9", "low = 6\nhigh = 9"),
        ("low = 20\nhigh = 27", "low = 20\nhigh = 26"),
        ("low = 5\nhigh = 9", "low = 5\nhigh = 3"),
        ('answers = "difficulty"', 'answers = "nowhere"'),
        ("[panel]", "[panel"),
        ("review_date = 2027-12-31", "review_date = 5"),
    ],
)
def test_a_slip_in_a_data_file_is_refused(old, new):
    text = toml("phq9")
    assert parse(text).id == "phq9"
    assert old in text
    with pytest.raises(InvalidInputError) as caught:
        parse(text.replace(old, new, 1))
    assert caught.value.reason == "instrument-malformed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("code = 0\nthen", "code = 9\nthen"),
        ('item = "/68518-0"', 'item = "/1-1"'),
        ('then = ["/68519-8"', 'then = ["/1-1"'),
        ("at = 3", "at = 13"),
    ],
)
def test_a_slip_in_a_skip_or_cut_off_is_refused(old, new):
    text = toml("audit_c")
    assert old in text
    with pytest.raises(InvalidInputError, match="does not add up"):
        parse(text.replace(old, new, 1))


def test_a_form_without_items_is_refused():
    text = toml("audit_c")
    with pytest.raises(InvalidInputError, match="does not add up"):
        parse(
            "items = []\n" + text[: text.index("[[skips]]")] + text[text.index("[[answers]]") : text.index("[[items]]")]
        )


def test_weights_count_and_not_codes():
    turned = toml("gad7")
    for code in range(4):
        turned = turned.replace(f"code = {code}, weight = {code}", f"code = {code}, weight = {3 - code}")
    assert score(parse(turned), {item.link_id: 0 for item in load("gad7").items}).total == 21


def test_a_checkup_keeps_every_answer_and_the_score():
    instrument = load("phq9")
    answers = {item.link_id: 1 for item in instrument.items} | {"/44260-8": None}
    body = checkup_body(instrument, answers, difficulty=2)
    assert body["answers"] == {item.link_id: 1 for item in instrument.items[:8]}
    assert (body["score"], body["band"], body["missing"], body["difficulty"]) == (None, None, ["/44260-8"], 2)
    assert (body["instrument"], body["version"], body["language"]) == ("phq9", "1", "en")
    check(Record(kind="mindhaven/checkup", version=1, created_at=0, zone="UTC", body=body))
    assert "difficulty" not in checkup_body(instrument, answers)


@pytest.mark.parametrize(("name", "code"), [("phq9", "answer-unknown-code"), ("gad7", "answer-unknown-item")])
def test_a_difficulty_that_is_not_offered_is_refused(name, code):
    with pytest.raises(InvalidInputError) as caught:
        checkup_body(load(name), {}, difficulty=4)
    assert caught.value.reason == code
