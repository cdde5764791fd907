"""What the server makes of a built web app: only the files that its list names, each as it was built."""

import gzip
import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mindhaven.errors import IntegrityError, NotFoundError
from mindhaven.server.headers import SECURITY
from mindhaven.server.webapp import WebApp, web_operations

SCRIPT = b"export const answer = 42;\n" * 100
FILES = {"index.html": b"<!doctype html><title>Notes</title>", "assets/a-1.js": SCRIPT, "sw.js": b"self;"}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name, body in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    listed = {"format": "mindhaven/web/v1", "files": {name: sha256(body) for name, body in FILES.items()}}
    (tmp_path / "release.json").write_text(json.dumps(listed))
    return tmp_path


def loaded(folder: Path) -> WebApp:
    web = WebApp.load(folder)
    assert web is not None
    return web


def test_a_release_is_named_by_the_hash_of_its_list(built: Path) -> None:
    raw = (built / "release.json").read_bytes()
    assert loaded(built).release == hashlib.sha256(raw).digest()
    assert loaded(built).answer("release.json", None).body == raw


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_the_one_that_was_built_is_refused_at_the_start(built: Path, name: str) -> None:
    (built / name).write_bytes(FILES[name] + b"\n")
    with pytest.raises(IntegrityError) as raised:
        WebApp.load(built)
    assert (raised.value.reason, name in raised.value.message) == ("web-changed", True)


def test_a_file_that_is_gone_is_refused_at_the_start(built: Path) -> None:
    (built / "sw.js").unlink()
    with pytest.raises(IntegrityError) as raised:
        WebApp.load(built)
    assert raised.value.reason == "web-changed"


def test_a_file_that_is_packed_is_the_same_file(built: Path) -> None:
    web = loaded(built)
    plain, packed = web.answer("assets/a-1.js", None), web.answer("assets/a-1.js", "br, gzip")
    assert (plain.body, plain.headers.get("content-encoding")) == (SCRIPT, None)
    assert isinstance(packed.body, bytes)
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(SCRIPT)
    assert gzip.decompress(packed.body) == SCRIPT
    assert plain.headers["vary"] == packed.headers["vary"] == "accept-encoding"
    small = web.answer("sw.js", "gzip")
    assert (small.body, small.headers.get("content-encoding")) == (b"self;", None)


def test_only_a_file_whose_name_holds_its_hash_is_kept_by_browsers(built: Path) -> None:
    web = loaded(built)
    kept = {name: web.answer(name, None).headers["cache-control"] for name in [*FILES, "release.json"]}
    forever = "public, max-age=31536000, immutable"
    assert kept == {
        "index.html": "no-cache", "assets/a-1.js": forever, "sw.js": "no-cache", "release.json": "no-cache",
    }  # fmt: skip


def test_every_file_lets_a_browser_run_this_servers_scripts_and_talk_to_nobody_else(built: Path) -> None:
    web = loaded(built)
    for name in [*FILES, "release.json"]:
        headers = web.answer(name, None).headers
        said = dict(one.split(" ", 1) for one in headers["content-security-policy"].split("; "))
        assert said["default-src"] == said["frame-ancestors"] == said["base-uri"] == said["form-action"] == "'none'"
        assert said["connect-src"] == said["worker-src"] == said["style-src"] == "'self'"
        assert said["script-src"] == "'self' 'wasm-unsafe-eval'"
        assert said["require-trusted-types-for"] == "'script'"
        assert said["media-src"] == "blob:"
        allowed = dict(one.strip().split("=", 1) for one in headers["permissions-policy"].split(","))
        assert allowed.pop("camera") == allowed.pop("microphone") == "(self)"
        assert {name for name, who in allowed.items() if who == "(self)"} == {
            "publickey-credentials-get", "publickey-credentials-create",
        }  # fmt: skip
        assert {name for name, who in allowed.items() if who == "()"} == {
            "geolocation", "browsing-topics", "interest-cohort",
        }  # fmt: skip
    assert "microphone=()" in SECURITY["permissions-policy"], "answers that are no file of the app allow nothing"
    scopes = {name: web.answer(name, None).headers.get("service-worker-allowed") for name in FILES}
    assert scopes == {"index.html": None, "assets/a-1.js": None, "sw.js": "/"}


@pytest.mark.parametrize("path", ["", "index.htm", "assets", "assets/", "../webapp.py", "/sw.js", "assets/../sw.js"])
def test_a_path_that_the_release_does_not_list_is_unknown(built: Path, path: str) -> None:
    (built / "extra.js").write_text("not listed")
    for asked in (path, "extra.js"):
        with pytest.raises(NotFoundError) as raised:
            loaded(built).answer(asked, None)
        assert raised.value.reason == "path-unknown"


async def test_without_a_built_app_a_browser_is_told_what_this_server_is(tmp_path: Path) -> None:
    assert WebApp.load(tmp_path) is None
    index, file = web_operations(None)
    host: Any = SimpleNamespace(settings={"server.origin": "https://records.test"})
    told = await index.run(host, None)
    assert b"This is a Mindhaven server" in told.body
    assert b"--server https://records.test<" in told.body
    with pytest.raises(NotFoundError) as raised:
        await file.run(host, SimpleNamespace(params={"path": "sw.js"}))
    assert raised.value.reason == "path-unknown"
