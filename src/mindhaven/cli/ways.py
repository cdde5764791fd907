"""Ways in: recovery key, passphrase, leaving. I/O: the server and the store."""

from mindhaven.cli.area import Adder


def register(adder: Adder) -> None:
    """Add the commands of this area."""
