"""The engine of the law: how time is counted, which rules bind and apply, and what a file must not say."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.law import (
    Book,
    Case,
    Incident,
    Paused,
    complaints,
    due,
    duties,
    in_words,
    judged,
    look_back,
    new_roles,
    parse,
    shipped,
)
from mindhaven.law.calendars import Holiday, calendar, easter
from mindhaven.law.calendars import parse as parse_calendar
from mindhaven.law.model import Clock, Extension, Law, Pause

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
RECEIPT = datetime(2026, 6, 15, 9, tzinfo=BERLIN)


def last_day(clock: Clock, start: datetime = RECEIPT, **more: object) -> date | None:
    found = due(clock, {"receipt": start}, BERLIN, now=NOW, **more)  # type: ignore[arg-type]
    assert found is not None
    return found.last_day


def refused(code: str, act: object, *given_: object, **named: object) -> None:
    with pytest.raises((InvalidInputError, NotFoundError)) as caught:
        act(*given_, **named)  # type: ignore[operator]
    assert caught.value.reason == code


def test_the_days_own_count_where_the_law_says_so() -> None:
    clock = Clock(n=30, starts=("receipt",))
    assert last_day(clock) == date(2026, 7, 15)
    assert last_day(msgspec.structs.replace(clock, counts_start=True)) == date(2026, 7, 14)
    month = Clock(n=1, unit="months", starts=("receipt",), counts_start=True)
    assert last_day(month) == date(2026, 7, 14)
    assert last_day(Clock(n=1, unit="years", starts=("receipt",)), datetime(2028, 2, 29, tzinfo=BERLIN)) == date(
        2029, 2, 28
    )
    assert last_day(Clock(n=12, unit="months", starts=("receipt",)), datetime(2026, 12, 31, tzinfo=BERLIN)) == date(
        2027, 12, 31
    )


def test_business_days_leave_out_weekends_and_holidays() -> None:
    clock = Clock(n=10, unit="business-days", starts=("receipt",), calendar="us-federal")
    # Friday 20 November 2026; 23, 24, 25, 27, 30 November, 1, 2, 3, 4, 7 December. The 26th is Thanksgiving.
    assert last_day(clock, datetime(2026, 11, 20, 12, tzinfo=BERLIN)) == date(2026, 12, 7)


def test_it_begins_at_the_latest_start_that_happened_and_at_none_that_did_not() -> None:
    clock = Clock(n=1, unit="months", starts=("receipt", "identity-confirmed", "fee-paid"))
    later = {"receipt": RECEIPT, "fee-paid": RECEIPT + timedelta(days=3), "awareness": RECEIPT + timedelta(days=90)}
    found = due(clock, later, BERLIN, now=NOW)  # type: ignore[arg-type]
    assert found is not None
    assert found.last_day == date(2026, 7, 18)
    refused("start-missing", due, clock, {"fee-paid": RECEIPT}, BERLIN, now=NOW)
    refused("moment-naive", due, clock, {"receipt": datetime(2026, 6, 15)}, BERLIN, now=NOW)  # noqa: DTZ001


def test_what_has_no_number_is_due_now() -> None:
    assert due(Clock(starts=("awareness",)), {"awareness": RECEIPT}, BERLIN, now=NOW) is None


def test_a_last_day_counts_whole_in_the_seats_own_time() -> None:
    found = due(Clock(n=1, starts=("receipt",)), {"receipt": datetime(2026, 3, 27, 9, tzinfo=BERLIN)}, BERLIN, now=NOW)
    assert found is not None
    assert found.late_at == datetime(2026, 3, 28, 23, tzinfo=UTC)  # midnight in Berlin, before summer time
    assert found.started_at.tzinfo is UTC
    half, _, nearly = found.marks()
    assert found.started_at < half < nearly < found.late_at
    assert half - found.started_at == (found.late_at - found.started_at) / 2
    assert nearly - found.started_at == (found.late_at - found.started_at) * 95 / 100


def test_pauses_that_the_law_knows_move_the_day_and_others_do_not() -> None:
    clock = Clock(n=1, unit="months", starts=("receipt",), pauses=("clarification",))
    asked = datetime(2026, 6, 20, 9, tzinfo=BERLIN)
    pause = Paused(kind="clarification", since=asked, until=datetime(2026, 6, 25, 8, tzinfo=BERLIN))
    assert last_day(clock, paused=(pause,)) == date(2026, 7, 20)
    assert last_day(msgspec.structs.replace(clock, pauses=()), paused=(pause,)) == date(2026, 7, 15)
    back = Paused(kind="clarification", since=asked, until=asked - timedelta(days=9))
    assert last_day(clock, paused=(back,)) == date(2026, 7, 15)
    now = datetime(2026, 6, 22, 12, tzinfo=UTC)
    still = Paused(kind="clarification", since=asked, until=None)
    found = due(clock, {"receipt": RECEIPT}, BERLIN, now=now, paused=(still,))
    assert found is not None
    assert (found.last_day, found.open) == (date(2026, 7, 17), True)


def test_no_day_of_a_pause_is_counted_twice_and_none_outside_the_time() -> None:
    clock = Clock(n=1, unit="months", starts=("receipt",), pauses=("clarification", "identity"))

    def paused(kind: Pause, since: date, until: date) -> Paused:
        begun, ended = (datetime(day.year, day.month, day.day, 9, tzinfo=BERLIN) for day in (since, until))
        return Paused(kind=kind, since=begun, until=ended)

    june = paused("clarification", date(2026, 6, 20), date(2026, 6, 25))
    assert last_day(clock, paused=(june, june)) == date(2026, 7, 20)
    other = paused("identity", date(2026, 6, 23), date(2026, 6, 28))  # 21 to 28 June are eight days
    assert last_day(clock, paused=(other, june)) == last_day(clock, paused=(june, other)) == date(2026, 7, 23)
    inside = paused("identity", date(2026, 6, 21), date(2026, 6, 22))
    assert last_day(clock, paused=(june, inside)) == date(2026, 7, 20)
    again = paused("clarification", date(2026, 6, 25), date(2026, 6, 26))
    assert last_day(clock, paused=(june, again)) == date(2026, 7, 21)
    assert last_day(clock, paused=(paused("identity", date(2026, 6, 1), date(2026, 6, 17)),)) == date(2026, 7, 17)
    assert last_day(clock, paused=(paused("identity", date(2026, 6, 1), date(2026, 6, 14)),)) == date(2026, 7, 15)
    assert last_day(clock, paused=(paused("identity", date(2026, 7, 15), date(2026, 7, 18)),)) == date(2026, 7, 18)
    assert last_day(clock, paused=(paused("identity", date(2026, 7, 16), date(2026, 7, 18)),)) == date(2026, 7, 15)


def test_extensions_count_from_the_due_day_or_the_start_and_only_as_often_as_allowed() -> None:
    clock = Clock(n=1, unit="months", starts=("receipt",))
    start = datetime(2026, 1, 31, 9, tzinfo=BERLIN)
    for counts_from, day in (("due", date(2026, 4, 28)), ("start", date(2026, 4, 30))):
        extension = Extension(n=2, unit="months", counts_from=counts_from)
        assert last_day(clock, start, extension=extension, times=1) == day
        refused("extension-none", last_day, clock, start, extension=extension, times=2)
    refused("extension-none", last_day, clock, start, times=1)
    twice = Extension(n=10, unit="days", times=2)
    assert last_day(clock, extension=twice, times=2) == date(2026, 8, 4)
    hours = Clock(n=72, unit="hours", starts=("receipt",))
    found = due(hours, {"receipt": RECEIPT}, BERLIN, now=NOW, extension=Extension(n=24, unit="hours"), times=1)
    assert found is not None
    assert found.late_at == RECEIPT.astimezone(UTC) + timedelta(hours=96)


def test_at_the_edge_of_the_calendar_it_says_so() -> None:
    clock = Clock(n=72, unit="hours", starts=("receipt",))
    last, zone = datetime(9999, 12, 31, 9, tzinfo=UTC), ZoneInfo("America/New_York")
    first = datetime(1, 1, 1, tzinfo=UTC)
    for changed, start, where in (
        (clock, last, BERLIN),
        (Clock(n=1, unit="years", starts=("receipt",)), last, BERLIN),
        (Clock(n=1, unit="days", starts=("receipt",)), first, zone),
        (Clock(n=15, unit="hours", starts=("receipt",)), last - timedelta(minutes=60), BERLIN),
    ):
        refused("moment-edge", due, changed, {"receipt": start}, where, now=NOW)
    refused("extension-none", due, clock, {"receipt": RECEIPT}, BERLIN, now=NOW, times=-1)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2033, 1, 1)), st.integers(1, 400))  # noqa: DTZ001
def test_more_is_never_earlier_and_hours_know_no_zone(moment: datetime, n: int) -> None:
    start = moment.replace(tzinfo=UTC)
    for unit in ("days", "months", "years", "hours"):
        one = due(Clock(n=n, unit=unit, starts=("receipt",)), {"receipt": start}, BERLIN, now=NOW)
        more = due(Clock(n=n + 1, unit=unit, starts=("receipt",)), {"receipt": start}, BERLIN, now=NOW)
        assert one is not None
        assert more is not None
        assert start < one.late_at < more.late_at
    here, there = (
        due(Clock(n=n, unit="hours", starts=("receipt",)), {"receipt": start.astimezone(zone)}, zone, now=NOW)
        for zone in (BERLIN, ZoneInfo("Pacific/Auckland"))
    )
    assert here == there


def test_looking_back_over_a_leap_day() -> None:
    assert look_back(6, date(2028, 2, 29)) == date(2022, 2, 28)


def test_easter_is_where_the_almanacs_have_it() -> None:
    known = {
        2018: (4, 1),
        2019: (4, 21),
        2024: (3, 31),
        2025: (4, 20),
        2026: (4, 5),
        2027: (3, 28),
        2038: (4, 25),
        2076: (4, 19),
    }
    assert {year: (easter(year).month, easter(year).day) for year in known} == known


def test_federal_holidays_fall_and_are_observed_as_the_office_of_personnel_management_lists_them() -> None:
    off = {
        2026: "0101 0119 0216 0525 0619 0703 0907 1012 1111 1126 1225",
        2027: "0101 0118 0215 0531 0618 0705 0906 1011 1111 1125 1224",
        2021: "0101 0118 0215 0531 0618 0705 0906 1011 1111 1125 1224",
    }
    days = calendar("us-federal")
    for year, listed in off.items():
        found = [
            day
            for day in (date(year, 1, 1) + timedelta(days=number) for number in range(365))
            if day.weekday() < 5 and not days.is_working(day)
        ]
        expected = {date(year, int(one[:2]), int(one[2:])) for one in listed.split()}
        extra = {date(2021, 12, 31), date(2027, 12, 31)}  # New Year's Day of a year that begins on a Saturday
        assert set(found) - extra == expected, year
        assert (date(year, 12, 31) in found) is (year in {2021, 2027})


def test_a_sundays_holiday_is_monday_and_a_saturdays_is_nothing_but_one() -> None:
    off = {
        2026: "0101 0119 0216 0331 0525 0907 1111 1126 1225",
        2027: "0101 0118 0215 0331 0531 0705 0906 1111 1125",
        2028: "0117 0221 0331 0529 0704 0904 1110 1123 1225",
    }
    days = calendar("us-california")
    for year, listed in off.items():
        every = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
        found = {f"{day:%m%d}" for day in every if day.year == year and day.weekday() < 5 and not days.is_working(day)}
        assert found == set(listed.split()), year


def test_calendars_say_what_they_know() -> None:
    refused("calendar-years", calendar("us-federal").is_working, date(2036, 1, 2))
    refused("calendar-years", calendar("us-federal").is_working, date(2020, 1, 2))
    refused("calendar-unknown", calendar, "narnia")
    refused("calendar-unknown", calendar, "../gdpr")
    refused("law-file", parse_calendar, "id = 1", "bad")
    refused("law-file", parse_calendar, "id = ", "worse")
    after = parse_calendar(
        'id="x"\ncite="x"\nfirst_year=2020\nlast_year=2030\nweekend=[5, 6]\n'
        '[[holiday]]\nname="one"\nmonth=12\nday=25\nobserved="after"\n[[holiday]]\nname="two"\nmonth=12\nday=26\nobserved="after"\n',
        "x",
    )
    # 2027: 25 and 26 December are a weekend; the two days after it are off.
    assert [day for day in range(20, 32) if not after.is_working(date(2027, 12, day))] == [25, 26, 27, 28]
    assert after.next_working(date(2027, 12, 25)) == date(2027, 12, 29)
    # 2022: the 25th is a Sunday and the 26th a Monday, which is off already: the 27th, too.
    assert [day for day in range(20, 32) if not after.is_working(date(2022, 12, day))] == [24, 25, 26, 27, 31]
    onward = msgspec.structs.replace(after, holiday=(Holiday(name="x", month=5, day=18, nth=1, weekday=0),))
    # The first Monday from 18 May on: 18 May 2026, and 24 May 2027.
    assert not onward.is_working(date(2026, 5, 18))
    assert onward.is_working(date(2026, 5, 25))
    assert not onward.is_working(date(2027, 5, 24))
    assert after.next_working(date(2027, 12, 22)) == date(2027, 12, 22)


TEXT = """
id = "x"
name = "X"
cite = "x"
place = "US"
about = "x"
read_on = 2026-01-01
[[applies]]
why = "x"
people = ["US"]
[[rule]]
kind = "right"
id = "x.one"
act = "access"
cite = "1"
says = "One."
status = "in-force"
evidence = { confidence = "low", source = "general-knowledge" }
clock = { n = 1, starts = ["receipt"] }
"""


def book(*texts: str) -> Book:
    return Book(tuple(parse(text, "x") for text in texts), {"EU": ("DE",)})


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "x.one"', 'id = "y.one"', "does not begin with the law's id"),
        ('status = "in-force"', 'status = "scheduled"', "scheduled for no day"),
        ('status = "in-force"', 'status = "in-force"\nsince = 2026-01-02\nuntil = 2026-01-02', "ends before it begins"),
        ('starts = ["receipt"]', "starts = []", "begins at nothing"),
        ("n = 1,", "n = 0,", "no length"),
        ("n = 1,", 'n = 101, unit = "years",', "more than 100 years"),
        ("n = 1,", "n = 36601,", "more than 100 years"),
        ("clock = {", 'extension = { n = 0, unit = "days" }\nclock = {', "extension: its length is no length"),
        ("clock = {", 'extension = { n = 1201, unit = "months" }\nclock = {', "extension: its length is more than"),
        ("clock = {", 'extension = { n = 1, unit = "days", times = 0 }\nclock = {', "how often is from 1"),
        ("clock = {", 'extension = { n = 1, unit = "days", times = 101 }\nclock = {', "how often is from 1"),
        ("clock = {", 'extension = { n = 1, unit = "hours" }\nclock = {', "hours are extended by hours"),
        ("clock = { n = 1,", 'extension = { n = 1, unit = "days" }\nclock = { n = 1, unit = "hours",', "by hours"),
        ("clock = { n = 1,", 'extension = { n = 1, unit = "days" }\nclock = {', "nothing to extend"),
        ("clock = {", 'extension = { n = 1, unit = "business-days" }\nclock = {', "stands in the clock"),
        ("clock = {", 'extension = { n = 1, unit = "months", counts_from = "start" }\nclock = {', "unit of the clock"),
        ("clock = {", "look_back_years = 0\nclock = {", "look_back_years: it is from 1 to 100"),
        ("clock = {", "look_back_years = 101\nclock = {", "look_back_years: it is from 1 to 100"),
        ('people = ["US"]', 'people = ["Narnia"]', "Narnia is no place"),
        ('people = ["US"]', 'not_people = ["us-ca"]', "us-ca is no place"),
        ('place = "US"', 'place = ""', "nothing is no place"),
        ("n = 1,", 'n = 1, unit = "hours", roll = true, calendar = "eu",', "they do not roll"),
        ("n = 1,", "n = 1, roll = true,", "needs a calendar"),
        ("n = 1,", 'n = 1, unit = "business-days",', "needs a calendar"),
        ("n = 1,", 'n = 1, calendar = "narnia",', "no calendar called narnia"),
        ("clock = { n = 1, starts", 'extension = { n = 1, unit = "days" }\nnote = "" #', "begins at nothing"),
        ("clock = {", 'denial = [{ code = "a", says = "A" }, { code = "a", says = "B" }]\nclock = {', "lists a twice"),
        ('[[applies]]\nwhy = "x"\npeople = ["US"]\n', "applies = []\n", "nothing says when it applies"),
        ("[[applies]]", '[[gives_way]]\nto = "z"\ncite = "x"\n[[applies]]', "gives way to z, which is not there"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told(old: str, new: str, says: str) -> None:
    assert old in TEXT
    assert complaints(book(TEXT)) == []
    found = complaints(book(TEXT.replace(old, new)))
    assert any(says in one for one in found), found


def of_kind(kind: str, fields: str) -> list[str]:
    """Return what is wrong with a rule of another kind."""
    head = TEXT[: TEXT.index("clock = {")].replace('act = "access"\n', "")
    return complaints(book(head.replace('kind = "right"', f'kind = "{kind}"') + fields))


def test_a_breach_is_told_to_somebody_and_its_people_can_be() -> None:
    told_to = 'sealed = "nothing"\nto = ["media"]\n'
    assert of_kind("breach", told_to + 'threshold = { op = ">", n = 10000000000 }') == []
    for to in ("[]", '[""]'):
        assert of_kind("breach", f'sealed = "nothing"\nto = {to}') == ["x: x.one says nobody to tell."]
    for n in (0, -1, 10_000_000_001):
        (one,) = of_kind("breach", told_to + f'threshold = {{ op = ">", n = {n} }}')
        assert "x.one, threshold: it is from 1 to 10000000000 people" in one


def test_an_age_is_one_and_its_places_are_known() -> None:
    assert of_kind("consent", 'purpose = "child"\nage = 16\nages = { DE = 16, EU = 13 }') == []
    assert of_kind("consent", 'purpose = "child"') == []
    assert len(of_kind("consent", 'purpose = "child"\nage = 0\nages = { DE = 101, Narnia = 9 }')) == 3


def test_every_fault_of_a_file_is_told_at_once() -> None:
    text = TEXT.replace("n = 1,", "n = 0, roll = true,").replace('["US"]', '["Narnia"]').replace("x.one", "y.one")
    assert len(complaints(book(text))) == 4


def test_roles_that_no_other_law_knows_are_told() -> None:
    owed = '[[rule]]\nkind = "breach"\nid = "x.two"\ncite = "1"\nsays = "Two."\nstatus = "in-force"\nto = ["media"]\n'
    owed += 'evidence = { confidence = "low", source = "general-knowledge" }\nsealed = "nothing"\nrole = ["king"]\n'
    law = parse(TEXT.replace('why = "x"', 'why = "x"\nroles = ["eu-controller", "queen"]') + owed, "x")
    assert new_roles(law, shipped()) == ["king", "queen"]
    assert [new_roles(one, shipped()) for one in shipped().laws if new_roles(one, shipped())] == []


def test_versions_of_a_rule_never_meet() -> None:
    rule = TEXT[TEXT.index("[[rule]]") :]
    dated = rule.replace('status = "in-force"', 'status = "in-force"\nuntil = 2026-01-01')
    later = rule.replace('status = "in-force"', 'status = "in-force"\nsince = 2026-01-01')
    head = TEXT[: TEXT.index("[[rule]]")]
    apart = book(head + dated + later)
    assert complaints(apart) == []
    assert [apart.rule("x.one", date(2025, 12, 31)), apart.rule("x.one", date(2026, 1, 1))] == list(
        apart.versions("x.one")
    )
    assert any("twice at the same time" in one for one in complaints(book(head + rule + later)))
    assert complaints(book(TEXT, TEXT)) == ["x: it stands twice."]


def test_what_is_not_there_and_what_is_no_file_is_refused() -> None:
    refused("rule-unknown", shipped().versions, "gdpr.nothing")
    refused("rule-unknown", shipped().law_of, "gdpr.nothing")
    assert shipped().law_of("gdpr.requests").id == "gdpr"
    refused("law-file", parse, TEXT + "\nextra = 1", "x")
    refused("law-file", parse, "= 1", "x")
    refused("law-file", parse, "a = " + "[" * 50_000 + "]" * 50_000, "x")
    refused("law-file", parse, "a = " + "9" * 5_000, "x")


def test_where_somebody_lives_decides_and_who_has_not_said_lives_everywhere() -> None:
    laws = book(TEXT, TEXT.replace('id = "x', 'id = "y').replace('["US"]', '["EU"]\nclasses = ["health"]'))

    def ids(people: list[str] | None, record: str = "health") -> list[str]:
        return [law.id for law in laws.applying(roles=(), record=record, people=people)]  # type: ignore[arg-type]

    assert ids(["US-CA"]) == ids(["US"]) == ["x"]
    assert ids(["USA"]) == []
    assert ids(["DE"]) == ["y"]
    assert ids(["DE", "US"]) == ids(None) == ["x", "y"]
    assert ids(None, "contact") == ["x"]
    part = book(TEXT.replace('["US"]', '["US-CA", "EU"]'))
    for people, found in ((["US"], ["x"]), (["US-CA"], ["x"]), (["US-TX"], []), (["DE-BY"], ["x"])):
        assert [law.id for law in part.applying(roles=(), record="health", people=people)] == found
    for text in ('people = ["US"]\nnot_people = ["US-CA", "US-WA"]', 'not_people = ["US-CA", "US-WA", "EU"]'):
        less = book(TEXT.replace('people = ["US"]', text))
        for some, found in (
            (["US-CA"], []),
            (["US-CA-1"], []),
            (["US-CA", "US-TX"], ["x"]),
            (["US"], ["x"]),
            (["DE"], []),
            (None, ["x"]),
        ):
            assert [law.id for law in less.applying(roles=(), record="health", people=some)] == found
    way = TEXT.replace('id = "x', 'id = "y').replace("[[applies]]", '[[gives_way]]\nto = "x"\ncite = "1"\n[[applies]]')
    both = book(TEXT, way)
    assert complaints(both) == []
    assert [law.id for law in both.applying(roles=(), record="health", people=["US"])] == ["x"]


def test_every_duty_of_a_breach_is_told_with_what_it_turned_on() -> None:
    laws: tuple[Law, ...] = tuple(law for law in shipped().laws if law.id in {"gdpr", "hipaa"})
    incident = Incident(affected=600, one_state=400, residents=600, risk="some", sealed=False)
    found = {duty.rule.id: duty.why for duty in duties(shipped(), laws, incident, date(2026, 11, 29))}
    expected = {
        "gdpr.breach.authority": "stands",
        "gdpr.breach.people": "risk",
        "hipaa.breach.individual": "stands",
        "hipaa.breach.hhs-small": "number",
        "hipaa.breach.hhs-large": "stands",
        "hipaa.breach.media": "number",
        "hipaa.breach.business-associate": "stands",
    }
    assert {rule: found.get(rule) for rule in expected} == expected
    closed = Incident(affected=600, one_state=400, residents=600, risk="high", sealed=True)
    standing = {duty.rule.id for duty in duties(shipped(), laws, closed, date(2026, 11, 29)) if duty.stands}
    assert standing & expected.keys() == {"gdpr.breach.authority"}
    assert duties(shipped(), laws[:0], incident, date(2026, 11, 29)) == ()


def test_a_host_is_asked_for_what_its_own_roles_owe() -> None:
    rule = TEXT[TEXT.index("[[rule]]") : TEXT.index("clock =")].replace('"x.one"', '"x.breach"')
    rule = rule.replace('kind = "right"', 'kind = "breach"').replace('act = "access"', 'sealed = "nothing"')
    laws = book(TEXT + rule + 'to = ["vendor"]\nrole = ["processor"]\n')
    incident = Incident(affected=1, one_state=1, residents=1, risk="unlikely", sealed=False)

    def why(roles: list[str] | None) -> str:
        return duties(laws, laws.laws, incident, date(2026, 11, 29), roles)[0].why

    assert [why(["processor"]), why(["controller", "processor"]), why(None)] == ["stands"] * 3
    assert why(["controller"]) == why([]) == "role"


BREACH = (
    TEXT[: TEXT.index("[[rule]]")]
    + """
