"""`make guided`: every decoder fuzzed with coverage as its guide (atheris); what reached new code stays in `corpus/`.

    python -m tests.fuzz.guided [SECONDS [TARGET ...]]

One process a target, since libFuzzer ends its own. Of what it found those inputs stay, the shortest first, that take
a step from line to line of our code which neither the vectors nor what is kept already takes. `make fuzz` begins from
them, `make test` plays them again. Does not: fuzz importers, which open files; those `make fuzz` changes by itself.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from mindhaven.errors import MindhavenError

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 20
LONGEST_BYTES = 12 * 1024
"""A statement with its signatures has 10 KiB."""
LEAST_KEPT = 4
MOST_KEPT = 24
"""Inputs that stay of each decoder: enough to begin from, few enough to read."""
MOST_KEPT_BYTES = 16 * 1024
"""Of each decoder, too."""

Step = tuple[str, int, int]


def folder_of(name: str) -> Path:
    """Return where the inputs of a target are kept."""
    return CORPUS / re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def kept(name: str) -> tuple[bytes, ...]:
    """Return the inputs that are kept of a target, in the order of their names."""
    folder = folder_of(name)
    return tuple(path.read_bytes() for path in sorted(folder.iterdir())) if folder.is_dir() else ()


_ONE = """
import sys, atheris
with atheris.instrument_imports(include=["mindhaven", "cbor2"]):
    from mindhaven.errors import MindhavenError
    from tests.fuzz.targets import all_targets
target = next(one for one in all_targets(vectors=False) if one.name == sys.argv[1])
def one(data):
    try:
        again = target.take(data)
    except MindhavenError:
        return
    if again is not None and again != data:
        raise AssertionError("was taken and encodes to something else")
atheris.Setup(sys.argv[:1] + sys.argv[2:], one)
atheris.Fuzz()
"""


def guide(name: str, seeds: tuple[bytes, ...], seconds: int) -> str | None:
    """Fuzz one target and keep what it found; return its last lines if it fell."""
    with tempfile.TemporaryDirectory() as temporary:
        here = Path(temporary) / "found"
        here.mkdir()
        for number, seed in enumerate(seeds):
            (here / f"seed-{number}").write_bytes(seed)
        common = [f"-max_len={LONGEST_BYTES}", "-verbosity=0", f"-artifact_prefix={temporary}/"]
        ran = _run(name, *common, f"-max_total_time={seconds}", str(here))
        if ran.returncode:
            inputs = [path.read_bytes().hex() for path in Path(temporary).glob("crash-*")]
            return f"{(ran.stdout + ran.stderr)[-1500:]}\n{inputs}"
        own = {f"seed-{number}" for number in range(len(seeds))}
        _keep(name, seeds, [path.read_bytes() for path in here.iterdir() if path.name not in own])
    return None


def _keep(name: str, seeds: Iterable[bytes], found: Iterable[bytes]) -> None:
    """Keep what takes a step that none before it takes, while there is room."""
    from tests.fuzz.targets import all_targets

    take = next(one.take for one in all_targets(vectors=False) if one.name == name)
    there = kept(name)
    known = set().union(*(steps(take, data) for data in (*seeds, *there)))
    folder = folder_of(name)
    folder.mkdir(parents=True, exist_ok=True)
    room, count = MOST_KEPT_BYTES - sum(map(len, there)), len(there)
    rest = []
    for data in sorted({*found} - {*there}, key=lambda data: (len(data), data)):
        new = steps(take, data) - known
        if not new or count >= MOST_KEPT or len(data) > room:
            rest.append(data)
            continue
        known |= new
        room, count = room - len(data), count + 1
        _write(folder, data)
    for data in rest[: max(0, LEAST_KEPT - count)]:  # what the vectors reach already, reached in another way
        _write(folder, data)


def _write(folder: Path, data: bytes) -> None:
    (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def steps(take: Callable[[bytes], Any], data: bytes) -> set[Step]:
    """Return the steps from line to line of our code that a target takes for an input."""
    taken: set[Step] = set()

    def enter(frame: FrameType, _event: str, _given: object) -> Any:
        file = frame.f_code.co_filename
        if "/mindhaven/" not in file:
            return None
        last = frame.f_lineno

        def follow(frame: FrameType, event: str, _given: object) -> Any:
            nonlocal last
            if event == "line":
                taken.add((file, last, frame.f_lineno))
                last = frame.f_lineno
            return follow

        return follow

    sys.settrace(enter)
    try:
        take(data)
    except MindhavenError:
        pass
    finally:
        sys.settrace(None)
    return taken


def _run(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", _ONE, name, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=3600)


def main(arguments: list[str]) -> int:
    """Run; return the exit code."""
    from tests.fuzz.targets import all_targets

    seconds = int(arguments[0]) if arguments else SECONDS
    only = set(arguments[1:])
    failed = 0
    for target in all_targets():
        if target.files or (only and target.name not in only):
            continue
        fell = guide(target.name, target.corpus, seconds)
        failed += fell is not None
        print(f"{'FAIL' if fell else 'ok  '} {target.name:24} {len(kept(target.name)):3} inputs kept", flush=True)
        if fell:
            print(fell)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
