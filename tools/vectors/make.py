"""Make vectors/*.json from spec/ alone, and compare them with what is stored.

    python tools/vectors/make.py            verify: stored files are what this program computes
    python tools/vectors/make.py --write    write files that differ

Random parts (HPKE messages, ML-DSA signatures) are kept in each file's `values` under `kept-...` and taken from there;
`--write` makes the ones that are missing.
"""

import base64
import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pages import FOLDER, Page, text_of
from primitives import Kept

MODULES = (
    "plain",
    "accounts",
    "sealing",
    "sharing",
    "commits",
    "rules",
    "snapshots",
    "fields",
    "ledger",
    "pairing",
    "locks",
    "choice",
)


def stored_values() -> dict[str, bytes]:
    kept: dict[str, bytes] = {}
    for path in sorted(FOLDER.glob("*.json")):
        for name, value in json.loads(path.read_text("utf-8"))["values"].items():
            if name.startswith("kept-"):
                kept[name] = base64.b64decode(value)
    return kept


def main(arguments: list[str]) -> int:
    kept = Kept(stored_values())
    differing = []
    for module in MODULES:
        for build in importlib.import_module(f"cases_{module}").PAGES:
            page: Page = build(kept)
            text = text_of(page.finish())
            path = FOLDER / f"{page.name}.json"
            if path.exists() and path.read_text("utf-8") == text:
                continue
            differing.append(path.name)
            if "--write" in arguments:
                path.write_text(text, "utf-8")
    if not differing:
        print("every stored vector is what spec/ gives")
        return 0
    print(f"{'written' if '--write' in arguments else 'differ'}: {', '.join(differing)}")
    return 0 if "--write" in arguments else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
