"""What is compared with which peer. Each check raises AssertionError, or returns what it saw in a few words."""

import base64
import hashlib
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.conformance import peers
from tests.conformance.ours import Ours, ours
from tests.simulators.witness import Log, witness

from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError
from mindhaven.protocol.ledger import AUDIT, HEADS, KEYS
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.cosignature import cosigned_at
from mindhaven.tlog.note import Algorithm, Line, LogSigner, Note, VerifierKey
from mindhaven.tlog.proof import TlogProof

SIZES = (1, 2, 255, 256, 257, 1000, 65536, 65793)
Kept = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One check: the programs that it needs, what it shows, and how. `kept` gets what peers made, for the fixtures."""

    needs: tuple[str, ...]
    shows: str
    run: Callable[[Kept], Awaitable[str]]
    modules: tuple[str, ...] = field(default=())


def post(url: str, body: bytes) -> httpx.Response:
    return httpx.post(f"{url}/add-checkpoint", content=body, timeout=peers.SECONDS, trust_env=False)


# -- litewitness


async def lite_cosigns(kept: Kept) -> str:
    with tempfile.TemporaryDirectory() as name:
        async with ours(Path(name)) as server:
            logs = await server.vkeys()
            with peers.litewitness(logs) as (url, key):
                await server.ask(url, key)
                for size in SIZES:
                    await server.grow(size)
                    note = await server.public(KEYS)
                    assert Checkpoint.parse(note.text).size == size
                    assert cosigned_at(note, key) is not None
                kept["litewitness"] = {
                    "log": str(next(one for one in logs if one.name.endswith(KEYS))), "witness": str(key),
                    "note": note.encode().decode(),
                }  # fmt: skip
                for log in (AUDIT, HEADS):
                    await server.publish(log)
                    note = await server.public(log)
                    assert cosigned_at(note, key) is not None
    return f"cosigned `keys` at {len(SIZES)} sizes to {SIZES[-1]:,}, `audit`, and `heads` while it is empty"


async def lite_remembers(_kept: Kept) -> str:
    with tempfile.TemporaryDirectory() as name:
        async with ours(Path(name) / "a") as server:
            logs = await server.vkeys()
            with peers.litewitness(logs) as (url, key):
                await server.ask(url, key)
                await server.grow(70)
                async with ours(Path(name) / "b", like=server) as back:
                    await back.ask(url, key)
                    try:
                        await back.grow(5)
                    except IntegrityError as error:
                        assert error.reason == "log-behind", error.reason  # noqa: PT017 - no test
                    else:
                        raise AssertionError("a database that was put back was signed")
    return "its 409 keeps a server whose database was put back from signing (`log-behind`)"


async def lite_agrees(_kept: Kept) -> str:
    log, other = Log(), Log("log.test/other")
    forged = log.note(7, signer=Log(seed=9).signer)
    cases = [
        log.ask(0, 5), log.ask(5, 5), b"nothing", other.ask(0, 3), log.ask(5, 7, note=forged),
        log.ask(5, 7, note=Note(log.note(7).text, log.note(6).lines)), log.ask(9, 7, proof=[]), log.ask(4, 7),
        log.ask(0, 7), log.ask(5, 7, proof=[bytes(32)] * 3), log.ask(5, 7, proof=[]),
        log.ask(5, 5, proof=[bytes(32)]), log.ask(5, 5, note=log.note(5, root=bytes(32))),
        log.ask(9, 7, proof=[], note=forged), log.ask(4, 7, proof=[bytes(32)] * 3), log.ask(5, 9), log.ask(9, 256),
        log.ask(5, 8), log.ask(256, 257),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as name, witness(Path(name) / "w") as mine:
        mine.add(log.signer.vkey)
        with peers.litewitness([log.signer.vkey]) as (url, _):
            for number, body in enumerate(cases):
                a, b = mine.post(body), post(url, body)
                assert a.status_code == b.status_code, (number, a.status_code, b.status_code, b.text)
                if a.status_code == 409:
                    assert (a.text, a.headers["content-type"]) == (b.text, b.headers["content-type"]), number
    return f"`mindhaven witness` and litewitness give one status (and one size) to each of {len(cases)} requests"


# -- sigsum-witness


async def sigsum_cosigns(kept: Kept) -> str:
    seed = Seed(b"\x05" * 32)
    public = LogSigner("x", seed).vkey.key
    log = Log(f"sigsum.org/v1/tree/{hashlib.sha256(public).hexdigest()}", seed=5)
    with peers.sigsum_witness(public) as (url, key):
        old, sizes = 0, (1, 2, 5, 8, 13, 255, 256, 257)
        for size in sizes:
            note = log.note(size)
            answer = post(url, log.ask(old, size))
            assert answer.status_code == 200, (size, answer.status_code, answer.text)
            lines = [Line.parse(one) for one in answer.text.strip("\n").split("\n")]
            vkey = VerifierKey(lines[0].name, Algorithm.COSIGNATURE_ED25519, key)
            assert cosigned_at(note.also(lines), vkey) is not None
            old = size
        kept["sigsum-witness"] = {
            "log": str(log.signer.vkey), "witness": str(vkey), "note": note.also(lines).encode().decode()
        }  # fmt: skip
        assert post(url, log.ask(5, 300)).status_code == 409
    return f"cosigned a log of our form at {len(sizes)} sizes; a stale size is 409"


# -- spicy-torchwood


async def spicy_verifies(kept: Kept) -> str:
    spicy = peers.find("spicy-torchwood")
    assert spicy is not None
    log = Log("spicy.test/ours")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in (1, 2, 7, 64):
            for index in sorted({0, size // 2, size - 1}):
                entry = log.entries(size)[index]
                from mindhaven.tlog import tiles
                from mindhaven.tlog.tree import leaf_hash

                store = tiles.grow(0, {}, [leaf_hash(one) for one in log.entries(size)])
                proof = TlogProof(index, tuple(tiles.inclusion(index, size).hashes(store)), log.note(size)).encode()
                (folder / "f").write_bytes(entry)
                (folder / "f.spicy").write_bytes(proof.partition(b"\n")[2])
                verify = (spicy, "-verify", str(log.signer.vkey), "f")
                code, out = await peers.run(*verify, cwd=folder)
                assert code == 0, (size, index, out)
                assert "verified" in out
                (folder / "f").write_bytes(entry + b"!")
                code, out = await peers.run(*verify, cwd=folder)
                assert code != 0, "an altered entry was verified"
        # And its own, read here.
        (folder / "a").mkdir()
        _, out = await peers.run(spicy, "-init", "spicy.test/theirs", "-assets", "a", "-key", "k", cwd=folder)
        vkey = next(line.split()[-1] for line in out.splitlines() if "Public key" in line)
        for word in ("one", "two", "three"):
            (folder / word).write_text(word)
        code, out = await peers.run(spicy, "-assets", "a", "-key", "k", "one", "two", "three", cwd=folder)
        assert code == 0, out
        theirs = b"c2sp.org/tlog-proof@v1\n" + (folder / "two.spicy").read_bytes()
        checkpoint = TlogProof.parse(theirs).verify(b"two", VerifierKey.parse(vkey))
        assert checkpoint.size == 3
        kept["spicy-torchwood"] = {"log": vkey, "entry": "two", "proof": theirs.decode()}
    return "verifies our proofs (its older layout has no first line), refuses an altered entry; we verify its proof"


# -- Tessera's fsck


async def fsck_reads(_kept: Kept) -> str:
    fsck = peers.find("fsck")
    assert fsck is not None

    async def read(server: Ours, log: str) -> str:
        key = server.folder / "key"
        key.write_text(str(next(one for one in await server.vkeys() if one.name.endswith(f"/{log}"))))
        url = f"{server.url}/log/{log}/"
        # It ends with 0 on failure too, and hangs with one worker: only its own words count.
        _, out = await peers.run(fsck, f"-storage_url={url}", f"-public_key={key}", "-N=8", "-ui=false", "-logtostderr")
        return out

    with tempfile.TemporaryDirectory() as name:
        async with ours(Path(name)) as server:
            for size in SIZES:
                await server.grow(size)
                out = await read(server, KEYS)
                assert "Successfully fsck'd" in out, (size, out[-800:])
            await server.publish(AUDIT)
            out = await read(server, AUDIT)
            assert "Successfully fsck'd" in out, out[-800:]
            await server.spoil(KEYS)
            out = await read(server, KEYS)
            assert "Successfully fsck'd" not in out, "a changed entry was not found"
    return f"read `keys` whole over HTTP at {len(SIZES)} sizes to {SIZES[-1]:,}, and `audit`; found one changed byte"


# -- Python


async def _python(task: str, given: dict[str, Any]) -> dict[str, Any]:
    code, out = await peers.run(
        python(), str(Path(__file__).with_name("python_peer.py")), task, give=json.dumps(given).encode()
    )
    assert code == 0, out[-800:]
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def python() -> str:
    """Return the interpreter that may have the peers' modules: `python` in MINDHAVEN_PEERS, or this one."""
    own = Path(peers.FOLDER) / "python" if peers.FOLDER else None
    return str(own) if own is not None and own.exists() else sys.executable


