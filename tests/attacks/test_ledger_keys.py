"""A server that lies with its logs: statements of keys, and heads of collections. docs/attacks/ledger.md."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.entry import Play, entry
from tests.simulators.logged import Logged, into_log, logged, named, on
from tests.simulators.world import DAY, PASS, SPARE, Time

from mindhaven.errors import IntegrityError
from mindhaven.kernel import Actor
from mindhaven.ledger import service
from mindhaven.ledger.store import LogsChange
from mindhaven.protocol import ledger as forms
from mindhaven.protocol import recovery
from mindhaven.protocol.slots import SlotKind, SlotList
from mindhaven.sdk.vouching import Vouched
from mindhaven.wire.accounts import AccountShown, ChainShown, SessionGiven
from mindhaven.wire.ids import to_text

OTHER = "brass kettle under the stairs"


def check_statements(known: Any, logged: Any) -> int:
    """Stands in for the check: whatever is logged is right."""
    return len(known)


def _named(owed: Any, judged: Any, seqs: Any) -> bool:
    """Stands in for the check: every change is named."""
    return True


def hiding(s: Logged, uid: bytes, before: list[bytes]) -> Any:
    """Show an account's chain as it was before."""
    return on(f"/v1/accounts/{to_text(uid)}", ChainShown, lambda shown: ChainShown(uid=shown.uid, statements=before))


@pytest.mark.shows("keys-are-public-record")
@entry("hidden newer key statement", "statement-hidden", off="protocol.ledger.check_statements",
       then="the replaced keys are shown as vouched for")  # fmt: skip
async def test_a_hidden_newer_statement_of_a_contact_is_found(tmp_path: Path, moment: Time, play: Play) -> None:
    async with logged(tmp_path, moment) as s:
        await s.ana.check_logs()
        before = s.ana.people.statements(s.bob.me.uid)
        await s.bob.change_passphrase(PASS, OTHER)
        await s.publish()
        s.lies.change = hiding(s, s.bob.me.uid, before)
        for _ in range(2):  # it is named until it is right, not once; and meanwhile nothing is vouched for
            with play.lie():
                await s.ana.check_logs()
            assert s.ana.vouched(s.bob.me.uid) is Vouched.UNKNOWN
        with play.off(check_statements=check_statements):
            await s.ana.check_logs()
            assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED
            assert s.ana.people.statements(s.bob.me.uid) == before
        with play.honest():
            s.lies.change = None
            await s.ana.check_logs()
            assert len(s.ana.people.statements(s.bob.me.uid)) > len(before)
            assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED


async def test_new_keys_that_the_log_does_not_have_are_not_vouched_for(tmp_path: Path, moment: Time) -> None:
    async with logged(tmp_path, moment) as s:
        await s.ana.check_logs()
        await s.bob.change_passphrase(PASS, OTHER)
        await s.ana.people.fetch(s.bob.me.uid)
        assert s.ana.vouched(s.bob.me.uid) is Vouched.WAITING
        await s.publish()
        await s.ana.check_logs()
        assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED


@entry("a statement that nobody made", "statement-hidden", off="protocol.ledger.check_statements",
       then="others can be shown keys of the server's making for that person")  # fmt: skip
async def test_a_statement_that_nobody_made(tmp_path: Path, moment: Time, play: Play) -> None:
    """The server logs one statement of Bob's for others, and shows Ana another chain."""
    async with logged(tmp_path, moment) as s:
        with play.honest():
            await s.ana.check_logs()
        await into_log(s.server, forms.KEYS, forms.keys_entry(s.bob.me.uid, b"\x09" * 32))
        with play.lie():
            await s.ana.check_logs()
        with play.off(check_statements=check_statements):
            await s.ana.check_logs()
            assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED


@entry("removed slot + old blob, with the older chain", "statement-hidden", off="protocol.ledger.check_statements",
       then="a removed way in opens the account as it was, and its keys are shown as vouched for")  # fmt: skip
