"""What a slip is answered with, and what lists leave out."""

from dataclasses import replace

import pytest
from tests.cli.conftest import Person, run

from mindhaven.kinds import Record
from mindhaven.sdk import Mindhaven
from mindhaven.sdk.content import Notes


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("listt",), "Did you mean list?"),
        (("hlep",), "Did you mean help?"),
        (("delete", "3f"), "Did you mean erase?"),
        (("contacts", "chek"), "Did you mean check?"),
        (("contacts", "foo"), "There are: add, check, remove, invite, accept, answers."),
        (("export", "--format", "pdf", "x"), "There are: fhir, csv, html, age, archive."),
    ],
)
def test_a_slip_is_answered_with_what_there_is(typed: tuple[str, ...], said: str) -> None:
    ran = run(*typed)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize("word", ["logoff", "helm", "hold-on", "logs-of-mine", "zzz"])
def test_nothing_far_off_is_suggested(word: str) -> None:
    err = run(word).err
    assert f"There is no command {word}." in err
    assert "logout?" not in err
    assert "held?" not in err


def test_help_is_a_command() -> None:
    ran = run("help", "journal", "add")
    assert ran.code == 0
    assert ran.out == run("journal", "add", "--help").out
    assert "usage: mindhaven journal add" in ran.out
    assert "undo-import" in run("help").out
    assert run("help", "nonsense").code == 2


def test_an_unknown_kind_is_refused_with_the_kinds_there_are(ana: Person) -> None:
    for command in (("list",), ("shared",)):
        ran = ana(*command, "--kind", "moods", code=2)
        said = " ".join(ran.err.split())
        assert "There is no kind of entry called moods. Did you mean mood?" in said
        assert "mood, plan, request, sleep, symptom." in said
    assert "Did you mean" not in ana("list", "--kind", "held", code=2).err
    ana("log", "mood", "good")
    assert "None of your" in ana("list", "--kind", "org.example/dream").err
    assert "Your collections:" in ana("list", "--collection", "nowhere").err


def test_the_newest_few(somebody: Person) -> None:
    somebody.sign_up("last")
    for day in (1, 2, 3):
        somebody("log", "mood", "good", "--at", f"2026-11-0{day} 10:00", "--zone", "UTC")
    assert [one["at"][:10] for one in somebody.entries("--last", "2")] == ["2026-11-02", "2026-11-03"]
    assert len(somebody.entries("--last", "9")) == 3
    assert somebody("list", "--last", "0", code=2)


def test_another_version_is_marked_in_the_list(somebody: Person) -> None:
    somebody.sign_up("race")
    item = bytes.fromhex(somebody("log", "mood", "good", "--json").told["id"])
    with Mindhaven.open(somebody.home, passphrase=somebody.passphrase) as client:
        record = client.entry(item).record
        assert isinstance(record, Record)
        client.add(replace(record, body={"valence": 0}), notes=Notes(conflict_of=item))
    marked = [one for one in somebody("list").out.splitlines() if f"[another version of {item.hex()[:8]}]" in one]
    assert len(marked) == 1
