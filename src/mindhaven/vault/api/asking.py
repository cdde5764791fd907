"""What every operation of vault shares."""

from pathlib import Path
from typing import Final

from mindhaven.crypto.secrets import SealKey
from mindhaven.kernel import (
    Denied,
    Host,
    HostScope,
    Look,
    Row,
)
from mindhaven.vault.peppers import check_salt_key, load_salt_key
from mindhaven.vault.store import Peppers

SECONDS_A_DAY: Final = 86400
ENDED: Final = Denied("share-ended", "This share has ended.")
UNKNOWN: Final = Denied("collection-unknown", "This collection is not here, or not shared with you.")


def salt_key(host: Host) -> SealKey:
    """Return the host's salt key."""
    return load_salt_key(Path(host.settings["server.data"]))


async def open_salt_key(host: Host) -> None:
    """Draw the salt key at the first start; raise `InvalidInputError` if records stand that it does not open."""

    async def ends(look: Look) -> list[Row]:
        return await Peppers(look, HostScope(reason="start")).ends()

    check_salt_key(Path(host.settings["server.data"]), await host.db.look(ends))
