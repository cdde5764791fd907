"""What crosses HTTP about the logs and a person's own events."""

from typing import Annotated

import msgspec

from mindhaven.wire.accounts import Bytes32, Wire


class LogShown(Wire):
    """One log: its name, its key (a vkey line), and the path under which its tiles and checkpoint lie."""

    name: str
    vkey: str
    path: str


class LedgerShown(Wire):
    """The logs of a server; `policy` is a policy file (C2SP tlog-policy), empty where nobody else vouches."""

    logs: list[LogShown]
    policy: str


class ActivityQuery(Wire):
    """From which own event on; 0 is the first."""

    first: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0


class ActivityEntry(Wire):
    """One own event; salt and body are null once they were erased, `position` while it is not numbered.

    `proof` is the inclusion proof in the log of the page's checkpoint, null while the checkpoint does not cover it.
    """

    seq: int
    commitment: Bytes32
    salt: Bytes32 | None
    body: bytes | None
    position: int | None
    proof: list[Bytes32] | None


class ActivityPage(Wire):
    """Own events in order, how many there are in all, and the checkpoint (a note) that the proofs lead to.

    `checkpoint` is empty while nothing was signed yet.
    """

    entries: list[ActivityEntry]
    total: int
    checkpoint: bytes
