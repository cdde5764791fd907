"""What a person allows the server, from the command line: seen, given, taken back, and shown to others by receipts."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import apsw
import httpx
import pytest
from tests.cli.conftest import PASSPHRASE, Person, Serving, run
from tests.cli.terminal import Terminal

from mindhaven.errors import IntegrityError, MindhavenError, NotFoundError
from mindhaven.sdk.choices import Choices


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server whose logs are signed at once."""
    data = tmp_path_factory.mktemp("choosing")
    (data / "mindhaven.toml").write_text('[ledger]\npublish-seconds = 1\n[register]\nname = "Lime Street Practice"\n')
    serving = Serving(data).start(config=data / "mindhaven.toml")
    yield serving
    assert serving.stop() == 0


@pytest.fixture
def eva(quick: Serving, tmp_path: Path) -> Person:
    return Person(tmp_path / "eva", PASSPHRASE, quick.url).sign_up("eva")


def said(text: str) -> str:
    return " ".join(text.replace("mindhaven: ", "").split())


def states(person: Person) -> dict[str, str]:
    return {one["purpose"]: one["state"] for one in person("choices", "--json").told["choices"]}


def written(person: Person, number: int, form: str, file: Path) -> str:
    """Write a receipt once the log has the choice; return the command that verifies it."""
    end = time.monotonic() + 60
    while (ran := person("choices", "receipt", str(number), "--as", form, "--out", str(file), code=None)).code:
        assert ran.code == 4, ran
        assert "has not signed this entry yet" in said(ran.err)
        assert time.monotonic() < end
        time.sleep(0.3)
    return ran.out.strip()


def test_what_is_given_is_taken_back_and_its_receipts_stay_true(eva: Person, tmp_path: Path) -> None:
    assert states(eva) == {"reminders": "unasked", "sale": "unasked"}
    shown = eva("choices").out
    assert ("not asked yet" in shown, "never done here" in shown) == (True, True)
    assert "You have chosen nothing yet." in said(eva("choices", "history").err)
    assert "Give --yes." in eva("choices", "give", "reminders", code=2).err
    assert states(eva)["reminders"] == "unasked"
    given = eva("choices", "give", "reminders", "--language", "de", "--yes")
    assert "Zu den Zeiten, die du wählst, sendet dieser Server" in said(given.err)
    assert "A receipt was kept here: mindhaven ledger receipts" in said(given.err)
    assert "mindhaven choices withdraw reminders" in said(given.err)
    assert "You set the times in the web app" in said(given.err)
    assert "allowed" in eva("choices").out
    assert "Your choice of what the server may do is recorded" in eva("ledger", "receipts").out

    files = {form: tmp_path / f"{form}.json" for form in ("27560", "fhir")}
    for form, file in files.items():
        command = written(eva, 1, form, file).split()
        assert command[:3] == ["mindhaven", "receipt", "verify"]
        ran = run(*command[1:])
        assert ran.code == 0, ran
        assert "This receipt holds." in ran.out
        assert "allowed: Erinnerungen auf diesem Gerät." in ran.out
        assert "It calls itself Lime Street Practice. That name is the server's own word." in ran.out
        assert "as the person's device states them" not in said(ran.out)
        assert "not from whoever gave you the file" in said(ran.err)
        told = run(*command[1:], "--json").told
        assert (told["form"], told["act"], told["number"], told["purpose"]) == (form, "given", 1, "reminders")
        assert json.loads(file.read_text())
        assert eva("choices", "receipt", "1", "--as", form, "--out", str(file), code=2), "no file is overwritten"

    taken = eva("choices", "withdraw", "reminders", "--json")
    assert "Erinnerungen auf diesem Gerät" in said(taken.err), "the words that were agreed to"
    assert (taken.told["act"], taken.told["number"], taken.told["language"]) == ("withdrawn", 2, "de")
    assert states(eva) == {"reminders": "withdrawn", "sale": "unasked"}
    assert "taken back" in eva("choices").out
    for file in files.values():
        assert run("receipt", "verify", str(file), *command[4:]).code == 0, "a receipt tells of its own choice"
    last = tmp_path / "withdrawal.json"
    back = run(*written(eva, 2, "27560", last).split()[1:]).out
    assert "took back: Erinnerungen" in back
    assert "as the person's device states them" in said(back)
    assert "nothing to withdraw" in said(eva("choices", "withdraw", "reminders", code=6).err)
    lines = eva("choices", "history").out.splitlines()
    assert all(f" {number}  in the hour from 20" in line for number, line in enumerate(lines, 1))
    assert [line.split("  ")[-1] for line in lines] == ["reminders: allowed", "reminders: took back"]

    key = command[-1]
    assert run("ledger", "keys", eva.url, "--json").told["audit"] == key
    assert key in run("ledger", "keys", eva.url + "/").out
    forged = files["27560"].read_text().replace("reminders", "research")
    (tmp_path / "forged.json").write_text(forged)
    ran = run("receipt", "verify", str(tmp_path / "forged.json"), "--key", key)
    assert ran.code == 5
    assert "is not what was signed" in said(ran.err)
    assert "Do not rely on it." in said(ran.err)
    other = run("receipt", "verify", str(files["fhir"]), "--key", key.replace("/log/audit", "/log/keys"))
    assert other.code == 2
    assert run("receipt", "verify", str(tmp_path / "none.json"), "--key", key).code == 2
    (tmp_path / "words.json").write_text("{}")
    assert "is not a receipt of a choice" in said(
        run("receipt", "verify", str(tmp_path / "words.json"), "--key", key).err
    )


