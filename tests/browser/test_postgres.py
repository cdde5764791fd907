"""The main journey once more, on PostgreSQL: first run, mood, plan, journal with a file, share, stop."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.test_people import befriended, share_moods
from tests.browser.test_plan import write_plan
from tests.simulators.server import Running, running_server


@pytest.fixture
def server(tmp_path: Path, postgres_url: str) -> Iterator[Running]:
    """Run a server on PostgreSQL, in the place of the module's one."""
    environment = {"MINDHAVEN_SERVER_DATABASE": postgres_url}
    with running_server(tmp_path / "data", environment=environment) as running:
        yield dataclasses.replace(running, url=running.url.replace("127.0.0.1", "localhost"))


def test_the_main_journey_on_postgresql(people: Any, server: Running) -> None:
    ana, ben = befriended(people)
    ana.keeps_secret("My dog", "in the journal", "bytes of a file")
    share_moods(ana)
    write_plan(ana)
    ana.press("Today")
    ana.press("Write")
    ana.page.get_by_label("What is on your mind?").fill("in the journal")
    ana.page.locator("input[type=file]").set_input_files(
        {"name": "note.txt", "mimeType": "text/plain", "buffer": b"bytes of a file"}
    )
    ana.page.get_by_text("note.txt", exact=False).first.wait_for()
    ana.press("Save")
    ana.page.get_by_text("Saved. Sealed on this device.").wait_for()
    ben.press("See if they answered")
    ben.page.get_by_role("button", name="Ana").click()
    ben.page.locator(".rows strong", has_text="good").wait_for()
    ana.press("People")
    ana.page.get_by_role("button", name="Ben").click()
    ana.press("Stop sharing moods")
    ana.press("Stop sharing moods")
    ana.page.get_by_text("Stopped. Ben gets nothing new.").wait_for()
    # And all of it opens again.
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.press("Plan")
    ana.page.get_by_text("My dog").wait_for()
    assert list(server.data.rglob("*.db")) == [], "it ran on the embedded database"
