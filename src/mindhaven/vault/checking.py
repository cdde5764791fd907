"""Checking what is stored, collection by collection, as a device would and more. I/O: the store and the blobs.

Guarantees: every commit is judged again from the genesis on, with its signatures; every live record's envelope, salt
and attachments are compared with the hashes that the chain names; what the store says of heads, members and records
is compared with what the chain says. Does not: open a record, which only its members can; change anything.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from mindhaven.accounts import Directory
from mindhaven.crypto.encoding import decode
from mindhaven.crypto.peppers import SALT_BYTES, mask_salts
from mindhaven.errors import MindhavenError, NotFoundError
from mindhaven.kernel import Host, HostScope, Look, MemberScope, Row
from mindhaven.protocol.attachment import blob_hash
from mindhaven.protocol.chain import ChainState, ItemState, begin, judge, verify_signed
from mindhaven.protocol.collection import TYPE, Commit, Put
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import envelope_hash, salt_hash
from mindhaven.vault.api.asking import salt_keys
from mindhaven.vault.api.blobs import blob_key
from mindhaven.vault.model import SaltKeyRow
from mindhaven.vault.peppers import SaltKeys
from mindhaven.vault.store import Everything, Peppers, Vault

_SCOPE: Final = HostScope(reason="check")
COMMITS_AT_ONCE: Final = 64
AT_ONCE: Final = 500
MOST_FAULTS: Final = 100
"""Faults that are named; more say nothing new, and a list of a million is of no use."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What is wrong where; `item` is empty where it is not about one record."""

    code: str
    collection: bytes
    seq: int
    item: bytes = b""


