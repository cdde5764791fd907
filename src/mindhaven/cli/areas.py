"""The list of areas, in the order in which help shows them."""

from collections.abc import Callable
from typing import Final

from mindhaven.cli import contacts, entries, operating, sharing, signing, syncing, ways, writing
from mindhaven.cli.area import Adder

AREAS: Final[tuple[Callable[[Adder], None], ...]] = (
    writing.register,
    entries.register,
    contacts.register,
    sharing.register,
    syncing.register,
    signing.register,
    ways.register,
    operating.register,
)
