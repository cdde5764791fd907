"""A server that gives receipts and does not keep them. docs/attacks/ledger.md."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.entry import Play, entry
from tests.simulators.logged import logged, named
from tests.simulators.world import Time

from mindhaven.crypto.encoding import decode, encode, labelled_hash
from mindhaven.protocol.consent import Consent
from mindhaven.sdk.receipts import Standing
from mindhaven.wire.ledger import ActivityPage

Given = list[Any]
"""A receipt as it crosses: what, subject, seq, at, commitment, position."""
SALT = b"a salt that the server drew, 32."
CHECK = "sdk.receipts.ReceiptChecks._check: _broken"


class Lie:
    """What the server answers a grant with, and what it then tells of the person's own events."""

    def __init__(self, change: Callable[[Given, "Lie"], Given]) -> None:
        self.change = change
        self.earlier: Given = []
        self.asked = b""
        self.made: dict[int, bytes] = {}

    def __call__(self, request: httpx.Request, content: bytes) -> bytes | None:
        if request.url.path.endswith("/grants"):
            self.asked = request.content
            seq, head, given = decode(content)
            return encode([seq, head, [self.change(one, self) if one[0] == "grant" else one for one in given]])
        if request.url.path == "/v1/activity" and self.made:
            page = msgspec.json.decode(content, type=ActivityPage)
            entries = [self._told(one) for one in page.entries]
            return msgspec.json.encode(msgspec.structs.replace(page, entries=entries))
        return None

    def _told(self, one: Any) -> Any:
        if one.seq not in self.made:
            return one
        body = self.made[one.seq]
        return msgspec.structs.replace(one, salt=SALT, body=body, commitment=labelled_hash("event", SALT, body))


def never_recorded(one: Given, _: Lie) -> Given:
    return [*one[:4], b"\x07" * 32, one[5]]


def never_logged(one: Given, lie: Lie) -> Given:
    """An event that opens as just what was asked for, and of which the log has another commitment."""
    _, subject, seq, at, _, position = one
    _, signed, _ = decode(lie.asked)
    asked = Consent.decode(signed[0])
    digest = labelled_hash("consent-hash", signed[0])
    fields = [asked.collection, subject, asked.recipient, int(asked.role), asked.since, asked.until, digest]
    lie.made[seq] = encode(["sharing.grant.given", 1, subject, seq, b"\x05" * 32, at - at % 3600, fields])
    return [*one[:4], labelled_hash("event", SALT, lie.made[seq]), position]


def elsewhere(one: Given, _: Lie) -> Given:
    return [*one[:5], one[5] - 1]


def of_another_act(one: Given, lie: Lie) -> Given:
    return [one[0], *lie.earlier[1:]]


LIES: list[Any] = [
    pytest.param(Lie(never_recorded), id="never-recorded", marks=entry(
        "a receipt for what was never recorded", "receipt-broken",
        off=(CHECK, "protocol.receipt.Receipt.check: receipt-differs"),
        then="a grant of which nothing is recorded counts as proven")),
    pytest.param(Lie(never_logged), id="never-logged", marks=entry(
        "a receipt for an event that the log does not have", "receipt-broken",
        off="sdk.activity.ActivityReader.proven: verify_inclusion", then="it counts as proven")),
    pytest.param(Lie(elsewhere), id="elsewhere", marks=entry(
        "a receipt for a place where the log has something else", "receipt-broken", off=CHECK,
        then="the server's promise of a place binds it to nothing")),
    pytest.param(Lie(of_another_act), id="of-another-act", marks=entry(
        "a receipt for another act than was asked for", "receipt-differs",
        off="protocol.receipt.Receipt.check: receipt-differs", then="another act counts as the proof of this one")),
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
async def test_a_receipt_is_kept_or_named(lie: Lie, tmp_path: Path, moment: Time, play: Play) -> None:
    async with logged(tmp_path, moment) as s:
        with play.honest():
            await s.ana.share("mood", "Bob")
            assert {one.standing for one in s.ana.receipts()} == {Standing.WAITING}
            await s.publish()
            assert {one.standing for one in await s.ana.check_receipts()} == {Standing.PROVEN}
        lie.earlier = next(one.receipt.value() for one in s.ana.receipts() if one.receipt.what == "grant")
        s.lies.change = lie
        await s.ana.share("mood", "Bob", until=30_000)
        wrong = [one for one in s.ana.receipts() if one.receipt.what == "grant"][-1]
        await s.publish()
        with play.lie():
            await s.ana.check_receipts()
        assert [one.number for one in s.ana.receipts() if one.standing is Standing.WRONG] == [wrong.number]
        # Care goes on; each sync tells it until the person lets it go.
        await s.write("beside it")
        assert s.ana.store.queued() == []
        for _ in range(2):
            play.named((await s.ana.sync()).log_fault)
        with play.off():
            assert {one.standing for one in await s.ana.check_receipts()} == {Standing.PROVEN}
        with named(play.entry.error):
            s.ana.kept_receipts.judge(wrong, Standing.WRONG, fault=play.entry.error)
            await s.ana.check_receipts()
        s.ana.forget_receipt(wrong.number)
        assert (await s.ana.sync()).log_fault is None


async def test_what_is_told_late_is_not_yet_wrong(tmp_path: Path, moment: Time) -> None:
    """Without a new public checkpoint a receipt waits, for ever if need be; nothing is called a lie too early."""
    async with logged(tmp_path, moment) as s:
        await s.ana.share("mood", "Bob")
        for _ in range(2):
            await s.ana.check_receipts()
            waiting = [one for one in s.ana.receipts() if one.standing is Standing.WAITING]
            assert {"consent", "grant"} <= {one.receipt.what for one in waiting}
            assert (await s.ana.sync()).log_fault is None
            await s.tomorrow()
        await s.publish()
        assert {one.standing for one in await s.ana.check_receipts()} == {Standing.PROVEN}
        assert all(replace(one.receipt, position=None) != one.receipt for one in s.ana.receipts())
