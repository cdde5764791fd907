"""Syncing: the queue goes out, everything that the server shows comes in and is checked. I/O: server and local store.

Guarantees: what can't be sent stays in the queue and is told; a failed check is a named error that leaves the local
copy as it was.
"""

import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import encode
from mindhaven.errors import (
    DeniedError,
    IntegrityError,
    InvalidInputError,
    MindhavenError,
    NotFoundError,
    UnavailableError,
)
from mindhaven.protocol.chain import ChainState
from mindhaven.protocol.encoding import ZERO32
from mindhaven.protocol.envelope import Content
from mindhaven.sdk.access import Access
from mindhaven.sdk.alerts import NOTHING, Alerts, fresh_alerts
from mindhaven.sdk.content import Notes, from_content, to_content
from mindhaven.sdk.devices import Devices
from mindhaven.sdk.errors import ASK_THE_HOST, OfflineError, RollbackError, SignedOutError, WithheldError
from mindhaven.sdk.held import FILE_GONE, WHY, reason_of, refusal
from mindhaven.sdk.index import Index, Listed
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.offering import NOTHING_OFFERED, Offered, Offering
from mindhaven.sdk.offers import OWNER_SWAPPED, UNNAMED, Offers
from mindhaven.sdk.parts import Lacking, Parts
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.queue import Step, Write, coalesced
from mindhaven.sdk.receipts import ReceiptChecks
from mindhaven.sdk.sharing import GONE
from mindhaven.sdk.snapshots import Snapshots
from mindhaven.sdk.vault import PUSH_BATCH, Draft, Vault, today
from mindhaven.sdk.vouching import Vouching

SPLIT: Final = frozenset({"rollback", "fork", "chain-fork", "chain-order"})
"""What a pull says of a history that is not the one on this device."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did: writes sent, collections looked at, writes that stay here and why, new collections, what
    strangers offer (ids of collections; see `offers`), what the person should hear of, and what the server's logs show
    to be wrong: it stops no care, and is told until it is right.

    `stale_since` is when the witnesses that this device demands last vouched, if that is a day ago or more.
    `noted` is what else was found to be wrong, and did not count: sentences for the person.

    After a server's restore: `given_back` is what it took back from this device, `split` are the collections of which
    it shows another history than this device has (see `rejoin`), `behind` those of which it still lacks a part: that
    comes back when the devices of everybody concerned have synced. `lacking` are attached files of which it lacks
    parts: whoever still has one gives it back (`give_back`)."""

    sent: int
    collections: int
    held: tuple[str, ...]
    shared_with_me: tuple[bytes, ...]
    offered: tuple[bytes, ...] = ()
    alerts: Alerts = NOTHING
    log_fault: IntegrityError | None = None
    given_back: Offered = NOTHING_OFFERED
    split: tuple[bytes, ...] = ()
    behind: tuple[bytes, ...] = ()
    noted: tuple[str, ...] = ()
    stale_since: int | None = None
    lacking: tuple[Lacking, ...] = ()


