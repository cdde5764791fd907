"""The rules of a collection's chain: who may sign what, judged by the server and by every client alike.

Implements spec/chain.md. `begin` takes the genesis, `judge` every later commit; both return the state after it.
Guarantees: a state is only ever reached through commits that every rule allows, judged against the members in force
before them. Does not: fetch anything; what it must know of items comes through `Facts`. No I/O.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from mindhaven.crypto.encoding import Value, decode, encode
from mindhaven.crypto.sign import VerifyKeys, verify
from mindhaven.errors import IntegrityError
from mindhaven.protocol import shape
from mindhaven.protocol.account import AccountState
from mindhaven.protocol.collection import (
    TYPE,
    Commit,
    Erase,
    History,
    Key,
    Leave,
    Member,
    Members,
    Open,
    Owner,
    Put,
    Rejoin,
    Role,
    Settings,
    Snapshot,
    genesis_id,
)
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.epoch import Epoch, Wrap

MAX_STATE_EPOCHS: Final = 100_000


class RuleError(IntegrityError):
    """A commit that the chain's rules refuse; `reason` names the rule of spec/chain.md."""

    code = "chain-rule"


class HeadError(IntegrityError):
    """A commit that does not follow the head: rollback, fork, drop or reorder."""

    code = "chain-head"


@dataclass(frozen=True, slots=True)
class ItemState:
    """What the chain says of an item: its newest revision, that revision's epoch, its author and month, its end."""

    revision: int
    epoch: int
    author: bytes
    month: int
    erased: bool = False


class Facts(Protocol):
    """What a judgement must know beside the state."""

    def item(self, item: bytes) -> ItemState | None:
        """Return what the chain says of `item` before this commit, or None if its id was never used."""
        ...

    def live_epochs(self) -> Collection[int]:
        """Return the epochs in which a live item's newest revision is sealed."""
        ...

    def key_stated(self, uid: bytes, key_id: int) -> bool:
        """Return whether the verified account chain of `uid` states that generation."""
        ...

    def commit_hash(self, seq: int) -> bytes | None:
        """Return the hash of this collection's commit at `seq`, or None if it has none there (yet)."""
        ...


@dataclass(frozen=True, slots=True)
class ChainState:
    """A collection at its head: members in force, settings, epochs, and the newest key id known of each member."""

    collection: bytes
    seq: int
    head: bytes
    members: Mapping[bytes, Member]
    settings: Settings
    epochs: Mapping[int, Epoch]
    known_keys: Mapping[bytes, int]
    signed_keys: Mapping[bytes, int]

    @property
    def owner(self) -> bytes:
        """The uid of the one owner."""
        return next(uid for uid, member in self.members.items() if member.role is Role.OWNER)

    def entitled(self, month: int, day: int) -> dict[bytes, int]:
        """Return the members entitled to `month` on `day`, with the newest key id known of each (0: none yet)."""
        return {uid: self.known_keys.get(uid, 0) for uid, member in self.members.items() if member.entitled(month, day)}

    def fitting_epoch(self, month: int, day: int) -> Epoch | None:
        """Return the newest epoch of `month` that may seal on `day`: the one re-keying rule of spec/epoch.md step 7."""
        wanted = self.entitled(month, day)
        for number in sorted(self.epochs, reverse=True):
            epoch = self.epochs[number]
            if epoch.month == month and epoch.holders == wanted:
                return epoch
        return None

    def encode(self) -> bytes:
        """Return this state as CBOR, for a store of one's own; it is never sent."""
        epochs: list[Value] = [
            [epoch.number, epoch.month, epoch.commitment, epoch.author, [[u, k] for u, k in epoch.holders.items()]]
            for epoch in self.epochs.values()
        ]
        return encode(
            [
                self.collection,
                self.seq,
                self.head,
                [member.value() for member in self.members.values()],
                self.settings.value(),
                epochs,
                [[uid, n] for uid, n in self.known_keys.items()],
                [[uid, n] for uid, n in self.signed_keys.items()],
            ]
        )

    @classmethod
    def decode(cls, data: bytes) -> "ChainState":
        """Return the state that `encode` gave."""
        collection, seq, head, members, settings, epochs, known, signed = shape.fields(decode(data), 8, "A state")
        parsed = [Member.of(member) for member in members]
        return cls(
            collection,
            seq,
            head,
            {member.uid: member for member in parsed},
            Settings.of(settings),
            {n: Epoch(n, month, commitment, author, dict(holders)) for n, month, commitment, author, holders in epochs},
            dict(known),
            dict(signed),
        )


@dataclass(slots=True)
class Judged:
    """The outcome of one commit: the state after it, and the items it changed with their state before it."""

    state: ChainState
    items: dict[bytes, ItemState] = field(default_factory=dict)
    before: dict[bytes, ItemState | None] = field(default_factory=dict)