[[rule]]
kind = "breach"
id = "x.media"
cite = "1"
says = "One."
status = "in-force"
evidence = { confidence = "low", source = "general-knowledge" }
to = ["media"]
sealed = "exempt"
threshold = { op = ">", n = 500, scope = "one-state" }
"""
)


def told(text: str, **case: object) -> dict[str, tuple[bool | None, tuple[str, ...]]]:
    found = judged(book(text), Case(**case), date(2026, 11, 29))  # type: ignore[arg-type]
    return {one.rule.id: (one.stands, one.why) for one in found}


def test_how_bad_it_is_is_no_reason_before_anybody_said_it() -> None:
    harmful = BREACH.replace('to = ["media"]', 'to = ["media"]\nrisk = "likely-high"')
    few: dict[str, object] = {"affected": 5, "places": {"US-CA": 5}, "roles": ()}
    assert told(harmful, **few)["x.media"] == (False, ("number",))
    assert told(harmful, **few, risk="high")["x.media"] == (False, ("number",))
    assert told(harmful, **few, risk="unlikely")["x.media"] == (False, ("risk",))
    # Where nothing else speaks against it, it turns on that.
    many: dict[str, object] = {"affected": 900, "places": {"US-CA": 900}, "roles": ()}
    assert told(harmful, **many)["x.media"] == (None, ("risk",))


@pytest.mark.parametrize(
    ("places", "stands"),
    [
        ({"US-CA": 501}, True),
        ({"US": 1000, "US-CA": 501}, True),
        ({"US-CA": 500, "US-TX": 500}, False),
        ({"US-CA": 500, "DE": 500}, False),
        ({"US-CA": 500}, None),  # 500 more live nobody knows where: one of them in California is enough
        ({"US": 1000}, None),  # all may live in one State
        ({"US": 1000, "US-CA": 500}, None),
        ({"US": 1000, "US-CA": 500, "US-TX": 500}, False),
        ({}, None),
    ],
)
def test_where_people_live_decides_and_what_is_not_said_may_be(places: dict[str, int], stands: bool | None) -> None:
    people = max(501, 1000 if sum(places.values()) != 501 else 501)
    found = told(BREACH, affected=people, places=places, risk="some", roles=())["x.media"]
    assert found[0] is stands
    assert ("number" in found[1]) is (stands is not True)


def test_people_of_a_country_may_live_in_the_part_that_a_law_is_about() -> None:
    part = BREACH.replace('place = "US"', 'place = "US-CA"').replace("one-state", "residents")
    here = {"affected": 900, "risk": "some", "roles": ()}
    assert told(part, places={"US": 900}, **here)["x.media"] == (None, ("number",))
    assert told(part, places={"US": 900, "US-TX": 400}, **here)["x.media"] == (False, ("number",))
    assert told(part, places={"US": 900, "US-TX": 100}, **here)["x.media"] == (None, ("number",))
    assert told(part, places={"DE": 900}, **here) == {}
    assert told(part, places={"DE": 399}, **here)["x.media"] == (None, ("number", "place"))
    refused("people-more", told, part, affected=9, places={"DE": 5, "FR": 5})
    refused("people-more", told, part, affected=9, places={"US": 5, "US-CA": 6})


def test_a_risk_or_role_that_nobody_named_may_be_each() -> None:
    all_ = BREACH.replace('threshold = { op = ">", n = 500, scope = "one-state" }', 'role = ["vendor"]')
    here: dict[str, object] = {"affected": 9, "places": {"US": 9}}
    assert told(all_, risk="some", **here)["x.media"] == (None, ("role",))
    assert told(all_, risk="some", roles=("vendor",), **here)["x.media"] == (True, ())
    assert told(all_, risk="some", roles=(), **here)["x.media"] == (False, ("role",))
    assert told(all_, risk="some", sealed=True, **here)["x.media"] == (False, ("sealed",))
    high = all_.replace('sealed = "exempt"', 'sealed = "exempt"\nrisk = "likely-high"')
    assert told(high, roles=("vendor",), **here)["x.media"] == (None, ("risk",))
    assert told(high, roles=("vendor",), risk="some", **here)["x.media"] == (False, ("risk",))
    only = all_.replace('people = ["US"]', 'roles = ["vendor"]').replace('role = ["vendor"]', "")
    assert told(only, risk="some", **here)["x.media"] == (None, ("role",))
    assert told(only, risk="some", roles=(), **here) == {}
    classes = all_.replace('to = ["media"]', 'to = ["media"]\nclasses = ["health"]')
    assert told(classes, record="contact", **here) == {}
    assert set(told(classes, **here)) == {"x.media"}


def test_a_clock_is_told_in_words() -> None:
    assert in_words(Clock(starts=("awareness",))) == "without delay, from awareness on"
    assert in_words(Clock(n=72, unit="hours", duty="cap", starts=("awareness",))) == (
        "without delay, at the latest 72 hours, from awareness on"
    )
    assert in_words(Clock(n=1, unit="months", starts=("receipt", "fee-paid"), pauses=("fee",), counts_start=True)) == (
        "within 1 month, from the latest of receipt, fee-paid that happened on; the day it begins on is day 1; "
        "days do not count while it waits for: fee"
    )
    assert in_words(
        Clock(n=10, unit="business-days", starts=("receipt",), roll=True, calendar="eu", year_end=True)
    ) == (
        "within 10 working days, from receipt on; counted from the end of that year; "
        "a last day that is no working day moves to the next one; working days of the calendar eu"
    )
