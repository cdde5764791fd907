"""The import rules hold, and each rule fails on a planted violation."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "mindhaven"
SLICES = ("accounts", "consent", "vault", "sharing", "live", "reminders", "ledger", "rights", "upkeep", "witness")
HOST_SCOPE_FILES = {
    "service.py",
    "jobs.py",
    "readers.py",
    "asking.py",
    "entry.py",
    "sessions.py",
    "store.py",
    "doors.py",
    "checking.py",
    "mending.py",
    "offering.py",
}
"""Where a host scope may be used: use cases of sign-in and operator, jobs, readers; the store takes it."""


def modules(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(root.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def slice_of(path: Path, root: Path) -> str | None:
    first = path.relative_to(root).parts[0]
    return first if first in SLICES else None


def inner_imports(root: Path) -> list[str]:
    """A slice enters another only through its package root."""
    found = []
    for path, tree in modules(root):
        here = slice_of(path, root)
        for name in imports(tree):
            parts = name.split(".")
            if len(parts) > 2 and parts[0] == "mindhaven" and parts[1] in SLICES and parts[1] != here and here:
                found.append(f"{path.name}: {name}")
    return found


def sql_outside_stores(root: Path) -> list[str]:
    """SQL stands in store.py, or a folder of that name, only (and in the kernel)."""
    found = []
    for path, tree in modules(root):
        if slice_of(path, root) is None or "store" in {path.stem, path.parent.name}:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = node.value.split()
                if len(words) > 3 and words[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
                    found.append(f"{path.name}:{node.lineno}")
    return found


def host_scopes(root: Path) -> list[str]:
    """A host scope is built only where sign-in, jobs, readers and the operator's use cases are."""
    found = []
    for path, tree in modules(root):
        if slice_of(path, root) is None or path.name in HOST_SCOPE_FILES or path.parent.name == "service":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "HostScope":
                found.append(f"{path.name}:{node.lineno}")
    return found


def ambient(root: Path) -> list[str]:
    """Pure modules read no clock and do no I/O."""
    bad = {"time", "datetime", "socket", "pathlib", "asyncio", "httpx", "threading", "subprocess"}
    found = []
    pure = [*(root / "protocol").glob("*.py"), *(root / "crypto").glob("*.py"), *root.glob("*/rules.py")]
    for path in pure:
        for name in imports(ast.parse(path.read_text())):
            if name.split(".")[0] in bad:
                found.append(f"{path.name}: {name}")
    return found


RULES = {
    "inner": (inner_imports, "vault/service.py", "from mindhaven.accounts.store import Directory\n"),
    "sql": (sql_outside_stores, "vault/service.py", 'X = "SELECT secret FROM everywhere WHERE 1"\n'),
    "host": (host_scopes, "sharing/api.py", 'X = HostScope(reason="none")\n'),
    "pure": (ambient, "protocol/login.py", "import time\n"),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_holds_and_finds_a_planted_violation(rule: str, tmp_path: Path) -> None:
    check, place, planted = RULES[rule]
    assert check(SOURCE) == []
    copy = tmp_path / "mindhaven"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    target = copy / place
    target.write_text(target.read_text() + planted)
    assert len(check(copy)) == 1


PLANTS = {
    "Imports only point down": ("crypto/sign.py", "import mindhaven.vault\n"),
    "The SDK imports nothing of the server": ("sdk/people.py", "import mindhaven.kernel\n"),
    "No slice can know a kind": ("vault/model.py", "import mindhaven.kinds\n"),
    "Only crypto imports primitive libraries": ("vault/model.py", "import cryptography\n"),
}


def lint(folder: Path) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--config", str(ROOT / ".importlinter"), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_each_import_contract_breaks_on_a_planted_violation(tmp_path: Path) -> None:
    shutil.copytree(SOURCE, tmp_path / "mindhaven", ignore=shutil.ignore_patterns("__pycache__"))
    for place, planted in PLANTS.values():
        target = tmp_path / "mindhaven" / place
        target.write_text(target.read_text() + planted)
    out = lint(tmp_path)
    for name in PLANTS:
        assert f"{name} BROKEN" in out, out[-3000:]
