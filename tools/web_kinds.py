"""Write what the browser must know of the record kinds: web/packages/sdk/src/kinds.json; `--check` only compares."""

import json
import sys
from pathlib import Path

from mindhaven.kinds import KINDS

TARGET = Path(__file__).resolve().parent.parent / "web/packages/sdk/src/kinds.json"


def written() -> str:
    table = {
        one.name: {"version": one.version, "collection": one.collection, "timeless": one.timeless} for one in KINDS
    }
    return json.dumps(table, indent=2) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.read_text("utf-8") == written() else "kinds.json is not what mindhaven.kinds says")
    TARGET.write_text(written(), "utf-8")
