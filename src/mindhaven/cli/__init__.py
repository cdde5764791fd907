"""The command line: `mindhaven`. Its commands, exit codes and files are in docs/reference/cli.md.

Guarantees: data on standard output, messages on standard error; nothing is asked without a terminal; an error ends with
what to do next; nothing readable reaches the disk except what `export` writes.
Does not: need the server for reading and writing; what is written offline waits on the device.
"""

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    try:
        from mindhaven.cli.program import main as run  # here, so that Ctrl-C while it loads is calm too

        return run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("\nmindhaven: Stopped.\n")
        return 130
