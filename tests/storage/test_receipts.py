"""Receipts on both databases: who is answered with them, what they name, and how a device holds the server to them."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.kept import KEY
from tests.simulators.logged import publish
from tests.simulators.world import PASS, SPARE, Hostile, Time, mood, world

from mindhaven.crypto.encoding import decode
from mindhaven.errors import MindhavenError, NotFoundError
from mindhaven.kernel import Recorded
from mindhaven.protocol.collection import Role
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.receipts import Kept, Standing
from mindhaven.server.build import Server
from mindhaven.tlog.note import VerifierKey
from mindhaven.tlog.proof import TlogProof
from mindhaven.wire.ids import to_text


async def told(server: Server, uid: bytes, since: int) -> list[Any]:
    """Return what the database has of somebody's events from a seq on: name, seq, commitment, position."""
    sql = "SELECT name, seq, commitment, position FROM event WHERE subject = $1 AND seq >= $2 ORDER BY seq"
    return await server.host.db.look(lambda look: look.rows(sql, uid, since))


def given(client: AsyncMindhaven, since: int) -> list[Kept]:
    return client.receipts()[since:]


NAMED = {
    "grant": "sharing.grant.given",
    "revocation": "sharing.grant.revoked",
    "consent": "consent.record.given",
    "consent-ended": "consent.record.ended",
    "keys": "accounts.statement.added",
    "collection": "vault.collection.erased",
}


async def fits(server: Server, client: AsyncMindhaven, kept: Sequence[Kept], *whats: str) -> None:
    """Check receipts against the rows of the database."""
    assert [one.receipt.what for one in kept] == list(whats)
    rows = {row[1]: row for row in await told(server, client.me.uid, 0)}
    for one in kept:
        name, _, commitment, position = rows[one.receipt.seq]
        assert (NAMED[one.receipt.what], one.receipt.commitment) == (name, commitment)
        assert one.receipt.subject == client.me.uid
        assert position is not None
        assert one.receipt.position == position


async def test_every_act_that_waits_for_its_index_brings_it(
    tmp_path: Path, moment: Time, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Hostile] = []

    def between(inner: Any) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    async with world(tmp_path, moment, store_key=KEY, between=between, **{"server.database": database_url}) as (
        server,
        home,
    ):
        ana, bob = home("ana"), home("bob")
        await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
        await bob.sign_up(PASS, word="bob")
        await fits(server, ana, given(ana, 0), "keys")
        await ana.add_contact(bob.card, name="Bob")
        await bob.add_contact(ana.card, name="Ana")
        ana.add(mood("one"))
        await ana.sync()
        at = len(ana.receipts())
        await ana.share("mood", "Bob")
        await fits(server, ana, given(ana, at), "consent", "grant")
        await ana.share("mood", "Bob", role=Role.WRITER)
        await fits(server, ana, given(ana, at + 2), "consent-ended", "consent", "grant")
        # The recipient has events of their own, and no receipt: they asked for nothing.
        assert len(bob.receipts()) == 1
        assert {"sharing.grant.given", "consent.record.given"} <= {row[0] for row in await told(server, bob.me.uid, 0)}
        await ana.stop_sharing("mood", "Bob")
        await fits(server, ana, given(ana, at + 5), "consent-ended", "revocation")
        # What landed before and is only repeated brings none; an ordinary push has another form.
        path, body = next(one for one in reversed(made[0].bodies) if one[0].endswith("/revocations"))
        assert decode(await ana.transport.cbor("POST", path, body))[2:] == [[]]
        path, body = next(one for one in reversed(made[0].bodies) if one[0].endswith("/commits") and one[1])
        assert len(decode(await ana.transport.cbor("POST", path, body))) == 2
        # Who leaves is told of their own part.
        await ana.share("mood", "Bob")
        await bob.sync()
        mood_id = ana.index.named("mood")
        assert mood_id is not None
        await bob.leave(mood_id.id)
        await fits(server, bob, given(bob, 1), "consent-ended", "revocation")
        # Keys: at once; what waits has none yet.
        await ana.sync()
        at = len(ana.receipts())
        await ana.new_recovery_key(PASS)
        assert given(ana, at) == []
        await ana.new_recovery_key(PASS, old=SPARE)
        await fits(server, ana, given(ana, at), "keys")
        # An answer that can't wait for its number: it comes with the list of one's own events.
        ana.add(mood("two"))
        await ana.sync()

        async def not_yet(recorded: Sequence[Recorded]) -> list[int | None]:
            return [None for _ in recorded]

        with monkeypatch.context() as patch:
            patch.setattr(server.host.stream, "positions", not_yet)
            await ana.share("mood", "Bob")
        assert [one.receipt.position for one in given(ana, at + 1)] == [None, None]
        assert {one.standing for one in await ana.check_receipts()} == {Standing.WAITING}
        await publish(server)
        assert {one.standing for one in await ana.check_receipts()} == {Standing.PROVEN}
        await fits(server, ana, given(ana, at + 1), "consent", "grant")
        await erased(server, ana, bob, mood_id.id, moment)
        await shown_to_others(server, ana)


