"""A server that lies with its logs: own events and checkpoints. docs/attacks/ledger.md.

A hostile transport stands between the real SDK and a real server; where the server itself lies, its own code signs.
"""

import contextlib
import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.entry import Play, entry
from tests.simulators.logged import Change, logged, named, on, signed_by
from tests.simulators.world import Time

from mindhaven.errors import IntegrityError
from mindhaven.kernel import Actor
from mindhaven.ledger import keys, publishing, service
from mindhaven.protocol import ledger as forms
from mindhaven.sdk.activity import Proof
from mindhaven.sdk.vouching import Vouched
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import Note
from mindhaven.wire.ledger import ActivityPage, LedgerShown

# -- honest


@pytest.mark.shows("who-touched-is-told")
async def test_an_honest_server_proves_everything(tmp_path: Path, moment: Time) -> None:
    async with logged(tmp_path, moment) as s:
        found = await s.ana.activity()
        assert [act.seq for act in found.acts] == list(range(len(found.acts)))
        assert {act.proof for act in found.acts} == {Proof.PROVEN}
        assert {"accounts.account.created", "vault.collection.pushed"} <= {act.name for act in found.acts}
        assert found.log is not None
        assert found.log.checkpoint.size % 64 == 0
        await s.write()
        later = await s.ana.activity()
        assert later.acts[: len(found.acts)] == found.acts
        assert {act.proof for act in later.acts[len(found.acts) :]} == {Proof.WAITING}
        await s.publish()
        last = await s.ana.activity()
        assert {act.proof for act in last.acts} == {Proof.PROVEN}
        assert len(last.acts) >= len(later.acts)
        checked = await s.ana.check_logs()
        assert (checked.keys, checked.heads) == (4, 0)  # a sign-up states twice: the account, then its index
        assert {s.ana.vouched(one.me.uid) for one in (s.ana, s.bob)} == {Vouched.LOGGED}
        await s.tomorrow()
        await s.publish()
        assert (await s.ana.check_logs()).heads > 0
        await s.write("tomorrow")
        await s.tomorrow(3)
        await s.publish()
        await s.ana.sync()
        await s.ana.check_logs()


async def test_a_log_that_cant_be_read_stops_no_care(tmp_path: Path, moment: Time) -> None:
    async with logged(tmp_path, moment) as s:

        def gone(request: httpx.Request, _content: bytes) -> httpx.Response | None:
            return httpx.Response(503) if request.url.path.startswith("/log/") else None

        s.lies.change = gone
        s.moment.now += 700
        await s.write("while the log is away")
        assert s.ana.store.queued() == []
        assert s.ana.vouched(s.bob.me.uid) in {Vouched.UNKNOWN, Vouched.LOGGED}


# -- own events


def changed(struct: Any, **values: Any) -> Any:
    return msgspec.structs.replace(struct, **values)


def renumbered(page: ActivityPage) -> ActivityPage:
    left = [one for one in page.entries if one.seq != 2]
    return changed(page, entries=[changed(one, seq=n) for n, one in enumerate(left)], total=page.total - 1)


def entry_changed(page: ActivityPage, seq: int, **values: Any) -> ActivityPage:
    return changed(page, entries=[changed(one, **values) if one.seq == seq else one for one in page.entries])


def told_otherwise(page: ActivityPage) -> ActivityPage:
    return entry_changed(page, 2, body=page.entries[2].body.replace(b"accounts.", b"accountz."))


def never_logged(page: ActivityPage) -> ActivityPage:
    return entry_changed(page, len(page.entries) - 1, position=0, proof=page.entries[0].proof)


