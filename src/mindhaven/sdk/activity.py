"""Who touched one's data: own events, each verified here. I/O: server and local store.

Guarantees: an event is shown as proven only if it opens its commitment, follows the one before it without a gap, and
stands in the log that this device has followed. Does not: prove that nothing happened that was never recorded.
Implements spec/ledger.md steps 7 and 8.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import IntegrityError
from mindhaven.protocol.ledger import AUDIT, Opening, Place, Told
from mindhaven.sdk.access import Access
from mindhaven.sdk.errors import ASK_WHAT_IS_HIDDEN, advised
from mindhaven.sdk.ledger import Logs, State
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.transport import Transport
from mindhaven.tlog.tree import leaf_hash, verify_inclusion
from mindhaven.wire.ledger import ActivityEntry, ActivityPage

LATE_SECONDS: Final = 3 * 3600
"""An event that no checkpoint covers after so long is told: they appear by the hour."""
_PLACE: Final = "activity/place"
_PAGE: Final = "activity/page/"
_PAGE_ENTRIES: Final = 500


class Proof(StrEnum):
    """`proven`: in the log. `waiting`: recorded; the next checkpoint proves it. `erased`: only its mark is left."""

    PROVEN = "proven"
    WAITING = "waiting"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Act:
    """One own event: its number, when (the hour, seconds since 1970 UTC), its name and values, and its proof.

    `at` is 0 and `name` empty where its content was erased.
    """

    seq: int
    at: int
    name: str
    version: int
    values: tuple[Any, ...]
    proof: Proof
    position: int | None


@dataclass(frozen=True, slots=True)
class Activity:
    """Own events in order, and the state of the log that proves them (None: nothing was signed yet)."""

    acts: tuple[Act, ...]
    log: State | None


class ActivityReader:
    """Own events of one account."""

    def __init__(self, store: LocalStore, transport: Transport, logs: Logs, access: Access) -> None:
        self._store = store
        self._transport = transport
        self._logs = logs
        self._access = access

    @advised(ASK_WHAT_IS_HIDDEN)
    async def read(self) -> Activity:
        """Fetch what is new, verify it, and return everything. Raises `IntegrityError`: activity-gap, -subject,
        -commitment, proof-missing, proof-mismatch, proof-length, and what `Logs` raises."""
        place, acts = self._kept()
        waiting: list[Act] = []
        walk, state = place, None
        while True:
            page = await self.page(walk.next_seq)
            if page.checkpoint:
                state = await self._logs.accept(AUDIT, page.checkpoint)
            if page.total < walk.next_seq or (not page.entries and page.total > walk.next_seq):
                raise IntegrityError(
                    "The server shows fewer entries of who touched your data than before.", code="activity-gap"
                )
            for entry in page.entries:
                walk, told = walk.follow(Opening(entry.seq, entry.commitment, entry.salt, entry.body))
                act = _act(entry, told, proven=self.proven(entry, state))
                if act.proof is Proof.WAITING or waiting:
                    waiting.append(act)
                else:
                    place = walk
                    acts.append(act)
            if walk.next_seq >= page.total:
                break
        self._keep(place, acts)
        return Activity((*acts, *waiting), state)

    async def page(self, first: int) -> ActivityPage:
        """Fetch own events from a seq on, as the server gives them."""
        page: ActivityPage = await self._transport.call("GET", f"/v1/activity?first={first}", ActivityPage)
        return page

    @staticmethod
    def proven(entry: ActivityEntry, state: State | None) -> bool:
        """Return whether a checkpoint proves an entry, False if it does not cover it yet.

        Raises `IntegrityError`: proof-missing, proof-mismatch, proof-length.
        """
        if entry.position is None or state is None or entry.position >= state.checkpoint.size:
            return False
        if entry.proof is None:
            raise IntegrityError("The server withholds a proof of an entry that the log has.", code="proof-missing")
        checkpoint = state.checkpoint
        verify_inclusion(leaf_hash(entry.commitment), entry.position, checkpoint.size, entry.proof, checkpoint.root)
        return True

    def _kept(self) -> tuple[Place, list[Act]]:
        raw = self._store.meta(_PLACE)
        place = Place(self._access.need_me().uid)
        if raw is None:
            return place, []
        seq, prev = decode(raw)
        acts: list[Act] = []
        for number in range(-(-seq // _PAGE_ENTRIES)):
            page = self._store.meta(f"{_PAGE}{number}")
            acts += [
                Act(one[0], one[1], one[2], one[3], tuple(one[4]), Proof(one[5]), one[6])
                for one in ([] if page is None else decode(page))
            ]
        return Place(place.subject, seq, prev), acts

    def _keep(self, place: Place, acts: list[Act]) -> None:
        raw = self._store.meta(_PLACE)
        before = 0 if raw is None else decode(raw)[0]
        with self._store.batch():
            for number in range(before // _PAGE_ENTRIES, -(-place.next_seq // _PAGE_ENTRIES)):
                part = acts[number * _PAGE_ENTRIES : (number + 1) * _PAGE_ENTRIES]
                rows = [[a.seq, a.at, a.name, a.version, list(a.values), str(a.proof), a.position] for a in part]
                self._store.put_meta(f"{_PAGE}{number}", encode(rows))
            self._store.put_meta(_PLACE, encode([place.next_seq, place.prev]))


def _act(entry: ActivityEntry, told: Told | None, *, proven: bool) -> Act:
    if told is None:
        return Act(entry.seq, 0, "", 0, (), Proof.ERASED if proven else Proof.WAITING, entry.position)
    proof = Proof.PROVEN if proven else Proof.WAITING
    return Act(entry.seq, told.at, told.name, told.version, told.fields, proof, entry.position)