async def erased(server: Server, ana: AsyncMindhaven, bob: AsyncMindhaven, mood_id: bytes, moment: Time) -> None:
    """A collection that is erased ends the consents for it, and says until when backups have it."""
    ana.add(mood("waits"))
    at = len(ana.receipts())
    with pytest.raises(MindhavenError, match="does not open"):
        await ana.erase_collection("mood", passphrase="another passphrase")
    with pytest.raises(NotFoundError):
        await ana.erase_collection("nothing", passphrase=PASS)
    receipt = await ana.erase_collection("mood", passphrase=PASS)
    assert receipt.backups_until_day == moment.now // 86400 + 14
    await fits(server, ana, sorted(given(ana, at), key=lambda one: one.receipt.seq), "consent-ended", "collection")
    assert receipt.commitment == given(ana, at)[0].receipt.commitment
    assert (ana.index.named("mood"), ana.entries(), ana.store.queued()) == (None, [], [])
    assert [one.ended_at is not None for one in await ana.shares() if one.collection == mood_id] == [True] * 4
    await ana.sync()
    await bob.sync()
    assert [one.stands for one in bob.shared()] == [False]
    # An answer that was lost: the collection is off the list all the same, and nothing is called withheld.
    ana.add(mood("again"))
    await ana.sync()
    listed = ana.index.named("mood")
    assert listed is not None
    await ana.transport.call("DELETE", f"/v1/collections/{to_text(listed.id)}")
    with pytest.raises(NotFoundError):
        await ana.erase_collection("mood", passphrase=PASS)
    assert ana.index.named("mood") is None
    await ana.sync()


async def shown_to_others(server: Server, ana: AsyncMindhaven) -> None:
    """A proven receipt is a proof for anybody; one that waits is none yet; one that was let go is gone."""
    waiting = next(one for one in ana.receipts() if one.receipt.what == "collection")
    with pytest.raises(MindhavenError) as early:
        ana.receipt_proof(waiting.number)
    assert early.value.reason == "receipt-early"
    await publish(server)
    await ana.check_receipts()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=server.app), base_url="http://test") as anybody:  # type: ignore[arg-type]
        logs = (await anybody.get("/v1/ledger")).json()["logs"]
    key = VerifierKey.parse(next(one["vkey"] for one in logs if one["name"] == "audit"))
    for one in ana.receipts():
        proof = TlogProof.parse(ana.receipt_proof(one.number))
        _, _, commitment, position = (await told(server, ana.me.uid, one.receipt.seq))[0]
        assert proof.index == position
        assert proof.verify(commitment, key).size > position
        assert proof.extra is not None
        salt, body = decode(proof.extra)
        assert NAMED[one.receipt.what].encode() in body
        assert len(salt) == 32
    ana.forget_receipt(waiting.number)
    assert waiting.number not in {one.number for one in ana.receipts()}
    with pytest.raises(NotFoundError):
        ana.receipt_proof(waiting.number)


async def test_no_care_waits_for_a_number(tmp_path: Path, moment: Time, database_url: str) -> None:
    """Where the one who numbers sleeps, a grant is answered all the same, in a bounded time."""
    async with world(tmp_path, moment, store_key=KEY, **{"server.database": database_url}) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        asleep = server.host.stream

        async def nothing() -> int:
            return 0

        asleep.number = nothing  # type: ignore[method-assign]
        ana.add(mood("one"))
        await ana.sync()
        listed = ana.index.named("mood")
        assert listed is not None
        begun = time.monotonic()
        receipt = await ana.erase_collection("mood", passphrase=PASS)
        assert 2 <= time.monotonic() - begun < 12, "two seconds for the number, the rest for the passphrase"
        assert receipt.position is None
        assert ana.receipts()[-1].receipt.position is None
