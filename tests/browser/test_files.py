"""A file that is chosen in a real browser: sealed, sent, resumed after the page was closed, and read back."""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route

WEB = Path(__file__).parents[2] / "web"
NODE = Path(__file__).parents[2] / ".venv" / "bin" / "node"
POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; form-action 'none'"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}
PART = 64 * 64 * 1024
"""Plaintext of one part (spec/attachment.md)."""


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the page that keeps files."""
    built = tmp_path_factory.mktemp("papers")
    vite = [NODE, WEB / "node_modules/vite/bin/vite.js", "build", WEB / "packages/sdk/test/page"]
    options = ["--base=/papers/", f"--outDir={built}", "--target=es2024", "--assetsInlineLimit=0"]
    done = subprocess.run([*vite, *options], cwd=WEB, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return built


def test_a_chosen_file_is_sent_resumed_and_read_back(people: Any, papers: Path, tmp_path: Path) -> None:
    ana = people(prf=None)
    content = os.urandom(2 * PART + 12_345)
    chosen = tmp_path / "Arztbrief.pdf"
    chosen.write_bytes(content)

    def served(route: Route) -> None:
        path = papers / (route.request.url.split("/papers/", 1)[1] or "index.html")
        headers = {"content-type": TYPES[path.suffix], "content-security-policy": POLICY}
        route.fulfill(body=path.read_bytes(), headers=headers)

    def sent() -> int:
        found = [one for one in ana.asked if one.method == "PUT" and "/blobs/" in one.url]
        ana.asked[:] = [one for one in ana.asked if one not in found]
        return len(found)

    def cut(route: Route) -> None:
        puts.append(route.request.url)
        if len(puts) == 2:
            route.abort()
        else:
            route.continue_()

    puts: list[str] = []
    ana.page.route("**/papers/**", served)
    ana.page.route("**/blobs/**", cut)
    ana.open("/papers/")
    ana.page.get_by_text("ready", exact=True).wait_for()
    ana.page.locator("#file").set_input_files(chosen)
    ana.page.get_by_text("The server can't be reached.").wait_for()
    assert sent() == 2
    ana.page.reload()
    ana.page.get_by_text("ready", exact=True).wait_for()
    ana.page.locator("#file").set_input_files(chosen)
    ana.page.get_by_text("kept", exact=True).wait_for()
    assert sent() == 2, "the part that had arrived is not sent again"
    line = f"Arztbrief.pdf {len(content)} {hashlib.sha256(content).hexdigest()}"
    assert ana.page.locator("#read li").all_inner_texts() == [line]
    ana.page.reload()
    ana.page.get_by_text("ready", exact=True).wait_for()
    assert ana.page.locator("#read li").all_inner_texts() == [line]
