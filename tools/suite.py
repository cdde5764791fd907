"""Run the suite in parts, each against its time budget; print each part and the ten slowest tests.

    python tools/suite.py all|check|PART...

A skip that is not on the reasoned list tests/allowed_skips.toml fails the run.
"""

import compileall
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
REPORTS = ROOT / ".cache" / "reports"
MEMORY_BYTES = 4 * 1024**3
"""Room in memory for what the tests write: half a gigabyte at a time, and as much again for each run before."""


@dataclass(frozen=True)
class Part:
    """One part: its folders under tests/ (none: not pytest's), its budget in seconds on two cores, xdist workers."""

    name: str
    folders: tuple[str, ...]
    budget: int
    workers: int = 2


PARTS = (
    Part("unit and properties", ("unit", "properties"), 90),
    Part("storage", ("storage",), 120),
    Part("vectors and interop", ("vectors", "interop"), 60),
    Part("attacks", ("attacks",), 120),
    Part("http", ("http", "journey"), 60),
    Part("browser", ("browser",), 210),
    Part("docs and cli", ("docs", "cli"), 60),
    Part("web", (), 120),  # types 5 s, lint 11 s, tests 12 s, and those before real servers, one of them restored
)
CHECK = ("unit and properties", "vectors and interop", "docs", "web")
WEB = ROOT / "web"
WEB_STEPS = (
    ("types", ["typescript/bin/tsc", "--noEmit"]),
    ("lint", ["eslint/bin/eslint.js", "--max-warnings=0", "."]),
    ("tests", ["vitest/vitest.mjs", "run", "--reporter=dot", "--reporter=junit"]),
)
STATIC = (
    ("ruff", ["-m", "ruff", "check", "src", "tests", "tools", "bench"]),
    ("format", ["-m", "ruff", "format", "--check", "-q", "src", "tests", "tools", "bench"]),
    ("types", ["-m", "mypy"]),
    ("contracts", ["-m", "importlinter.cli", "lint"]),
    ("dependencies", ["-m", "deptry", "src", "--config", "pyproject.toml"]),
    ("bandit", ["-m", "bandit", "-q", "-r", "src", "-c", "pyproject.toml", "-ll", "-ii"]),
)


def compile_ahead() -> None:
    """Write the bytecode of everything once: hundreds of processes are started, and each would compile it anew.

    Some machines set PYTHONDONTWRITEBYTECODE; a suite that obeyed it would spend a third of each start on that.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for folder in ("src", "tests", "tools"):
        compileall.compile_dir(ROOT / folder, quiet=2, workers=0)


@contextlib.contextmanager
def files_in_memory() -> Iterator[None]:
    """Keep what the tests write in memory, where there is room: what they store is real, and no test pulls the plug."""
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not memory.is_dir() or shutil.disk_usage(memory).free < MEMORY_BYTES:
        yield
        return
    folder = Path(tempfile.mkdtemp(prefix="mh-suite-", dir=memory))
    folder.chmod(0o755)  # a cluster of PostgreSQL within runs as nobody
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["TMPDIR"]
        shutil.rmtree(folder, ignore_errors=True)


def static() -> list[str]:
    failed = []
    for name, arguments in STATIC:
        started = time.monotonic()
        command = [PYTHON, *arguments]
        if name == "contracts":
            command = [str(Path(PYTHON).parent / "lint-imports")]
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        ok = done.returncode == 0
        print(f"{'ok  ' if ok else 'FAIL'} {name:22} {time.monotonic() - started:6.1f} s", flush=True)
        if not ok:
            print((done.stdout + done.stderr)[-6000:])
            failed.append(name)
    return failed


CORE = (
    "src/mindhaven/crypto/*,src/mindhaven/protocol/*,src/mindhaven/tlog/*,src/mindhaven/law/*,src/mindhaven/*/rules.py"
)
"""What must be covered branch by branch (its tests run a second time for that, measured from the first import on)."""
CORE_TESTS = (
    "unit/crypto",
    "unit/protocol",
    "unit/tlog",
    "unit/law",
    "unit/accounts",
    "unit/consent",
    "unit/live",
    "unit/reminders",
    "unit/upkeep",
    "unit/exports",
    "properties",
    "vectors",
)


def covered() -> bool:
    """Return whether tests of the core reach every branch of it; print what they miss."""
    started = time.monotonic()
    data = f"--data-file={REPORTS / 'core.coverage'}"
    tests = [str(ROOT / "tests" / name) for name in CORE_TESTS]
    measure = [
        "run",
        data,
        "--branch",
        f"--include={CORE}",
        "--source=",
        "-m",
        "pytest",
        *tests,
        "-p",
        "no:cacheprovider",
    ]
    ran = subprocess.run(
        [PYTHON, "-m", "coverage", *measure, "-q"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    told = subprocess.run(
        [PYTHON, "-m", "coverage", "report", data, f"--include={CORE}", "--skip-covered", "-m", "--fail-under=100"],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    ok = ran.returncode == 0 and told.returncode == 0
    print(f"{'ok  ' if ok else 'FAIL'} {'core covered':22} {time.monotonic() - started:6.1f} s", flush=True)
    if not ok:
        print((ran.stdout + ran.stderr)[-2000:] if ran.returncode else told.stdout + told.stderr)
    return ok


def run_part(part: Part, seed: str) -> tuple[bool, float, Path]:
    folders = [str(ROOT / "tests" / name) for name in part.folders if (ROOT / "tests" / name).is_dir()]
    report = REPORTS / f"{part.name.replace(' ', '-')}.xml"
    started = time.monotonic()
    command = [PYTHON, "-m", "pytest", *folders, "-n", str(part.workers), "--dist", "loadfile", "-p", "randomly"]
    command += ["-p", "no:cacheprovider", f"--randomly-seed={seed}", f"--junit-xml={report}", "--timeout=300"]
    done = subprocess.run([*command, *os.environ.get("MINDHAVEN_PYTEST", "").split()], cwd=ROOT, check=False)
    return done.returncode == 0, time.monotonic() - started, report


def run_web(part: Part, seed: str) -> tuple[bool, float, Path]:
    """Run the checks and the tests of web/ with the Node of .venv; the report is vitest's own."""
    report = REPORTS / f"{part.name}.xml"
    report.unlink(missing_ok=True)  # one left from before would count tests that did not run
    started = time.monotonic()
    ok = True
    for name, (tool, *arguments) in WEB_STEPS:
        command = [str(Path(PYTHON).parent / "node"), f"node_modules/{tool}", *arguments]
        if name == "tests":
            command += [f"--outputFile.junit={report}", f"--sequence.seed={seed}"]
        done = subprocess.run(command, cwd=WEB, check=False, capture_output=True, text=True)
        if done.returncode:
            print(f"FAIL web {name}\n{(done.stdout + done.stderr)[-6000:]}")
            ok = False
    return ok, time.monotonic() - started, report


