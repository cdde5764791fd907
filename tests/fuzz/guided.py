"""`make guided`: every decoder fuzzed with coverage as its guide (atheris); what reached new code stays in `corpus/`.

    python -m tests.fuzz.guided [SECONDS [TARGET ...]]

One process a target, since libFuzzer ends its own. Of the inputs that reached new code the shortest stay. `make fuzz`
begins from what is kept. Does not: fuzz importers, which open files; those `make fuzz` changes by itself.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 20
LONGEST_BYTES = 4096
MOST_KEPT = 24
"""Inputs that stay of each decoder: enough to begin from, few enough to read."""


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
        # libFuzzer names what reached new code by its hash, and puts shorter inputs in the place of longer ones.
        own = {f"seed-{number}" for number in range(len(seeds))}
        found = sorted((path for path in here.iterdir() if path.name not in own), key=lambda path: path.stat().st_size)
        folder = folder_of(name)
        folder.mkdir(parents=True, exist_ok=True)
        room = MOST_KEPT - sum(1 for _ in folder.iterdir())
        for path in found[: max(0, room)]:
            shutil.copy(path, folder / path.name[:16])
    return None


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
