"""What a share is for: each purpose has a consent of its own, in its own words, with a receipt; on both databases."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.logged import publish
from tests.simulators.world import PASS, Time, world

from mindhaven.errors import MindhavenError
from mindhaven.protocol import consent as consents
from mindhaven.protocol.collection import Role
from mindhaven.protocol.consent import Part, Purpose
from mindhaven.protocol.ledger import AUDIT
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.consent_receipts import FORMS, render, verify, written
from mindhaven.sdk.vault import today


def refused(code: str) -> Any:
    return pytest.raises(MindhavenError, check=lambda error: error.reason == code)


async def befriended(home: Any) -> tuple[AsyncMindhaven, AsyncMindhaven]:
    """Return Ana and Ben, whose card she took."""
    ana, ben = home("ana"), home("ben")
    for who, word in ((ana, "ana"), (ben, "ben")):
        await who.sign_up(PASS, word=word)
    await ana.sharing.add_contact(ben.card, name="Ben", checked="card")
    return ana, ben


@pytest.mark.shows("shares-say-what-for")
async def test_each_purpose_has_a_consent_of_its_own(tmp_path: Path, moment: Time, database_url: str) -> None:
    until = today() + 30
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        await server.record()
        ana, ben = await befriended(home)
        await ana.share("mood", "Ben", until=until)
        # The same purpose again takes the place of the one before; another is never joined to it.
        await ana.share("mood", "Ben", until=until + 1)
        for purpose in (Purpose.NOTES, Purpose.PROCEEDINGS):
            with refused("consent-separate"):
                await ana.share("mood", "Ben", until=until, purpose=purpose)
        with refused("consent-form"):
            await ana.share("journal", "Ben", purpose=Purpose.PROCEEDINGS)
        with refused("consent-form"):
            await ana.share("journal", "Ben", until=until, role=Role.WRITER, purpose=Purpose.NOTES)
        assert not [one for one in await ana.shares() if one.purpose != "care"]
        await ana.share("journal", "Ben", until=until, purpose=Purpose.PROCEEDINGS)
        with refused("consent-separate"):
            await ana.share("journal", "Ben", until=until)

        await ben.sync()
        shown = {
            (one.part.name if one.part else "", one.purpose): one for one in await ben.shares() if not one.ended_at
        }
        assert set(shown) == {("mood", "care"), ("journal", "proceedings")}
        case = shown["journal", "proceedings"]
        assert case.part is not None
        assert case.part.text is not None
        assert "in a case at a court or before an authority" in case.part.text
        assert "agrees to that only, and to nothing else" in case.part.text
        assert "journal" in case.part.text

        # Once it is stopped, the same part can be shared for care: by a consent of its own.
        await ana.stop_sharing("journal", "Ben")
        await ana.share("journal", "Ben", until=until)
        standing = {one.purpose for one in await ana.shares() if not one.ended_at}
        assert standing == {"care"}

        await publish(server)
        key = (await ana.logs.keys())[AUDIT]
        evidence = await ana.consent_receipts.share(case.hash)
        for form in FORMS:
            found = verify(written(render(evidence, form)), key)
            assert isinstance(found.signed, consents.Consent)
            assert (found.signed.purpose, found.words) == ("proceedings", case.part.text)
        with refused("consent-receipt-number"):
            await ana.consent_receipts.share(bytes(32))


async def test_a_purpose_that_is_none_is_refused(
    tmp_path: Path, moment: Time, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (_, home):
        ana, _ben = await befriended(home)
        sign = consents.Consent.sign
        monkeypatch.setattr(
            consents.Consent, "sign", lambda self, identity: sign(replace(self, purpose="research"), identity)
        )
        with refused("consent-purpose"):
            await ana.share("mood", "Ben")
        assert await ana.shares() == []


async def test_a_share_names_the_policy_that_stands_and_a_day_that_comes(
    tmp_path: Path, moment: Time, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a receipt would show others who runs the server, or a last day, that nobody ever saw."""
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        await server.record()
        ana, _ben = await befriended(home)
        sign = consents.Consent.sign
        for version in ("ab" * 32, "unpublished", "zz"):
            with monkeypatch.context() as patch:
                patch.setattr(
                    consents.Consent, "sign",
                    lambda self, identity, version=version: sign(replace(self, register_version=version), identity),
                )  # fmt: skip
                with refused("consent-policy"):
                    await ana.share("mood", "Ben")
        for until in (today() - 1, today() + 36_526, 10_000_000):
            with refused("consent-day"):
                await ana.share("mood", "Ben", until=until)
        assert await ana.shares() == []
        await ana.share("mood", "Ben", until=today())


@pytest.mark.shows("shares-say-what-for")
async def test_words_that_were_not_signed_are_told_and_hide_no_other_share(
    tmp_path: Path, moment: Time, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grantor's program seals other words than it signs: the reader sees that, and every other share."""
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        await server.record()
        ana, ben = await befriended(home)
        await ana.share("mood", "Ben")
        with monkeypatch.context() as patch:
            patch.setattr(Part, "content", lambda part: [part.name, part.handle, "They may sell it."])
            await ana.share("journal", "Ben")
        with monkeypatch.context() as patch:
            patch.setattr(Part, "content", lambda part: [part.name, part.handle])
            await ana.share("plan", "Ben")
        by = {one.part.name if one.part else one.fault: one for one in await ben.shares()}
        assert set(by) == {"mood", "consent-text", "plan"}
        assert by["plan"].part is not None
        assert by["plan"].part.text is None
        await publish(server)
        with refused("consent-text"):
            await ana.consent_receipts.share(by["consent-text"].hash)
        with refused("consent-receipt-words"):
            await ana.consent_receipts.share(by["plan"].hash)
