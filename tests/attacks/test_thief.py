"""A thief with the database, the blobs, the logs and a client's disk: no marked plaintext is in any byte of them.

docs/attacks/thief.md. Every marked text is searched as UTF-8, UTF-16, base64 (all three alignments), hex and inside
anything that inflates; a planted copy of each form shows that the search finds it.
"""

import io
import zlib
from pathlib import Path

import pytest
from tests.simulators.entry import NOTHING, Play, entry
from tests.simulators.leaks import forms, leaks
from tests.simulators.server import Running, running_server

from mindhaven.crypto import age
from mindhaven.kinds import Record
from mindhaven.kinds.instruments import checkup_body, load
from mindhaven.protocol.card import Card
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes
from mindhaven.server.build import build
from mindhaven.server.keeping import make_backup
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.upkeep.backup import Target

MARK = "QZmarkedplaintextXV"
PASS_A = f"{MARK}passphrase of Ana"
PASS_B = f"{MARK}passphrase of Dr B"


def test_the_search_finds_every_planted_form(tmp_path: Path) -> None:
    secret = MARK.encode()
    for name, form in forms(secret):
        (tmp_path / "x").write_bytes(b"\x00junk" + form + b"tail")
        assert leaks(tmp_path, [secret]), name
    (tmp_path / "x").write_bytes(b"junk" + zlib.compress(b"..." + secret + b"..."))
    assert leaks(tmp_path, [secret]) == ["x: deflated"]
    (tmp_path / "x").write_bytes(b"nothing here")
    assert leaks(tmp_path, [secret]) == []


async def live(server: Running, tmp: Path) -> tuple[list[bytes], AsyncMindhaven, AsyncMindhaven]:
    ana = AsyncMindhaven.create(tmp / "ana", server.url, passphrase=PASS_A)
    spare = await ana.sign_up(PASS_A, word="ana", device=f"{MARK}device")
    b = AsyncMindhaven.create(tmp / "b", server.url, passphrase=PASS_B)
    await b.sign_up(PASS_B, word="drb")
    at, zone = 1_795_000_000_000, "Europe/Berlin"
    file = tmp / "outside" / f"{MARK}file.txt"
    file.parent.mkdir()
    file.write_text(f"{MARK}attachment " * 5000)
    reference = await ana.attach(f"{MARK}diary", file, media_type="text/plain")
    ana.add(Record(kind="mindhaven/journal", version=1, created_at=at, zone=zone, body={"text": f"{MARK}journal text"}),
            collection=f"{MARK}diary", notes=Notes(files=(reference,)))  # fmt: skip
    ana.add(Record(kind="mindhaven/mood", version=1, created_at=at, zone=zone,
                   body={"valence": -1, "note": f"{MARK}mood", "labels": [f"{MARK}label"]}))  # fmt: skip
    phq9 = load("phq9")
    body = checkup_body(phq9, {item.link_id: 3 for item in phq9.items})
    ana.add(Record(kind="mindhaven/checkup", version=1, created_at=at, zone=zone, body=body))
    ana.add(Record(kind=f"org.{MARK.lower()}/own", version=1, created_at=at, zone=zone, body={"x": f"{MARK}own"}))
    await ana.sync()
    await ana.sharing.add_contact(Card(b.me.handle, b.me.uid), name=f"{MARK}Doctor Name", checked="card")
    await ana.share(f"{MARK}diary", f"{MARK}Doctor Name")
    link = await ana.sharing.invite()
    await b.sharing.accept(link, name=f"{MARK}B's own name", inviter_name=f"{MARK}Ana's name")
    await ana.sharing.answers()
    await b.sync()
    assert [entry.record.body["text"] for entry in b.entries(kind="mindhaven/journal") if entry.record]
    ana.add(
        Record(
            kind="mindhaven/mood", version=1, created_at=at, zone=zone, body={"valence": 1, "note": f"{MARK}waiting"}
        )
    )
    token = ana.transport._token or ""
    secrets = [
        MARK.encode(),
        MARK.lower().encode(),
        b"mindhaven/journal",
        b"mindhaven/mood",
        b"mindhaven/checkup",
        b"moderately",
        token.encode(),
        bytes(spare),
        bytes(reference.key),
        bytes(ana.me.session_key.seed),
        *(bytes(seed) for seed in ana.me.identity.seeds),
        b"127.0.0.1",
    ]
    return secrets, ana, b


IDENTITY = age.generate_identity()


async def backed_up(data: Path, tmp: Path) -> None:
    """Back the server up, and lay beside it what whoever holds the backup's key reads in it."""
    server = await build(load_server(SLICES, overrides={"server.data": str(data)}), environment={})
    try:
        target = Target(main=tmp / "backups", side=tmp / "side", recipient=age.recipient_of(IDENTITY))
        await make_backup(server, target)
    finally:
        await server.close()
    (tmp / "opened").mkdir()
    for number, path in enumerate([*(tmp / "backups").rglob("*.age"), *(tmp / "side").rglob("*.age")]):
        opened = io.BytesIO()
        with path.open("rb") as sealed:
            age.decrypt(sealed, opened, IDENTITY)
        (tmp / "opened" / str(number)).write_bytes(opened.getvalue())
    assert sum(path.stat().st_size for path in (tmp / "opened").iterdir()) > 10_000


@pytest.mark.shows("operator-cannot-read", "device-store-sealed")
@entry("a thief with the database, blobs, logs and backups", NOTHING,
       why="The thief has no key: there is no check. Planted copies show that the search finds.")  # fmt: skip
async def test_a_thief_finds_nothing_on_the_server_or_on_a_client(tmp_path: Path, play: Play) -> None:
    log = tmp_path / "logs" / "server.log"
    log.parent.mkdir()
    with running_server(tmp_path / "server", log=log) as server:
        with play.honest():
            secrets, ana, b = await live(server, tmp_path)
        try:
            # While it runs: write-ahead log, temporary files and all.
            text = [secret for secret in secrets if secret != b"127.0.0.1"]
            assert leaks(tmp_path / "server", [secret for secret in text if len(secret) >= 8]) == []
            assert leaks(tmp_path / "ana", text) == []
            assert leaks(tmp_path / "b", text) == []
            assert leaks(tmp_path / "server", [b"127.0.0.1"]) == []
        finally:
            await ana.close()
            await b.close()
    with play.harmless():
        stolen = [secret for secret in secrets if len(secret) >= 8]
        assert leaks(tmp_path / "server", stolen) == []
        assert leaks(tmp_path / "logs", stolen) == []
        await backed_up(tmp_path / "server", tmp_path)
        for folder in ("backups", "side", "opened"):
            assert leaks(tmp_path / folder, stolen) == [], folder


def test_forms_of_binary_secrets_are_searched_too() -> None:
    assert ("plain", b"abcdefgh") in list(forms(b"abcdefgh"))
