"""Writing into a shared collection: it lands while one may, and is held, readable and movable, once one may not."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.simulators.world import DAY, PASS, SPARE, START, Time, mood
from tests.storage.test_collections import entry, here, notes, two_people

from mindhaven.errors import DeniedError, InvalidInputError, NotFoundError
from mindhaven.protocol.attachment import AttachmentRef
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import History, Role, Settings
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes
from mindhaven.sdk.vault import today


def reasons(client: AsyncMindhaven) -> dict[str, str]:
    return {str(one.record.body["note"]): one.reason for one in client.held() if one.record is not None}


async def mood_of_ana(b: AsyncMindhaven) -> bytes:
    await b.add_contact(Card("", next(one.owner for one in b.collections() if one.name == "mood")), name="Ana")
    return b.writable("mood").id


async def test_a_write_into_a_share_that_ended_is_held_and_moves_into_ones_own(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home, role=Role.WRITER)
        theirs = await mood_of_ana(b)
        b.add(mood("landed"), collection=theirs)
        await b.sync()
        landed = entry(b, "landed")
        await ana.stop_sharing("mood", "Dr B")
        b.add(mood("too late"), collection=theirs)
        assert landed.record is not None
        b.revise(landed, replace(landed.record, body={**landed.record.body, "note": "landed, revised"}))
        b.add(mood("b's own"))
        synced = await b.sync()
        assert synced.sent == 1
        assert synced.held == ("2 entries for mood: It is no longer shared with you, or it is gone.",)
        assert reasons(b) == {"too late": "share-ended", "landed, revised": "share-ended"}
        assert {e.held for e in b.entries() if e.waits} == {"share-ended"}
        assert notes(b) == ["b's own", "landed, revised", "one", "too late"]
        # Nothing later is blocked, and a second sync tells the same.
        b.add(mood("b's next"))
        again = await b.sync()
        assert (again.sent, again.held) == (1, synced.held)
        with pytest.raises(DeniedError) as ended:
            b.writable("mood")
        assert ended.value.reason == "share-ended"
        moved = b.move_held()
        assert {one.collection_name for one in moved} == {"mood"}
        assert (await b.sync()).held == ()
        assert b.held() == []
        assert notes(b) == ["b's next", "b's own", "landed", "landed, revised", "one", "too late"]
        mine = b.index.named("mood")
        assert mine is not None
        assert [entry(b, note).collection for note in ("too late", "landed, revised")] == [mine.id, mine.id]
        await ana.sync()
        assert notes(ana) == ["landed", "one"]


async def test_a_share_given_anew_takes_up_what_was_held(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home, role=Role.WRITER)
        theirs = await mood_of_ana(b)
        await ana.share("mood", "Dr B", role=Role.READER)
        b.add(mood("patient"), collection=theirs)
        await b.sync()
        assert reasons(b) == {"patient": "reader-writes"}
        with pytest.raises(DeniedError) as reader:
            b.writable("Ana: mood")
        assert reader.value.reason == "reader-writes"
        await ana.share("mood", "Dr B", role=Role.WRITER)
        assert (await b.sync()).sent == 1
        assert b.held() == []
        await ana.sync()
        assert notes(ana) == ["one", "patient"]


async def test_who_revises_what_they_could_not_erase_keeps_it(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home, role=Role.WRITER)
        theirs = await mood_of_ana(b)
        b.add(mood("landed"), collection=theirs)
        await b.sync()
        await ana.stop_sharing("mood", "Dr B")
        b.erase(entry(b, "landed"))
        assert len((await b.sync()).held) == 1
        shown = entry(b, "landed")  # the erasure is held, so the entry shows again: a later act on it counts
        assert shown.record is not None
        b.revise(shown, replace(shown.record, body={**shown.record.body, "note": "kept after all"}))
        await b.sync()
        await ana.share("mood", "Dr B", role=Role.WRITER)
        assert (await b.sync()).held == ()
        await ana.sync()
        assert notes(ana) == ["kept after all", "one"]


async def test_only_what_is_refused_is_held(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home, role=Role.WRITER, since=202611)
        theirs = await mood_of_ana(b)
        early, fine = mood("june", at=START - 160 * DAY), mood("november")
        b.add_all([early, fine], collection=theirs)
        synced = await b.sync()
        assert synced.sent == 1
        assert reasons(b) == {"june": "month-not-entitled"}
        await ana.sync()
        assert "november" in notes(ana)
        # A law's hold on one erasure does not hold what is written beside it.
        until = today() + 400
        await ana.ensure("record", settings=Settings(history=History.KEEP, hold_until=until))
        ana.add(mood("kept by law"), collection="record")
        await ana.sync()
        ana.erase(entry(ana, "kept by law"))
        ana.add(mood("written beside it"), collection="record")
        synced = await ana.sync()
        assert synced.sent == 1
        (held,) = ana.held()
        assert (held.reason, held.record, held.movable) == ("on-hold", None, False)
        assert "kept by law" in notes(ana)
        with pytest.raises(DeniedError) as fixed:
            ana.move_held([held.item])
        assert fixed.value.reason == "held-not-movable"
        assert ana.move_held() == []
        assert ana.drop_held([held.item]) == 1
        assert (await ana.sync()).held == ()


async def test_an_owner_who_leaves_and_a_share_that_runs_out(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home, role=Role.WRITER, until=today() + 5)
        theirs = await mood_of_ana(b)
        file = tmp_path / "song.bin"
        file.write_bytes(b"la" * 1000)
        reference: AttachmentRef = await b.attach(theirs, file, media_type="audio/ogg")
        moment.now += 6 * DAY
        await b.log_in(b.me.handle, PASS)
        item = b.add(mood("after the end"), collection=theirs, notes=Notes(files=(reference,)))
        await b.sync()
        assert reasons(b) == {"after the end": "share-ended"}
        await ana.log_in(ana.me.handle, PASS)
        await ana.delete_account(PASS, recovery_key=SPARE)
        b.add(mood("after she left"), collection=theirs)
        await b.sync()
        assert reasons(b) == {"after the end": "share-ended", "after she left": "share-ended"}
        with pytest.raises(NotFoundError) as unknown:
            b.drop_held([bytes(16)])
        assert unknown.value.reason == "held-unknown"
        with pytest.raises(InvalidInputError):
            b.drop_held([])
        (moved,) = b.move_held([item], collection="of my own")
        assert (moved.was, moved.files) == (item, ("song.bin",))
        (other,) = b.held()
        assert b.drop_held([other.item]) == 1
        await b.sync()
        kept = b.entry(moved.item)
        assert (kept.collection_name, kept.notes.files, kept.waits) == ("of my own", (), False)
        assert "after she left" not in notes(b)


async def test_two_people_with_collections_of_one_name_are_told_apart(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home, role=Role.WRITER)
        cem = home("cem")
        await cem.sign_up(PASS, word="cem")
        cem.add(mood("cem's"))
        await cem.sync()
        await cem.add_contact(b.card, name="Dr B")
        await cem.share("mood", "Dr B", role=Role.WRITER)
        await b.add_contact(ana.card, name="Ana")
        await b.add_contact(cem.card, name="Cem")
        await b.sync()
        with pytest.raises(InvalidInputError) as unclear:
            b.writable("mood")
        assert unclear.value.reason == "collection-ambiguous"
        assert "Ana: mood, Cem: mood" in str(unclear.value.hint)
        b.add(mood("for cem"), collection=b.writable("cem: mood").id)
        await b.sync()
        await cem.sync()
        await ana.sync()
        assert notes(cem) == ["cem's", "for cem"]
        assert notes(ana) == ["one"]
        with pytest.raises(NotFoundError) as unknown:
            b.writable("journal")
        assert "Ana: mood, Cem: mood" in str(unknown.value.hint)
        # Who owns the collection may erase what was added; who was let in touches nothing else.
        theirs = entry(b, "cem's")
        with pytest.raises(DeniedError) as refused:
            b.erase(theirs)
        assert refused.value.reason == "not-the-author"
        cem.erase(entry(cem, "for cem"))
        await cem.sync()
        assert notes(cem) == ["cem's"]
