"""Whether others are shown the same history: own and shared collections in the log of heads. I/O: server, local store.

Guarantees: a head that is no commit of the history on this device is named, and so is a change that the log never
names; what was found wrong is found again until it is right. Does not: judge a collection that could not be pulled to
its head just now: what the log says of it waits.
Implements spec/ledger.md step 10.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import IntegrityError
from mindhaven.protocol.ledger import HEADS, check_heads, head_hash, heads_tag
from mindhaven.sdk.errors import COMPARE_DEVICES, advised
from mindhaven.sdk.ledger import Logs, State
from mindhaven.sdk.local import LocalStore

LOOK_BACK_DAYS: Final = 400
"""Days for which a new device looks for its collections in `heads`."""
GRACE_DAYS: Final = 2
"""A day's heads are written after it ended; two days later they must be there (PROTOCOL section 6)."""
SKEW_DAYS: Final = 1
"""A change near midnight may lie on the neighbouring day by the server's clock."""
SECONDS_A_DAY: Final = 86400
_META: Final = "heads"


@dataclass(frozen=True, slots=True)
class _Owed:
    """A change that the log must name: a head after `before` (a seq), on a day from `since` to `until`."""

    collection: bytes
    before: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class _Named:
    """What the log says of a collection on a day: the tag, and the hash of a head."""

    collection: bytes
    day: int
    tag: bytes
    head: bytes


class Heads:
    """One account's look at the log of heads."""

    def __init__(self, store: LocalStore, logs: Logs) -> None:
        self._store = store
        self._logs = logs

    @advised(COMPARE_DEVICES)
    async def check(self, pulled: Sequence[bytes], shown: Collection[bytes]) -> State:
        """Read the log on. `pulled` were verified to their head just now, `shown` is what the server lists.

        Raises `IntegrityError` (head-unknown, head-double, head-missing) and what `Logs.scan` raises; then nothing is
        kept, and the next look finds the same.
        """
        today = int(time.time()) // SECONDS_A_DAY
        day, seen, owed, waiting = self._kept(today, {*pulled, *shown})
        for collection in pulled:
            seq, known = self._store.seq(collection), seen.get(collection)
            if known is not None and seq > known[0]:
                owed.append(_Owed(collection, known[0], known[1], today))
            seen[collection] = (seq, today)
        first = min([day, *(one.since for one in owed)]) - SKEW_DAYS
        tags = {heads_tag(one, at): (one, at) for one in seen for at in range(first, today + SKEW_DAYS + 1)}

        def take(tag: bytes, head: bytes) -> None:
            if tag in tags:
                waiting.append(_Named(*tags[tag], tag, head))

        scanned = await self._logs.scan(HEADS, take)
        judged = [one for one in waiting if one.collection in pulled]
        seqs = self._judge(judged)
        left = [one for one in owed if not _named(one, judged, seqs)]
        if any(one.collection in pulled and one.until + GRACE_DAYS <= today for one in left):
            raise IntegrityError(
                "A change of a collection is missing in the log of heads: others may be shown another history.",
                hint="Nothing here is lost. Tell the people who run the server, and compare with your other devices.",
                code="head-missing",
            )
        with self._store.batch():
            self._keep(today, seen, left, [one for one in waiting if one.collection not in pulled])
            self._logs.keep(scanned)
        return scanned.state

    def _judge(self, judged: Sequence[_Named]) -> dict[bytes, int]:
        """Return the seq of each head, by its hash, after comparing all with the histories on this device."""
        seqs: dict[bytes, int] = {}
        hashes: dict[bytes, set[bytes]] = {}
        for collection in {one.collection for one in judged}:
            own = {head_hash(commit): seq for seq, commit in self._store.commit_hashes(collection)}
            hashes[collection] = set(own)
            seqs |= own
        check_heads({one.tag: hashes[one.collection] for one in judged}, [(one.tag, one.head) for one in judged])
        return seqs

    def _kept(
        self, today: int, current: set[bytes]
    ) -> tuple[int, dict[bytes, tuple[int, int]], list[_Owed], list[_Named]]:
        """Return the last look's day, (seq, day) of each collection, what is owed and what waits to be judged."""
        raw = self._store.meta(_META)
        day, seen, owed, waiting = (today - LOOK_BACK_DAYS, [], [], []) if raw is None else decode(raw)
        return (
            day,
            {collection: (seq, at) for collection, seq, at in seen if collection in current},
            [_Owed(*one) for one in owed if one[0] in current],
            [_Named(*one) for one in waiting if one[0] in current],
        )

    def _keep(
        self, today: int, seen: dict[bytes, tuple[int, int]], owed: Sequence[_Owed], waiting: Sequence[_Named]
    ) -> None:
        value: list[Any] = [
            today,
            [[collection, *known] for collection, known in sorted(seen.items())],
            [[one.collection, one.before, one.since, one.until] for one in owed],
            [[one.collection, one.day, one.tag, one.head] for one in waiting],
        ]
        self._store.put_meta(_META, encode(value))


def _named(owed: _Owed, judged: Sequence[_Named], seqs: dict[bytes, int]) -> bool:
    """Return whether the log names a head that has the change."""
    days = range(owed.since - SKEW_DAYS, owed.until + SKEW_DAYS + 1)
    return any(one.collection == owed.collection and one.day in days and seqs[one.head] > owed.before for one in judged)
