import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindhaven.errors import InvalidInputError
from mindhaven.kinds import KINDS, Record, check, decode_body, encode_body, kind_named, summary
from mindhaven.kinds.record import MAX_BODY_BYTES, zone_named

NOON_UTC = 1_767_268_800_000  # 2026-01-01T12:00:00Z


def record(kind="mindhaven/mood", body=None, *, version=1, created_at=NOON_UTC, zone="UTC"):
    return Record(
        kind=kind, version=version, created_at=created_at, zone=zone, body={"valence": 0} if body is None else body
    )


def refused(made, code):
    with pytest.raises(InvalidInputError) as caught:
        check(made)
    assert caught.value.reason == code
    return caught.value.message


@pytest.mark.parametrize(
    ("zone", "day", "month"),
    [
        ("UTC", date(2026, 1, 1), 202601),
        ("Pacific/Kiritimati", date(2026, 1, 2), 202601),
        ("-12:00", date(2026, 1, 1), 202601),
        ("America/Los_Angeles", date(2026, 1, 1), 202601),
    ],
)
def test_the_day_is_that_of_the_persons_calendar(zone, day, month):
    made = record(zone=zone)
    assert made.local_day() == day
    assert made.month() == month


def test_the_month_is_that_of_the_local_day_and_not_of_utc():
    just_before = 1_767_225_600_000 - 1  # 2025-12-31T23:59:59.999Z
    assert record(created_at=just_before, zone="UTC").month() == 202512
    assert record(created_at=just_before, zone="+00:30").month() == 202601
    assert record(created_at=just_before + 1, zone="-00:30").month() == 202512


def test_a_timeless_kind_has_month_0_in_every_zone():
    assert record("mindhaven/plan", {"signs": ["x"]}, zone="Europe/Berlin").month() == 0
    assert record("org.example/x", {}).month() == 202601


@pytest.mark.parametrize(
    "zone", ["", "Mars/Base", "../etc/passwd", "/etc/localtime", "+2:00", "+15:00", "+02:60", "a\x00b"]
)
def test_an_unknown_zone_is_refused_by_name(zone):
    assert "zone" in refused(record(zone=zone), "zone-unknown")


def test_zones_may_be_offsets():
    assert zone_named("-05:30").utcoffset(None).total_seconds() == -19_800
    assert zone_named("Z").utcoffset(None).total_seconds() == 0


def test_summer_time_moves_the_local_day():
    # 2026-03-29T22:30:00Z is 00:30 of the 30th in Berlin, where summer time began that morning
    assert record(created_at=1_774_823_400_000, zone="Europe/Berlin").local_day() == date(2026, 3, 30)
    assert record(created_at=1_774_823_400_000, zone="+01:00").local_day() == date(2026, 3, 29)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (record(kind="Mood"), "record-kind-name"),
        (record(kind="a/b/c"), "record-kind-name"),
        (record(kind="x" * 250 + "/y"), "record-kind-name"),
        (record(kind=None), "record-kind-name"),
        (record(kind="mindhaven/unheard-of", body={}), "record-kind-reserved"),
        (record(version=0), "record-version"),
        (record(version=True), "record-version"),
        (record(version=65_536), "record-version"),
        (record(created_at=10**15), "record-moment"),
        (record(created_at=1.5), "record-moment"),
        (record(zone=None), "zone-unknown"),
        (record(body={}), "kind-field-missing"),
        (record(body={"valence": 1.5}), "kind-field-range"),
        (record(body={"valence": -1.01}), "kind-field-range"),
        (record(body={"valence": "good"}), "kind-field-type"),
        (record(body={"valence": True}), "kind-field-type"),
        (record(body={"valence": math.nan}), "kind-field-type"),
        (record(body={"valence": 0, "mood": 3}), "kind-field-unknown"),
        (record(body={"valence": 0, "span": "week"}), "kind-field-choice"),
        (record(body={"valence": 0, "labels": "calm"}), "kind-field-type"),
        (record(body={"valence": 0, "labels": [1]}), "kind-field-type"),
        (record(body={"valence": 0, "labels": ["x"] * 1001}), "kind-field-length"),
        (record(body={"valence": 0, "note": "x" * 200_001}), "kind-field-length"),
        (record(body={"valence": 0, "raw": {"value": 1}}), "kind-field-missing"),
        (record(body={"valence": 0, "raw": 3}), "kind-field-type"),
        (record(body={"valence": 0, "scales": [{"name": "x"}, {}]}), "kind-field-missing"),
        (record("mindhaven/sleep", {"start": 10, "end": 5}), "kind-field-order"),
        (record("mindhaven/sleep", {"start": 1.5, "end": 5}), "kind-field-type"),
        (record("mindhaven/medication", {"name": "x", "taken": 1}), "kind-field-type"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_code(made, code):
    refused(made, code)


CHECKUP = {"instrument": "phq9", "version": "1", "language": "en", "answers": {"/a": 1, "/b": None}, "score": None}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([], "kind-field-type"),
        ({"/a": "1"}, "kind-field-type"),
        ({"/a": -1}, "kind-field-range"),
        ({str(n): 0 for n in range(1001)}, "kind-field-length"),
    ],
)
def test_answers_are_whole_numbers(answers, code):
    check(record("mindhaven/checkup", CHECKUP))
    refused(record("mindhaven/checkup", {**CHECKUP, "answers": answers}), code)


