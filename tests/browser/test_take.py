"""Taking everything: the files of the app are those of the library, byte for byte; and the receipt of leaving."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.test_accessible import SMALL, TALL, faults, too_small
from tests.browser.test_first_run import sign_up_by_lock
from tests.simulators.server import Running

from mindhaven.sdk import Mindhaven, Record
from mindhaven.sdk.exports import Exported, write_archive, write_csv_zip, write_fhir, write_html

WORDS = "five words that nobody else knows"
AT = 1_767_268_800_000
"""A moment on the page's clock, and that of the files that the library makes."""
HOUR_MS = 3_600_000
RECORDS = (
    Record(kind="mindhaven/mood", version=1, created_at=AT - 3 * HOUR_MS, zone="Europe/Berlin",
           body={"valence": 0.5, "activities": ["walk", "=SUM(A1)"], "note": "Straße & <b>sun</b>"}),
    Record(kind="mindhaven/mood", version=1, created_at=AT - 2 * HOUR_MS, zone="UTC", body={"valence": -1}),
    Record(kind="mindhaven/journal", version=1, created_at=AT - HOUR_MS, zone="UTC",
           body={"title": "A day", "text": "nobody else reads this"}),
    Record(kind="org.example/x", version=3, created_at=AT - 4 * HOUR_MS, zone="UTC", body={"b": [1, None], "a": "'"}),
)  # fmt: skip
FORMS = ("html", "csv", "fhir", "archive")
"""In the order of the page."""


def _written(home: Path, url: str) -> tuple[str, list[Exported]]:
    ana = Mindhaven.create(home, url, passphrase=WORDS)
    ana.sign_up(WORDS, word="ana")
    for record in RECORDS:
        ana.add(record)
    ana.sync()
    items = [
        Exported(record=one.record, item=one.item, revision=one.revision, collection_name=one.collection_name,
                 author=one.author, conflict_of=one.notes.conflict_of, author_name="", owner=None)
        for one in ana.entries() if one.record is not None
    ]  # fmt: skip
    handle = ana.me.handle
    ana.close()
    return handle, items


def _zipped(data: bytes) -> list[tuple[str, bytes]]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return [(name, archive.read(name)) for name in archive.namelist()]


def _library(items: list[Exported], form: str, *, journal: bool = False) -> bytes:
    file = io.BytesIO()
    if form == "html":
        write_html(items, file, made_at=AT)
    elif form == "csv":
        write_csv_zip(items, file)
    elif form == "fhir":
        write_fhir(items, file, made_at=AT, include_journal=journal)
    else:
        write_archive(items, file, made_at=AT, include_journal=journal)
    return file.getvalue()


def _same(theirs: bytes, ours: bytes) -> None:
    """Raise unless both are the same; zips hold the same files, which the browser does not pack."""
    if not ours.startswith(b"PK"):
        assert theirs == ours
        return
    for (name, data), (our_name, our_data) in zip(_zipped(theirs), _zipped(ours), strict=True):
        assert name == our_name
        _same(data, our_data)


