"""What a live stream says, as server-sent events: `collection` with a `Moved`, or `account` with nothing. No I/O.

A line that begins with a colon keeps the connection open. A client passes over events that it does not know.
"""

from typing import Annotated, Final

import msgspec

COLLECTION: Final = "collection"
ACCOUNT: Final = "account"


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A collection is at `seq` now: a hint, to be verified by pulling."""

    collection: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    seq: int