def test_a_refusal_names_the_path_and_quotes_nothing():
    message = refused(record(body={"valence": 0, "scales": [{"name": "ok"}, {"name": 7}]}), "kind-field-type")
    assert "scales[1].name" in message
    assert "secret" not in refused(record(body={"valence": 0, "span": "secret"}), "kind-field-choice")


def test_unknown_kinds_and_newer_versions_pass_with_their_shape_checked():
    check(record(body={"valence": 0, "labels": [], "scales": []}))
    check(record("org.example/dream", {"anything": [1, {"deep": None}]}))
    check(record(version=2, body={"valence": 99, "new": True}))
    refused(record("org.example/dream", {"n": math.inf}), "body-number")


def test_every_kind_states_what_it_needs_and_has_a_table_and_a_line():
    assert len({kind.name for kind in KINDS}) == len(KINDS) == 14
    for kind in KINDS:
        assert kind_named(kind.name) is kind
        assert kind.collection
        assert {kind.timeless} <= {False, True}
        names = [field.name for field in kind.fields]
        assert len(set(names)) == len(names)
        assert ("source" in names) == (kind.name not in {"mindhaven/request", "mindhaven/lock", "mindhaven/locked"})
    timeless = [kind.name for kind in KINDS if kind.timeless]
    assert timeless == ["mindhaven/plan", "mindhaven/history", "mindhaven/lock"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # number texts are those of ECMAScript, Number::toString (RFC 8785, appendix B)
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-0.5, "-0.5"),
        (0.1, "0.1"),
        (1e-5, "0.00001"),
        (-2.5e-5, "-0.000025"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (1e16, "10000000000000000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.25e22, "1.25e+22"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
    ],
)
def test_numbers_are_written_as_a_browser_writes_them(value, text):
    assert encode_body({"n": value}) == f'{{"n":{text}}}'.encode()


def test_the_encoding_sorts_by_utf_16_and_spares_spaces():
    assert (
        encode_body({"b": [True, None, "é\n"], "a": {}, "c": []}) == '{"a":{},"b":[true,null,"é\\n"],"c":[]}'.encode()
    )
    # U+1F600 is D83D DE00 in UTF-16 and so stands before U+FB33 (RFC 8785, 3.2.3)
    assert encode_body({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"n": math.inf}, "body-number"),
        ({"n": 2**53}, "body-number"),
        ({"n": b"x"}, "body-type"),
        ({1: 2}, "body-type"),
        ({"t": "\ud800"}, "body-text"),
        ({"t": "x" * (MAX_BODY_BYTES + 1)}, "body-too-large"),
    ],
)
def test_what_json_cannot_carry_is_refused(body, code):
    with pytest.raises(InvalidInputError) as caught:
        encode_body(body)
    assert caught.value.reason == code


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return {"v": value}


