"""The example of the browser SDK, built from the packages as they would be published, before a real server."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route

WEB = Path(__file__).parents[2] / "web"
BIN = Path(__file__).parents[2] / ".venv" / "bin"
PASSPHRASE = "brass kettle under the stairs"
POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; form-action 'none'"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the packages, put them where an app of somebody else would have them, and build the example from them."""
    home = tmp_path_factory.mktemp("app")
    modules = home / "node_modules"
    for name in ("crypto", "kinds", "sdk"):
        npm = [str(BIN / "npm"), "pack", "--silent", "--pack-destination", str(home)]
        subprocess.run(
            npm, cwd=WEB / "packages" / name, check=True, capture_output=True, env={"PATH": f"{BIN}:/usr/bin:/bin"}
        )
        (packed,) = home.glob(f"*-{name}-*.tgz")
        shutil.unpack_archive(packed, home / name)  # our own package, just packed
        target = modules / "@mindhaven" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(home / name / "package", target)
        assert not (target / "test").exists(), "tests are no part of a package"
    for name in json.loads((modules / "@mindhaven" / "crypto" / "package.json").read_text())["dependencies"]:
        (modules / name).parent.mkdir(parents=True, exist_ok=True)
        (modules / name).symlink_to(WEB / "node_modules" / name)
    app = shutil.copytree(WEB / "packages" / "sdk" / "example", home / "app")
    built = home / "built"
    vite = [BIN / "node", WEB / "node_modules" / "vite" / "bin" / "vite.js", "build", app]
    options = ["--base=/example/", f"--outDir={built}", "--target=es2024", "--assetsInlineLimit=0"]
    done = subprocess.run([*vite, *options], cwd=home, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return built


def test_the_example_keeps_notes_and_reads_them_again_offline(people: Any, example: Path) -> None:
    ana = people(prf=None)
    ana.keeps_secret(PASSPHRASE, "slept well")

    def served(route: Route) -> None:
        path = example / (route.request.url.split("/example/", 1)[1] or "index.html")
        headers = {"content-type": TYPES[path.suffix], "content-security-policy": POLICY}
        route.fulfill(body=path.read_bytes(), headers=headers)

    ana.page.route("**/example/**", served)
    ana.open("/example/")
    ana.page.get_by_label("Passphrase").fill(PASSPHRASE)
    ana.press("Open")
    ana.page.get_by_role("heading", name="Write this spare key down").wait_for()
    assert ana.page.locator("#spare li").count() == 8
    ana.page.get_by_label("A new note").fill("slept well")
    ana.press("Save")
    ana.page.locator("#list li", has_text="slept well").wait_for()
    ana.page.wait_for_function("document.getElementById('said').textContent === ''")
    assert any(one.method == "POST" and one.url.endswith("/commits") for one in ana.asked), "it was sent"
    ana.page.reload()
    ana.context.set_offline(offline=True)
    ana.page.get_by_label("Passphrase").fill("five words that are not right")
    ana.press("Open")
    ana.page.get_by_text("This does not open it.").wait_for()
    ana.page.get_by_label("Passphrase").fill(PASSPHRASE)
    ana.press("Open")
    ana.page.locator("#list li", has_text="slept well").wait_for()
    ana.page.get_by_label("A new note").fill("written offline")
    ana.press("Save")
    ana.page.get_by_text("The server can't be reached.").wait_for()
    ana.page.locator("#list li", has_text="written offline").wait_for()
