"""Receipts of choices from a real server and log, on both databases: written, kept, and true after a withdrawal."""

from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.logged import on, publish
from tests.simulators.world import PASS, Hostile, Time, world

from mindhaven.consent.model import purposes
from mindhaven.errors import MindhavenError
from mindhaven.protocol.choice import Act, State
from mindhaven.protocol.ledger import AUDIT
from mindhaven.register import service
from mindhaven.register.model import Facts, entries
from mindhaven.sdk.activity import Activity, ActivityReader
from mindhaven.sdk.consent_receipts import FORMS, render, verify, written
from mindhaven.sdk.ledger import Quorum
from mindhaven.sdk.ledger import State as Log
from mindhaven.wire.ledger import ActivityPage
from mindhaven.wire.register import PolicyShown


def refused(code: str) -> Any:
    return pytest.raises(MindhavenError, check=lambda error: error.reason == code)


def test_each_purpose_has_the_line_of_its_own_name_or_none() -> None:
    """A receipt finds the line of the policy by the purpose's id: nothing else that is signed names it."""
    lines = {one.id for one in entries()}
    files = resources.files("mindhaven.consent") / "purposes"
    assert {path.name for path in files.iterdir() if path.name.endswith(".toml")} == {
        f"{one}.toml" for one in purposes()
    }
    for one in purposes().values():
        assert one.entry in {"", one.id}
        assert (one.entry in lines) == bool(one.entry)


async def test_a_receipt_is_written_and_stays_true_after_a_withdrawal(
    tmp_path: Path, moment: Time, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Hostile] = []

    def between(inner: Any) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    async with world(tmp_path, moment, between=between, **{"server.database": database_url}) as (server, home):
        await server.record()
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        given = await ana.choices.choose("reminders", Act.GIVEN, language="es")
        with refused("receipt-early"):
            await ana.consent_receipts.evidence(0)
        with refused("consent-receipt-number"):
            await ana.consent_receipts.evidence(1)
        await publish(server)
        key = (await ana.logs.keys())[AUDIT]
        first = await ana.consent_receipts.evidence(0)
        files = {form: written(render(first, form)) for form in FORMS}

        monkeypatch.setattr(service, "facts_of", lambda host: Facts(name="Lime Street Practice"))
        await server.record()
        await ana.choices.choose("reminders", Act.WITHDRAWN)
        await ana.choices.choose("sale", Act.REFUSED)
        await publish(server)
        for form, file in files.items():
            found = verify(file, key)
            assert (found.form, found.signed, found.run_by) == (form, given, "")
            assert found.words.startswith("Recordatorios en este aparato\n")
        assert (await ana.choices.chain()).state("reminders", terms=1, now=moment.now) is State.WITHDRAWN
        again = await ana.consent_receipts.evidence(0)
        assert (again.policy, again.words) == (first.policy, first.words), "the policy of then, not of now"
        for number, act in ((1, Act.WITHDRAWN), (2, Act.REFUSED)):
            evidence = await ana.consent_receipts.evidence(number)
            for form in FORMS:
                found = verify(written(render(evidence, form)), key)
                assert (found.signed.act, found.run_by) == (act, "Lime Street Practice")

        def edited(shown: PolicyShown) -> PolicyShown:
            shown.texts = b"{}"
            return shown

        def another(shown: PolicyShown) -> PolicyShown:
            shown.version = 1
            return shown

        def hidden(page: ActivityPage) -> ActivityPage:
            page.entries = [one for one in page.entries if b"choice.made" not in (one.body or b"")]
            page.total = len(page.entries)
            return page

        for path, gives, change, code in (
            ("/v1/policy", PolicyShown, edited, "policy-differs"),
            ("/v1/policy", PolicyShown, another, "consent-receipt-policy"),
            ("/v1/activity", ActivityPage, hidden, "activity-gap"),
        ):
            made[0].change = on(path, gives, change)
            with refused(code):
                await ana.consent_receipts.evidence(0)
        made[0].change = None


async def test_what_the_log_does_not_have_yet_or_at_all_gets_no_receipt(
    tmp_path: Path, moment: Time, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        await server.record()
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        await ana.choices.choose("reminders", Act.GIVEN)
        await publish(server)
        accept = ana.logs.accept

        async def too_few(name: str, note: bytes) -> Log:
            return replace(await accept(name, note), quorum=Quorum.MISSING)

        with monkeypatch.context() as patch:
            patch.setattr(ana.logs, "accept", too_few)
            with refused("receipt-early"):
                await ana.consent_receipts.evidence(0)
        read = ActivityReader.read

        async def without(reader: ActivityReader) -> Activity:
            whole = await read(reader)
            return replace(whole, acts=tuple(one for one in whole.acts if "choice" not in one.name))

        with monkeypatch.context() as patch:
            patch.setattr(ActivityReader, "read", without)
            with refused("consent-receipt-event"):
                await ana.consent_receipts.evidence(0)
        assert (await ana.consent_receipts.evidence(0)).generation == 1
