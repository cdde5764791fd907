"""What changes of a law between two days, and what is wrong with a file in plain words."""

from datetime import date

import pytest

from mindhaven.errors import InvalidInputError
from mindhaven.law import Book, Change, Field, changes, complaints, model, parse, proposals, shipped

HEAD = """
id = "x"
name = "X"
cite = "x"
place = "X"
about = "x"
read_on = 2026-01-01
[[applies]]
why = "x"
people = ["US"]
"""
RULE = """
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
NEW_YEAR, SUMMER = date(2026, 1, 1), date(2026, 7, 1)


def rule(dates: str = "", *changed: tuple[str, str]) -> str:
    text = RULE.replace('status = "in-force"', f'status = "in-force"\n{dates}')
    for old, new in changed:
        assert old in text
        text = text.replace(old, new)
    return text


def found(*rules: str, since: date = NEW_YEAR, until: date = SUMMER) -> tuple[Change, ...]:
    return changes(parse(HEAD + "".join(rules), "x"), since, until)


def test_what_begins_and_ends_is_told_with_its_day() -> None:
    text = rule("since = 2026-03-01\nuntil = 2026-05-01")
    begins, ends = (
        Change(on=date(2026, 3, 1), rule="x.one", what="begins", says="One."),
        Change(on=date(2026, 5, 1), rule="x.one", what="ends", says="One."),
    )
    assert found(text) == (begins, ends)
    assert found(text, since=date(2026, 2, 28), until=date(2026, 3, 1)) == (begins,)
    assert found(text, since=date(2026, 3, 1), until=date(2026, 4, 30)) == ()
    assert found(text, since=date(2026, 3, 1), until=date(2026, 5, 1)) == (ends,)
    assert found(text, since=date(2026, 2, 28), until=date(2026, 2, 28)) == ()
    short = rule("since = 2026-03-01\nuntil = 2026-03-02")
    assert [(one.on.day, one.what) for one in found(short)] == [(1, "begins"), (2, "ends")], "one day alone"
    other = text.replace("x.one", "x.two").replace("2026-03-01", "2026-02-01")
    assert [one.on.month for one in found(text, other)] == [2, 3, 5, 5]


def test_what_never_binds_neither_begins_nor_ends() -> None:
    assert found(rule("since = 2026-03-01\nuntil = 2026-05-01", ('"in-force"', '"proposed"'))) == ()


def test_a_rule_that_changes_is_told_field_by_field() -> None:
    content = 'denial = [{ code = "a", says = "A." }, { code = "b", says = "B.", cite = "2" }]\nclock'
    (one,) = found(
        rule("until = 2026-03-01", ("clock", 'exceptions = [{ code = "c", says = "C." }]\nclock')),
        rule(
            "since = 2026-03-01",
            ("clock", content),
            ("n = 1", 'n = 45, roll = true, calendar = "eu"'),
            ('["receipt"]', '["receipt", "fee-paid"]'),
            ('cite = "1"', 'cite = "1a"'),
        ),
    )
    assert (one.on, one.rule, one.what, one.says) == (date(2026, 3, 1), "x.one", "changes", "One.")
    assert {(field.name, field.before, field.after) for field in one.fields} == {
        ("cite", "1", "1a"),
        ("clock.n", "1", "45"),
        ("clock.roll", "", "yes"),
        ("clock.calendar", "", "eu"),
        ("clock.starts", "receipt", "receipt, fee-paid"),
        ("exceptions.c.says", "C.", ""),
        ("denial.a.says", "", "A."),
        ("denial.b.says", "", "B."),
        ("denial.b.cite", "", "2"),
    }


def test_versions_that_ask_for_the_same_are_no_change() -> None:
    assert found(rule("until = 2026-03-01"), rule("since = 2026-03-01", ("in-force", "scheduled"))) == ()
    surer = rule("since = 2026-03-01", ('"low"', '"high"'), ("clock", 'note = "Seen."\nclock'))
    assert found(rule("until = 2026-03-01"), surer) == ()


def test_a_length_that_falls_away_takes_its_unit_with_it() -> None:
    months = rule("until = 2026-03-01", ("n = 1", 'n = 1, unit = "months"'))
    (one,) = found(months, rule("since = 2026-03-01", ("n = 1, ", "")))
    assert one.fields == (
        Field(name="clock.n", before="1", after=""),
        Field(name="clock.unit", before="months", after=""),
    )


def test_the_days_stand_in_their_order() -> None:
    with pytest.raises(InvalidInputError) as caught:
        found(rule(), since=SUMMER, until=NEW_YEAR)
    assert caught.value.reason == "days-order"


def test_a_country_that_raised_its_age_is_the_only_change_of_that_day() -> None:
    law = next(law for law in shipped().laws if law.id == "gdpr")
    (one,) = changes(law, date(2023, 12, 31), date(2024, 1, 1))
    assert (one.rule, one.fields) == ("gdpr.consent.child", (Field(name="ages.DK", before="13", after="15"),))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"in-force"', '"later"', "rule 1, status: 'later' is none of the words that may stand there."),
        ('"right"', '"wish"', "rule 1, kind: 'wish' is none of the words that may stand there."),
        ('cite = "1"\n', "", "rule 1: cite is missing."),
        ('about = "x"\n', "", "be: about is missing."),
        ("n = 1", 'n = "one"', "rule 1, clock, n: it should be a whole number or nothing, and is text."),
        ("n = 1", "n = 1, x = 2", "rule 1, clock: there is no field called x."),
        ('["receipt"]', '["lunch"]', "rule 1, clock, starts 1: 'lunch' is none of the words"),
        ('people = ["US"]', 'people = "US"', "applies 1, people: it should be a list, and is text."),
        ("read_on = 2026-01-01", 'read_on = "soon"', "read_on: a day is written yyyy-mm-dd"),
        ('act = "access"', "act = access", "Invalid value (at line "),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_plain_words(old: str, new: str, says: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse((HEAD + RULE).replace(old, new), "own.toml")
    assert says in caught.value.message
    assert caught.value.message.startswith("The law file own.toml is not as it should be: ")


def test_a_file_that_is_wrong_in_many_places_is_told_so_at_once() -> None:
    text = (
        HEAD.replace('name = "X"\n', "") + RULE.replace("n = 1", 'n = "one"') + RULE + RULE.replace('cite = "1"\n', "")
    )
    with pytest.raises(InvalidInputError) as caught:
        parse(text, "own.toml")
    assert caught.value.message == (
        "The law file own.toml is not as it should be: name is missing; "
        "rule 1, clock, n: it should be a whole number or nothing, and is text; rule 3: cite is missing."
    )
    with pytest.raises(InvalidInputError) as caught:
        parse(HEAD + "rule = 1", "own.toml")
    assert "is not as it should be: " in caught.value.message
    with pytest.raises(InvalidInputError) as caught:
        parse(HEAD.replace("[[applies]]", "rule = [1]\n[[applies]]"), "own.toml")
    assert "rule 1: it should be a table, and is a whole number" in caught.value.message


def test_proposals_are_counted_once_each() -> None:
    assert proposals(parse(HEAD + RULE, "x")) == 0
    proposed = rule("", ('"in-force"', '"proposed"'))
    assert proposals(parse(HEAD + proposed + proposed, "x")) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("clock.n", "the length of the clock"),
        ("extension.times", "how often the extension may be used"),
        ("threshold.n", "the number of people"),
        ("cite", "where it stands"),
        ("denial.a.says", "what a refusal must say a"),
        ("denial.a.cite", "what a refusal must say a.cite"),
        ("ages.DK", "the age in DK"),
        ("clock.new", "clock.new"),
        ("content", "content"),
    ],
)
def test_a_field_is_named_in_words(name: str, words: str) -> None:
    assert Field(name=name, before="", after="").words == words


@pytest.mark.parametrize(
    ("most", "unit"),
    [(878_400, "hours"), (36_600, "days"), (36_600, "business-days"), (1_200, "months"), (100, "years")],
)
def test_a_length_of_more_than_a_hundred_years_is_a_slip(most: int, unit: str) -> None:
    """A hundred years of 366 days each: 36,600 days, 878,400 hours."""
    calendar = ', calendar = "us-federal"' if unit == "business-days" else ""

    def wrong(n: int) -> bool:
        text = rule().replace(
            'n = 1, starts = ["receipt"]', f'n = {n}, unit = "{unit}", starts = ["receipt"]{calendar}'
        )
        assert f"n = {n}," in text
        book = Book((parse(HEAD + text, "x"),), shipped().groups)
        return any("more than 100 years" in one for one in complaints(book))

    assert (wrong(most), wrong(most + 1)) == (False, True)


def test_what_a_law_says_cannot_be_changed_once_it_is_read() -> None:
    found = [one for one in vars(model).values() if isinstance(one, type) and issubclass(one, model.Data)]
    assert len(found) > 15
    for one in found:
        assert one.__struct_config__.frozen, one
        if one.__struct_fields__:
            with pytest.raises(TypeError, match="positional"):
                one("x")
