"""Locks over a real server: another device, another spare key, another month, another lock; nothing is lost."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.simulators.server import Running, running_server

from mindhaven.errors import DeniedError
from mindhaven.sdk import Entry, Mindhaven, Record
from mindhaven.sdk.content import Notes

WORDS = "five words that nobody else knows"
LOCK = "three borrowed lamps tonight"
MARCH, APRIL = (int(datetime.datetime(2026, month, 9, 12, tzinfo=datetime.UTC).timestamp() * 1000) for month in (3, 4))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running_server(tmp_path / "data") as running:
        yield running


def journal(text: str, at: int = MARCH) -> Record:
    return Record(kind="mindhaven/journal", version=1, created_at=at, zone="UTC", body={"text": text})


def texts(entries: list[Entry]) -> list[str]:
    return sorted(str(one.record.body["text"]) if one.record else f"({one.error})" for one in entries)


class Pair:
    """One person with two devices."""

    def __init__(self, server: Running, folder: Path) -> None:
        self.phone = Mindhaven.create(folder / "phone", server.url, passphrase=WORDS)
        self.spare = self.phone.sign_up(WORDS, word="ana")
        self.tablet = Mindhaven.create(folder / "tablet", server.url, passphrase=WORDS)
        self.tablet.log_in(self.phone.me.handle, WORDS)

    def both_sync(self) -> None:
        for one in (self.phone, self.tablet, self.phone):
            one.sync()


@pytest.fixture
def pair(server: Running, tmp_path: Path) -> Iterator[Pair]:
    made = Pair(server, tmp_path)
    yield made
    made.phone.close()
    made.tablet.close()


def test_a_new_spare_key_opens_the_lock_and_the_old_one_does_not(pair: Pair) -> None:
    lock = pair.phone.make_lock(LOCK)
    lock.add(journal("mine"))
    pair.phone.sync()
    newer, _ = pair.phone.new_recovery_key(WORDS, old=pair.spare)
    assert newer != pair.spare
    assert pair.phone.renew_lock(pair.phone.open_lock(LOCK)) is True
    assert pair.phone.renew_lock(pair.phone.open_lock(LOCK)) is False
    assert texts(pair.phone.open_lock(spare_key=newer).entries()) == ["mine"]
    with pytest.raises(DeniedError):
        pair.phone.open_lock(spare_key=pair.spare)


def test_what_is_locked_elsewhere_while_a_lock_ends_still_opens(pair: Pair) -> None:
    pair.phone.make_lock(LOCK).add(journal("first"))
    pair.both_sync()
    pair.tablet.open_lock(LOCK).add(journal("while it ended"))  # not synced yet
    assert pair.phone.open_lock(LOCK).remove() == 1
    pair.phone.sync()
    assert not pair.phone.client.locks.exists()
    pair.both_sync()
    for device in (pair.phone, pair.tablet):
        assert texts(device.entries()) == ["first"]
        assert device.client.locks.exists()
        assert texts(device.open_lock(LOCK).entries()) == ["while it ended"]
    assert pair.phone.open_lock(LOCK).remove() == 1
    pair.both_sync()
    assert texts(pair.tablet.entries()) == ["first", "while it ended"]
    assert not pair.tablet.client.locks.exists()


def test_an_entry_moves_to_another_month_with_its_file_on_a_device_that_never_attached_it(
    pair: Pair, tmp_path: Path
) -> None:
    (tmp_path / "scan.txt").write_text("a page of mine")
    reference = pair.phone.attach("journal", tmp_path / "scan.txt", media_type="text/plain")
    pair.phone.add(journal("with a file"), notes=Notes(files=(reference,)))
    pair.phone.sync()
    pair.phone.make_lock(LOCK).lock(pair.phone.entries()[0])
    pair.both_sync()
    lock = pair.tablet.open_lock(LOCK)
    (entry,) = lock.entries()
    lock.revise(entry, journal("with a file", APRIL))
    pair.both_sync()
    (moved,) = pair.phone.open_lock(LOCK).entries()
    assert moved.record is not None
    assert (moved.record.created_at, moved.item != entry.item) == (APRIL, True)
    assert b"".join(pair.phone.read_file(moved)) == b"a page of mine"


def test_two_locks_made_at_once_with_the_same_words_are_one_to_the_person(pair: Pair) -> None:
    pair.phone.make_lock(LOCK).add(journal("on the phone"))
    pair.tablet.make_lock(LOCK).add(journal("on the tablet"))
    pair.both_sync()
    for device in (pair.phone, pair.tablet):
        assert texts(device.open_lock(LOCK).entries()) == ["on the phone", "on the tablet"]
        assert texts(device.open_lock(spare_key=pair.spare).entries()) == ["on the phone", "on the tablet"]
    pair.phone.change_lock(pair.phone.open_lock(LOCK), "nine slow barges upriver")
    pair.both_sync()
    with pytest.raises(DeniedError):
        pair.tablet.open_lock(LOCK)
    assert texts(pair.tablet.open_lock("nine slow barges upriver").entries()) == ["on the phone", "on the tablet"]


def test_an_import_key_under_the_lock_is_known(pair: Pair) -> None:
    source = {"app": "daylio-csv", "key": "row 7"}
    imported = Record(
        kind="mindhaven/journal", version=1, created_at=MARCH, zone="UTC", body={"text": "brought in", "source": source}
    )
    pair.phone.add(imported)
    pair.phone.make_lock(LOCK).lock(pair.phone.entries()[0])
    pair.both_sync()
    assert pair.tablet.client.locks.known() == {"row 7"}
    assert pair.tablet.entries() == []
    lock = pair.tablet.open_lock(LOCK)
    lock.unlock(lock.entries()[0])
    pair.both_sync()
    assert pair.phone.client.locks.known() == frozenset(), "whoever erases it now can bring it in again"
    assert texts(pair.phone.entries()) == ["brought in"]
