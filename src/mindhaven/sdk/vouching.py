"""What the logs of keys and heads say of this account, its contacts and its collections. I/O: server and local store.

Guarantees: a statement that was hidden from this device, and a history that others are shown instead, are named.
Does not: stand in the way of care: where a log can't be read, this says so and nothing stops.
Implements spec/ledger.md steps 9 and 10.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import IntegrityError, NotFoundError, UnavailableError
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.ledger import KEYS, check_statements, keys_tag
from mindhaven.sdk.access import Access
from mindhaven.sdk.errors import COMPARE_DEVICES, advised
from mindhaven.sdk.heads import Heads
from mindhaven.sdk.index import Index
from mindhaven.sdk.ledger import STALE_SECONDS, Logs, Quorum, State
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.people import People

EVERY_SECONDS: Final = 600
"""How often a device reads the logs while it syncs; a checkpoint of `audit` appears by the hour anyhow."""
_LOGGED: Final = "vouching/logged"
_ENTRIES: Final = "vouching/entries"
_FAULT: Final = "vouching/fault"
_DONE: Final = "vouching/done"
_VOUCHED_AT: Final = "vouching/vouched-at"


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
    """What a look at the logs found: how long `keys` and `heads` are, and whether enough witnesses vouch for both.

    `vouched_at` is since when no quorum was heard of for one of them (seconds since 1970 UTC; None: nobody is asked
    to vouch, or too few did).
    """

    keys: int
    heads: int
    quorum: Quorum
    vouched_at: int | None = None

    @property
    def stale(self) -> bool:
        """Whether the newest word of enough witnesses is older than a day: then newer changes may be held back."""
        return self.vouched_at is not None and time.time() - self.vouched_at > STALE_SECONDS


class Vouching:
    """One account's look at the logs of keys and heads."""

    def __init__(self, store: LocalStore, logs: Logs, people: People, index: Index, access: Access) -> None:
        self._store = store
        self._logs = logs
        self._people = people
        self._index = index
        self._access = access
        self._heads = Heads(store, logs)

    async def check_if_due(self, pulled: Sequence[bytes], shown: Collection[bytes]) -> IntegrityError | None:
        """Look if it is time to, and return what is wrong, now or since the last look: care goes on beside it."""
        raw = self._store.meta(_DONE)
        if raw is not None and time.time() - decode(raw)[0] < EVERY_SECONDS:
            return self.fault()
        self._store.put_meta(_DONE, encode([int(time.time())]))
        try:
            await self.check(pulled, shown)
        except (NotFoundError, UnavailableError):
            return self.fault()
        except IntegrityError as fault:
            return fault
        return None

    def fault(self) -> IntegrityError | None:
        """Return what the last look that could be taken found wrong."""
        raw = self._store.meta(_FAULT)
        if raw is None:
            return None
        message, hint, code = decode(raw)
        return IntegrityError(message, hint=hint or None, code=code)

    def forget(self) -> None:
        """Forget who vouched: other witnesses are asked from now on, and until they answered nothing is shown as so."""
        for name in (_LOGGED, _DONE, _VOUCHED_AT):
            self._store.drop_meta(name)

    async def check(self, pulled: Sequence[bytes], shown: Collection[bytes]) -> Checked:
        """Read both logs; `pulled` are collections that were verified to their head just now, `shown` all there are.

        What is found wrong is kept until a later look finds it right, and meanwhile nobody's keys are vouched for.
        Raises `IntegrityError`: statement-hidden, statement-double, head-unknown, head-double, head-missing, and what
        `Logs` raises.
        """
        try:
            keys = await self._check_keys()
            heads = await self._heads.check(pulled, shown)
        except IntegrityError as fault:
            self._store.put_meta(_FAULT, encode([fault.message, fault.hint or "", fault.reason]))
            self._store.drop_meta(_LOGGED)
            raise
        self._store.drop_meta(_FAULT)
        missing = Quorum.MISSING in {keys.quorum, heads.quorum}
        times = [one.vouched_at for one in (keys, heads) if one.vouched_at is not None]
        vouched_at = None if missing else min(times, default=None)
        if vouched_at is not None:
            self._store.put_meta(_VOUCHED_AT, encode([vouched_at]))
        return Checked(
            keys.checkpoint.size, heads.checkpoint.size, Quorum.MISSING if missing else keys.quorum, vouched_at
        )

    def stale_since(self) -> int | None:
        """Return when the witnesses that this device demands last vouched (seconds since 1970), if a day ago or more.

        None: lately, or nobody is demanded, or none was heard of yet. Works offline.
        """
        raw = self._store.meta(_VOUCHED_AT)
        if raw is None:
            return None
        vouched_at = int(decode(raw)[0])
        return vouched_at if time.time() - vouched_at > STALE_SECONDS else None

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

    @advised(COMPARE_DEVICES)
    async def _check_keys(self) -> State:
        wanted = {keys_tag(uid): uid for uid in [self._access.need_me().uid, *self._known_contacts()]}
        raw = self._store.meta(_ENTRIES)
        kept: dict[bytes, list[bytes]] = {} if raw is None else {tag: list(found) for tag, found in decode(raw)}
        anew = not wanted.keys() <= kept.keys()
        if anew:
            kept = {}
        found: dict[bytes, list[bytes]] = {tag: list(kept.get(tag, [])) for tag in wanted}

        def take(tag: bytes, statement: bytes) -> None:
            if tag in found:
                found[tag].append(statement)

        scanned = await self._logs.scan(KEYS, take, anew=anew)
        counts: list[Any] = [[uid, await self._statements(uid, found[tag])] for tag, uid in sorted(wanted.items())]
        with self._store.batch():
            self._store.put_meta(_ENTRIES, encode([[tag, logged] for tag, logged in sorted(found.items())]))
            self._store.put_meta(_LOGGED, encode([str(scanned.state.quorum), counts]))
            self._logs.keep(scanned)
        return scanned.state

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
