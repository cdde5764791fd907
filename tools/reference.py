"""Write docs/reference/{operations,events,settings,holdings}.md from the declarations; `--check` only compares.

python tools/reference.py [--check]
"""

import sys
from pathlib import Path

from mindhaven.kernel import EVENTS
from mindhaven.kernel.holdings import HOLDINGS
from mindhaven.server.settings import SERVER
from mindhaven.server.slices import SLICES
from mindhaven.witness.settings import WITNESS

ROOT = Path(__file__).resolve().parent.parent
NOTE = "Written from the code by `tools/reference.py`; a test fails when it is stale.\n"


def _first(doc: str | None) -> str:
    return (doc or "").strip().split("\n")[0]


def operations() -> str:
    lines = ["# Operations", "", NOTE, "| operation | who | what | refuses with |", "|---|---|---|---|"]
    for one in SLICES:
        for op in one.operations:
            refuses = ", ".join(f"{reason} ({status})" for reason, status in sorted(op.refuses.items()))
            lines.append(f"| `{op.method} {op.plain_path}` | {op.who} | {op.summary} | {refuses} |")
    return "\n".join(lines) + "\n"


def events() -> str:
    lines = ["# Events", "", NOTE, "| event | version | keep | urgent | what | fields |", "|---|---|---|---|---|---|"]
    for (name, version), cls in sorted(EVENTS.items()):
        if cls.__module__.startswith("mindhaven."):
            what, fields = _first(cls.__doc__), ", ".join(cls.FIELDS)
            lines.append(f"| `{name}` | {version} | {cls.KEEP} | {'yes' if cls.URGENT else ''} | {what} | {fields} |")
    return "\n".join(lines) + "\n"


def settings() -> str:
    lines = ["# Settings", "", NOTE, "| setting | environment | default | what |", "|---|---|---|---|"]
    for one in [*SERVER, *(setting for each in SLICES for setting in each.settings), *WITNESS]:
        default = ", ".join(one.default) if isinstance(one.default, tuple) else str(one.default)
        lines.append(f"| `{one.name}` | `{one.variable}` | {f'`{default}`' if default else ''} | {one.help} |")
    return "\n".join(lines) + "\n"


MEMORY = (
    "Not kept, and in no table: which devices listen to the live stream now. A process knows it in its memory as long"
    " as the stream is open, ten minutes at most, and counts by it; it is never written or logged. The same holds for"
    " rate limits."
)


def holdings() -> str:
    lines = ["# Holdings: what the server keeps", "", NOTE, MEMORY, ""]
    for one in [*HOLDINGS, *(holding for each in SLICES for holding in each.holdings)]:
        whose = f"of `{one.person}`" if one.person else "of nobody by itself"
        lines += [f"## {one.table}", "", f"{one.why} Rows are {whose}; kept: {one.keep}; backup: {one.backup}.", ""]
        lines += [f"- `{column}`: {entry}" for column, entry in one.columns.items()] + [""]
    return "\n".join(lines).rstrip() + "\n"


PAGES = {"operations": operations, "events": events, "settings": settings, "holdings": holdings}


def stale() -> list[str]:
    """Return the names of pages that differ from the code."""
    folder = ROOT / "docs" / "reference"
    return [
        name
        for name, make in PAGES.items()
        if not (folder / f"{name}.md").exists() or (folder / f"{name}.md").read_text() != make()
    ]


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        for name in stale():
            print(f"docs/reference/{name}.md is stale: run python tools/reference.py")
        return 1 if stale() else 0
    for name, make in PAGES.items():
        (ROOT / "docs" / "reference" / f"{name}.md").write_text(make())
    return 0


if __name__ == "__main__":
    sys.exit(main())
