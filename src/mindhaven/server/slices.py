"""The list of slices: adding one here is all the server needs. No I/O."""

from typing import Final

from mindhaven import accounts, consent, ledger, live, register, reminders, rights, sharing, upkeep, vault
from mindhaven.kernel import Slice

SLICES: Final[tuple[Slice, ...]] = (
    accounts.SLICE,
    register.SLICE,
    consent.SLICE,
    vault.SLICE,
    sharing.SLICE,
    live.SLICE,
    reminders.SLICE,
    ledger.SLICE,
    rights.SLICE,
    upkeep.SLICE,
)
