"""The client without `await` does what the other does, over HTTP: a file goes and comes, a share, a move, a way out."""

import base64
import time
from pathlib import Path

import pytest
from tests.simulators.server import running_server
from tests.simulators.world import PASS

from mindhaven.crypto import totp
from mindhaven.errors import DeniedError, MindhavenError
from mindhaven.kinds import Record
from mindhaven.protocol.collection import Role
from mindhaven.sdk import Mindhaven
from mindhaven.sdk.content import Notes
from mindhaven.sdk.errors import SignedOutError

OTHER = "brass kettle under the stairs"


def mood(note: str) -> Record:
    now = int(time.time() * 1000)
    return Record(kind="mindhaven/mood", version=1, created_at=now, zone="UTC", body={"valence": 0.0, "note": note})


def told(client: Mindhaven) -> list[str]:
    return sorted(str(one.record.body["note"]) for one in client.entries() if one.record)


def test_a_life_without_await(tmp_path: Path) -> None:
    with (
        running_server(tmp_path / "one") as first,
        running_server(tmp_path / "two") as second,
        Mindhaven.create(tmp_path / "ana", first.url, passphrase=PASS) as ana,
        Mindhaven.create(tmp_path / "b", first.url, passphrase=OTHER) as b,
    ):
        ana.sign_up(PASS, word="ana", device="phone")
        b.sign_up(OTHER, word="drb")
        assert ana.me.handle == ana.card.handle
        b.accept(ana.invite(), name="Dr B", inviter_name="Ana")
        assert [one.name for one in ana.answers()] == ["Dr B"]
        file = tmp_path / "song.bin"
        file.write_bytes(b"la" * 3_000_000)
        ana.add(mood("with a song"), notes=Notes(files=(ana.attach("mood", file, media_type="audio/ogg"),)))
        ana.sync()
        ana.share("mood", "Dr B", role=Role.WRITER)
        b.sync()
        assert b"".join(b.read_file(b.entries()[0])) == file.read_bytes()
        b.add(mood("from b"), collection=b.writable("Ana: mood").id)
        assert b.sync().sent == 1
        ana.sync()
        assert told(ana) == ["from b", "with a song"]
        b.leave(b.shared()[0].id)
        b.add(mood("too late"), collection=b.collections()[0].id)
        b.sync()
        assert [one.reason for one in b.held()] == ["share-ended"]
        assert len(b.move_held()) == 1
        assert b.sync().held == ()
        assert [one.ended_at is None for one in ana.shares()] == [False]

        def confirm(secret: str) -> str:
            kept.append(base64.b32decode(secret))
            return totp.code(kept[0], int(time.time()) // totp.STEP_SECONDS)

        kept: list[bytes] = []
        ana.totp_on(PASS, confirm)
        assert [one.here for one in ana.devices()] == [True]
        assert ana.pending() == []
        assert ana.export_archive(tmp_path / "ana.archive") > 2
        with pytest.raises(MindhavenError):
            Mindhaven.move_in(tmp_path / "wrong", tmp_path / "ana.archive", second.url, passphrase=OTHER)
        with Mindhaven.move_in(tmp_path / "moved", tmp_path / "ana.archive", second.url, passphrase=PASS) as moved:
            moved.sync()
            assert moved.me.uid == ana.me.uid
            assert told(moved) == ["from b", "with a song"]
        ana.log_out()
        with pytest.raises(SignedOutError):
            ana.sync()
        with pytest.raises(DeniedError) as needed:
            ana.log_in(ana.me.handle, PASS)
        assert needed.value.reason == "totp-needed"
        assert told(ana) == ["from b", "with a song"]
