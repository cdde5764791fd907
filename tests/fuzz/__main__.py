"""`make fuzz`: every target for its seconds; the last line says how many passed and failed.

MINDHAVEN_FUZZ_SEED and MINDHAVEN_FUZZ_SECONDS (each decoder; the client and HTTP get the multiples that stand here)
override the constants; MINDHAVEN_FUZZ_ONLY names targets, separated by commas.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.client import fuzz_client
from tests.fuzz.http import fuzz_http, record
from tests.fuzz.run import Found, fuzz, greatest_kib
from tests.fuzz.targets import all_targets
from tests.soak.server import Fallen

SECONDS = 2.0
CLIENT_SHARES = 12
HTTP_SHARES = 12
MOST_INPUTS = 10_000_000


def _http(seed: int, seconds: float) -> Found:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        server = Fallen(folder, database=f"sqlite://{folder}/data/mindhaven.db", workers=1)
        server.start()
        try:
            asked, token = asyncio.run(record(server.url, folder))
            return fuzz_http(server, asked, token, seed=seed, seconds=seconds, most=MOST_INPUTS)
        finally:
            server.stop()


def _tell(found: Found) -> None:
    state = "FAIL" if found.faults else "ok  "
    if not found.inputs:
        state = "FAIL"
        found.faults["nothing was tried"] = ""
    counts = f"{found.inputs:7} inputs, {found.taken:6} taken, {len(found.codes):3} reasons of refusal"
    print(f"{state} {found.name:24} {counts}, slowest {found.slowest_ms:7.1f} ms", flush=True)
    for what, data in found.faults.items():
        print(f"       {what}: {data}")


def main() -> int:
    """Run; return the exit code."""
    seed = int(os.environ.get("MINDHAVEN_FUZZ_SEED") or int(time.time()) % 1_000_000)
    seconds = float(os.environ.get("MINDHAVEN_FUZZ_SECONDS", SECONDS))
    only = set(filter(None, os.environ.get("MINDHAVEN_FUZZ_ONLY", "").split(",")))
    print(f"seed {seed} (MINDHAVEN_FUZZ_SEED={seed} repeats these inputs), {seconds:.0f} s a decoder", flush=True)
    passed = failed = inputs = 0

    def count(found: Found) -> None:
        nonlocal passed, failed, inputs
        _tell(found)
        inputs += found.inputs
        passed, failed = passed + (not found.faults), failed + bool(found.faults)

    for target in all_targets():
        if not only or target.name in only:
            count(fuzz(target, seed=seed, seconds=seconds, most=MOST_INPUTS))
    if not only or "client" in only:
        count(asyncio.run(fuzz_client(seed=seed, seconds=seconds * CLIENT_SHARES, most=MOST_INPUTS)))
    if not only or "HTTP" in only:
        count(_http(seed, seconds * HTTP_SHARES))
    print(f"{inputs} inputs, at most {greatest_kib() // 1024} MiB, load {os.getloadavg()[0]:.1f}")
    print(f"fuzz: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
