"""What every operation of vault shares."""

from pathlib import Path
from typing import Final

from mindhaven.kernel import (
    Denied,
    Host,
    HostScope,
    Look,
    Row,
)
from mindhaven.vault.peppers import SaltKeys, check_salt_keys, keys_of
from mindhaven.vault.store import Peppers

SECONDS_A_DAY: Final = 86400
ENDED: Final = Denied("share-ended", "This share has ended.")
UNKNOWN: Final = Denied("collection-unknown", "This collection is not here, or not shared with you.")


def salt_keys(host: Host) -> SaltKeys:
    """Return the host's salt keys."""
    return keys_of(Path(host.settings["server.data"]))


async def open_salt_keys(host: Host) -> None:
    """Draw the salt key at the first start; raise `InvalidInputError` if records stand that none of them opens."""

    async def ends(look: Look) -> tuple[int, list[Row]]:
        peppers = Peppers(look, HostScope(reason="start"))
        return await peppers.newest(), await peppers.ends()

    check_salt_keys(salt_keys(host), *await host.db.look(ends))