def allowed_skips() -> dict[str, str]:
    path = ROOT / "tests" / "allowed_skips.toml"
    found: dict[str, str] = tomllib.loads(path.read_text())["skips"] if path.exists() else {}
    return found


def read_report(report: Path) -> tuple[list[tuple[float, str]], list[str], int]:
    timed, skipped, count = [], [], 0
    if not report.exists():
        return [], [], 0
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        timed.append((float(case.get("time", "0")), name))
        count += 1
        if case.find("skipped") is not None:
            skipped.append(name)
    return timed, skipped, count


def main(wanted: list[str]) -> int:
    REPORTS.mkdir(parents=True, exist_ok=True)
    seed = os.environ.get("MINDHAVEN_SEED", str(int(time.time()) % 100_000))
    print(f"seed {seed} (MINDHAVEN_SEED={seed} repeats this order)", flush=True)
    compile_ahead()
    chosen = [part for part in PARTS if wanted == ["all"] or part.name in wanted or (*part.folders, "")[0] in wanted]
    if wanted == ["check"]:
        chosen = [
            Part(
                part.name if part.name in CHECK else "docs",
                part.folders if part.name in CHECK else ("docs",),
                part.budget,
            )
            for part in PARTS
            if part.name in CHECK or "docs" in part.folders
        ]
    failed = static() if wanted in (["all"], ["check"]) else []
    if wanted == ["all"] and not covered():
        failed.append("core covered")
    lines: list[str] = []
    slow: list[tuple[float, str]] = []
    allowed = allowed_skips()
    tests = 0
    for part in chosen:
        ok, seconds, report = (run_part if part.folders else run_web)(part, seed)
        timed, skipped, count = read_report(report)
        tests += count
        slow += timed
        unreasoned = [name for name in skipped if name not in allowed]
        over = seconds > part.budget
        state = "ok  " if ok and not unreasoned and count else "FAIL"
        lines.append(f"{state} {part.name:22} {seconds:6.1f} s of {part.budget} s{'  OVER BUDGET' if over else ''}"
                     f"  {count} tests")  # fmt: skip
        if state == "FAIL":
            failed.append(part.name)
        lines += [f"     skipped without a reason on the list: {name}" for name in unreasoned]
    print("\nten slowest:")
    for seconds, name in sorted(slow, reverse=True)[:10]:
        print(f"  {seconds:6.2f} s  {name}")
    print("\n" + "\n".join(lines))
    print(f"{tests} tests; " + ("failed: " + ", ".join(failed) if failed else "all parts passed"))
    return 1 if failed else 0


if __name__ == "__main__":
    with files_in_memory():
        code = main(sys.argv[1:] or ["all"])
    sys.exit(code)
