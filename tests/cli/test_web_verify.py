"""`mindhaven web verify` against a real server: an honest one, and what stands between it and a person."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cli.conftest import Ran, Serving, run
from tests.http.real import real_server
from tests.simulators.tampering import Tampering, tampering

import mindhaven
from mindhaven.cli.exits import Exit
from mindhaven.crypto.secrets import Seed
from mindhaven.sdk import served
from mindhaven.tlog.cosignature import Cosigner

BUILT = Path(mindhaven.__file__).parent / "server" / "web"
SCRIPT = next((f"/app/{path.relative_to(BUILT)}" for path in BUILT.glob("assets/index-*.js")), "")
"""The page's script in the app that `make setup` built."""
LIST = "/app/release.json"
BROWSER = "Mozilla/5.0"


def states(ran: Ran) -> dict[str, str]:
    return {one["what"]: one["state"] for one in ran.told["checks"]}


def says(ran: Ran, what: str) -> str:
    (found,) = [one["says"] for one in ran.told["checks"] if one["what"] == what]
    return str(found)


GOOD = dict.fromkeys(("asked twice", "files", "headers", "page", "release", "ledger"), "same")


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server whose log shows its growth each second, once it showed the release's entry."""
    data = tmp_path_factory.mktemp("web") / "data"
    config = data.with_name("mindhaven.toml")
    config.write_text("[ledger]\npublish-seconds = 1\n")
    here = Serving(data).start(config=config)
    end = time.monotonic() + 60
    while httpx.get(f"{here.url}/log/audit/checkpoint", trust_env=False).status_code != 200:
        assert time.monotonic() < end, "the log was never signed"
        time.sleep(0.2)
    yield here
    assert here.stop() == 0


@pytest.fixture
def between(serving: Serving) -> Iterator[Tampering]:
    with tampering(serving.url) as here:
        yield here


def verified(url: str, *more: str) -> Ran:
    return run("web", "verify", url, "--json", *more)


def with_release(changed: bytes) -> Callable[[bytes], bytes]:
    """Return an edit of the list: the page's script has other bytes."""

    def edit(raw: bytes) -> bytes:
        told = json.loads(raw)
        told["files"][SCRIPT.removeprefix("/app/")] = hashlib.sha256(changed).hexdigest()
        return json.dumps(told).encode()

    return edit


@pytest.mark.shows("served-app-is-checked")
def test_an_honest_server_serves_the_release_that_stands_in_its_log(serving: Serving) -> None:
    ran = verified(serving.url)
    assert (ran.code, states(ran)) == (Exit.OK, GOOD)
    assert ran.told["release"] == hashlib.sha256((BUILT / "release.json").read_bytes()).hexdigest()
    shown = run("web", "verify", serving.url)
    assert shown.code == Exit.OK
    assert "DIFFERS" not in shown.out
    assert "only lowers the odds" in " ".join(shown.err.split())


def test_it_asks_without_a_session_for_each_listed_file_twice(between: Tampering) -> None:
    assert verified(between.url).code == Exit.OK
    listed = json.loads((BUILT / "release.json").read_text())["files"]
    for path in listed:
        assert between.asked.count("/" if path == "index.html" else f"/app/{path}") == 2, path
    assert not {"authorization", "cookie"} & between.carried


def test_a_file_that_was_changed_on_the_way_is_named(between: Tampering) -> None:
    between.edits[SCRIPT] = lambda body: body + b"\nfetch('/stolen')"
    ran = verified(between.url)
    # The page holds the true file's hash: a browser would refuse this one, and the page's check says so too.
    assert (ran.code, states(ran)) == (Exit.INTEGRITY, {**GOOD, "files": "differs", "page": "differs"})
    assert SCRIPT.removeprefix("/app/") in says(ran, "files")
    shown = run("web", "verify", between.url)
    assert shown.code == Exit.INTEGRITY
    assert "DIFFERS" in shown.out
    assert "Don't unlock anything there." in " ".join(shown.err.split())


def test_what_only_browsers_are_sent_is_found(between: Tampering) -> None:
    between.only = BROWSER
    between.edits["/app/sw.js"] = lambda body: body + b"\n//"
    ran = verified(between.url)
    assert (ran.code, states(ran)) == (Exit.INTEGRITY, {**GOOD, "asked twice": "differs", "files": "differs"})
    assert "sw.js" in says(ran, "asked twice")