async def test_an_account_as_it_was_is_found_by_its_newer_statements(tmp_path: Path, moment: Time, play: Play) -> None:
    """A device that has never seen the account is shown all of it as it was before a way in was removed."""
    async with logged(tmp_path, moment) as s:
        uid = s.ana.me.uid
        before: AccountShown = await s.ana.transport.call("GET", "/v1/account", AccountShown)
        slot = next(one.id for one in SlotList.decode(before.slots).slots if one.kind is SlotKind.RECOVERY_KEY)
        new, _ = await s.ana.new_recovery_key(PASS, old=SPARE)
        await s.publish()
        token = s.ana.transport._token
        assert token is not None
        given = SessionGiven(
            uid=uid, session=s.ana.me.session, token=token, token_expires_at=2**40, slot=slot, role="person"
        )

        def as_it_was(request: httpx.Request, content: bytes) -> httpx.Response | bytes | None:
            if request.url.path == "/v1/login":
                return httpx.Response(200, content=msgspec.json.encode(given))
            if request.url.path == "/v1/account":
                return msgspec.json.encode(before)
            return hiding(s, uid, before.statements)(request, content)

        laptop = s.home("laptop")
        s.made[-1].change = as_it_was
        await laptop.recover("".join(recovery.rows(SPARE)))
        with play.lie():
            await laptop.check_logs()
        assert laptop.vouched(uid) is Vouched.UNKNOWN
        with play.off(check_statements=check_statements):
            await laptop.check_logs()
            assert laptop.vouched(uid) is Vouched.LOGGED
        with play.honest():
            other = s.home("other")
            await other.recover("".join(recovery.rows(new)))
            await other.check_logs()
            assert other.vouched(uid) is Vouched.LOGGED


# -- heads

CHECK = "protocol.ledger.check_heads: "


@pytest.mark.parametrize(
    "lies",
    [
        pytest.param((b"\x01",), marks=entry(
            "others are shown another history", "head-unknown", off=(f"{CHECK}head-unknown", "sdk.heads._named"),
            then="two people go on with two histories, and neither is told")),
        pytest.param((b"good", b"good"), marks=entry(
            "a head logged twice", "head-double", off=(f"{CHECK}head-double", "sdk.heads._named"),
            then="which of them counts is the server's choice")),
        pytest.param((b"good", b"\x02"), marks=entry(
            "two heads of one day", "head-double",
            off=(f"{CHECK}head-double", f"{CHECK}head-unknown", "sdk.heads._named"),
            then="each person can be shown the one that fits their history")),
    ],
    ids=["another", "twice", "two"],
)  # fmt: skip
async def test_others_are_shown_another_history(
    lies: tuple[bytes, ...], tmp_path: Path, moment: Time, play: Play
) -> None:
    async with logged(tmp_path, moment) as s:
        with play.honest():
            await s.ana.check_logs()
        state = s.ana.vault.state(s.mood)
        assert state is not None
        day = s.moment.now // DAY + 1
        await s.tomorrow(2)
        for lie in lies:
            head = state.head if lie == b"good" else lie * 32
            await into_log(s.server, forms.HEADS, forms.heads_entry(s.mood, day, head))
        for _ in range(2):  # it is named until it is right, not once
            with play.lie():
                await s.ana.check_logs()
        with play.off(_named=_named):
            await s.ana.check_logs()
            assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED


@entry("a change missing in the log of heads", "head-missing", off="sdk.heads.Heads.check: head-missing",
       then="a change can be kept from others, and its author is told that all is well")  # fmt: skip
async def test_a_change_that_is_missing_in_the_log_of_heads(tmp_path: Path, moment: Time, play: Play) -> None:
    async with logged(tmp_path, moment) as s:
        await s.ana.check_logs()
        await s.write("not for the log")
        await s.ana.check_logs()
        await s.publish()
        await s.server.host.db.act(
            Actor("job"), lambda work: LogsChange(work, service.SCOPE).forget(s.mood), upkeep="a lie"
        )
        with play.honest():
            await s.tomorrow()
            await s.publish()
            await s.ana.check_logs()  # a day later it may still come
        await s.tomorrow()
        await s.publish()
        for _ in range(2):
            with play.lie():
                await s.ana.check_logs()
        with play.off():
            await s.ana.check_logs()
            assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED


