"""Writes that wait on this device, in the form in which the local store keeps them. No I/O."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from mindhaven.crypto.encoding import decode, encode


@dataclass(frozen=True, slots=True)
class Write:
    """One waiting write: a new item (`base` 0), a next revision (it follows `base`), or (content None) an erasure.

    `place` is the name of one's own collection, or the id of any; `month` is yyyymm, 0 for timeless kinds.
    """

    place: str | bytes
    item: bytes
    base: int
    month: int
    content: bytes | None
    blobs: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """Return what the local store keeps of this write."""
        return encode([self.place, self.item, self.base, self.month, self.content, list(self.blobs)])

    @classmethod
    def of(cls, data: bytes) -> "Write":
        """Return the write that `encode` gave."""
        place, item, base, month, content, blobs = decode(data)
        return cls(place, item, base, month, content, tuple(blobs))


@dataclass(slots=True)
class Step:
    """What one item's waiting writes come to: their numbers in the queue, and the write to send (None: nothing)."""

    numbers: list[int] = field(default_factory=list)
    write: Write | None = None
    sent: list[bytes] = field(default_factory=list)
    """Contents of earlier ones that were sent and never answered: the newest may have to follow one of them."""


def coalesced(waiting: Sequence[tuple[int, Write]], tried: Collection[int] = ()) -> list[Step]:
    """Return one step for each item: its queue numbers, and its newest content on the base of its first write.

    Edits that never left this device are one edit for everybody else; what was written and erased here never leaves.
    `tried` are the numbers of writes that were sent and never answered: they may stand at the server, so that their
    erasure must be sent too.
    """
    steps: dict[bytes, Step] = {}
    for number, write in waiting:
        step = steps.get(write.item)
        if step is None:
            steps[write.item] = Step([number], write)
            continue
        base = 0 if step.write is None else step.write.base
        if step.write is not None and step.write.content is not None and step.numbers[-1] in tried:
            step.sent.append(step.write.content)
        step.numbers.append(number)
        left = base > 0 or any(one in tried for one in step.numbers)
        step.write = None if write.content is None and not left else replace(write, base=base)
    return list(steps.values())
