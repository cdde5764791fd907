"""The documents are true: examples run, promises are shown, every declared thing is written down."""

import datetime
import html
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.server import running_server

from mindhaven.kernel import STRUCTURAL
from mindhaven.kernel.holdings import HOLDINGS
from mindhaven.sdk import Mindhaven
from mindhaven.server.slices import SLICES

ROOT = Path(__file__).resolve().parents[2]


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 100
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


def test_the_readme_example_runs(tmp_path: Path) -> None:
    (checkout := tmp_path / "checkout").mkdir()
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.S)
    assert len(code.strip().splitlines()) <= 12
    with running_server(tmp_path / "server") as server:
        script = code.replace("http://127.0.0.1:8440", server.url)
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=checkout, env=os.environ | {"HOME": str(tmp_path)},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[{'minutes': 40}]"
    assert list(checkout.iterdir()) == []


def test_the_sdks_page_runs_on_the_account_of_the_readme(tmp_path: Path) -> None:
    opening, awaiting, importing = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/howto/sdk.md").read_text(), flags=re.S
    )
    passphrase = "five words nobody else knows"
    using = (
        "import asyncio, time\n"
        "walk = Record(kind='org.example/walk', version=1, created_at=int(time.time() * 1000), zone='UTC', body={})\n"
        "print(asyncio.run(walk_sent(store, walk)))\n"
        "me = Mindhaven.open(store, passphrase='five words nobody else knows')\n"
        "print(len(me.entries(collection='org.example')), me.card.text()[:16], Role.READER.name, Notes().files)\n"
    )
    with running_server(tmp_path / "server") as server:
        with Mindhaven.create(tmp_path / "walks", server.url, passphrase=passphrase) as me:
            me.sign_up(passphrase, word="ana")
        done = subprocess.run(
            [sys.executable, "-c", opening + awaiting + importing + using],
            env=os.environ | {"HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["1", "2 mindhaven-card-1 READER ()"]


def test_every_promise_is_shown_by_a_test_and_every_mark_names_a_promise() -> None:
    promises = tomllib.loads((ROOT / "docs/reference/promises.toml").read_text())
    marks: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for found in re.findall(r"mark\.shows\(([^)]*)\)", path.read_text()):
            marks.update(re.findall(r'"([a-z-]+)"', found))
    assert marks - set(promises) == set()
    assert set(promises) - marks == set()
    for name, one in promises.items():
        assert set(one) == {"says", "limits"}, name


def test_every_held_column_names_a_processing_entry() -> None:
    entries = {path.stem for path in (ROOT / "src/mindhaven/register/entries").glob("*.toml")}
    for path in (ROOT / "src/mindhaven/register/entries").glob("*.toml"):
        assert tomllib.loads(path.read_text())["id"] == path.stem
    holdings = [*HOLDINGS, *(holding for one in SLICES for holding in one.holdings)]
    named = {entry for holding in holdings for entry in holding.columns.values()} - {STRUCTURAL}
    assert named - entries == set()


def tool(name: str) -> Any:
    """Return a program of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"tools/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_pages_are_as_the_code_declares() -> None:
    assert tool("reference").stale() == []


@pytest.mark.parametrize(("language", "call"), [("en", "Call {}"), ("de", "{} anrufen"), ("es", "Llamar al {}")])
def test_the_crisis_page_is_as_the_dated_list_says(language: str, call: str) -> None:
    made = tool("help_page")
    page = made.page_of(language).read_text("utf-8")
    assert page == made.Page(language).whole(), "run python tools/help_page.py"
    assert made.LINES.read_text("utf-8") == made.lines(), "run python tools/help_page.py"
    assert len(page.encode()) <= made.MAX_BYTES
    assert "<script" not in page
    assert "style=" not in page
    assert "{" not in page
    lines = tomllib.loads((ROOT / "src/mindhaven/cli/crisis.toml").read_text())
    for country in lines["country"]:
        assert f'<section id="{country["code"].lower()}">' in page
        for number in country["emergency"]:
            assert f'<a class="way" href="tel:{number}">{call.format(number)}</a>' in page
    for line in lines["line"]:
        assert f"<h4>{html.escape(line['name'])}</h4>" in page
        digits = "".join(one for one in line["number"] if one.isdigit())
        for channel in line["channels"]:
            kind = {"call": f"tel:{digits}", "chat": line.get("url", "")}.get(channel, f"sms:{digits}")
            assert f'href="{kind}"' in page, line
    checked = datetime.date.fromisoformat(lines["checked_on"])
    assert not made.overdue(checked + datetime.timedelta(days=180))
    assert made.overdue(checked + datetime.timedelta(days=181))


def test_every_dependency_has_its_line() -> None:
    page = (ROOT / "docs/explanation/dependencies.md").read_text()
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [*declared["dependencies"], *declared["optional-dependencies"]["server"]]
    for requirement in names:
        name = re.split(r"[><=]", requirement)[0]
        assert f"| {name} |" in page, name
    for line in (ROOT / "requirements/dev.in").read_text().splitlines():
        if "==" in line:
            word = line.split("==")[0].removeprefix("pytest-")
            assert word in page, line


def npm_manifests() -> list[Path]:
    web = ROOT / "web"
    return [web / "package.json", *web.glob("packages/*/package.json"), *web.glob("apps/*/package.json")]


def npm_packages(kind: str) -> dict[str, str]:
    declared = [json.loads(path.read_text()).get(kind, {}) for path in npm_manifests()]
    return {name: group[name] for group in declared for name in group if not name.startswith("@mindhaven/")}


def test_every_npm_dependency_has_its_line_and_no_line_is_left_over() -> None:
    _, page = (ROOT / "docs/explanation/dependencies.md").read_text().split("## In the browser")
    table, tools = page.split("For development:")
    shipped, made_with = set(npm_packages("dependencies")), set(npm_packages("devDependencies"))
    assert set(re.findall(r"^\| (@?[a-z0-9/-]+) \|", table, re.MULTILINE)) - {"package"} == shipped
    assert {name for name in made_with - shipped if not re.search(rf"(^| ){re.escape(name)}[ ,.(]", tools)} == set()


def test_npm_versions_are_exact_and_the_lock_names_no_registry() -> None:
    for name, version in {**npm_packages("dependencies"), **npm_packages("devDependencies")}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
    lock = json.loads((ROOT / "web/package-lock.json").read_text())
    for name, entry in lock["packages"].items():
        if entry.get("link"):
            assert (ROOT / "web" / entry["resolved"]).is_dir(), name
        else:
            assert "resolved" not in entry, name
            assert "integrity" in entry or not name.startswith("node_modules/"), name


def test_no_index_address_or_machine_path_is_committed() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    bad = re.compile(r"--(extra-)?index-url|pypi\.org/simple|/(root|home)/[a-z]+/")
    for name in tracked:
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".zip", ".daylio"} or name.startswith("tests/docs"):
            continue
        assert not bad.search(path.read_text(errors="replace")), name


@pytest.mark.parametrize("page", ["SECURITY.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SPEC"])
def test_the_files_that_documents_name_exist(page: str) -> None:
    path = ROOT / ("spec/README.md" if page == "SPEC" else page)
    for target in re.findall(r"`((?:src|tests|tools|docs|spec|bench|register)/[A-Za-z0-9_./-]+)`", path.read_text()):
        if "NAME" not in target:
            assert (ROOT / target).exists(), target
