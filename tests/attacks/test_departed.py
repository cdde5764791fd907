"""Who is out, with every key they ever held; and a server that hides that somebody is. docs/attacks/insiders.md."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.colluding import newest, put, show
from tests.simulators.entry import Play, entry
from tests.simulators.logged import publish
from tests.simulators.scenes import Hook, Three, notes, three
from tests.simulators.world import DAY, PASS, START, Time, mood

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import MindhavenError
from mindhaven.protocol.collection import Role
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import SealedItem, open_item, read_header
from mindhaven.sdk import AsyncMindhaven
from mindhaven.wire.ids import to_text
from mindhaven.wire.vault import Collections

EARLIER = START - 40 * DAY
"""A day in another month: its records are sealed under an epoch of their own."""


def kept_by(s: Three, client: AsyncMindhaven) -> list[EpochKey]:
    """Return every key that a device ever held of the moods."""
    found = [client.store.epoch_key(s.mood, number) for number in range(1, newest(s, client) + 1)]
    return [EpochKey(raw) for raw in found if raw is not None]


def opens(keys: list[EpochKey], envelope: bytes, salt: bytes) -> str:
    """Return what one of the keys opens, else why the last did not."""
    why = ""
    header, _, _ = read_header(envelope)
    for key in keys:
        try:
            return open_item(key, SealedItem(envelope, salt), expected=header).body.decode()
        except MindhavenError as error:
            why = error.reason
    return why


async def since(s: Three, seq: int) -> list[Any]:
    """Return all records that the server holds of commits after `seq`."""
    return [item for _, items in (await s.pages(s.ana, seq))[2] for item in items]


async def leaves(s: Three) -> None:
    await s.ben.leave(s.mood)


async def is_removed(s: Three) -> None:
    await s.ana.stop_sharing("mood", "Ben")


async def runs_out(s: Three) -> None:
    await s.ana.share("mood", "Ben", role=Role.WRITER, until=s.moment.now // DAY)
    await s.ben.sync()
    s.moment.now += DAY
    await s.ana.log_in(s.ana.me.handle, PASS)


def fitting_epoch(self: Any, month: int, day: int) -> Any:
    """Stands in for the choice of an epoch: the newest of the month, whoever holds it."""
    return next((self.epochs[n] for n in sorted(self.epochs, reverse=True) if self.epochs[n].month == month), None)


RULE = ("protocol.chain.ChainState.fitting_epoch", "protocol.chain._Judge._use: epoch-holders")


@pytest.mark.shows("revoke-ends-access")
@pytest.mark.parametrize(
    "goes",
    [
        pytest.param(leaves, marks=entry(
            "departing writer who keeps an epoch key", "commitment-mismatch", off=RULE,
            then="what is written after they left opens with the key they kept")),
        pytest.param(is_removed, marks=entry(
            "a removed member with every old key", "commitment-mismatch", off=RULE,
            then="what is written after they were removed opens with the key they kept")),
        pytest.param(runs_out, marks=entry(
            "an expired member with every old key", "commitment-mismatch", off=RULE,
            then="what is written after their last day opens with the key they kept")),
    ],
)  # fmt: skip
async def test_who_is_out_opens_nothing_new_with_what_they_kept(
    goes: Any, tmp_path: Path, moment: Time, play: Play
) -> None:
    """Ben is a writer and opened an epoch himself: of that one he is a holder, whomever he wrapped it to."""
    async with three(tmp_path, moment) as s:
        before = s.state(s.ana).seq
        s.ben.add(mood("ben's, of another month", at=EARLIER), collection=s.mood)
        await s.settle()
        keys = kept_by(s, s.ben)
        assert s.state(s.ben).epochs[newest(s, s.ben)].author == s.ben.me.uid
        with play.honest():  # the search finds what they may open
            assert [("another month" in opens(keys, *item)) for item in await since(s, before)] == [True]
        await goes(s)
        await s.ana.sync()
        at = s.state(s.ana).seq
        with play.off(fitting_epoch=fitting_epoch):
            s.ana.add(mood("still theirs", at=EARLIER))
            await s.ana.sync()
        assert ["still theirs" in opens(keys, *item) for item in await since(s, at)] == [True]
        at = s.state(s.ana).seq
        for when in (s.moment.now, EARLIER):
            s.ana.add(mood("new", at=when))
            await s.ana.sync()
        told = [opens(keys, *item) for item in await since(s, at)]
        assert len(told) == 2
        for one in told:
            play.named(one)


# -- the server hides that somebody is out


def frozen(s: Three, seq: int, head: bytes, *more: Any) -> Hook:
    """Show the moods as they were at `seq`, followed by `more` (a commit with its items)."""
    shown = (seq, head) if not more else (seq + 1, Signed.of(more[0][0]).hash("commit"))

    def hook(request: httpx.Request, content: bytes) -> bytes | httpx.Response | None:
        if request.url.path == "/v1/collections" and request.method == "GET":
            listed = msgspec.json.decode(content, type=Collections)
            for one in listed.collections:
                if one.id == s.mood:
                    one.seq, one.head = shown
            return msgspec.json.encode(listed)
        if to_text(s.mood) in request.url.path and request.url.path.endswith("/commits"):
            if request.method == "POST":
                return httpx.Response(200, headers={"content-type": "application/cbor"}, content=encode([*shown]))
            after = int(request.url.params["since"])
            old = decode(content)[2][: max(0, seq - after)]
            return encode([*shown, [*old, *(more if after <= seq else ())]])
        return None

    return hook


@entry("a withheld revocation", "head-unknown",
       off=("protocol.ledger.check_heads: head-unknown", "sdk.heads._named"),
       then="what a member writes next is sealed for one who is out")  # fmt: skip
async def test_a_revocation_that_is_withheld_from_another_member(tmp_path: Path, moment: Time, play: Play) -> None:
    """Ana takes Cara's access. Ben is shown the moods as they were: he would go on sealing for Cara."""
    async with three(tmp_path, moment) as s:
        await publish(s.server)
        await s.ben.check_logs()
        state = s.state(s.ben)
        cara = kept_by(s, s.cara)
        await s.ana.stop_sharing("mood", "Cara")
        s.to_ben.change = frozen(s, state.seq, state.head)
        s.moment.now += DAY
        for client in (s.ben, s.ana):
            await client.log_in(client.me.handle, PASS)
        await publish(s.server)
        with play.lie():
            await s.ben.check_logs()
        told = (await s.ben.sync()).log_fault  # a log that lies stops no care, and is told at every sync
        assert told is not None
        with play.off(_named=_named):
            await s.ben.check_logs()
            assert (await s.ben.sync()).log_fault is None
            s.ben.add(mood("cara reads this"), collection=s.mood)
            await s.ben.sync()
        pushed = [body for path, body in s.to_ben.bodies if path.endswith(f"{to_text(s.mood)}/commits") and body]
        assert "cara reads this" in opens(cara, *decode(pushed[-1])[1][0])
        with play.honest():
            s.to_ben.change = None
            fresh = s.home("ben-two")
            await fresh.log_in(s.ben.me.handle, PASS)
            await fresh.sync()
            fresh.add(mood("not for cara"), collection=s.mood)
            at = s.state(s.ana).seq
            await fresh.sync()
            await s.ana.sync()
            assert [opens(cara, *item) for item in await since(s, at)] == ["commitment-mismatch"]


