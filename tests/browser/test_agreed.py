"""What was agreed to with a share: what for, its words on both sides, and a receipt that holds without the server."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_calm import fits
from tests.browser.test_people import befriended, share_moods
from tests.browser.test_reminders import ahead as ahead
from tests.browser.test_reminders import push as push
from tests.browser.test_reminders import server as server

from mindhaven.cli import main
from mindhaven.protocol.consent import Consent
from mindhaven.sdk.consent_receipts import verify
from mindhaven.tlog.note import VerifierKey

CASE = "For a case at a court or an authority"


def test_both_read_what_was_agreed_and_a_receipt_shows_it_to_others(
    people: Any, shots: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ana, ben = befriended(people)
    share_moods(ana, "For a court or an authority", lambda: shots(ana, "agree"))
    ana.press("What you agreed to")
    ana.sees("What was agreed with Ben")
    words = ana.page.locator("blockquote").inner_text()
    assert words.startswith("moods: They can read entries from the beginning on.")
    assert "They may use it in a case at a court or an authority, and show it there." in words
    ana.page.get_by_role("heading", name=f"moods: {CASE}").wait_for()
    for size in (PHONE, DESKTOP):
        ana.page.set_viewport_size(size)
        fits(ana, f"agreed {size}")
        shots(ana, f"agreed-{size['width']}")
    ana.page.wait_for_timeout(3000)  # the log of these tests is signed each second
    with ana.page.expect_download() as saved:
        ana.page.get_by_role("button", name="Receipt: moods").click()
    ana.page.get_by_text("A receipt was saved.").wait_for()
    file = tmp_path / "share.json"
    saved.value.save_as(file)
    logs = httpx.get(f"{ana.url.replace('localhost', '127.0.0.1')}/v1/ledger", trust_env=False).json()["logs"]
    (key,) = [one["vkey"] for one in logs if one["name"] == "audit"]
    found = verify(file.read_bytes(), VerifierKey.parse(key))
    assert isinstance(found.signed, Consent)
    assert (found.form, found.signed.purpose, found.words) == ("evidence", "proceedings", words)
    whole = str(tmp_path / "whole.json")
    assert main(["receipt", "verify", str(file), "--key", key, "--as", "fhir", "--out", whole]) == 0
    assert "for a case at a court or before an authority" in capsys.readouterr().out

    ben.press("See if they answered")
    ben.page.get_by_role("button", name="Ana").click()
    ben.press("What you agreed to")
    ben.sees("What was agreed with Ana")
    assert ben.page.locator("blockquote").inner_text() == words
    assert ben.page.get_by_role("button", name="Receipt").count() == 0, "only who gave it shows it to others"

    # Another purpose waits until this one has ended; what was agreed to then stays readable.
    ana.press("Back")
    ana.page.get_by_role("button", name="Stop sharing moods").click()
    ana.page.get_by_role("button", name="Stop sharing moods").click()
    ana.page.get_by_text("Stopped. Ben gets nothing new.").wait_for()
    ana.press("What you agreed to")
    ana.page.get_by_text("It ended on").wait_for()
