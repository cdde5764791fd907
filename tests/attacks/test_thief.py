"""A thief with the database, the blobs, the logs and a client's disk: no marked plaintext is in any byte of them.

docs/attacks/thief.md. Every marked text is searched as UTF-8, UTF-16, base64 (all three alignments), hex and inside
anything that inflates; a planted copy of each form shows that the search finds it.
"""

import base64
import itertools
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.simulators.server import Running, running_server

from mindhaven.kinds import Record
from mindhaven.kinds.instruments import checkup_body, load
from mindhaven.protocol.card import Card
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes

MARK = "QZmarkedplaintextXV"
PASS_A = f"{MARK}passphrase of Ana"
PASS_B = f"{MARK}passphrase of Dr B"


def forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield every form in which a leak would still be readable."""
    yield "plain", secret
    if secret.isascii():
        yield "utf-16", secret.decode().encode("utf-16-le")
    yield "hex", secret.hex().encode()
    yield "HEX", secret.hex().upper().encode()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + secret)
        start = -(-shift * 4 // 3)
        yield f"base64+{shift}", coded[start + 1 : -4]


def inflated(data: bytes) -> Iterator[bytes]:
    """Yield what inflates anywhere in `data`: zlib, gzip and raw deflate at likely starts."""
    for found in itertools.chain(re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data), re.finditer(rb"\x1f\x8b\x08", data)):
        try:
            yield zlib.decompressobj(47).decompress(data[found.start() : found.start() + 65536])
        except zlib.error:
            continue


def leaks(folder: Path, secrets: list[bytes]) -> list[str]:
    """Return where a form of a secret is found in any file under `folder`."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        for secret in secrets:
            for name, form in forms(secret):
                if form in data:
                    found.append(f"{path.name}: {name} of number {secrets.index(secret)}")
            found += [f"{path.name}: deflated" for text in inflated(data) if secret in text]
    return found


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


@pytest.mark.shows("operator-cannot-read", "device-store-sealed")
async def test_a_thief_finds_nothing_on_the_server_or_on_a_client(tmp_path: Path) -> None:
    with running_server(tmp_path / "server") as server:
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
    assert leaks(tmp_path / "server", [secret for secret in secrets if len(secret) >= 8]) == []


def test_forms_of_binary_secrets_are_searched_too() -> None:
    assert ("plain", b"abcdefgh") in list(forms(b"abcdefgh"))