def _named(owed: Any, judged: Any, seqs: Any) -> bool:
    """Stands in for the check: every change is named."""
    return True


@entry("revoked member given an old chain", "fork", off="sdk.index.Index.check_pulled: fork",
       then="on a new device the member is in again, and what they write is among the rest")  # fmt: skip
async def test_a_removed_member_does_not_go_on_upon_an_old_chain(tmp_path: Path, moment: Time, play: Play) -> None:
    """Ben was removed and is shown the moods as they were; what he writes there is shown to a new device of Ana's."""
    async with three(tmp_path, moment) as s:
        state = s.state(s.ana)
        made = put(s, s.ben, "ben is back", newest(s, s.ben))
        signed = show(s, s.ben, made)
        s.lies.change = None
        await s.ana.stop_sharing("mood", "Ben")
        s.moment.now += 700
        with play.honest():
            await s.ana.sync()  # and notes the head in the index
            assert s.ben.me.uid not in s.state(s.ana).members

        async def new_device(name: str) -> AsyncMindhaven:
            client = s.home(name)
            wire = s.made[-1]
            await client.log_in(s.ana.me.handle, PASS)
            wire.change = frozen(s, state.seq, state.head, [[signed.body, list(signed.signatures)], made.items])
            return client

        laptop = await new_device("laptop")
        with play.lie():
            await laptop.sync()
        other = await new_device("other")
        with play.off():
            await other.sync()
            assert "ben is back" in notes(other)
            assert s.ben.me.uid in s.state(other).members