class Syncing:
    """The exchange of one account's device with its server."""

    def __init__(
        self,
        store: LocalStore,
        vault: Vault,
        index: Index,
        offers: Offers,
        access: Access,
        devices: Devices,
        vouching: Vouching,
        offering: Offering,
        snapshots: Snapshots,
        receipts: ReceiptChecks,
        parts: Parts,
    ) -> None:
        self._store = store
        self._vault = vault
        self._index = index
        self._offers = offers
        self._access = access
        self._devices = devices
        self._vouching = vouching
        self._offering = offering
        self._parts = parts
        self._snapshots = snapshots
        self._receipts = receipts
        self._restored = False
        self._split: set[bytes] = set()

    @property
    def restored(self) -> bool:
        """Whether the server took back what a restore had lost, at the last sync."""
        return self._restored

    async def sync(
        self, *, progress: Progress | None = None, shown_first: Callable[[int], None] | None = None
    ) -> Synced:
        """Send what waits, then pull and verify everything. Raises named errors; the local copy stays sound.

        `shown_first` is told how many records of long histories are readable before those were verified.
        """
        self._access.take_up()
        me = self._access.need_me().uid
        listing = await self._vault.listing()
        self._restored, self._split = bool(listing.offer_until), set()
        self._vault.restored = self._restored
        if self._restored:
            await self._access.mend()  # account chains first: what they signed is judged by them
        given = await self._offering.offer(listing, me=me)
        if given.commits:
            listing = await self._vault.listing()
        shown = listing.collections
        behind = await self._check_index(shown)
        noted, glanced = await self._glance(shown, shown_first)
        newly = await self._name_shared(shown, glanced)
        sent, held = await self.flush(progress)
        if sent:
            shown = await self._vault.listed()
        self._note_gone(shown)
        replaced = False
        pulled = [self._index.id] if self._index.id is not None else []
        listed = {one.id for one in self._index.collections()}
        offered = tuple(one.id for one in self._offers.strange(shown))
        for number, one in enumerate(shown, 1):
            if one.id == self._index.id or one.id in offered:
                continue
            try:
                if one.id not in listed and not await self._offers.owned(one):
                    continue
                state = self._vault.state(one.id)
                if state is None or state.head != one.head or self._vault.withheld(one.id):
                    await self._vault.pull(one.id)
                if one.id not in behind:
                    self._index.check_pulled(one.id)
                noted += self._check_snapshot(one.id)
                if self._restored and (missing := self._vault.withheld(one.id)):
                    noted.append(self._lost(one.id, missing))
                pulled.append(one.id)
            except OfflineError:
                raise
            except MindhavenError as error:
                if self._is_split(error):
                    if self._store.commit_hash(one.id, one.seq) == one.head:
                        behind.append(one.id)
                    else:
                        self._split.add(one.id)
                    continue
                if one.owner == me or error.reason == OWNER_SWAPPED:
                    raise
                held.append(f"A collection that somebody shares with you: {error.message}")
                continue
            if self._key_is_old(one.id):
                await self._vault.replace_key(one.id)
                replaced = True
            if progress is not None:
                progress(number, len(shown))
        split = tuple(sorted(self._split))
        there = {one.id: one.seq for one in shown}
        behind = sorted({one for one in behind if one not in self._split and self._lacks(one, there.get(one, -1))})
        if not behind:
            whole = [one.id for one in shown if one.id not in self._split]
            await self._index.note_heads_if_due(whole, changed=bool(sent) or replaced)
        lacking = await self._parts.look(
            listing.offer_since if self._restored else 0, {one: there[one] for one in pulled if one in there}
        )
        if not self._restored:
            await self._make_snapshots(pulled)
        fault = await self._vouching.check_if_due(pulled, [one.id for one in shown])
        unkept = await self._receipts.check_if_due()
        alerts = await fresh_alerts(self._store, self._devices, self._access)
        return Synced(
            sent,
            len(shown),
            tuple(held),
            tuple(newly),
            offered,
            alerts,
            fault or unkept,
            given,
            split,
            tuple(behind),
            tuple(noted),
            self._vouching.stale_since(),
            lacking,
        )

    async def _glance(self, shown: list[Any], told: Callable[[int], None] | None) -> tuple[list[str], frozenset[bytes]]:
        """Show the newest records of long histories that this device has yet to verify; say what was refused.

        Return also of which collections something is shown: their owners' signatures say that these are theirs.
        """
        refused, count, glanced = [], 0, set()
        others = {one.id for one in self._offers.strange(shown)} | {self._index.id}
        for one in shown:
            listed = self._index.listed(one.id)
            if one.id in others or (listed is None and one.owner == self._access.need_me().uid):
                continue
            try:
                found = await self._snapshots.glance(one.id, owner=listed.owner if listed else one.owner, seq=one.seq)
                count += found
                glanced |= {one.id} if found else set()
            except OfflineError:
                raise
            except MindhavenError as error:
                if listed is not None:  # what is not listed yet is told when it is pulled
                    refused.append(f"The newest entries of {listed.name} are not shown before they are checked."
                                   f" {error.message}")  # fmt: skip
        if count and told is not None:
            told(count)
        return refused, frozenset(glanced)

    def _lost(self, collection: bytes, count: int) -> str:
        listed = self._index.listed(collection)
        name = "a shared collection" if listed is None else listed.name
        entries = "entry stands" if count == 1 else "entries stand"
        return (
            f"{count} {entries} in the history of {name}, and the restored server does not have the content. Who erased"
            " it before can erase it again (mindhaven list shows it as not opening); else another device may bring it."
        )

    def _check_snapshot(self, collection: bytes) -> list[str]:
        """Compare what was shown first with the verified history; say it if they differ: the history counts."""
        try:
            self._snapshots.check(collection)
        except IntegrityError as error:
            return [f"{error.message} {error.hint or ''}".strip()]
        return []

    async def _make_snapshots(self, collections: list[bytes]) -> None:
        """Sign snapshots that are due; what keeps one from being made is left for the next time."""
        for collection in collections:
            if collection != self._index.id:
                with contextlib.suppress(MindhavenError):
                    await self._snapshots.make_if_due(collection)

    def _lacks(self, collection: bytes, seq: int) -> bool:
        """Return whether the server, at `seq`, has less of a collection than this device, or than the index noted."""
        return seq < self._store.seq(collection) or not self._index.has_noted(collection)

    def _is_split(self, error: MindhavenError) -> bool:
        """Return whether an error says that the server, which says that it was restored, has another history."""
        return self._restored and error.reason in SPLIT

    def _note_gone(self, shown: list[Any]) -> None:
        """Keep which of others' collections the server shows no longer, for when it is out of reach."""
        there = {one.id for one in shown}
        me = self._access.need_me().uid
        gone = sorted(one.id for one in self._index.collections() if one.owner != me and one.id not in there)
        self._store.put_meta(GONE, encode(gone))

    def _key_is_old(self, collection: bytes) -> bool:
        """Return whether this account signed there with keys that it has replaced since."""
        state = self._vault.state(collection)
        signed_with = None if state is None else state.signed_keys.get(self._access.need_me().uid)
        return signed_with is not None and signed_with < self._access.need_me().identity.generation

    async def _check_index(self, shown: list[Any]) -> list[bytes]:
        """Pull the index and compare the server's list with it; return where a restored server is behind it."""
        if self._index.id is None or self._index.id == ZERO32:
            raise InvalidInputError("This account has no index yet.", hint="Finish sign-up first.", code="unfinished")
        there = next((one for one in shown if one.id == self._index.id), None)
        if there is None:
            raise WithheldError(
                "The server does not show this account's own index.", hint=ASK_THE_HOST, code="collection-withheld"
            )
        state = self._vault.state(self._index.id)
        # What the server withheld of the list is told at each sync, not only at the one that brought its commit.
        if state is None or state.head != there.head or self._vault.withheld(self._index.id):
            try:
                await self._vault.pull(self._index.id)
            except IntegrityError as error:
                if self._is_split(error):
                    raise RollbackError(
                        "The server was restored and has another history of your list of collections.",
                        hint="Your entries here stay. See what it lacks, and go on from there: mindhaven rejoin",
                        code="index-split",
                    ) from error
                raise
        return self._index.check(shown, restored=self._restored)

    async def _name_shared(self, shown: list[Any], glanced: frozenset[bytes]) -> list[bytes]:
        """List what contacts newly share, under the name that their consent seals; a stranger's is an offer.

        What does not come whole is not listed yet, and told where all are pulled.
        """
        listed = {one.id for one in self._index.collections()} | {one.id for one in self._offers.strange(shown)}
        new = []
        for one in shown:
            if one.owner == self._access.need_me().uid or one.id in listed:
                continue
            try:
                new += [one] if one.id in glanced or await self._offers.owned(one) else []
            except MindhavenError as error:
                if isinstance(error, OfflineError) or error.reason == OWNER_SWAPPED:
                    raise
        if not new:
            return []
        names = await self._offers.names({one.id: one.owner for one in new})
        for one in new:
            await self._index.add(Listed(one.id, names.get(one.id, UNNAMED), one.owner))
        return [one.id for one in new]

    async def flush(self, progress: Progress | None = None) -> tuple[int, list[str]]:
        """Send what waits; return how many writes went, and what is held here with the reason.

        A write that its collection does not take (any more) is held: it stays readable on this device, the others go.
        """
        by_place: dict[str | bytes, list[tuple[int, Write]]] = {}
        for number, value in self._store.queued():
            write = Write.of(value)
            by_place.setdefault(write.place, []).append((number, write))
        sent = 0
        reasons: dict[int, bytes] = {}
        told: list[str] = []
        for place, waiting in by_place.items():
            held: list[_Held] = []
            sent += await self._send(place, coalesced(waiting, self._store.tried()), held, progress)
            reasons |= {number: encode([one.reason, one.why]) for one in held for number in one.step.numbers}
            told += self._say(place, held)
        self._store.put_held(reasons)
        return sent, told

    async def _send(self, place: str | bytes, steps: list[Step], held: list["_Held"], progress: Progress | None) -> int:
        """Send one collection's steps; add to `held` what it does not take; return the number of writes sent."""
        self._store.unqueue([number for step in steps if step.write is None for number in step.numbers])
        steps = [step for step in steps if step.write is not None]
        if not steps:
            return 0
        foreign = isinstance(place, bytes) and not self._index.is_own(place)
        try:
            collection = place if isinstance(place, bytes) else (await self._index.ensure(place)).id
            state = await self._vault.pull(collection)
        except MindhavenError as error:
            if self._is_split(error):
                return self._hold_split(place, steps, held)
            _raise_if_general(error, foreign=foreign)
            held += [_Held(step, *reason_of(error)) for step in steps]
            return 0
        going = []
        for step in steps:
            reason = self._refusal(state, step)
            if reason is None:
                going.append(step)
            else:
                held.append(_Held(step, reason, WHY[reason]))
        sent = 0
        for start in range(0, len(going), PUSH_BATCH):
            sent += await self._send_batch(collection, going[start : start + PUSH_BATCH], held, foreign=foreign)
            if progress is not None:
                progress(min(start + PUSH_BATCH, len(going)), len(going))
        return sent

    async def _send_batch(self, collection: bytes, steps: list[Step], held: list["_Held"], *, foreign: bool) -> int:
        """Send a batch whole; if it is refused, one by one, so that one refused write holds no other."""
        self._store.mark_tried([number for step in steps for number in step.numbers])
        try:
            await self._vault.write(collection, [draft for step in steps if (draft := _draft(step)) is not None])
        except MindhavenError as error:
            _raise_if_general(error, foreign=foreign)
            if len(steps) > 1 and (isinstance(error, DeniedError) or error.reason == FILE_GONE):
                return sum([await self._send_batch(collection, [one], held, foreign=foreign) for one in steps])
            held += [_Held(step, *reason_of(error)) for step in steps]
            return 0
        self._store.unqueue([number for step in steps for number in step.numbers])
        return sum(len(step.numbers) for step in steps)

    def _hold_split(self, place: str | bytes, steps: list[Step], held: list["_Held"]) -> int:
        """Hold what would go to a collection with two histories."""
        listed = self._index.named(place) if isinstance(place, str) else self._index.listed(place)
        self._split |= set() if listed is None else {listed.id}
        held += [_Held(step, "split", WHY["split"]) for step in steps]
        return 0

    def _refusal(self, state: ChainState, step: Step) -> str | None:
        assert step.write is not None
        current = self._store.item_state(state.collection, step.write.item)
        return refusal(state, current, step.write, uid=self._access.need_me().uid, day=today())

    def _say(self, place: str | bytes, held: list["_Held"]) -> list[str]:
        """Return one sentence for each reason."""
        listed = None if isinstance(place, str) else self._index.listed(place)
        name = place if isinstance(place, str) else ("a shared collection" if listed is None else listed.name)
        counts = Counter(one.why for one in held)
        return [f"{count} {'entry' if count == 1 else 'entries'} for {name}: {why}" for why, count in counts.items()]


@dataclass(frozen=True, slots=True)
class _Held:
    """One step that is held, with the reason's code and sentence."""

    step: Step
    reason: str
    why: str


def _raise_if_general(error: MindhavenError, *, foreign: bool) -> None:
    """Raise what concerns more than one collection; what another's collection refuses or breaks holds its writes."""
    if isinstance(error, OfflineError | UnavailableError | SignedOutError):
        raise error
    full = error.reason in {"collection-full", "too-many-collections", FILE_GONE}
    if not foreign and not full and not isinstance(error, DeniedError | NotFoundError):
        raise error


def _draft(step: Step) -> Draft | None:
    """Return what waits for an item as the draft to seal; None where nothing does."""
    write = step.write
    if write is None:
        return None
    if write.content is None:
        return Draft(write.item, write.month, None)
    content = Content.decode(write.content)

    def as_conflict(original: bytes) -> Content:
        record, notes = from_content(content)
        return to_content(record, Notes(original, notes.files))

    return Draft(write.item, write.month, content, write.base + 1, write.blobs, as_conflict, tuple(step.sent))
