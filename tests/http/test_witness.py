"""`mindhaven witness` over HTTP, as a process: C2SP tlog-witness 1.0.0, races, kills, refused starts."""

import hashlib
import logging
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from test_starting import certificate
from tests.simulators.witness import Log, Running, command, environment, lines, start, witness

from mindhaven.errors import MindhavenError, UnavailableError
from mindhaven.kernel import Call, HttpCalls
from mindhaven.tlog.cosignature import cosigned_at
from mindhaven.tlog.note import Algorithm, Note
from mindhaven.witness import app as app_module
from mindhaven.witness import load_witness, serve

LOG = Log()


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Running]:
    with witness(tmp_path / "w") as running:
        running.add(LOG.signer.vkey)
        yield running


def monitor(running: Running, origin: str) -> "tuple[int, str]":
    answer = running.get(f"/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint")
    return answer.status_code, answer.text


def size_of(running: Running) -> int:
    answer = running.post(LOG.ask(0, 300))
    assert (answer.status_code, answer.headers["content-type"]) == (409, "text/x.tlog.size")
    return int(answer.text)


def test_a_log_that_grows_is_cosigned(one: Running) -> None:
    origin = LOG.signer.vkey.name
    assert monitor(one, origin)[0] == 404
    before, old = int(time.time()), 0
    for size in (0, 1, 2, 5, 8, 8, 13, 256, 257):
        (line,) = lines(one.post(LOG.ask(old, size)))
        # Verified without the code under test: cosignature/v1, as the specification writes it.
        at = int.from_bytes(line.signature[:8], "big")
        signed = f"cosignature/v1\ntime {at}\n{LOG.note(size).text}".encode()
        Ed25519PublicKey.from_public_bytes(one.key.key).verify(line.signature[8:], signed)
        assert (line.name, line.key_id) == (one.key.name, one.key.id)
        assert before <= at <= time.time()
        old = size
    status, text = monitor(one, origin)
    assert status == 200
    note = Note.parse(text.encode())
    assert note.text == LOG.note(257).text
    assert note.signed_by([LOG.signer.vkey])
    assert cosigned_at(note, one.key) is not None
    assert one.get("/").text == f"{one.key}\n"
    assert one.get("/healthz").text == "ok\n"


def test_what_is_refused_and_how(one: Running) -> None:
    lines(one.post(LOG.ask(0, 5)))
    other, forged = Log("log.test/other"), LOG.note(7, signer=Log(seed=9).signer)
    bad_signature = Note(LOG.note(7).text, LOG.note(6).lines)
    cases = [
        (b"nothing", 400),
        (LOG.ask(5, 7) + b"x", 400),
        (other.ask(0, 3), 404),
        (LOG.ask(5, 7, note=forged), 403),
        (LOG.ask(5, 7, note=bad_signature), 403),
        (LOG.ask(9, 7, proof=[]), 400),
        (LOG.ask(4, 7), 409),
        (LOG.ask(0, 7), 409),
        (LOG.ask(5, 7, proof=[bytes(32)] * 3), 422),
        (LOG.ask(5, 7, proof=[]), 422),
        (LOG.ask(5, 5, proof=[bytes(32)]), 422),
        (LOG.ask(5, 5, note=LOG.note(5, root=bytes(32))), 422),
        # The signature is looked at before sizes, the size before the proof.
        (LOG.ask(9, 7, proof=[], note=forged), 403),
        (LOG.ask(4, 7, proof=[bytes(32)] * 3), 409),
    ]
    for body, status in cases:
        answer = one.post(body)
        assert answer.status_code == status, (body[:40], answer.text)
        if status == 409:
            assert (answer.text, answer.headers["content-type"]) == ("5\n", "text/x.tlog.size")
    assert one.post(b"x" * (app_module.MAX_BODY_BYTES + 1)).status_code == 413
    assert one.get("/add-checkpoint").status_code == 405
    assert one.get("/else").status_code == 404
    assert size_of(one) == 5


def test_a_contradiction_is_kept_as_proof(one: Running) -> None:
    lines(one.post(LOG.ask(0, 5)))
    forged = LOG.note(5, root=b"\x07" * 32)
    for _ in range(2):
        assert one.post(LOG.ask(5, 5, note=forged)).status_code == 422
    run = [sys.executable, "-m", "mindhaven", "witness", "list", "--data", str(one.data)]
    told = subprocess.run(run, env=environment(), capture_output=True, text=True, check=True)
    assert "two different states of one size (1 times)" in " ".join(told.stderr.split()).replace("mindhaven: ", "")
    import apsw  # the file, as anybody can read it

    (kept,) = apsw.Connection(str(one.data / "witness.db")).execute("SELECT note FROM witness_fork").fetchall()
    assert kept[0] == forged.encode()