@pytest.mark.parametrize(
    ("added", "named"),
    [
        (b"<script>fetch('/stolen')</script>", "script"),
        (b'<script src="https://elsewhere.test/a.js"></script>', "elsewhere.test"),
        (b'<img src="/app/icon.svg" onerror="alert(1)">', "onerror"),
        (b'<base href="https://elsewhere.test/">', "elsewhere.test"),
        (b"<style>body{}</style>", "style"),
    ],
)
def test_what_was_added_to_the_page_is_named(between: Tampering, added: bytes, named: str) -> None:
    between.edits["/"] = lambda body: body.replace(b"</head>", added + b"</head>")
    ran = verified(between.url)
    assert (ran.code, states(ran)) == (Exit.INTEGRITY, {**GOOD, "files": "differs", "page": "differs"})
    assert named in says(ran, "page")
    assert "index.html" in says(ran, "files")


def test_a_script_whose_hash_was_taken_from_the_page_is_named(between: Tampering) -> None:
    between.edits["/"] = lambda body: body.replace(b" integrity=", b" data-was=")
    ran = verified(between.url)
    assert ran.code == Exit.INTEGRITY
    assert "without its hash" in says(ran, "page")


def test_a_weaker_policy_is_named(between: Tampering) -> None:
    between.headers["content-security-policy"] = "default-src *"
    ran = verified(between.url)
    assert (ran.code, states(ran)) == (Exit.INTEGRITY, {**GOOD, "headers": "differs"})


def test_a_whole_release_that_was_never_logged_is_found(between: Tampering) -> None:
    false = b"fetch('/stolen')"
    digest = base64.b64encode(hashlib.sha384(false).digest())
    page = (BUILT / "index.html").read_bytes()
    start = page.index(b"sha384-", page.index(SCRIPT.encode()))
    forged = page.replace(page[start : page.index(b'"', start)], b"sha384-" + digest)

    def listed(raw: bytes) -> bytes:
        told = json.loads(with_release(false)(raw))
        told["files"]["index.html"] = hashlib.sha256(forged).hexdigest()
        return json.dumps(told).encode()

    between.edits |= {SCRIPT: lambda _: false, LIST: listed, "/": lambda _: forged}
    ran = verified(between.url)
    assert (ran.code, states(ran)) == (Exit.INTEGRITY, {**GOOD, "release": "differs", "ledger": "differs"})
    assert "not the release that it recorded" in says(ran, "ledger")

    # It also claims an entry in the log, and there is none like it: the proof fails.
    release = hashlib.sha256(listed((BUILT / "release.json").read_bytes())).digest()

    def claimed(raw: bytes) -> bytes:
        told = json.loads(raw)
        body = base64.b64decode(told["body"])
        true = base64.b64decode(told["release"])
        assert true in body
        told["release"] = base64.b64encode(release).decode()
        told["body"] = base64.b64encode(body.replace(true, release)).decode()
        return json.dumps(told).encode()

    between.edits["/v1/web/release"] = claimed
    ran = verified(between.url)
    assert (ran.code, states(ran)) == (Exit.INTEGRITY, {**GOOD, "release": "differs", "ledger": "differs"})
    assert "not the release that it recorded" not in says(ran, "ledger")


def claims(change: dict[str, Any]) -> Callable[[bytes], bytes | None]:
    return lambda raw: json.dumps({**json.loads(raw), **change}).encode()


def elsewhere(raw: bytes) -> bytes:
    """Claim another entry of the log, which has some: the first one, or the second where it is the first."""
    told = json.loads(raw)
    return json.dumps({**told, "position": 0 if told["position"] else 1}).encode()


def with_body(was: bytes, becomes: bytes) -> Callable[[bytes], bytes | None]:
    """Return an edit of what the event's body says."""

    def edit(raw: bytes) -> bytes:
        told = json.loads(raw)
        body = base64.b64decode(told["body"])
        assert was in body
        return json.dumps({**told, "body": base64.b64encode(body.replace(was, becomes, 1)).decode()}).encode()

    return edit


@pytest.mark.parametrize(
    ("edit", "state", "said"),
    [
        (lambda _: None, "differs", "recorded no release"),
        (lambda _: b"{}", "differs", "not about this release"),
        (with_body(b"upkeep.release.served", b"upkeep.release.stored"), "differs", "not about this release"),
        (with_body(bytes(32), b"\x01" * 32), "differs", "not about this release"),
        (claims({"salt": base64.b64encode(bytes(32)).decode()}), "differs", ""),
        (elsewhere, "differs", ""),
        (claims({"position": None}), "unchecked", "try again later"),
        (claims({"position": 2**40}), "unchecked", "try again later"),
    ],
)
def test_an_entry_that_is_not_there_is_told(between: Tampering, edit: Any, state: str, said: str) -> None:
    between.edits["/v1/web/release"] = edit
    ran = verified(between.url)
    assert (ran.code, states(ran)) == (Exit.INTEGRITY, {**GOOD, "ledger": state})
    assert said in says(ran, "ledger")


