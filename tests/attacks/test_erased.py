"""What was erased, against backups, kept keys and a restore. docs/attacks/thief.md."""

import json
from pathlib import Path
from typing import Any

from tests.simulators.entry import Play, entry
from tests.simulators.kept import world
from tests.simulators.scenes import Alone, alone, notes
from tests.simulators.world import DAY, PASS, Time

from mindhaven.crypto import age
from mindhaven.crypto.encoding import decode
from mindhaven.crypto.peppers import mask_salts, unwrap_pepper
from mindhaven.crypto.secrets import EpochKey, SealKey
from mindhaven.errors import MindhavenError
from mindhaven.kernel import run_once
from mindhaven.protocol.envelope import SealedItem, open_item, read_header
from mindhaven.server.keeping import Asked, make_backup, put_back
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.upkeep.backup import Target
from mindhaven.vault.jobs import TURN
from mindhaven.wire.ids import to_text

WEEK = 7 * DAY
ALL = ["first", "second", "third"]
IDENTITY = age.generate_identity()


def note_in(key: EpochKey, envelope: bytes, salt: bytes) -> str:
    """Return the note that is sealed in an envelope."""
    header, _, _ = read_header(envelope)
    return str(json.loads(open_item(key, SealedItem(envelope, salt), expected=header).body)["note"])


class Backup:
    """All that a backup of that day has of one record, and the epoch's key, which members hold."""

    def __init__(self, pepper: tuple[bytes, int, bytes], commit: bytes, masked: bytes, envelope: bytes, key: bytes):
        self.pepper, self.commit, self.masked, self.envelope, self.key = pepper, commit, masked, envelope, key

    def text(self, salt_key: SealKey) -> str:
        """Return the record's note as that salt key opens it."""
        pepper = unwrap_pepper(salt_key, *self.pepper)
        return note_in(EpochKey(self.key), self.envelope, mask_salts(pepper, self.commit, self.masked))


async def backup_of(ana: Alone, note: str) -> Backup:
    """Return what the database holds of a record now."""
    local = ana.phone.store.item(ana.mood, ana.item(note))
    assert local is not None
    key = ana.phone.store.epoch_key(ana.mood, local.state.epoch)
    assert key is not None

    async def rows(sql: str, *args: Any) -> Any:
        return await ana.server.host.db.look(lambda look: look.rows(sql, *args))

    ((number, masked, envelope),) = await rows(
        "SELECT s.pepper, s.masked, e.envelope FROM vault_item i JOIN vault_salt s ON s.id = i.envelope"
        " JOIN vault_envelope e ON e.id = i.envelope WHERE i.item = $1",
        local.item,
    )
    ((wrapped,),) = await rows(
        "SELECT p.wrapped FROM vault_pepper p JOIN vault_collection c ON c.no = p.collection"
        " WHERE c.id = $1 AND p.number = $2",
        ana.mood, number,
    )  # fmt: skip
    commit = ana.phone.store.commit_hash(ana.mood, local.seq)
    assert commit is not None
    return Backup((ana.mood, number, wrapped), commit, masked, envelope, key)


def keys_of(data: Path) -> list[SealKey]:
    return [SealKey(path.read_bytes()) for path in sorted(data.glob("salt*.key"))]


def found_by(backup: Backup, data: Path) -> str:
    """Return what any salt key that the server still has opens of it, else why the last did not."""
    why = ""
    for key in keys_of(data):
        try:
            return backup.text(key)
        except MindhavenError as error:
            why = error.reason
    return why


async def two_weeks(ana: Alone, moment: Time) -> None:
    for _ in range(3):
        moment.now += WEEK
        assert await run_once(ana.server.host, TURN)


def destroy(self: Any, generation: int) -> bool:
    """Stands in for the end of a salt key: it stays."""
    return True


@entry("an erased record against a backup and the epoch key", "commitment-mismatch",
       off="vault.peppers.SaltKeys.destroy",
       then="who has a backup, the epoch's key and the server's keys reads the erased record")  # fmt: skip
async def test_a_backup_and_every_kept_key_open_nothing_that_was_erased(
    tmp_path: Path, moment: Time, play: Play
) -> None:
    async with alone(tmp_path / "off", moment) as ana:
        backup = await backup_of(ana, "second")
        ana.phone.erase(ana.entry("second"))
        await ana.phone.sync()
        with play.off(destroy=destroy):
            await two_weeks(ana, moment)
        assert found_by(backup, tmp_path / "off" / "data") == "second"
    async with alone(tmp_path / "on", moment) as ana:
        backup = await backup_of(ana, "second")
        with play.honest():  # on that day the same things open it: the search finds what there is
            assert found_by(backup, tmp_path / "on" / "data") == "second"
        ana.phone.erase(ana.entry("second"))
        await ana.phone.sync()
        await two_weeks(ana, moment)
        assert len(keys_of(tmp_path / "on" / "data")) > 0
        play.named(found_by(backup, tmp_path / "on" / "data"))
        await ana.phone.log_in(ana.handle, PASS)
        laptop, _ = await ana.device()
        await laptop.sync()
        assert notes(laptop) == ["first", "third"]


@entry("a restore that brings back what was erased", "journal-absent", off="server.keeping.put_back: journal-absent",
       then="the erased record is back")  # fmt: skip
async def test_a_restore_brings_back_nothing_that_was_erased(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        target = Target(main=tmp_path / "backups", side=tmp_path / "side", recipient=age.recipient_of(IDENTITY))
        await make_backup(ana.server, target)
        ana.phone.erase(ana.entry("second"))
        await ana.phone.sync()
        raw = ana.phone.store.epoch_key(ana.mood, 1)
        assert raw is not None
        key = EpochKey(raw)

    async def restored(name: str) -> list[str]:
        settings = load_server(SLICES, overrides={"server.data": str(tmp_path / name / "data")})
        asked = Asked(
            folder=tmp_path / "backups", side=tmp_path / "side", keys=tmp_path / "data", opens=lambda _: IDENTITY
        )
        await put_back(settings, asked, clock=moment)
        async with world(tmp_path / name, moment) as (_, home):
            laptop = home("laptop")
            await laptop.log_in(ana.handle, PASS)
            path = f"/v1/collections/{to_text(ana.mood)}/commits?since=-1"
            page = decode(await laptop.transport.cbor("GET", path))
            given = [item for _, items in page[2] for item in items if item is not None]
            return sorted(note_in(key, *item) for item in given)

    with play.honest():
        assert await restored("honest") == ["first", "third"]
    (tmp_path / "data" / "erasures.log").unlink()
    with play.lie():
        await restored("told")
    assert not (tmp_path / "told" / "data").exists()
    with play.off():
        assert await restored("off") == ALL