def test_of_two_requests_at_once_one_wins_and_nothing_rolls_back(tmp_path: Path) -> None:
    """Two processes on one folder race over one log: no lock of a process's own can help."""
    with witness(tmp_path / "w") as first:
        first.add(LOG.signer.vkey)
        second = start(tmp_path / "w")
        try:
            assert second.key == first.key
            old = 0
            for step in range(12):
                bodies = [LOG.ask(old, old + grow) for grow in (1, 2, 3, 4)]
                with ThreadPoolExecutor(8) as pool:
                    answers = list(
                        pool.map(lambda n, asked=bodies: (first, second)[n % 2].post(asked[n // 2]), range(8))
                    )
                won = [n for n, answer in enumerate(answers) if answer.status_code == 200]
                assert {answer.status_code for answer in answers} <= {200, 409}, step
                assert won
                sizes = [old + (1, 2, 3, 4)[n // 2] for n in won]
                assert len(sizes) == 1  # from `old` exactly one moved
                old = sizes[0]
                assert size_of(first) == size_of(second) == old
        finally:
            second.stop()


def test_what_was_answered_is_remembered_after_a_kill(tmp_path: Path) -> None:
    data, old = tmp_path / "w", 0
    for round_ in range(4):
        running = start(data, name="" if round_ else "w.test/one")
        if round_ == 0:
            running.add(LOG.signer.vkey)
        answered = old
        try:
            first = threading.Event()
            with ThreadPoolExecutor(1) as pool:

                def asking(running: Running = running, begun: int = old, first: threading.Event = first) -> int:
                    last = begun
                    try:
                        while last < begun + 60:
                            lines(running.post(LOG.ask(last, last + 1)))
                            last += 1
                            first.set()
                    except Exception:  # the process is gone
                        return last
                    return last

                task = pool.submit(asking)
                assert first.wait(60), "nothing was answered"
                time.sleep(0.05 * round_)
                running.stop(signal.SIGKILL)
                answered = task.result()
        finally:
            running.stop(signal.SIGKILL)
        again = start(data)
        kept = size_of(again)
        assert again.stop() == 0
        assert answered <= kept <= answered + 1  # the last answer may have been lost on its way, never its memory
        assert answered > old
        old = kept


def test_both_kinds_of_cosignature(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("[witness]\npost-quantum = true\n")
    with witness(tmp_path / "w", "--config", str(tmp_path / "w.toml"), keys=2) as running:
        running.add(LOG.signer.vkey)
        assert [key.algorithm for key in running.keys] == [Algorithm.COSIGNATURE_ED25519, Algorithm.COSIGNATURE_MLDSA44]
        note = LOG.note(3).also(lines(running.post(LOG.ask(0, 3))))
        assert [cosigned_at(note, key) is not None for key in running.keys] == [True, True]
        kept = Note.parse(monitor(running, LOG.signer.vkey.name)[1].encode())
        assert set(kept.lines) == set(note.lines)


def test_an_origin_apart_from_the_keys_name_and_a_second_key(tmp_path: Path) -> None:
    new = Log("log.test/one", seed=7)
    with witness(tmp_path / "w") as running:
        for key in (LOG, new):
            assert command(tmp_path / "w", "add-log", str(key.signer.vkey), "--origin", "log.test/one").strip()
        lines(running.post(LOG.ask(0, 2)))
        lines(running.post(new.ask(2, 3)))
        assert "log.test/one  3" in command(tmp_path / "w", "list")


def test_a_removed_log_is_cosigned_no_more_and_comes_back_with_its_own_history_only(tmp_path: Path) -> None:
    other = Log("log.test/one", seed=7)
    with witness(tmp_path / "w") as running:
        for key in (LOG, other):
            command(tmp_path / "w", "add-log", str(key.signer.vkey), "--origin", "log.test/one")
        lines(running.post(LOG.ask(0, 5)))
        command(tmp_path / "w", "remove-log", "log.test/one")
        assert running.post(LOG.ask(5, 6)).status_code == 404
        assert "no longer witnessed" in command(tmp_path / "w", "list")
        command(tmp_path / "w", "add-log", str(LOG.signer.vkey), "--origin", "log.test/one")
        assert running.post(LOG.ask(0, 3)).status_code == 409, "it remembers five entries"
        lines(running.post(LOG.ask(5, 6)))


def test_a_flood_is_refused_before_it_is_verified(one: Running) -> None:
    burst = app_module.LIMITS["add-checkpoint"].burst
    found: list[int] = []
    with ThreadPoolExecutor(4) as pool:
        while 429 not in found and len(found) < 20 * burst:  # two a second come back: a slow machine needs more of them
            found += [answer.status_code for answer in pool.map(lambda _: one.post(b"junk"), range(burst // 2))]
    assert found.count(400) >= burst
    assert 429 in found


def test_no_address_and_no_request_is_logged(tmp_path: Path) -> None:
    run = [sys.executable, "-m", "mindhaven", "witness", "serve", "--quiet", "--data", str(tmp_path / "w")]
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*run, "--bind", "127.0.0.1:0", "--name", "w"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
        )
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        running = Running(url, [], process, tmp_path / "w")
        running.post(b"junk")
        running.get("/")
        assert running.stop() == 0
    assert log.read_text() == ""


def refused(data: Path, bind: str = "127.0.0.1:0", name: str = "", **variables: str) -> str:
    """Return why a start is refused; it is refused before anything listens, so in this process."""
    given = {"witness.data": str(data), "witness.bind": bind, "witness.name": name}
    mask, handlers = os.umask(0o077), logging.root.handlers[:]
    try:
        with pytest.raises(MindhavenError) as caught:
            serve(load_witness(environment=variables, overrides=given))
    finally:
        os.umask(mask)
        logging.root.handlers[:] = handlers
    return caught.value.reason


@pytest.mark.parametrize(
    ("bind", "name", "variables", "code"),
    [
        ("127.0.0.1:0", "", {}, "witness-name"),
        ("127.0.0.1:0", "a b", {}, "note-name"),
        ("0.0.0.0:0", "w", {}, "bind-without-tls"),
        ("here", "w", {}, "setting-bind"),
        ("127.0.0.1:0", "w", {"MINDHAVEN_WITNESS_TLS_KEY": "k"}, "setting-tls"),
        ("127.0.0.1:0", "w", {"MINDHAVEN_WITNESS_TRUSTED_PROXIES": "0.0.0.0/0"}, "proxies-too-wide"),
        ("127.0.0.1:0", "w", {"MINDHAVEN_WITNESS_TYPO": "1"}, "setting-unknown"),
    ],
)
def test_a_start_that_is_refused(bind: str, name: str, variables: dict[str, str], code: str, tmp_path: Path) -> None:
    assert refused(tmp_path / "w", bind, name, **variables) == code


def test_the_key_is_for_us_alone_and_bound_to_its_memory(tmp_path: Path) -> None:
    data = tmp_path / "w"
    with witness(data, name="w.test/one") as running:
        key = running.key
    file = data / "witness.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    again = start(data)
    assert again.key == key
    again.stop()
    assert refused(data, name="w.test/two") == "witness-name"
    file.chmod(0o644)
    assert refused(data) == "key-mode"
    file.chmod(0o600)
    seed = file.read_bytes()
    file.write_bytes(os.urandom(32))
    assert refused(data) == "witness-memory"
    file.write_bytes(b"short")
    assert refused(data) == "witness-key"
    file.unlink()
    assert refused(data) == "witness-memory"
    file.write_bytes(seed)
    file.chmod(0o600)
    for memory in data.glob("witness.db*"):
        memory.unlink()
    assert refused(data) == "witness-memory"


async def test_a_server_reaches_it_over_tls_with_an_authority_of_its_own(tmp_path: Path) -> None:
    made, key = certificate(tmp_path, serial=1)
    (tmp_path / "w.toml").write_text(f'[witness]\ntls-certificate = "{made}"\ntls-key = "{key}"\n')
    with witness(tmp_path / "w", "--config", str(tmp_path / "w.toml")) as running:
        running.add(LOG.signer.vkey)
        assert running.url.startswith("https://127.0.0.1:")
        url = running.url.replace("127.0.0.1", "localhost") + "/add-checkpoint"
        call = Call(method="POST", url=url, purpose="test", body=LOG.ask(0, 3))
        for authority, works in ((str(made), True), ("", False)):
            calls = HttpCalls(authority)
            try:
                if works:
                    assert (await calls(call)).status == 200
                else:
                    with pytest.raises(UnavailableError, check=lambda error: error.reason == "outbound-unreached"):
                        await calls(call)
            finally:
                await calls.close()
