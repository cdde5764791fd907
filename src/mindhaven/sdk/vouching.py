"""What the logs of keys and heads say of this account, its contacts and its collections. I/O: server and local store.

Guarantees: a statement that was hidden from this device, and a history that others are shown instead, are named.
Does not: stand in the way of care: where a log can't be read, this says so and nothing stops.
Implements spec/ledger.md steps 9 and 10.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import IntegrityError, NotFoundError, UnavailableError
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.ledger import HEADS, KEYS, check_heads, check_statements, head_hash, heads_tag, keys_tag
from mindhaven.sdk.access import Access
from mindhaven.sdk.index import Index
from mindhaven.sdk.ledger import Logs, Quorum, State
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.people import People

EVERY_SECONDS: Final = 600
"""How often a device reads the logs while it syncs; a checkpoint of `audit` appears by the hour anyhow."""
LOOK_BACK_DAYS: Final = 400
"""Days for which a new device looks for its collections in `heads`."""
GRACE_DAYS: Final = 2
"""A day's heads are written after it ended; two days later they must be there (PROTOCOL section 6)."""
SECONDS_A_DAY: Final = 86400
_LOGGED: Final = "vouching/logged"
_SEEN: Final = "vouching/seen"
_OWED: Final = "vouching/owed"
_DONE: Final = "vouching/done"


class Vouched(StrEnum):
    """Whether the newest keys of somebody may be shown as verified.

    `logged`: the log of keys has them, and the witnesses that this device demands vouch for it. `waiting`: they are
    not in the log yet. `unvouched`: too few witnesses. `unknown`: the log was not read yet.
    """

    LOGGED = "logged"
    WAITING = "waiting"
    UNVOUCHED = "unvouched"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at the logs found: how long `keys` and `heads` are, and whether enough witnesses vouch."""

    keys: int
    heads: int
    quorum: Quorum


class Vouching:
    """One account's look at the logs of keys and heads."""

    def __init__(self, store: LocalStore, logs: Logs, people: People, index: Index, access: Access) -> None:
        self._store = store
        self._logs = logs
        self._people = people
        self._index = index
        self._access = access

    async def check_if_due(self, pulled: Sequence[bytes]) -> Checked | None:
        """Look if it is time to; None where it is not, or where the logs can't be read now: care goes on."""
        raw = self._store.meta(_DONE)
        if raw is not None and time.time() - decode(raw)[0] < EVERY_SECONDS:
            return None
        self._store.put_meta(_DONE, encode([int(time.time())]))
        try:
            return await self.check(pulled)
        except (NotFoundError, UnavailableError):
            return None

    async def check(self, pulled: Sequence[bytes]) -> Checked:
        """Read both logs; `pulled` are collections that were verified to their head just now.

        Raises `IntegrityError`: statement-hidden, statement-double, head-unknown, head-double, head-missing, and what
        `Logs` raises.
        """
        keys = await self._check_keys()
        heads = await self._check_heads(pulled)
        return Checked(keys.checkpoint.size, heads.checkpoint.size, keys.quorum)

    def vouched(self, uid: bytes) -> Vouched:
        """Return what this device knows of an account's newest keys. Works offline."""
        raw, account = self._store.meta(_LOGGED), self._people.known(uid)
        if raw is None or account is None:
            return Vouched.UNKNOWN
        quorum, counts = decode(raw)
        logged = dict(counts).get(uid)
        if logged is None:
            return Vouched.UNKNOWN
        if logged < account.seq + 1:
            return Vouched.WAITING
        return Vouched.UNVOUCHED if quorum == Quorum.MISSING else Vouched.LOGGED

    # -- keys

    async def _check_keys(self) -> State:
        wanted = {keys_tag(uid): uid for uid in [self._access.need_me().uid, *self._known_contacts()]}
        raw = self._store.meta("vouching/entries")
        kept: dict[bytes, list[bytes]] = {} if raw is None else {tag: list(found) for tag, found in decode(raw)}
        anew = not wanted.keys() <= kept.keys()
        if anew:
            kept = {}
        found: dict[bytes, list[bytes]] = {tag: list(kept.get(tag, [])) for tag in wanted}

        def take(tag: bytes, statement: bytes) -> None:
            if tag in found:
                found[tag].append(statement)

        state = await self._logs.scan(KEYS, take, anew=anew)
        counts: list[Any] = [[uid, await self._statements(uid, found[tag])] for tag, uid in sorted(wanted.items())]
        self._store.put_meta("vouching/entries", encode([[tag, logged] for tag, logged in sorted(found.items())]))
        self._store.put_meta(_LOGGED, encode([str(state.quorum), counts]))
        return state

    async def _statements(self, uid: bytes, logged: list[bytes]) -> int:
        """Compare with the chain as shown; ask for it once more before a hidden statement is named."""
        try:
            return check_statements(self._hashes(uid), logged)
        except IntegrityError:
            await self._people.fetch(uid)
            return check_statements(self._hashes(uid), logged)

    def _hashes(self, uid: bytes) -> list[bytes]:
        return [Signed.decode(one).hash("statement") for one in self._people.statements(uid)]

    def _known_contacts(self) -> list[bytes]:
        return [one.uid for one in self._index.contacts() if self._people.known(one.uid) is not None]

    # -- heads

    async def _check_heads(self, pulled: Sequence[bytes]) -> State:
        today = int(time.time()) // SECONDS_A_DAY
        raw = self._store.meta(_SEEN)
        day, seen = (today - LOOK_BACK_DAYS, []) if raw is None else decode(raw)
        heads_before = {collection: (seq, last) for collection, seq, last in seen}
        owed = self._owed(pulled, heads_before, today)
        first = min([day - 1, *(since for _, since, _ in owed)])
        tags = {heads_tag(collection, at): (collection, at) for collection in pulled for at in range(first, today + 1)}
        found: list[tuple[bytes, bytes]] = []

        def take(tag: bytes, head: bytes) -> None:
            if tag in tags:
                found.append((tag, head))

        state = await self._logs.scan(HEADS, take)
        hashes: dict[bytes, set[bytes]] = {}
        for tag, _ in found:
            collection = tags[tag][0]
            if collection not in hashes:
                hashes[collection] = {head_hash(one) for one in self._store.commit_hashes(collection)}
        there = check_heads({tag: hashes[tags[tag][0]] for tag, _ in found}, found)
        at = {tags[tag] for tag in there}
        left = [
            one for one in owed if not any((one[0], on) in at for on in range(one[1], one[2] + 1)) and one[0] in pulled
        ]
        if any(until + GRACE_DAYS <= today for _, _, until in left):
            raise IntegrityError(
                "A change of a collection is missing in the log of heads: others may be shown another history.",
                hint="Nothing here is lost. Tell the people who run the server, and compare with your other devices.",
                code="head-missing",
            )
        self._store.put_meta(_OWED, encode([list(one) for one in left]))
        self._store.put_meta(_SEEN, encode([today, [[one, self._seq(one), today] for one in sorted(pulled)]]))
        return state

    def _owed(
        self, pulled: Sequence[bytes], before: dict[bytes, tuple[int, int]], today: int
    ) -> list[tuple[bytes, int, int]]:
        """Return (collection, first day, last day): changes that `heads` must name on one of these days."""
        raw = self._store.meta(_OWED)
        owed = [] if raw is None else [(one[0], one[1], one[2]) for one in decode(raw)]
        for collection in pulled:
            known = before.get(collection)
            if known is not None and self._seq(collection) > known[0]:
                owed.append((collection, known[1], today))
        return owed

    def _seq(self, collection: bytes) -> int:
        return len(self._store.commit_hashes(collection)) - 1
