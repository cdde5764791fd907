"""Receipts: where in the log the events of an act stand, said with its answer. I/O: looks at the table event.

Guarantees: no answer waits longer than a bounded time for its numbers; what has none by then is promised without.
Does not: prove anything; the ledger does, with its next public checkpoint. Implements spec/receipt.md steps 1 to 3.
"""

from collections.abc import Sequence

from mindhaven.kernel.host import Host
from mindhaven.kernel.work import Recorded
from mindhaven.protocol.receipt import WHAT, Receipt


async def receipts(host: Host, recorded: Sequence[Recorded], *, subject: bytes) -> list[Receipt]:
    """Return the receipts of what a work recorded about `subject`, in its order."""
    promised = [one for one in recorded if one.subject == subject and one.name in WHAT]
    positions = await host.stream.positions(promised) if promised else []
    now = host.clock()
    return [
        Receipt(WHAT[one.name], subject, one.seq, now, one.commitment, position)
        for one, position in zip(promised, positions, strict=True)
    ]