def verify_author(signed: Signed, commit: Commit, account: AccountState) -> None:
    """Verify that the commit's author, whose whole chain is known, signed it: spec/chain.md steps 1-3.

    Raises `IntegrityError`: author-mismatch, unknown-generation, and what `verify_signed` raises.
    """
    if account.uid != commit.author:
        raise IntegrityError("A commit is checked against another account than its author's.", code="author-mismatch")
    keys = account.keys_of(commit.key_id)
    verify_signed(signed, commit, keys.signing, statement=account.introduced[commit.key_id])


def verify_signed(signed: Signed, commit: Commit, keys: VerifyKeys, *, statement: bytes) -> None:
    """Verify a commit by the keys of the generation it names, which `statement` (a hash) brought.

    Raises `IntegrityError`: signature-count, signature-invalid, key-statement.
    """
    verify(TYPE, keys, signed.body, list(signed.signatures), hybrid=not commit.fast)
    for change in commit.changes:
        if isinstance(change, Key) and (change.generation != commit.key_id or change.statement != statement):
            raise IntegrityError("A new key is not the one that its account states.", code="key-statement")


def begin(signed: Signed, commit: Commit, facts: Facts) -> Judged:
    """Judge a genesis: spec/chain.md step 4. The caller has verified its author."""
    if commit.seq != 0:
        raise HeadError("A collection does not begin with its first commit.", code="chain-begin")
    if genesis_id(commit) != commit.collection:
        raise HeadError("This collection is not the one that its id names.", code="collection-id")
    first = commit.changes[0]
    if not isinstance(first, Members) or first.members != (Member(commit.author, Role.OWNER, 0, 0),):
        raise RuleError("A collection begins with its owner as its only member.", code="genesis-members")
    if first.consent is not None or first.wraps:
        raise RuleError("A collection begins without a grant.", code="genesis-members")
    state = ChainState(
        collection=commit.collection,
        seq=0,
        head=signed.hash(TYPE),
        members={commit.author: first.members[0]},
        settings=first.settings,
        epochs={},
        known_keys={commit.author: commit.key_id},
        signed_keys={commit.author: commit.key_id},
    )
    judge = _Judge(state, commit, facts)
    judge.changes(commit.changes[1:])
    return judge.done(state.head)


def judge(state: ChainState, signed: Signed, commit: Commit, facts: Facts) -> Judged:
    """Judge a commit that follows `state`: spec/chain.md steps 5-16. The caller has verified its author.

    Raises `HeadError` if it does not follow the head, `RuleError` naming the rule that it breaks.
    """
    # 5. It follows the head.
    if commit.collection != state.collection:
        raise HeadError("A commit belongs to another collection.", code="chain-collection")
    if commit.seq != state.seq + 1:
        raise HeadError("A commit is missing or out of order.", code="chain-order")
    if commit.prev != state.head:
        raise HeadError("This collection has two histories.", code="chain-fork")
    # 6. Its author is a member whose time has not ended, signing with its newest key.
    member = state.members.get(commit.author)
    if member is None or not member.active(commit.day):
        raise RuleError("The author may not write here (any more).", code="not-a-member")
    changes = _check_key(state, commit)
    verdict = _Judge(state, commit, facts)
    verdict.changes(changes)
    return verdict.done(signed.hash(TYPE))


def _check_key(state: ChainState, commit: Commit) -> Sequence[object]:
    """Step 7: no key older than the newest known, and a new one is announced first. Returns the other changes."""
    announced = isinstance(commit.changes[0], Key)
    signed_with = state.signed_keys.get(commit.author)
    if commit.key_id < max(state.known_keys.get(commit.author, 0), signed_with or 0):
        raise RuleError("This commit is signed with a key that was replaced.", code="key-replaced")
    if announced:
        change = commit.changes[0]
        assert isinstance(change, Key)
        if change.generation != commit.key_id or (signed_with is not None and commit.key_id <= signed_with):
            raise RuleError("A key change names another key than the one that signs.", code="key-change")
        return commit.changes[1:]
    if signed_with is not None and commit.key_id != signed_with:
        raise RuleError("A member's first commit under a new key begins with that key.", code="key-unannounced")
    return commit.changes