READ = "sdk.activity.ActivityReader."
LIES: list[Any] = [
    pytest.param(renumbered, lambda acts, honest: len(acts) == len(honest) - 1, id="left-out", marks=entry(
        "event missing from a person's chain", "activity-gap", off="protocol.ledger.Place.follow: _gap",
        then="the person is never told of that act")),
    pytest.param(told_otherwise, lambda acts, _: acts[2].name.startswith("accountz."), id="told-otherwise", marks=entry(
        "an event told otherwise than it was recorded", "activity-commitment",
        off="protocol.ledger.Place.follow: activity-commitment", then="the person reads of another act")),
    pytest.param(never_logged, lambda acts, _: acts[-1].proof is Proof.PROVEN and acts[-1].position == 0,
        id="never-logged", marks=entry("an event that was never logged", "proof-mismatch",
        off=f"{READ}proven: verify_inclusion", then="it is shown as proven")),
    pytest.param(lambda page: entry_changed(page, 2, proof=None), lambda acts, _: acts[2].proof is Proof.PROVEN,
        id="proof-withheld", marks=entry("a proof withheld", "proof-missing",
        off=(f"{READ}proven: proof-missing", f"{READ}proven: verify_inclusion"), then="it is shown as proven")),
]  # fmt: skip


@pytest.mark.parametrize(("change", "succeeded"), LIES)
async def test_what_is_told_of_me_is_what_was_recorded(
    change: Change, succeeded: Any, tmp_path: Path, moment: Time, play: Play
) -> None:
    async with logged(tmp_path, moment) as s:
        s.on_activity(change)
        with play.lie():
            await s.ana.activity()
        assert s.ana.store.meta("activity/place") is None
        with play.honest():
            s.lies.change = None
            honest = (await s.ana.activity()).acts
            assert {act.proof for act in honest} == {Proof.PROVEN}
        s.ana.store.drop_meta("activity/place")
        s.on_activity(change)
        with play.off():
            assert succeeded((await s.ana.activity()).acts, honest)


@entry("the newest events hidden after they were shown", "activity-gap", off=f"{READ}read: activity-gap",
       then="nobody hears that something is gone")  # fmt: skip
async def test_the_newest_events_are_not_hidden_again(tmp_path: Path, moment: Time, play: Play) -> None:
    async with logged(tmp_path, moment) as s:
        with play.honest():
            before = await s.ana.activity()
        s.on_activity(lambda page: changed(page, entries=[], total=len(before.acts) + 1))
        with named("activity-gap"):
            await s.ana.activity()
        s.on_activity(lambda page: changed(page, entries=[], total=len(before.acts) - 1))
        with play.lie():
            await s.ana.activity()
        with play.off():
            assert (await s.ana.activity()).acts == before.acts


# -- checkpoints


@pytest.mark.parametrize(
    "grow",
    [
        pytest.param(0, marks=entry(
            "two checkpoints of one size", "log-fork",
            off=("sdk.ledger.Logs._extends: log-fork", "sdk.ledger.Logs._extends: verify_consistency"),
            then="this device follows a log that others do not have")),
        pytest.param(64, marks=entry(
            "a log inconsistent with the last checkpoint", "log-rewritten",
            off="sdk.ledger.Logs._extends: verify_consistency", then="this device follows a rewritten log")),
        pytest.param(-64, marks=entry(
            "a log that shrank", "log-shrunk", off="sdk.ledger.Logs._extends: verify_consistency",
            then="this device follows a shorter log")),
    ],
    ids=["fork", "rewritten", "shrunk"],
)  # fmt: skip
async def test_a_log_only_grows(grow: int, tmp_path: Path, moment: Time, play: Play) -> None:
    async with logged(tmp_path, moment) as s:
        await s.publish()
        with play.honest():
            found = await s.ana.activity()
            assert found.log is not None
            assert s.ana.logs.kept(forms.AUDIT) == found.log.checkpoint
        await s.publish()  # there are tiles for a longer log
        note = await signed_by(s.server, forms.AUDIT, found.log.checkpoint.size + grow, b"\x07" * 32)
        s.on_activity(lambda page: changed(page, checkpoint=note))
        with play.lie():
            await s.ana.activity()
        assert s.ana.logs.kept(forms.AUDIT) == found.log.checkpoint
        with play.off(), contextlib.suppress(IntegrityError):  # the proofs of a made-up root fail; it was taken
            await s.ana.activity()
        kept = s.ana.logs.kept(forms.AUDIT)
        assert kept is not None
        assert kept.root == b"\x07" * 32