def sound(person: Person) -> None:
    """Raise unless axe finds nothing, targets are large, and nothing scrolls sideways."""
    assert faults(person) == []
    assert too_small(person) == []
    assert person.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def looked_at(person: Person, shots: Any, name: str) -> None:
    """Check the page as it stands in each size and scheme, and take its pictures."""
    for size, scheme in ((PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark"), (SMALL, "light")):
        person.page.set_viewport_size({**size, "height": TALL})
        person.page.emulate_media(color_scheme=scheme)
        sound(person)
        person.page.set_viewport_size(size)
        person.page.evaluate("scrollTo(0, 0)")
        shots(person, f"{name}-{size['width']}-{scheme}")
    person.page.set_viewport_size(PHONE)
    person.page.emulate_media(color_scheme="light")


def sign_in(person: Person, handle: str) -> None:
    """Open the account that the library wrote."""
    person.open()
    person.press("I already use this")
    person.page.get_by_role("button", name="With a name and words").click()
    person.page.get_by_label("Sign-in name").fill(handle)
    person.page.get_by_label("Type your words").fill(WORDS)
    person.press("Open")
    person.sees("How are you right now?")


def made(person: Person, into: Path) -> bytes:
    """Make the file that is chosen; return it."""
    with person.page.expect_download() as download:
        person.press("Make the file")
    download.value.save_as(into)
    return into.read_bytes()


def open_take(person: Person) -> None:
    """Open the page."""
    person.press("You")
    person.press("Take everything")
    person.sees("Take everything")


def test_the_files_are_those_of_the_library(people: Any, server: Running, tmp_path: Path, shots: Any) -> None:
    with ThreadPoolExecutor(1) as other:
        handle, items = other.submit(_written, tmp_path / "ana", server.url).result()
    assert len(items) == len(RECORDS)
    ana = people(prf=None)
    ana.keeps_secret("nobody else reads this")
    sign_in(ana, handle)
    ana.page.clock.set_fixed_time(datetime.fromtimestamp(AT / 1000, UTC))
    open_take(ana)
    ana.page.get_by_text("This file is not sealed. Anyone who opens it can read it all.").wait_for()
    for number, form in enumerate(FORMS):
        ana.page.locator(".choice").nth(number).click()
        _same(made(ana, tmp_path / form), _library(items, form))
        said = ana.page.get_by_role("status").inner_text()
        assert said.startswith("Made: records-2026-01-01")
        assert ("left out of FHIR: 1." in said) == (form in {"fhir", "archive"})
        assert f"Entries in it: {3 if form == 'fhir' else 4}." in said
    ana.page.get_by_label("My journal in FHIR too").check()
    _same(made(ana, tmp_path / "all"), _library(items, "archive", journal=True))
    ana.page.get_by_text("Which parts: all").click()
    looked_at(ana, shots, "take")
    ana.page.get_by_label("journal: 1").uncheck()
    ana.page.locator(".choice").nth(FORMS.index("csv")).click()
    assert [name for name, _ in _zipped(made(ana, tmp_path / "some"))] == [
        "org.example-x.csv",
        "mood.csv",
        "README.txt",
    ]
    while (box := ana.page.get_by_role("checkbox", checked=True)).count():
        box.first.uncheck()
    ana.press("Make the file")
    ana.page.get_by_text("Choose at least one part.").wait_for()
    ana.press("Delete everything")
    ana.sees("Delete everything")


def test_what_was_attached_is_saved_by_itself(people: Any, tmp_path: Path) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.press("Write")
    ana.page.get_by_label("What is on your mind?").fill("with a letter")
    letter = tmp_path / "letter.txt"
    letter.write_bytes(b"bytes of a letter")
    ana.page.locator("input[type=file]").set_input_files(letter)
    ana.page.get_by_text("letter.txt").first.wait_for()
    ana.press("Save")
    ana.page.get_by_text("Saved. Sealed on this device.").wait_for()
    open_take(ana)
    with ana.page.expect_download() as download:
        ana.press("Save letter.txt")
    download.value.save_as(tmp_path / "back.txt")
    assert (tmp_path / "back.txt").read_bytes() == b"bytes of a letter"
    sound(ana)


def test_leaving_shows_until_when_backups_hold_copies_and_gives_the_receipt(
    people: Any, tmp_path: Path, shots: Any
) -> None:
    ana = people()
    rows = sign_up_by_lock(ana)
    open_take(ana)
    ana.press("Delete everything")
    ana.press("Delete it all")
    ana.press("Open with this device's lock")
    ana.page.get_by_label("Spare key, all eight rows").fill(" ".join(rows))
    ana.press("Open")
    ana.sees("Everything is deleted.")
    ana.page.get_by_text("this server's backups still hold sealed copies").wait_for()
    with ana.page.expect_download() as download:
        ana.press("Save the receipt")
    download.value.save_as(tmp_path / "receipt.json")
    receipt = json.loads((tmp_path / "receipt.json").read_text("utf-8"))
    assert receipt["what"] == "account"
    assert len(bytes.fromhex(receipt["commitment"])) == 32
    assert receipt["backups_until_day"] > receipt["at"] // 86_400
    assert receipt["kept"]
    looked_at(ana, shots, "gone")


@pytest.mark.parametrize(("language", "button"), [("de", "Alles mitnehmen"), ("es", "Llevártelo todo")])
def test_it_speaks_german_and_spanish(people: Any, shots: Any, language: str, button: str) -> None:
    ana = people(size=SMALL)
    sign_up_by_lock(ana)
    ana.page.evaluate("chosen => localStorage.setItem('language', chosen)", language)
    ana.page.reload()
    ana.page.get_by_role("main").get_by_role("button").first.click()
    ana.page.locator(".bar button").nth(4).click()
    ana.press(button)
    ana.sees(button)
    ana.page.set_viewport_size({**SMALL, "height": TALL})
    sound(ana)
    shots(ana, f"take-320-{language}")