def test_a_no_needs_no_question_and_what_is_never_done_cannot_be_allowed(eva: Person) -> None:
    refused = eva("choices", "refuse", "sale")
    assert "This server does not do that, and nobody can allow it here." in said(refused.err)
    assert "Your no is kept." in said(refused.err)
    assert "Nobody can allow this here." in said(eva("choices", "give", "sale", "--yes", code=6).err)
    assert "There are: reminders, sale." in said(eva("choices", "refuse", "ads", code=1).err)
    assert "This day has passed." in eva("choices", "give", "reminders", "--until", "2020-01-01", code=2).err
    for number in ("0", "2"):
        assert "no choice of this number" in said(eva("choices", "receipt", number, "--out", "x", code=1).err)
    assert "never done here; you said no" in eva("choices").out
    eva("choices", "give", "reminders", "--until", "2999-12-31", "--yes")
    assert "allowed until 2999-12-31" in eva("choices").out
    assert eva("choices", "history").out.splitlines()[1].endswith("reminders: allowed until 2999-12-31")
    assert states(eva) == {"reminders": "given", "sale": "refused"}
    assert "This needs the server." in said(eva("--offline", "choices", code=4).err)


def test_allowing_asks_for_a_typed_yes(eva: Person, terminals: list[Terminal]) -> None:
    for typed, state, told in (("no", "unasked", "Nothing was changed."), ("yes", "given", "Allowed.")):
        terminal = Terminal("--home", str(eva.home), "--passphrase-file", str(eva.file), "choices", "give", "reminders")
        terminals.append(terminal)
        terminal.until("type yes:")
        assert "That service learns that this server calls your device then, and never what for." in terminal.words
        terminal.type(typed)
        assert terminal.ends() == 0
        assert told in terminal.words
        assert states(eva)["reminders"] == state


@pytest.mark.parametrize(("language", "typed", "word"), [("de", "Ja", "ja"), ("es", "si", "sí"), ("es", "sí", "sí")])
def test_a_yes_counts_in_the_language_shown(
    eva: Person, terminals: list[Terminal], language: str, typed: str, word: str
) -> None:
    terminal = Terminal("--home", str(eva.home), "--passphrase-file", str(eva.file), "choices", "give", "reminders",
                        "--language", language)  # fmt: skip
    terminals.append(terminal)
    terminal.until(f"type {word}:")
    terminal.type(typed)
    assert terminal.ends() == 0
    assert states(eva)["reminders"] == "given"


@pytest.mark.parametrize("error", [NotFoundError, IntegrityError])
def test_taking_back_goes_on_where_the_server_does_not_show_the_words(
    eva: Person, monkeypatch: pytest.MonkeyPatch, error: type[MindhavenError]
) -> None:
    async def gone(self: Choices, digest: bytes) -> None:
        raise error("Nothing is there.", code="text-unknown")

    eva("choices", "give", "reminders", "--language", "es", "--yes")
    monkeypatch.setattr(Choices, "text", gone)
    ran = eva("choices", "withdraw", "reminders")
    assert "The server does not show the words that you agreed to." in said(ran.err)
    assert "Taken back." in said(ran.err)
    assert states(eva)["reminders"] == "withdrawn"


def test_what_the_server_lost_is_told_until_it_is_let_go(eva: Person, quick: Serving) -> None:
    eva("choices", "give", "reminders", "--yes")
    eva("choices", "withdraw", "reminders")
    person = bytes.fromhex(eva("card", "--json").told["uid"])
    with apsw.Connection(str(quick.data / "mindhaven.db")) as database:
        database.setbusytimeout(5000)
        database.execute("DELETE FROM consent_choice WHERE number = 1 AND person = ?", (person,))
    for command in (("choices",), ("choices", "history")):
        ran = eva(*command)
        assert "The server no longer has 1 of the choices of yours that this device has seen." in said(ran.err)
        assert "2 in the hour from 20" in said(ran.err)
        assert "reminders: took back" in said(ran.err)
        assert "mindhaven choices let-go" in said(ran.err)
        assert [one["act"] for one in eva(*command, "--json").told["lost"]] == ["withdrawn"]
    told = said(eva("choices", "give", "reminders", "--yes").err)
    assert told.count("The server no longer has 1 of the choices of yours") == 1, "it was given back before the choice"
    assert [one["act"] for one in eva("choices", "history", "--json").told["choices"]][-3:] == [
        "given", "withdrawn", "given",
    ]  # fmt: skip
    with apsw.Connection(str(quick.data / "mindhaven.db")) as database:
        database.setbusytimeout(5000)
        database.execute("DELETE FROM consent_choice WHERE number = 2 AND person = ?", (person,))
    assert "no longer has" in said(eva("choices").err)
    eva("choices", "let-go")
    assert "no longer has" not in said(eva("choices").err)
    assert httpx.get(f"{quick.url}/healthz", trust_env=False).status_code == 200


def test_who_acts_for_somebody_by_law_says_as_what(eva: Person) -> None:
    eva("choices", "give", "reminders", "--yes", "--by", "guardian")
    assert eva("choices", "history", "--json").told["choices"][-1]["by"] == "guardian"
    assert "guardian" in said(eva("choices", "history").out)
    eva("choices", "withdraw", "reminders")
    assert eva("choices", "history", "--json").told["choices"][-1]["by"] == "self"
    assert eva("choices", "give", "reminders", "--yes", "--by", "signal", code=None).code == 2
