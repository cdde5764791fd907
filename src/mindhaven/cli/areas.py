"""The list of areas, in the order in which help shows them."""

from collections.abc import Callable
from typing import Final

from mindhaven.cli import (
    checkups,
    contacts,
    crisis,
    demo,
    editing,
    entries,
    exporting,
    held,
    importing,
    keeping,
    leaving,
    ledger,
    offers,
    operating,
    plan,
    receipts,
    rejoining,
    sharing,
    signing,
    syncing,
    undoing,
    ways,
    witness,
    writing,
)
from mindhaven.cli.area import Adder

AREAS: Final[tuple[Callable[[Adder], None], ...]] = (
    writing.register,
    checkups.register,
    plan.register,
    crisis.register,
    entries.register,
    editing.register,
    contacts.register,
    sharing.register,
    offers.register,
    ledger.register,
    held.register,
    syncing.register,
    rejoining.register,
    importing.register,
    undoing.register,
    exporting.register,
    signing.register,
    leaving.register,
    receipts.register_erasing,
    ways.register,
    operating.register,
    witness.register,
    keeping.register,
    demo.register,
)