async def test_a_log_that_lies_is_told_at_every_sync_and_stops_no_care(tmp_path: Path, moment: Time) -> None:
    async with logged(tmp_path, moment) as s:
        await s.ana.share("mood", "Bob")
        await s.ana.check_logs()
        await into_log(s.server, forms.KEYS, forms.keys_entry(s.bob.me.uid, b"\x09" * 32))
        s.moment.now += 700
        for _ in range(2):
            synced = await s.ana.sync()
            assert synced.log_fault is not None
            assert synced.log_fault.reason == "statement-hidden"
        await s.write("written all the same")
        await s.ana.stop_sharing("mood", "Bob")
        assert s.ana.store.queued() == []
        with pytest.raises(IntegrityError) as stopped:  # nothing new is shared by mistake meanwhile
            await s.ana.share("mood", "Bob")
        assert stopped.value.reason == "statement-hidden"
        assert s.ana.shared_with(s.bob.me.uid) == []
        await s.ana.share("mood", "Bob", anyway=True)
        assert s.ana.shared_with(s.bob.me.uid) == ["mood"]
        again = s.home("ana")  # the same device, opened anew
        told = (await again.sync()).log_fault
        assert told is not None
        assert (told.reason, told.message) == (synced.log_fault.reason, synced.log_fault.message)


async def test_a_change_at_midnight_is_found_on_either_day(tmp_path: Path, moment: Time) -> None:
    """The device's clock and the server's differ by some seconds; nobody is frightened by it."""
    async with logged(tmp_path, moment) as s:
        await s.ana.check_logs()
        await s.write("near midnight")
        await s.ana.check_logs()
        await s.publish()
        state = s.ana.vault.state(s.mood)
        assert state is not None
        await s.server.host.db.act(
            Actor("job"), lambda work: LogsChange(work, service.SCOPE).forget(s.mood), upkeep="another clock"
        )
        await s.tomorrow(2)
        await into_log(s.server, forms.HEADS, forms.heads_entry(s.mood, s.moment.now // DAY - 1, state.head))
        await s.publish()
        await s.ana.check_logs()


async def test_an_older_head_does_not_stand_for_a_newer_change(tmp_path: Path, moment: Time) -> None:
    async with logged(tmp_path, moment) as s:
        before = s.ana.vault.state(s.mood)
        assert before is not None
        await s.ana.check_logs()
        await s.write("kept from others")
        await s.ana.check_logs()
        await s.publish()
        await s.server.host.db.act(
            Actor("job"), lambda work: LogsChange(work, service.SCOPE).forget(s.mood), upkeep="a lie"
        )
        await into_log(s.server, forms.HEADS, forms.heads_entry(s.mood, s.moment.now // DAY, before.head))
        await s.tomorrow(2)
        await s.publish()
        with named("head-missing"):
            await s.ana.check_logs()


async def test_what_the_log_says_of_a_share_that_could_not_be_pulled_is_judged_later(
    tmp_path: Path, moment: Time
) -> None:
    async with logged(tmp_path, moment) as s:
        await s.bob.add_contact(s.ana.card, name="Ana")
        await s.ana.share("mood", "Bob")
        await s.bob.sync()
        await s.bob.check_logs()
        day = s.moment.now // DAY
        await s.tomorrow()
        await into_log(s.server, forms.HEADS, forms.heads_entry(s.mood, day, b"\x01" * 32))
        shown = [one.id for one in await s.bob.vault.listed()]
        await s.bob._vouching.check([one for one in shown if one != s.mood], shown)  # its pull failed just now
        with named("head-unknown"):
            await s.bob.check_logs()


async def test_an_entry_that_was_changed_after_it_was_signed(tmp_path: Path, moment: Time) -> None:
    async with logged(tmp_path, moment) as s:
        other = bytes(66)

        def swap(request: httpx.Request, content: bytes) -> bytes | None:
            if not request.url.path.startswith("/log/keys/tile/entries/"):
                return None
            return b"\x00\x40" + other[:64] + content[66:]

        s.lies.change = swap
        with named("log-rewritten"):
            await s.ana.check_logs()
        assert s.ana.vouched(s.bob.me.uid) is Vouched.UNKNOWN
