"""What every operation of vault shares."""

from pathlib import Path
from typing import Final

from mindhaven.crypto.secrets import SealKey
from mindhaven.kernel import (
    Denied,
    Host,
)
from mindhaven.vault.peppers import load_salt_key

SECONDS_A_DAY: Final = 86400
ENDED: Final = Denied("share-ended", "This share has ended.")
UNKNOWN: Final = Denied("collection-unknown", "This collection is not here, or not shared with you.")


def salt_key(host: Host) -> SealKey:
    """Return the host's salt key."""
    return load_salt_key(Path(host.settings["server.data"]))