def test_another_key_of_the_log_and_missing_witnesses_are_told(serving: Serving, tmp_path: Path) -> None:
    logs = httpx.get(f"{serving.url}/v1/ledger", trust_env=False).json()["logs"]
    keys = {one["name"]: one["vkey"] for one in logs}
    ran = verified(serving.url, "--key", keys["audit"])
    assert (ran.code, "the key that you gave" in says(ran, "ledger")) == (Exit.OK, True)
    assert states(verified(serving.url, "--key", keys["heads"]))["ledger"] == "differs"
    policy = tmp_path / "policy"
    policy.write_text(f"witness w {Cosigner('w.test/1', Seed(bytes(32))).vkey}\nquorum w\n")
    ran = verified(serving.url, "--policy", str(policy))
    assert (ran.code, states(ran)) == (Exit.INTEGRITY, {**GOOD, "ledger": "unchecked"})
    assert "Too few witnesses" in says(ran, "ledger")


def test_a_release_from_elsewhere_is_what_counts(serving: Serving, tmp_path: Path) -> None:
    same = tmp_path / "same.json"
    same.write_bytes((BUILT / "release.json").read_bytes())
    assert verified(serving.url, "--release", str(same)).code == Exit.OK
    other = tmp_path / "other.json"
    other.write_bytes(with_release(b"another version")(same.read_bytes()))
    ran = verified(serving.url, "--release", str(other))
    assert (ran.code, states(ran)) == (Exit.INTEGRITY, {**GOOD, "release": "differs"})
    assert SCRIPT.removeprefix("/app/") in says(ran, "release")
    other.write_text("{}")
    ran = verified(serving.url, "--release", str(other))
    assert (ran.code, "release.json" in ran.err) == (Exit.USAGE, True)


def test_without_a_release_to_compare_with_it_says_so(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mindhaven.cli.served.carried", lambda: None)
    ran = verified(serving.url)
    assert (ran.code, states(ran)) == (Exit.INTEGRITY, {**GOOD, "release": "unchecked"})
    assert "--release FILE" in says(ran, "release")


@pytest.mark.parametrize("listed", [b"", b"[]", b"null", b'{"format":"mindhaven/web/v1","files":{}}', b"\xff",
    b'{"format":"mindhaven/web/v1","files":{"index.html":"' + b"0" * 64 + b'","../../etc":"' + b"0" * 64 + b'"}}',
])  # fmt: skip
def test_a_list_that_is_none_is_refused(between: Tampering, listed: bytes) -> None:
    between.edits[LIST] = lambda _: listed
    ran = verified(between.url)
    assert (ran.code, ran.out) == (Exit.INTEGRITY, "")
    assert "Don't unlock" in ran.err


def test_a_page_with_scripts_and_no_list_is_refused(between: Tampering) -> None:
    between.edits[LIST] = lambda _: None
    ran = verified(between.url)
    assert (ran.code, "no list" in ran.err) == (Exit.INTEGRITY, True)


def test_a_file_without_an_end_is_left(between: Tampering, monkeypatch: pytest.MonkeyPatch) -> None:
    most = max(path.stat().st_size for path in BUILT.rglob("*") if path.is_file())
    monkeypatch.setattr(served, "MAX_FILE_BYTES", most)
    between.edits["/app/sw.js"] = lambda _: b" " * (most + 1)
    ran = verified(between.url)
    assert (ran.code, "/app/sw.js is larger" in " ".join(ran.err.split())) == (Exit.INTEGRITY, True)


def test_a_server_without_a_web_app_has_nothing_to_verify(tmp_path: Path) -> None:
    with real_server(tmp_path, {"TEST_NO_WEB": "1"}) as here:
        assert b"This is a Mindhaven server" in httpx.get(here.url, trust_env=False).content
        assert httpx.get(f"{here.url}/v1/web/release", trust_env=False).json()["code"] == "release-unrecorded"
        ran = verified(here.url)
    assert (ran.code, ran.out) == (Exit.FAILED, "")
    assert "serves no web app" in ran.err


def test_a_server_that_is_not_there_or_not_safe_to_ask_is_told() -> None:
    ran = verified("http://127.0.0.1:1")
    assert (ran.code, ran.out) == (Exit.OFFLINE, "")
    assert verified("http://records.example").code == Exit.USAGE
