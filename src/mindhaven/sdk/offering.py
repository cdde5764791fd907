"""After a server's restore: bringing back what it lost, while it takes it. I/O: server and local store.

Guarantees: only what this device verified is offered, byte for byte, and only after a head that stands in its own
history; nothing that the server shows is taken over here (`pulling` does that, by its own rules).
Does not: decide between two histories (`rejoining`).
Implements spec/transfer.md steps 7, 9 and 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode, encode_trusted
from mindhaven.errors import MindhavenError
from mindhaven.protocol import shape
from mindhaven.protocol.collection import Commit, Members, Put
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import ITEM_ID_BYTES, Content, Header, SealedItem, seal_item
from mindhaven.sdk.errors import OfflineError, SignedOutError
from mindhaven.sdk.local import LocalItem, LocalStore
from mindhaven.sdk.pulling import Pulling
from mindhaven.sdk.transport import Transport
from mindhaven.wire import vault as wire
from mindhaven.wire.ids import to_text

BATCH_COMMITS: Final = 200
BATCH_BYTES: Final = 8 * 1024 * 1024
"""One request: half of what a server takes."""
DONE: Final = "offered"
"""The name under which the local store keeps for which window which collections were looked at."""
CONSENT: Final = "consent/"
"""Under this and its hash the local store keeps each consent that was given on this device, to bring it back too."""
_GENERAL: Final = (OfflineError, SignedOutError)


@dataclass(frozen=True, slots=True)
class Offered:
    """What a server took back from this device: commits and records, in how many collections."""

    commits: int = 0
    records: int = 0
    collections: int = 0


NOTHING_OFFERED: Final = Offered()


class Offering:
    """One device's offers to a server that was restored."""

    def __init__(self, store: LocalStore, vault: Pulling, transport: Transport) -> None:
        self._store = store
        self._vault = vault
        self._transport = transport

    async def offer(self, shown: wire.Collections, *, me: bytes) -> Offered:
        """Bring back what the server lost of the collections that this device keeps; return what was taken.

        What the server refuses is left as it is: the pull that follows names it.
        """
        if not shown.offer_until:
            return Offered()
        there = {one.id: one for one in shown.collections}
        looked = self._looked(shown.offer_since)
        commits = records = collections = 0
        for collection in self._store.collections():
            one = there.get(collection)
            state = self._vault.state(collection)
            if state is None or (one is None and state.owner != me):
                continue
            try:
                sent = await self._commits(collection, one)
                given = 0 if collection in looked and not sent else await self._give_back(collection)
            except _GENERAL:
                raise
            except MindhavenError:
                continue
            looked.add(collection)
            commits, records, collections = commits + sent, records + given, collections + bool(sent or given)
        self._store.put_meta(DONE, encode([shown.offer_since, sorted(looked)]))
        return Offered(commits, records, collections)

    def _looked(self, since: int) -> set[bytes]:
        raw = self._store.meta(DONE)
        window, looked = (0, []) if raw is None else decode(raw)
        return set(looked) if window == since else set()

    # -- commits

    async def _commits(self, collection: bytes, one: wire.CollectionShown | None) -> int:
        """Offer what follows the server's head, if that head is of this device's own history; return how many."""
        mine = self._store.seq(collection)
        since = -1 if one is None else one.seq
        if since >= mine or (one is not None and self._store.commit_hash(collection, since) != one.head):
            return 0
        sent = 0
        while since < mine:
            batch, last = self._batch(collection, since)
            await self._transport.cbor("POST", f"/v1/collections/{to_text(collection)}/offers", encode_trusted(batch))
            sent, since = sent + len(batch), last
        return sent

    def _batch(self, collection: bytes, since: int) -> tuple[list[Any], int]:
        batch: list[Any] = []
        size, last = 0, since
        for seq, raw in self._store.signed_after(collection, since, BATCH_COMMITS):
            signed = Signed.decode(raw)
            commit = Commit.decode(signed.body)
            items = self._sealed(collection, commit)
            size += len(raw) + sum(len(item[0]) for item in items if item is not None)
            if batch and size > BATCH_BYTES:
                break
            batch.append([[signed.body, list(signed.signatures)], items, self._consent(commit)])
            last = seq
        return batch, last

    def _sealed(self, collection: bytes, commit: Commit) -> list[list[bytes] | None]:
        """Return [envelope, salt] of each put of a commit whose record lives on in that revision, null for the rest."""
        puts = [change for change in commit.changes if isinstance(change, Put)]
        return [self._again(collection, put, self._store.item(collection, put.item)) for put in puts]

    def _again(self, collection: bytes, put: Put, local: LocalItem | None) -> list[bytes] | None:
        """Return [envelope, salt] of a live record as `put` names them, None where this device can't make them again.

        The salt is used a second time, for the same bytes only: what comes out otherwise never leaves this function.
        """
        if local is None or local.value is None or local.state.erased or local.state.revision != put.revision:
            return None
        value = decode(local.value)
        sealed: SealedItem | None = None
        if len(value) == 2:  # kept sealed: this device never held the key
            sealed = SealedItem(value[0], value[1])
        key = self._vault.epoch_key(collection, local.state.epoch)
        if len(value) == 5 and local.salt is not None and key is not None:
            state = local.state
            header = Header(collection, local.item, state.revision, state.epoch, state.author)
            sealed = seal_item(key, header, Content.decode(local.value), local.salt)
        if sealed is None or (sealed.envelope_hash, sealed.salt_hash) != (put.envelope_hash, put.salt_hash):
            return None
        return [sealed.envelope, sealed.salt]

    def _consent(self, commit: Commit) -> Any:
        for change in commit.changes:
            if isinstance(change, Members) and change.consent is not None:
                kept = self._store.meta(f"{CONSENT}{change.consent.hex()}")
                return None if kept is None else decode(kept)
        return None

    # -- records

    async def _give_back(self, collection: bytes) -> int:
        """Ask what the server lacks of live records, and give it what this device can seal again; return how many."""
        address, after, given = f"/v1/collections/{to_text(collection)}", b"", 0
        while True:
            query = f"?after={after.hex()}" if after else ""
            raw = await self._transport.cbor("GET", f"{address}/missing{query}")
            gaps = [shape.fields(one, 4, "A gap") for one in shape.items(decode(raw), "The gaps", most=10_000)]
            if not gaps:
                return given
            for batch in self._records(collection, gaps):
                answer = await self._transport.cbor("POST", f"{address}/given-back", encode_trusted(batch))
                given += shape.number(shape.fields(decode(answer), 1, "An answer")[0], "A number of records")
            after = shape.raw(gaps[-1][0], "An item id", length=ITEM_ID_BYTES)

    def _records(self, collection: bytes, gaps: Sequence[Any]) -> list[list[Any]]:
        batches: list[list[Any]] = [[]]
        size = 0
        for item, revision, *_ in gaps:
            local = self._store.item(collection, shape.raw(item, "An item id", length=ITEM_ID_BYTES))
            put = None if local is None else self._put(collection, local)
            sealed = None if put is None or put.revision != revision else self._again(collection, put, local)
            if sealed is None:
                continue
            if size > BATCH_BYTES:
                batches.append([])
                size = 0
            batches[-1].append([item, revision, *sealed])
            size += len(sealed[0])
        return [batch for batch in batches if batch]

    def _put(self, collection: bytes, local: LocalItem) -> Put | None:
        """Return the change that put a record's newest revision."""
        for _, raw in self._store.signed_after(collection, local.seq - 1, 1):
            changes = Commit.decode(Signed.decode(raw).body).changes
            puts = [change for change in changes if isinstance(change, Put) and change.item == local.item]
            return puts[-1] if puts else None
        return None