def test_nesting_has_a_bound():
    assert decode_body(encode_body(nested(15))) == nested(15)
    with pytest.raises(InvalidInputError, match="nested"):
        encode_body(nested(16))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[1]", "body-malformed"),
        (b"{", "body-malformed"),
        (b"\xff", "body-malformed"),
        (b'{"a":1,"a":2}', "body-malformed"),
        (b'{"a":NaN}', "body-number"),
        (b'{"a":Infinity}', "body-number"),
        (b'{"a":9007199254740993}', "body-number"),
        (b'{"a":1' + b"0" * 5000 + b"}", "body-malformed"),
        (b'{"a":1' + b"0" * 400 + b"}", "body-malformed"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "body-malformed"),
        (b" " * (MAX_BODY_BYTES + 1), "body-too-large"),
    ],
)
def test_bytes_that_are_no_body_are_refused(data, code):
    with pytest.raises(InvalidInputError) as caught:
        decode_body(data)
    assert caught.value.reason == code


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON, max_size=5))
def test_a_body_survives_its_encoding_and_has_one(body):
    once = encode_body(body)
    assert decode_body(once) == body
    assert encode_body(decode_body(once)) == once


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (record(body={"valence": -1}), "Mood: very unpleasant"),
        (record(body={"valence": 0.5, "activities": ["walk"], "note": "a\nb"}), "Mood: pleasant (walk; a b)"),
        (record(body={"valence": 1, "raw": {"scale": "s", "name": "rad"}}), "Mood: rad"),
        (record("mindhaven/journal", {"text": "It rained."}), "Journal: It rained."),
        (record("mindhaven/journal", {"title": "T", "text": "It rained."}), "Journal: T"),
        (record("mindhaven/checkup", {**CHECKUP, "score": 12, "band": "moderate"}), "Check-up PHQ-9: 12, moderate"),
        (record("mindhaven/checkup", {**CHECKUP, "instrument": "own", "score": 3}), "Check-up own: 3"),
        (record("mindhaven/checkup", CHECKUP), "Check-up PHQ-9: no total, some answers are missing"),
        (record("mindhaven/plan", {"signs": ["x"], "helps": []}), "My plan for hard times: 1 of 7 parts filled in"),
        (record("mindhaven/sleep", {"start": 0, "end": 27_900_000}), "Sleep: 7 h 45 min"),
        (record("mindhaven/mindful", {"minutes": 12.5}), "Mindful minutes: 12.5"),
        (
            record("mindhaven/medication", {"name": "M", "dose": "5 mg", "taken": False}),
            "Medication: M (5 mg; not taken)",
        ),
        (record("mindhaven/medication", {"name": "M"}), "Medication: M"),
        (record("mindhaven/symptom", {"name": "Pain", "value": 2}), "Symptom: Pain 2"),
        (record("mindhaven/factor", {"name": "Tea", "amount": "a lot"}), "Factor: Tea a lot"),
        (record("mindhaven/factor", {"name": "Tea"}), "Factor: Tea"),
        (record("mindhaven/craving", {"strength": 6, "about": "x"}), "Craving: 6 of 10 (x)"),
        (record("mindhaven/history", {"title": "Moved", "since": "2019"}), "History: Moved (2019)"),
        (record("org.example/x", {"a": 1}), "org.example/x: 1 field"),
        (record("mindhaven/mood", {"valence": "odd"}, version=2), "mindhaven/mood: 1 field"),
        (record("mindhaven/sleep", {"start": "odd", "end": 1}, version=2), "mindhaven/sleep: 2 fields"),
        (record("mindhaven/mindful", {"minutes": "odd"}, version=2), "mindhaven/mindful: 1 field"),
    ],
)
def test_every_record_has_one_plain_line(made, line):
    assert summary(made) == line


def test_a_line_stays_short():
    line = summary(record("mindhaven/journal", {"text": "word " * 500}))
    assert len(line) <= 160
    assert line.endswith("…")
    assert summary(record(body={"valence": -0.3})) == "Mood: unpleasant"
    assert summary(record(body={"valence": 0.2})) == "Mood: in between"
    assert summary(record(body={"valence": 0.75})) == "Mood: very pleasant"
