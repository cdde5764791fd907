"""Run our log and our witness against independent peers; write docs/reference/conformance.md.

    python -m tests.conformance [--record]

Peers are found on PATH or in MINDHAVEN_PEERS; an absent one is said to be absent. `--record` keeps what the peers made
as fixtures of tests/unit/tlog/test_peers.py. Ends with 1 if a peer that is there disagrees.
"""

import asyncio
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import uvloop
from tests.conformance import peers
from tests.conformance.checks import CHECKS, Check, python

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "conformance.md"
FIXTURES = ROOT / "tests" / "unit" / "tlog" / "peers"
HEAD = """# Conformance

Written by `make conformance`: our log and our witness against independent programs, found on PATH or in the folder
`MINDHAVEN_PEERS`. A peer that was not there says nothing for us or against us.

| peer | version | what | result | seconds |
|---|---|---|---|---|
"""
FOOT = """
`age-keylookup` and `age-keyserver` (torchwood) do not fit: they read key directories whose entries are VRF outputs.
What peers made once is kept in `tests/unit/tlog/peers/`, and `make test` verifies it without them.
"""


async def module_version(name: str) -> str | None:
    """Return a Python module's version, None if it can't be imported."""
    code, out = await peers.run(python(), "-c", f"import {name}, importlib.metadata as m; print(m.version('{name}'))")
    return out.split()[-1] if code == 0 else None


async def one(check: Check, kept: dict[str, Any]) -> tuple[str, bool]:
    name = (check.needs or check.modules)[0]
    missing = [each for each in check.needs if peers.find(each) is None]
    versions: list[str | None] = [await module_version(each) for each in check.modules]
    if missing or None in versions:
        print(f"absent {name}: {check.shows}", flush=True)
        return f"| {name} | - | {check.shows} | absent, not run | - |\n", True
    version = versions[0] if versions else peers.version(name)
    begun = time.monotonic()
    try:
        said, good = await check.run(kept), True
    except Exception as error:
        traceback.print_exc()
        said, good = f"**disagrees**: {type(error).__name__}", False
    seconds = time.monotonic() - begun
    print(f"{'ok    ' if good else 'FAIL  '} {name} {version}: {said} ({seconds:.1f} s)", flush=True)
    if name in kept:
        kept[name]["version"] = version
    return f"| {name} | {version} | {check.shows} | {said} | {seconds:.1f} |\n", good


async def main(record: bool) -> int:
    kept: dict[str, Any] = {}
    found = [await one(check, kept) for check in CHECKS]
    PAGE.write_text(HEAD + "".join(row for row, _ in found) + FOOT)
    if record:
        FIXTURES.mkdir(exist_ok=True)
        for name, value in kept.items():
            (FIXTURES / f"{name}.json").write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    return 0 if all(good for _, good in found) else 1


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main("--record" in sys.argv)))
