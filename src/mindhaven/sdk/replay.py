"""A history judged from its genesis in memory, beside what the local store keeps. No I/O.

Guarantees: the same rules by which every commit is judged; nothing of it reaches the local store.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from mindhaven.errors import IntegrityError
from mindhaven.protocol.chain import ChainState, ItemState, begin, judge, verify_author
from mindhaven.protocol.collection import Commit
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk.people import People


@dataclass(slots=True)
class Replay:
    """One collection's history as far as it was taken."""

    collection: bytes
    people: People
    hashes: list[bytes] = field(default_factory=list)
    items: dict[bytes, ItemState] = field(default_factory=dict)
    state: ChainState | None = None

    def item(self, item: bytes) -> ItemState | None:
        """Return what the history says of an item."""
        return self.items.get(item)

    def live_epochs(self) -> Collection[int]:
        """Return the epochs in which live items are sealed."""
        return {state.epoch for state in self.items.values() if not state.erased}

    def key_stated(self, uid: bytes, key_id: int) -> bool:
        """Return whether this device has verified that `uid` stated that key."""
        account = self.people.known(uid)
        return account is not None and key_id in account.identities

    def commit_hash(self, seq: int) -> bytes | None:
        """Return the hash of the commit at `seq`."""
        return self.hashes[seq] if 0 <= seq < len(self.hashes) else None

    def take(self, signed: Signed, commit: Commit, *, verified: bool = False) -> None:
        """Judge the next commit; `verified`: its signatures were checked before.

        Raises what `verify_author`, `begin` and `judge` raise, and `IntegrityError` (chain-collection).
        """
        if not verified:
            account = self.people.known(commit.author)
            assert account is not None
            verify_author(signed, commit, account)
        state = self.state
        judged = begin(signed, commit, self) if state is None else judge(state, signed, commit, self)
        if judged.state.collection != self.collection:
            raise IntegrityError("A commit belongs to another collection.", code="chain-collection")
        self.state = judged.state
        self.items.update(judged.items)
        self.hashes.append(judged.state.head)