@dataclass(kw_only=True, slots=True)
class Checked:
    """How much was checked, and what was wrong; `erased` records are gone as the journal of erasures says, and
    `blobs_missing` of the `blobs` are not here.
    """

    collections: int = 0
    commits: int = 0
    records: int = 0
    blobs: int = 0
    blobs_missing: int = 0
    erased: int = 0
    faults: list[Fault] = field(default_factory=list)

    def fault(self, code: str, collection: bytes, seq: int, item: bytes = b"") -> None:
        """Note a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(code=code, collection=collection, seq=seq, item=item))


class _Facts:
    """What the chain itself has said so far."""

    def __init__(self) -> None:
        self.items: dict[bytes, ItemState] = {}
        self.stated: set[tuple[bytes, int]] = set()
        self.hashes: list[bytes] = []

    def item(self, item: bytes) -> ItemState | None:
        return self.items.get(item)

    def live_epochs(self) -> Collection[int]:
        return {state.epoch for state in self.items.values() if not state.erased}

    def key_stated(self, uid: bytes, key_id: int) -> bool:
        return (uid, key_id) in self.stated

    def commit_hash(self, seq: int) -> bytes | None:
        return self.hashes[seq] if seq < len(self.hashes) else None


def nothing_erased(_collection: bytes, _item: bytes) -> bool:
    """Say that no record was erased beside the chain."""
    return False


async def check_all(host: Host, *, erased: Callable[[bytes, bytes], bool] = nothing_erased) -> Checked:
    """Check every collection; `erased(collection, item)` says which records may be missing."""
    done, after = Checked(), 0
    while True:
        found = await host.db.look(
            lambda look, after=after: Everything(look, _SCOPE).collections(after, AT_ONCE)  # type: ignore[misc]
        )
        for no, collection, owner in found:
            one = _One(done, salt_keys(host), collection, no, erased)
            scope = MemberScope(collection=collection, uid=owner)
            await host.db.look(lambda look, one=one, scope=scope: one.check(look, Vault(look, scope)))  # type: ignore[misc]
            await one.check_blobs(host)
        if len(found) < AT_ONCE:
            return done
        after = found[-1][0]


async def left(look: Look, *, collection: bytes = b"", uid: bytes = b"") -> list[str]:
    """Return the tables that still hold an erased collection, or what an erased account owned or could read."""
    return await Everything(look, _SCOPE).left(collection=collection, uid=uid)


async def orphans(look: Look) -> list[str]:
    """Return the tables with rows of no collection that stands."""
    return await Everything(look, _SCOPE).orphans()


async def parts_missing(
    look: Look, there: Collection[str], *, erased: Callable[[bytes, bytes], bool] = nothing_erased
) -> int:
    """Return how many parts of attachments live records hold that are not here; `there` are the keys of all blobs."""
    store, after, missing = Everything(look, _SCOPE), (0, b"", b""), set[str]()
    while rows := await store.parts(after, AT_ONCE):
        for _, blob, item, collection, noted in rows:
            key = blob_key(collection, blob)
            if not (noted and key in there) and not erased(collection, item):
                missing.add(key)
        after = rows[-1][0], rows[-1][1], rows[-1][2]
    return len(missing)


async def salt_generations(look: Look) -> list[SaltKeyRow]:
    """Return every generation of the salt key, the oldest first."""
    return await Peppers(look, _SCOPE).generations()


class _One:
    """One collection on one snapshot."""

    def __init__(
        self, done: Checked, keys: SaltKeys, collection: bytes, no: int, erased: Callable[[bytes, bytes], bool]
    ) -> None:
        self._done, self._keys, self._collection, self._no, self._erased = done, keys, collection, no, erased
        self._facts = _Facts()
        self._live: dict[bytes, tuple[int, Put, bytes | None]] = {}
        self._state: ChainState | None = None

    def _fault(self, code: str, seq: int, item: bytes = b"") -> None:
        self._done.fault(code, self._collection, seq, item)

    async def check(self, look: Look, vault: Vault) -> None:
        """Check the chain, then what the store says of it."""
        row = await vault.collection()
        if row is None:
            self._fault("collection-without-owner", -1)
            return
        self._done.collections += 1
        wrapped = await vault.peppers(self._no)
        after = -1
        while commits := await vault.commits(self._no, since=after, limit=COMMITS_AT_ONCE):
            for commit in commits:
                if not await self._commit(look, commit):
                    return
                await self._records(vault, commit, wrapped)
            after = commits[-1][0]
        state = self._state
        if state is None or (state.seq, state.head) != (row.seq, row.head) or state.owner != row.owner:
            self._fault("head-differs", row.seq)
            return
        if not (await vault.members())[0] <= set(state.members):  # fewer: accounts that were erased here
            self._fault("members-differ", row.seq)
        await self._items(look)

    async def _commit(self, look: Look, row: Row) -> bool:
        seq, kept_hash, encoded, _, _ = row
        self._done.commits += 1
        try:
            signed = Signed.of(decode(encoded))
            commit = Commit.decode(signed.body)
            directory = Directory(look)
            for uid, key_id in {(entry.uid, entry.key_id) for entry in commit.wraps}:
                if await directory.signing(uid, key_id) is not None:
                    self._facts.stated.add((uid, key_id))
            signing = await directory.signing(commit.author, commit.key_id)
            if signing is None:
                self._fault("author-unknown", seq)
                return False
            verify_signed(signed, commit, signing.keys.signing, statement=signing.statement)
            state = self._state
            judged = begin(signed, commit, self._facts) if state is None else judge(state, signed, commit, self._facts)
        except MindhavenError as error:
            self._fault(error.reason, seq)
            return False
        if judged.state.collection != self._collection or signed.hash(TYPE) != kept_hash:
            self._fault("commit-differs", seq)
            return False
        self._state = judged.state
        self._facts.hashes.append(kept_hash)
        self._facts.items.update(judged.items)
        for item, after in judged.items.items():
            if after.erased:
                self._live.pop(item, None)
        self._puts = [change for change in commit.changes if isinstance(change, Put)]
        return True

    async def _records(self, vault: Vault, row: Row, wrapped: dict[int, tuple[int, bytes]]) -> None:
        """Compare what is stored of a commit with the hashes that it names; keep what a later one must not miss."""
        seq, commit_hash, _, first, count = row
        if len(self._puts) != count:
            self._fault("envelopes-differ", seq)
            return
        stored = {one[0]: one for one in await vault.envelopes(first, first + count)} if count else {}
        for n, put in enumerate(self._puts):
            there = stored.get(first + n)
            state = self._facts.items[put.item]
            if there is None or there[2] is None:
                fault: str | None = "envelope-missing" if there is None else "salt-missing"
            elif envelope_hash(there[1]) != put.envelope_hash:
                fault = "envelope-mismatch"
            else:
                salt = self._salt(wrapped, commit_hash, n, there[2], there[3])
                fault = None if salt is not None and salt_hash(salt) == put.salt_hash else "salt-mismatch"
            if there is not None and there[2] is not None and fault is not None:
                self._fault(fault, seq, put.item)
            if not state.erased and state.revision == put.revision:
                self._live[put.item] = (seq, put, None if fault is None else fault.encode())

    def _salt(
        self, wrapped: dict[int, tuple[int, bytes]], commit_hash: bytes, n: int, number: int, masked: bytes
    ) -> bytes | None:
        if number not in wrapped:
            return None
        generation, box = wrapped[number]
        try:
            pepper = self._keys.unwrap(generation, self._collection, number, box)
        except MindhavenError:
            return None
        return mask_salts(pepper, commit_hash, masked, first=n) if len(masked) == SALT_BYTES else None

    async def _items(self, look: Look) -> None:
        """Compare the table of records with the chain, and see that each live record is there."""
        for item, (seq, put, fault) in self._live.items():
            state = self._facts.items[item]
            if state.revision != put.revision:
                continue
            self._done.records += 1
            if fault in {b"envelope-missing", b"salt-missing"}:
                if self._erased(self._collection, item):
                    self._done.erased += 1
                else:
                    self._fault(fault.decode(), seq, item)
        known, after = 0, b""
        while rows := await Everything(look, _SCOPE).items(self._no, after, AT_ONCE):
            for item, revision, epoch, author, month, erased, _ in rows:
                known += 1
                if self._facts.items.get(item) != ItemState(revision, epoch, author, month, bool(erased)):
                    self._fault("item-differs", -1, item)
            after = rows[-1][0]
        if known != len(self._facts.items):
            self._fault("items-differ", -1)

    async def check_blobs(self, host: Host) -> None:
        """Read the attachments of live records and compare them with the hashes that the chain names."""
        for item, (seq, put, fault) in self._live.items():
            if fault is not None:
                continue
            for blob in put.blobs:
                self._done.blobs += 1
                try:
                    data = b"".join([piece async for piece in host.blobs.read(blob_key(self._collection, blob))])
                except NotFoundError:
                    self._done.blobs_missing += 1
                    self._fault("blob-missing", seq, item)
                    continue
                if blob_hash(data) != blob:
                    self._fault("blob-mismatch", seq, item)
