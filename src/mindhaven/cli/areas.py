"""The list of areas, in the order in which help shows them."""

from collections.abc import Callable
from typing import Final

from mindhaven.cli import (
    checkups,
    contacts,
    crisis,
    demo,
    entries,
    exporting,
    held,
    importing,
    keeping,
    offers,
    operating,
    plan,
    sharing,
    signing,
    syncing,
    ways,
    writing,
)
from mindhaven.cli.area import Adder

AREAS: Final[tuple[Callable[[Adder], None], ...]] = (
    writing.register,
    checkups.register,
    plan.register,
    crisis.register,
    entries.register,
    contacts.register,
    sharing.register,
    offers.register,
    held.register,
    syncing.register,
    importing.register,
    exporting.register,
    signing.register,
    ways.register,
    operating.register,
    keeping.register,
    demo.register,
)
