"""Bringing in files of other apps: looked at first, with the library's results; nothing twice; taken back."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.browser.conftest import Person
from tests.browser.test_accessible import SMALL, TALL
from tests.browser.test_first_run import sign_up_by_lock
from tests.browser.test_take import WORDS, looked_at, sign_in, sound
from tests.simulators.server import Running

from mindhaven.kinds import encode_body
from mindhaven.sdk import Mindhaven
from mindhaven.sdk.imports import Imported, Options, importer_named

VECTORS = Path(__file__).parents[2] / "vectors" / "imports"
GERMAN = VECTORS / "daylio-csv" / "german-current.csv"
DAYLIO = "full_date,date,weekday,time,mood,activities,note_title,note\n"
MANY = 10_000
LONG_MS = 240_000
"""Ten thousand rows on a machine that others use too."""
FROZEN_MS = 2_000
"""Longer than this no page may stand still while it works (170 ms where this was written)."""
Row = tuple[str, int, str, bytes]


def _account(home: Path, url: str) -> str:
    ana = Mindhaven.create(home, url, passphrase=WORDS)
    ana.sign_up(WORDS, word="ana")
    handle = ana.me.handle
    ana.close()
    return handle


def _kept(home: Path, url: str, handle: str) -> list[Row]:
    """Return what another device of the account has."""
    ana = Mindhaven.create(home, url, passphrase=WORDS)
    ana.log_in(handle, WORDS)
    ana.sync()
    found = [one.record for one in ana.entries() if one.record is not None]
    ana.close()
    return sorted((one.kind, one.created_at, one.zone, encode_body(one.body)) for one in found)


def _read(path: Path, importer: str, options: Options) -> list[Row]:
    rows = [row.record for row in importer_named(importer).read(path, options) if isinstance(row, Imported)]
    return sorted((one.kind, one.created_at, one.zone, encode_body(one.body)) for one in rows)


def choose(person: Person, path: Path) -> None:
    """Open the page, and choose a file."""
    person.press("You")
    person.press("Bring in from another app")
    person.sees("Bring in from another app")
    person.page.locator("input[type=file]").set_input_files(path)


def brought(person: Person, count: str, wait: float = 20_000) -> None:
    """Bring the file in, and wait until it says so."""
    person.press("Bring it in")
    person.page.get_by_role("heading", level=1, name="It is here").wait_for(timeout=wait)
    person.page.get_by_text(f"Added: {count}. Sealed on this device.").wait_for()


def test_a_file_of_daylio_comes_in_as_the_library_reads_it(
    people: Any, server: Running, tmp_path: Path, shots: Any
) -> None:
    with ThreadPoolExecutor(1) as other:
        handle = other.submit(_account, tmp_path / "ana", server.url).result()
        ana = people(prf=None)
        ana.keeps_secret("Mit Oma gebacken")
        sign_in(ana, handle)
        choose(ana, GERMAN)
        ana.sees("This is in the file")
        expected = _read(GERMAN, "daylio-csv", Options(zone="Europe/Berlin"))
        ana.page.get_by_text(f"To be added: {len(expected)}.").wait_for()
        ana.page.get_by_text("Times count as Europe/Berlin").wait_for()
        ana.page.get_by_text("Lines that can't be read:").click()
        ana.page.get_by_text("Line 4, full_date: This date can't be read.").wait_for()
        looked_at(ana, shots, "import-look")
        brought(ana, str(len(expected)))
        looked_at(ana, shots, "import-done")
        # Again: nothing is new. Under another zone: what is here is set right.
        ana.press("Another file")
        ana.page.locator("input[type=file]").set_input_files(GERMAN)
        ana.page.get_by_text("All of it is here already.").wait_for()
        assert ana.page.get_by_role("button", name="Bring it in").count() == 0
        ana.page.get_by_text("Times count as Europe/Berlin").click()
        ana.page.get_by_label("Where were you then?").fill("Asia/Kolkata")
        ana.press("Use this")
        ana.page.get_by_text(f"Here under another time zone, and set right: {len(expected)}.").wait_for()
        ana.press("Bring it in")
        ana.page.get_by_text(f"Set right: {len(expected)}.").wait_for()
        moved = _read(GERMAN, "daylio-csv", Options(zone="Asia/Kolkata"))
        for _ in range(40):
            if other.submit(_kept, tmp_path / "other", server.url, handle).result() == moved:
                break
            _remove(tmp_path / "other")
            ana.page.wait_for_timeout(500)
        else:
            raise AssertionError("another device does not have what was brought in")


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def test_own_mood_names_are_asked_for_and_an_import_is_taken_back(people: Any, tmp_path: Path, shots: Any) -> None:
    table = tmp_path / "mine.csv"
    rows = ["2026-03-09,,,20:00,fluffy,walk,,soft day", "2026-03-08,,,20:00,grey,,,", "2026-03-07,,,20:00,rad,,,kept"]
    table.write_text(DAYLIO + "\n".join(rows) + "\n", "utf-8")
    ana = people()
    sign_up_by_lock(ana)
    choose(ana, table)
    ana.sees("What do your moods mean?")
    looked_at(ana, shots, "import-moods")
    ana.press("Go on")
    ana.page.get_by_text("Choose one for each name.").wait_for()
    ana.page.get_by_label("fluffy").select_option("4")
    ana.page.get_by_label("grey").select_option("2")
    ana.press("Go on")
    ana.page.get_by_text("To be added: 3.").wait_for()
    brought(ana, "3")
    ana.press("Look back")
    ana.page.get_by_label("Search").fill("soft day")
    row = ana.page.locator("li", has_text="soft day")
    row.get_by_text("good", exact=True).wait_for()
    row.get_by_role("button", name="Note").click()
    ana.page.locator("li textarea").fill("soft day, and more")
    ana.page.locator("li").get_by_role("button", name="Save").click()
    ana.page.locator(".entry-text", has_text="soft day, and more").wait_for()
    ana.press("You")
    ana.press("Bring in from another app")
    ana.page.get_by_text("Entries: 2. Changed by you since, these stay: 1.").wait_for()
    ana.press("Take it back")
    looked_at(ana, shots, "import-back")
    ana.press("Remove them")
    ana.page.get_by_text("Taken back: 2.").wait_for()
    assert ana.page.get_by_role("button", name="Take it back").count() == 0
    ana.press("Look back")
    ana.page.get_by_label("Search").fill("kept")
    ana.page.locator(".entry-text", has_text="kept").wait_for(state="detached")
    ana.page.get_by_label("Search").fill("and more")
    ana.page.locator(".entry-text", has_text="soft day, and more").wait_for()


def test_any_table_is_read_by_what_is_said_of_its_columns(people: Any, tmp_path: Path, shots: Any) -> None:
    table = tmp_path / "table.csv"
    table.write_text("When;Feeling;What;Words\n09.03.2026;8;walk,sun;it was fine\n31.02.2026;3;;\n", "utf-8")
    ana = people()
    sign_up_by_lock(ana)
    choose(ana, table)
    ana.sees("What is in the columns?")
    ana.press("Go on")
    ana.page.get_by_text("Choose the column with the day.").wait_for()
    ana.page.get_by_label("when").select_option("day")
    ana.page.get_by_label("How are days written?").select_option("dots")
    ana.page.get_by_label("feeling").select_option("mood")
    ana.page.get_by_label("what", exact=False).first.select_option("activities")
    ana.page.get_by_label("words").select_option("note")
    ana.page.get_by_label("What stands between tags?").select_option(",")
    ana.page.get_by_label("Number of the best mood").fill("10")
    looked_at(ana, shots, "import-columns")
    ana.press("Go on")
    ana.page.get_by_text("To be added: 1.").wait_for()
    ana.page.get_by_text("Lines that can't be read: 1").wait_for()
    brought(ana, "1")
    ana.press("Look back")
    ana.page.get_by_label("Search").fill("it was fine")
    ana.page.locator("li", has_text="it was fine").get_by_text("good", exact=True).wait_for()


def test_what_is_no_table_is_refused(people: Any, tmp_path: Path) -> None:
    ana = people()
    sign_up_by_lock(ana)
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\xff\xfe\xfd")
    choose(ana, picture)
    ana.page.get_by_role("alert").get_by_text("This file is not readable text.").wait_for()
    empty = tmp_path / "empty.csv"
    empty.write_text(DAYLIO + "x\n", "utf-8")
    ana.page.locator("input[type=file]").set_input_files(empty)
    ana.page.get_by_text("Nothing in this file can be read.").wait_for()
    assert ana.page.get_by_role("button", name="Bring it in").count() == 0


def test_ten_thousand_rows_come_in_while_the_page_answers(people: Any, tmp_path: Path) -> None:
    table = tmp_path / "many.csv"
    days = [f"20{20 + n % 6}-{1 + n // 6 % 12:02}-{1 + n // 72 % 28:02}" for n in range(MANY)]
    rows = [f"{day},,,{n % 24:02}:{n % 60:02},good,,,note {n}" for n, day in enumerate(days)]
    table.write_text(DAYLIO + "\n".join(rows) + "\n", "utf-8")
    ana = people()
    sign_up_by_lock(ana)
    choose(ana, table)
    ana.page.get_by_text("To be added: 10,000.").wait_for(timeout=LONG_MS)
    ana.page.evaluate(
        """() => { window.longest = 0; let last = performance.now();
                   const tick = () => { const now = performance.now();
                                        window.longest = Math.max(window.longest, now - last); last = now;
                                        if (document.querySelector('progress')) window.seen = true;
                                        setTimeout(tick, 10); };
                   tick(); }"""
    )
    ana.press("Bring it in")
    ana.page.locator("progress").wait_for()
    ana.page.get_by_text("Added: 10,000. Sealed on this device.").wait_for(timeout=LONG_MS)
    assert ana.page.evaluate("window.seen")
    assert ana.page.evaluate("window.longest") < FROZEN_MS
    ana.page.reload()  # it rests: nothing of it was only in memory
    ana.press("Open with this device's lock")
    ana.sees("How are you right now?")
    choose(ana, table)
    ana.page.get_by_text("All of it is here already.").wait_for(timeout=LONG_MS)


@pytest.mark.parametrize(
    ("language", "button", "title"),
    [
        ("de", "Aus einer anderen App holen", "Das steht in der Datei"),
        ("es", "Traer de otra app", "Esto hay en el archivo"),
    ],
)  # fmt: skip
def test_it_speaks_german_and_spanish(people: Any, shots: Any, language: str, button: str, title: str) -> None:
    ana = people(size=SMALL)
    sign_up_by_lock(ana)
    ana.page.evaluate("chosen => localStorage.setItem('language', chosen)", language)
    ana.page.reload()
    ana.page.get_by_role("main").get_by_role("button").first.click()
    ana.page.locator(".bar button").nth(4).click()
    ana.press(button)
    ana.page.locator("input[type=file]").set_input_files(GERMAN)
    ana.sees(title)
    ana.page.set_viewport_size({**SMALL, "height": TALL})
    ana.page.locator("summary").first.click()
    sound(ana)
    shots(ana, f"import-320-{language}")