@entry("a checkpoint that the log did not sign", "note-unsigned", off="tlog.checkpoint.open_checkpoint: note-unsigned",
       then="this device follows a log that somebody in between made")  # fmt: skip
async def test_a_checkpoint_that_the_log_did_not_sign(tmp_path: Path, moment: Time, play: Play) -> None:
    async with logged(tmp_path, moment) as s:
        with play.honest():
            good = (await s.ana.activity()).log
            assert good is not None
        origin, root = good.checkpoint.origin, good.checkpoint.root
        forged = Note(Checkpoint(origin, good.checkpoint.size, root).text, ()).text + "\n\u2014 x AAAAAAAA\n"
        s.on_activity(lambda page: changed(page, checkpoint=forged.encode()))
        with play.lie():
            await s.ana.activity()
        with play.off():
            found = (await s.ana.activity()).log
            assert found is not None


@entry("a log's key changed in silence", "log-key-changed", off="sdk.ledger.Logs.keys: log-key-changed",
       then="this device believes whoever holds the new key")  # fmt: skip
async def test_the_logs_keys_never_change_in_silence(tmp_path: Path, moment: Time, play: Play) -> None:
    async with logged(tmp_path, moment) as s:
        with play.honest():
            await s.ana.activity()
        other = keys.signer(tmp_path, "localhost/other/log/audit").vkey

        def swap(shown: LedgerShown) -> LedgerShown:
            logs = [changed(one, vkey=str(other)) if one.name == "audit" else one for one in shown.logs]
            return changed(shown, logs=logs)

        again = s.home("ana")  # the same store, opened anew
        s.made[-1].change = on("/v1/ledger", LedgerShown, swap)
        with play.lie():
            await again.activity()
        with play.off():
            assert (await again.logs.keys())[forms.AUDIT] == other


# -- the server's own memory


async def test_a_database_that_was_put_back_signs_nothing(tmp_path: Path, moment: Time) -> None:
    async with logged(tmp_path, moment) as s:
        data = publishing.data(s.server.host)
        log = await s.server.host.db.look(lambda look: service.need(service.Logs(look, service.SCOPE), forms.AUDIT))
        keys.remember(data, log.origin, log.size + 64, b"\x01" * 32)
        with named("log-behind"):
            await publishing.publish(s.server.host, forms.AUDIT, now=True)
        (data / keys.MEMORY_FILE).write_text(json.dumps({log.origin: [64, "01" * 32]}))
        with named("log-behind"):
            await publishing.publish(s.server.host, forms.AUDIT, now=True)
        (data / keys.MEMORY_FILE).write_text("{")
        with named("log-memory"):
            await publishing.publish(s.server.host, forms.AUDIT, now=True)


async def test_what_was_signed_is_never_forgotten_for_less(tmp_path: Path, moment: Time) -> None:
    """A process that slept through a take-over wakes up before its signature."""
    async with logged(tmp_path, moment) as s:
        data = publishing.data(s.server.host)
        before = keys.remembered(data)
        origin, (size, root) = next((name, known) for name, known in before.items() if name.endswith("/audit"))
        for less, other in ((size - 64, root), (size, b"\x02" * 32)):
            with named("log-behind"):
                keys.remember(data, origin, less, other)
        assert keys.remembered(data) == before
        keys.remember(data, origin, size, root)
        assert keys.remembered(data) == before


async def test_two_roots_of_one_size_are_never_kept(tmp_path: Path, moment: Time) -> None:
    async with logged(tmp_path, moment) as s:
        newest = await publishing.publish(s.server.host, forms.KEYS)
        assert newest is not None
        forged = service.Signed(size=newest.size, root=bytes(32), note=b"x", signed_at=0, public=True)
        with named("log-fork"):
            await s.server.host.db.act(
                Actor("job"), lambda work: service.keep_signed(work, forms.KEYS, forged), upkeep="a lie"
            )
