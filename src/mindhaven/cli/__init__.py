"""The command line: `mindhaven`. Its commands, exit codes and files are in docs/reference/cli.md.

Guarantees: data on standard output, messages on standard error; nothing is asked without a terminal; an error ends with
what to do next; nothing readable reaches the disk except what `export` writes.
Does not: need the server for reading and writing; what is written offline waits on the device.
"""

from mindhaven.cli.program import main

__all__ = ["main"]
