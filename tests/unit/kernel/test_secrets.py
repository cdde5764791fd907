"""Server-side secrets."""

import asyncio
import base64
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import Database, MasterKey, Secrets, keep_once, load_master_key

ROW = b"r" * 16


async def opened(db: Database, key: bytes) -> Secrets:
    secrets = Secrets(db, MasterKey(key), os.urandom)
    await secrets.open()
    return secrets


async def test_a_field_opens_at_its_place_only(database: Database) -> None:
    key = os.urandom(32)
    secrets = await opened(database, key)
    sealed = secrets.seal(b"a@example.org", table="t", column="mail", row=ROW)
    assert b"example" not in sealed
    assert secrets.open_sealed(sealed, table="t", column="mail", row=ROW) == b"a@example.org"
    assert secrets.seal(b"a@example.org", table="t", column="mail", row=ROW) != sealed
    for place in (("u", "mail", ROW), ("t", "phone", ROW), ("t", "mail", b"s" * 16)):
        with pytest.raises(IntegrityError):
            secrets.open_sealed(sealed, table=place[0], column=place[1], row=place[2])
    for at in range(len(sealed)):
        broken = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(IntegrityError):
            secrets.open_sealed(broken, table="t", column="mail", row=ROW)
    with pytest.raises(IntegrityError):
        secrets.open_sealed(b"", table="t", column="mail", row=ROW)


async def test_keys_survive_a_restart_and_rotate(database: Database) -> None:
    key = os.urandom(32)
    first = await opened(database, key)
    old = first.seal(b"x", table="t", column="c", row=ROW)
    index = first.index(b"x", table="t", column="c")
    number = await first.rotate()
    new = first.seal(b"x", table="t", column="c", row=ROW)
    assert (first.stale(old), first.stale(new)) == (True, False)
    assert first.key_number(new) == number
    again = await opened(database, key)
    assert again.open_sealed(old, table="t", column="c", row=ROW) == b"x"
    assert again.open_sealed(new, table="t", column="c", row=ROW) == b"x"
    assert again.index(b"x", table="t", column="c") == index
    assert again.index(b"x", table="t", column="d") != index


async def test_another_master_key_opens_nothing_until_rewrapped(database: Database) -> None:
    old, new = os.urandom(32), os.urandom(32)
    secrets = await opened(database, old)
    sealed = secrets.seal(b"x", table="t", column="c", row=ROW)
    with pytest.raises(IntegrityError):
        await opened(database, new)
    await secrets.rewrap(MasterKey(new))
    assert (await opened(database, new)).open_sealed(sealed, table="t", column="c", row=ROW) == b"x"
    with pytest.raises(IntegrityError):
        await opened(database, old)


def test_the_master_key_file_is_made_once_and_for_us_only(tmp_path: Path) -> None:
    key = load_master_key(tmp_path, {}, os.urandom)
    file = tmp_path / "master.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_master_key(tmp_path, {}, os.urandom)._key == key._key
    assert key._key.hex() not in repr(key)
    file.chmod(0o644)
    with pytest.raises(InvalidInputError):
        load_master_key(tmp_path, {}, os.urandom)
    file.chmod(0o600)
    file.write_text("nonsense")
    with pytest.raises(InvalidInputError):
        load_master_key(tmp_path, {}, os.urandom)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    key = os.urandom(32)
    text = base64.urlsafe_b64encode(key).decode().rstrip("=")
    assert load_master_key(tmp_path, {"MINDHAVEN_MASTER_KEY": text}, os.urandom)._key == key
    assert not (tmp_path / "master.key").exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "master-key"),
        ("changeme", "master-key"),
        ("A" * 22, "master-key"),
        ("A" * 43, "master-key-weak"),
        (base64.urlsafe_b64encode(b"changemechangemechangemechangeme").decode(), "master-key-weak"),
        (base64.urlsafe_b64encode(bytes(range(31))).decode(), "master-key"),
        (base64.urlsafe_b64encode(bytes(range(33))).decode(), "master-key"),
    ],
)
def test_a_default_or_short_master_key_is_refused_with_how_to_draw_one(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_master_key(tmp_path, {"MINDHAVEN_MASTER_KEY": text}, os.urandom)
    assert caught.value.reason == code
    assert "urandom" in (caught.value.hint or "")
    (tmp_path / "master.key").write_text(text)
    (tmp_path / "master.key").chmod(0o600)
    with pytest.raises(InvalidInputError) as caught:
        load_master_key(tmp_path, {}, os.urandom)
    assert caught.value.reason == code


async def test_two_processes_that_start_at_once_share_their_keys(database: Database) -> None:
    """Else each would find other blind indexes, and answers about unknown names would differ by process."""
    key = os.urandom(32)
    ones = await asyncio.gather(*(opened(database, key) for _ in range(4)))
    assert len({one.index(b"x", table="t", column="c") for one in ones}) == 1
    assert len({one.key_number(one.seal(b"x", table="t", column="c", row=ROW)) for one in ones}) == 1
    row = await database.look(lambda look: look.row("SELECT COUNT(*) FROM kernel_data_key"))
    assert row == (2,)


async def test_a_process_learns_a_key_that_another_made(database: Database) -> None:
    key, other_master = os.urandom(32), os.urandom(32)
    first, second = await opened(database, key), await opened(database, key)
    await first.rotate()
    sealed = first.seal(b"x", table="t", column="c", row=ROW)
    with pytest.raises(IntegrityError):
        second.open_sealed(sealed, table="t", column="c", row=ROW)
    await second.learn(sealed)
    assert second.open_sealed(sealed, table="t", column="c", row=ROW) == b"x"
    assert not second.stale(sealed)
    # A master key changed by a process that had not seen the newest data key wraps that one too.
    third = await opened(database, key)
    await first.rotate()
    newest = first.seal(b"y", table="t", column="c", row=ROW)
    await third.rewrap(MasterKey(other_master))
    last = await opened(database, other_master)
    assert last.open_sealed(newest, table="t", column="c", row=ROW) == b"y"


def test_a_key_file_is_whole_or_not_there_however_many_make_it(tmp_path: Path) -> None:
    drawn: list[bytes] = []

    def slowly() -> bytes:
        drawn.append(os.urandom(32))
        time.sleep(0.02)
        return drawn[-1]

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: keep_once(tmp_path / "a.key", slowly), range(8)))
    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"]
    assert (tmp_path / "a.key").stat().st_mode & 0o777 == 0o600
