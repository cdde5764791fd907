"""Asking somebody for a check-up: told to them alone, and answered only by a share of theirs."""

import pytest
from tests.cli.conftest import OTHER, PASSPHRASE, Person, Serving


@pytest.fixture(scope="module")
def three(server: Serving, tmp_path_factory: pytest.TempPathFactory) -> tuple[Person, Person, Person]:
    """Ana, Ben and Cleo, who are contacts of Ben and he of theirs."""
    homes = tmp_path_factory.mktemp("asking")
    ana, ben, cleo = (
        Person(homes / name, words, server.url).sign_up(name)
        for name, words in (("asked", PASSPHRASE), ("asking", OTHER), ("other", PASSPHRASE))
    )
    for one, name in ((ana, "Ana"), (cleo, "Cleo")):
        one("contacts", "add", ben.card, "--name", "Ben")
        ben("contacts", "add", one.card, "--name", name)
    return ana, ben, cleo


def test_what_is_asked_reaches_the_one_who_is_asked_and_nobody_else(three: tuple[Person, Person, Person]) -> None:
    ana, ben, cleo = three
    asked = ben("ask", "Ana", "phq9", "--reads-from", "2199-01-08", "--json")
    told = asked.told
    assert (told["who"], told["instrument"], told["reads_from"], told["until"]) == ("Ana", "phq9", "2199-01-08", None)
    assert "They can say no" in " ".join(asked.err.split())
    assert "thoughts of death" in " ".join(asked.err.split())
    ben("ask", "Cleo", "pcl5", "--until", "2199-02-01")
    got = [one for one in ana("shared", "--json").told if one["body"]["instrument"] == "phq9"]
    assert [one["body"] for one in got] == [{"instrument": "phq9", "reads_from": "2199-01-08"}]
    assert {one["kind"] for one in got} == {"mindhaven/request"}
    assert got[0]["from"] == "Ben"
    assert [one["body"]["instrument"] for one in cleo("shared", "--json").told] == ["pcl5"]
    assert "Asked for: check-up PHQ-9" in ana("shared").out
    assert "opened asked" not in " ".join(ben("activity").out.split())  # who is asked tells nobody that they looked
    # A second one goes into what stands; what is taken back is gone.
    second = ben("ask", "Ana", "phq8", "--json").told
    assert "phq8" in [one["body"]["instrument"] for one in ana("shared", "--json").told]
    ben("erase", second["id"], "--yes")
    ben("sync")
    assert "phq8" not in [one["body"]["instrument"] for one in ana("shared", "--json").told]


def test_what_cant_be_asked_says_why(three: tuple[Person, Person, Person]) -> None:
    ana, ben, _ = three
    before = len(ben.entries())
    assert "day has passed" in ben("ask", "Ana", "phq9", "--reads-from", "2020-01-01", code=2).err
    assert ben("ask", "Ana", "mmpi", code=2)
    assert ben("ask", "Nobody", "phq9", code=1)
    assert len(ben.entries()) == before
    assert "Ben asked" not in ana("checkup", "audit_c", "--answers", "0,x,x").err


def test_whoever_answers_is_told_who_asked_and_that_nothing_goes_by_itself(
    three: tuple[Person, Person, Person],
) -> None:
    ana, ben, _ = three
    ben("ask", "Ana", "gad7", "--reads-from", "2199-01-08")
    ana("sync")
    ran = ana("checkup", "gad7", "--answers", "0,0,0,0,0,0,0")
    words = " ".join(ran.err.split())
    assert "Ben asked for this check-up, and may not read it before 2199-01-08." in words
    assert "Nothing goes to Ben by itself" in words
    assert [one["kind"] for one in ben("shared", "--json").told] == []