class _Judge:
    """One commit under judgement; holds the state as its changes take effect, in order."""

    def __init__(self, state: ChainState, commit: Commit, facts: Facts) -> None:
        self._author = commit.author
        self._day = commit.day
        self._seq = commit.seq
        self._facts = facts
        self._key_id = commit.key_id
        self._outcome = Judged(state)
        self._usable: dict[int, int] = {}
        """Epochs that the author may seal in, with their months: a commit of a hundred puts asks once."""
        self._epochs = dict(state.epochs)
        self._known = dict(state.known_keys)
        self._known[commit.author] = max(commit.key_id, self._known.get(commit.author, 0))
        self._state = replace(
            state,
            epochs=self._epochs,
            known_keys=self._known,
            signed_keys={**state.signed_keys, commit.author: commit.key_id},
        )

    def done(self, head: bytes) -> Judged:
        self._outcome.state = replace(self._state, seq=self._seq, head=head)
        return self._outcome

    def changes(self, changes: Sequence[object]) -> None:
        for place, change in enumerate(changes, 1):
            match change:
                case Put():
                    self._put(change)
                case Erase():
                    self._erase(change)
                case Open():
                    self._open(change)
                case Members():
                    self._members(change)
                case Leave():
                    self._leave()
                case Owner():
                    self._hand_over(change)
                case Key():
                    raise RuleError("A key change is the first change of its commit.", code="key-change")
                case Rejoin():
                    self._rejoin(change, next(iter(changes[place:]), None))
                case Snapshot():
                    self._need_owner()
                case _:
                    raise RuleError("This change has no rule.", code="change-unknown")

    # -- 8. put

    def _put(self, put: Put) -> None:
        month = self._usable.get(put.epoch)
        if month is None:
            month = self._usable[put.epoch] = self._use(put.epoch)
        current = self._current(put.item)
        if current is None:
            if put.revision != 1:
                raise RuleError("A record does not begin with its first revision.", code="revision-order")
            author = self._author
        else:
            if current.erased:
                raise RuleError("An erased record's id is used again.", code="item-erased")
            if current.author != self._author:
                raise RuleError("Nobody edits another's record.", code="not-the-author")
            if put.revision != current.revision + 1:
                raise RuleError("A record's revision is missing or out of order.", code="revision-order")
            if current.month != month:
                raise RuleError("A revision stays in its record's month.", code="month-changed")
            author = current.author
        self._outcome.items[put.item] = ItemState(put.revision, put.epoch, author, month)

    def _use(self, number: int) -> int:
        """Return the month of an epoch that the author may seal in now."""
        me = self._need_writer()
        epoch = self._state.epochs.get(number)
        if epoch is None:
            raise RuleError("A record is sealed in an epoch that was never opened.", code="epoch-unknown")
        if not me.entitled(epoch.month, self._day):
            raise RuleError("The author may not write in this month.", code="month-not-entitled")
        if epoch.holders != self._state.entitled(epoch.month, self._day):
            raise RuleError("A record is sealed in an epoch that others than the members hold.", code="epoch-holders")
        return epoch.month

    # -- 9. erase

    def _erase(self, erase: Erase) -> None:
        me = self._need_writer()
        current = self._current(erase.item)
        if current is None or current.erased:
            raise RuleError("A record that is not there is erased.", code="item-not-live")
        if current.author != self._author and me.role is not Role.OWNER:
            raise RuleError("Only its author or the owner erases a record.", code="not-the-author")
        if self._day < self._state.settings.hold_until:
            raise RuleError("The law keeps these records until a later day.", code="on-hold")
        self._outcome.items[erase.item] = replace(current, erased=True)

    def _current(self, item: bytes) -> ItemState | None:
        changed = self._outcome.items.get(item)
        if changed is not None:
            return changed
        current = self._facts.item(item)
        self._outcome.before.setdefault(item, current)
        return current

    # -- 10. open

    def _open(self, change: Open) -> None:
        me = self._need_writer()
        if change.epoch != max(self._epochs, default=0) + 1:
            raise RuleError("An epoch is missing or out of order.", code="epoch-order")
        if not me.entitled(change.month, self._day):
            raise RuleError("The author may not open this month.", code="month-not-entitled")
        if {entry.uid for entry in change.wraps} != set(self._state.entitled(change.month, self._day)):
            raise RuleError("An epoch is not wrapped to exactly the members entitled to it.", code="epoch-wraps")
        self._take_wraps(change.wraps)
        holders = {self._author: self._key_id}
        epoch = Epoch(change.epoch, change.month, change.commitment, self._author, holders)
        self._epochs[change.epoch] = epoch.with_wraps(change.wraps)

    def _take_wraps(self, wraps: Collection[Wrap]) -> None:
        for entry in wraps:
            known = self._known.get(entry.uid)
            if known is not None and entry.key_id < known:
                raise RuleError("A key is wrapped to a member's replaced key.", code="wrap-key-replaced")
            if not self._facts.key_stated(entry.uid, entry.key_id):
                raise RuleError("A key is wrapped to a key that its owner never stated.", code="wrap-key-unknown")
        for entry in wraps:
            self._known[entry.uid] = entry.key_id
        self._usable.clear()

    # -- 11. members

    def _members(self, change: Members) -> None:
        self._need_owner()
        wanted = {member.uid: member for member in change.members}
        if len(wanted) != len(change.members):
            raise RuleError("A member is listed twice.", code="members-double")
        owners = [member for member in change.members if member.role is Role.OWNER]
        if owners != [Member(self._author, Role.OWNER, 0, 0)]:
            raise RuleError("A collection has exactly one owner, who stays.", code="members-owner")
        gaining = [member for uid, member in wanted.items() if gains(self._state.members.get(uid), member)]
        if gaining and change.consent is None and change.settings.processing_entry is None:
            raise RuleError("Nobody gains access without a consent.", code="consent-missing")
        if change.consent is not None and len(gaining) > 1:
            raise RuleError("A consent is for one person; each further one needs their own.", code="consent-shared")
        self._check_settings(change.settings)
        self._state = replace(self._state, members=wanted, settings=change.settings)
        for number, wraps in change.wraps:
            epoch = self._epochs.get(number)
            if epoch is None:
                raise RuleError("An epoch that was never opened is handed out.", code="epoch-unknown")
            for entry in wraps:
                recipient = wanted.get(entry.uid)
                if recipient is None or not recipient.entitled(epoch.month, self._day):
                    raise RuleError("A key is handed to one who is not entitled to it.", code="wrap-not-entitled")
            self._take_wraps(wraps)
            self._epochs[number] = epoch.with_wraps(wraps)
        for member in gaining:
            self._need_complete(member)
        self._usable.clear()

    def _check_settings(self, settings: Settings) -> None:
        before = self._state.settings
        if settings.hold_until < before.hold_until:
            raise RuleError("A hold can't be shortened.", code="hold-shortened")
        if before.history is History.KEEP and settings.history is History.DROP and self._day < before.hold_until:
            raise RuleError("History is kept while a hold runs.", code="history-on-hold")

    def _need_complete(self, member: Member) -> None:
        for number in self._facts.live_epochs():
            epoch = self._epochs[number]
            if not member.entitled(epoch.month, self._day):
                continue
            held = epoch.holders.get(member.uid)
            if held is None or held != self._known.get(member.uid):
                raise RuleError("A grant leaves out records that it covers.", code="grant-incomplete")

    # -- 12. leave, 13. owner

    def _leave(self) -> None:
        if self._me().role is Role.OWNER:
            raise RuleError("An owner can't leave; hand the collection over first.", code="owner-leaves")
        left = {uid: member for uid, member in self._state.members.items() if uid != self._author}
        self._state = replace(self._state, members=left)
        self._usable.clear()

    def _hand_over(self, change: Owner) -> None:
        self._need_owner()
        target = self._state.members.get(change.uid)
        if target is None or change.uid == self._author or not target.active(self._day):
            raise RuleError("A collection passes only to another member.", code="owner-target")
        newest = self._known.get(change.uid)
        held = [epoch.holders.get(change.uid) for epoch in self._epochs.values()]
        if any(key_id is None or key_id != newest for key_id in held):
            raise RuleError("A collection passes only to one who holds every key of it.", code="owner-holds-all")
        members = dict(self._state.members)
        members[self._author] = Member(self._author, Role.WRITER, 0, 0)
        members[change.uid] = Member(change.uid, Role.OWNER, 0, 0)
        self._state = replace(self._state, members=members)
        self._usable.clear()

    # -- 15. rejoin

    def _rejoin(self, change: Rejoin, members: object) -> None:
        self._need_owner()
        if self._facts.commit_hash(change.seq) != change.hash:
            raise RuleError("A rejoin names a commit that is not in this history.", code="rejoin-place")
        if not isinstance(members, Members) or members.consent is not None:
            raise RuleError("A rejoin comes with the full list of members.", code="rejoin-members")
        if any(gains(self._state.members.get(member.uid), member) for member in members.members):
            raise RuleError("Nobody gains access by a rejoin.", code="rejoin-members")

    # -- who

    def _me(self) -> Member:
        me = self._state.members.get(self._author)
        if me is None:
            raise RuleError("The author has left.", code="not-a-member")
        return me

    def _need_writer(self) -> Member:
        me = self._me()
        if me.role is Role.READER:
            raise RuleError("A reader may not write.", code="reader-writes")
        return me

    def _need_owner(self) -> None:
        if self._me().role is not Role.OWNER:
            raise RuleError("Only the owner may do this.", code="not-the-owner")


def gains(old: Member | None, new: Member) -> bool:
    """Return whether `new` may do or read anything that `old` may not."""
    if old is None:
        return True
    longer = old.until != 0 and (new.until == 0 or new.until > old.until)
    return new.role > old.role or new.since < old.since or longer