async def sigstore_verifies(_kept: Kept) -> str:
    from mindhaven.tlog import tiles
    from mindhaven.tlog.tree import leaf_hash

    log = Log()
    count = 0
    for size in (1, 2, 7, 256, 300):
        store = tiles.grow(0, {}, [leaf_hash(one) for one in log.entries(size)])
        for index in sorted({0, size // 2, size - 1}):
            given = {
                "note": log.note(size).encode().decode(), "index": index, "size": size,
                "entry": base64.b64encode(log.entries(size)[index]).decode(),
                "hashes": [one.hex() for one in tiles.inclusion(index, size).hashes(store)],
                "root": tiles.root(size).value(store).hex(),
                "key": log.signer.vkey.key.hex(), "key_id": log.signer.vkey.id.hex(),
            }  # fmt: skip
            found = await _python("sigstore", given)
            assert found == {"origin": log.signer.vkey.name, "size": size, "inclusion": True, "altered": False}, found
            count += 1
    return f"read and verified our signed checkpoints and {count} inclusion proofs; refused altered entries"


async def pymerkle_agrees(_kept: Kept) -> str:
    from mindhaven.tlog import tiles
    from mindhaven.tlog.tree import leaf_hash

    sizes = [1, 2, 3, 255, 256, 257, 5000]
    entries = Log.entries(max(sizes))
    found = await _python("pymerkle", {"entries": [one.decode() for one in entries], "sizes": sizes})
    store: dict[Any, bytes] = {}
    done = 0
    for size in sizes:
        store.update(tiles.grow(done, store, [leaf_hash(one) for one in entries[done:size]]))
        done = size
        assert found["roots"][str(size)] == tiles.root(size).value(store).hex(), size
    return f"gives the same roots at {len(sizes)} sizes to {max(sizes):,}"


CHECKS = (
    Check(("litewitness", "witnessctl"), "a witness for our server's logs", lite_cosigns),
    Check(("litewitness", "witnessctl"), "the guard after a restore", lite_remembers),
    Check(("litewitness", "witnessctl"), "our witness beside it", lite_agrees),
    Check(("sigsum-witness", "sigsum-key"), "a witness of another code base", sigsum_cosigns),
    Check(("spicy-torchwood",), "offline proofs", spicy_verifies),
    Check(("fsck",), "our server's logs read whole", fsck_reads),
    Check((), "checkpoints and inclusion", sigstore_verifies, modules=("sigstore",)),
    Check((), "roots", pymerkle_agrees, modules=("pymerkle",)),
)
