"""A collection lived through at random, against a small model of who may do what.

The model knows members, days, months and keys; it knows nothing of `chain.py`. People try what they may and what they
may not; both must agree each time.
"""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mindhaven.crypto.wrap import Wrapped
from mindhaven.errors import MindhavenError
from mindhaven.protocol import chain
from mindhaven.protocol.collection import Commit, Erase, Key, Leave, Member, Members, Open, Owner, Put, Role, Settings
from mindhaven.protocol.collection import genesis_id as id_of
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.epoch import Wrap

PEOPLE = tuple(bytes([n]) * 32 for n in range(1, 5))
MONTHS = (0, 202609, 202610)
MONTH = st.sampled_from(MONTHS)
READER, WRITER, OWNER = 1, 2, 3
HASH = bytes(32)


@dataclass
class Item:
    author: bytes
    month: int
    epoch: int
    revision: int = 1
    erased: bool = False


@dataclass
class Model:
    """What everybody should see: role, first month and last day of each member; who holds which epoch by which key."""

    day: int = 20000
    members: dict = field(default_factory=dict)
    epochs: list = field(default_factory=list)
    items: dict = field(default_factory=dict)
    newest: dict = field(default_factory=lambda: dict.fromkeys(PEOPLE, 1))
    seen: dict = field(default_factory=dict)
    signed: dict = field(default_factory=dict)

    def in_time(self, who):
        return who in self.members and (self.members[who][2] == 0 or self.day <= self.members[who][2])

    def may_read(self, who, month):
        if who not in self.members:
            return False
        role, since, _ = self.members[who]
        return role == OWNER or (self.in_time(who) and (month == 0 or since <= month))

    def may_write(self, who, month):
        return self.in_time(who) and self.members[who][0] >= WRITER and self.may_read(who, month)

    def owns(self, who):
        return who in self.members and self.members[who][0] == OWNER

    def readers(self, month):
        return {who for who in self.members if self.may_read(who, month)}

    def seals(self, number, by):
        """Whether exactly those who may read the epoch's month hold it, each by the newest key seen of them."""
        month, holders = self.epochs[number - 1]
        seen = {**self.seen, by: self.newest[by]}
        return holders == {who: seen.get(who) for who in self.readers(month)}


class Collection(RuleBasedStateMachine):
    """Four people, one of whom begins a collection."""

    @initialize()
    def begin(self):
        self.model = Model(members={PEOPLE[0]: (OWNER, 0, 0)})
        owner = Members((Member(PEOPLE[0], Role.OWNER, 0, 0),), Settings(), None)
        empty = Commit(HASH, 0, HASH, PEOPLE[0], 1, 20000, (owner,))
        genesis = Commit(id_of(empty), 0, HASH, PEOPLE[0], 1, 20000, (owner,))
        self.state = chain.begin(Signed(genesis.encode(), ()), genesis, self).state
        self.model.seen = {PEOPLE[0]: 1}
        self.model.signed = {PEOPLE[0]: 1}

    # What `chain` asks of its caller.

    def item(self, item):
        known = self.model.items.get(item)
        return known and chain.ItemState(known.revision, known.epoch, known.author, known.month, known.erased)

    def live_epochs(self):
        return {item.epoch for item in self.model.items.values() if not item.erased}

    def commit_hash(self, seq):
        return None

    def key_stated(self, uid, key_id):
        return key_id < 1000

    def attempt(self, who, *changes, key=None):
        """Try a commit; return whether it was taken. One that is refused leaves the state untouched."""
        newest = key or self.model.newest[who]
        signed = self.model.signed.get(who)
        said = (Key(newest, HASH),) if signed and newest > signed else ()
        commit = Commit(self.state.collection, self.state.seq + 1, self.state.head, who, newest, self.model.day,
                        (*said, *changes))  # fmt: skip
        before = self.state.encode()
        try:
            judged = chain.judge(self.state, Signed(commit.encode(), ()), Commit.decode(commit.encode()), self)
        except MindhavenError as error:
            assert isinstance(error, chain.RuleError | chain.HeadError)  # noqa: PT017 - both outcomes are compared
            assert self.state.encode() == before
            return False
        assert self.state.encode() == before, "a judgement gives a new state and leaves the old one"
        self.state = judged.state
        self.model.signed[who] = newest
        self.model.seen[who] = max(newest, self.model.seen.get(who, 0))
        return True

    def wraps(self, people):
        return tuple(Wrap(who, self.model.newest[who], Wrapped(bytes(1120), bytes(48))) for who in sorted(people))

    # What people do.

    @rule(days=st.integers(1, 4))
    def days_pass(self, days):
        self.model.day += days

    @rule(who=st.sampled_from(PEOPLE))
    def rotates(self, who):
        self.model.newest[who] += 1

    @rule(who=st.sampled_from(PEOPLE), month=MONTH, name=st.integers(0, 5))
    def writes(self, who, month, name):
        """By the one rule: in the newest epoch that fits, or in one opened with it."""
        model, item = self.model, bytes([name]) * 16
        fitting = [n for n, (m, _) in enumerate(model.epochs, 1) if m == month and model.seals(n, who)]
        changes, number = [], fitting[-1] if fitting else len(model.epochs) + 1
        if not fitting:
            changes.append(Open(number, month, HASH, self.wraps(model.readers(month))))
        self.put(who, item, month, number, changes, may=model.may_write(who, month))

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(1, 6), name=st.integers(0, 5))
    def writes_without_looking(self, who, number, name):
        """Into any epoch there is, whoever holds it."""
        if number <= len(self.model.epochs):
            month = self.model.epochs[number - 1][0]
            may = self.model.may_write(who, month) and self.model.seals(number, who)
            self.put(who, bytes([name]) * 16, month, number, [], may=may)

    def put(self, who, item, month, number, changes, *, may):
        model, known = self.model, self.model.items.get(item)
        revision = known.revision + 1 if known else 1
        may = may and (known is None or (known.author == who and known.month == month and not known.erased))
        entitled = model.readers(month)
        assert self.attempt(who, *changes, Put(item, revision, number, HASH, HASH)) == may
        if not may:
            return
        if changes:
            model.epochs.append((month, {person: model.newest[person] for person in entitled}))
            model.seen |= model.epochs[-1][1]
        model.items[item] = Item(who, month, number, revision)
        holders = dict(self.state.epochs[number].holders)
        assert set(holders) == entitled, "what is new is held by exactly those who are entitled to it"
        assert holders == {person: model.seen[person] for person in entitled}
        assert all(model.in_time(person) for person in holders), "nobody whose time is over holds what is new"

    @rule(who=st.sampled_from(PEOPLE), month=MONTH, out=st.sampled_from(PEOPLE))
    def opens_with_one_more_or_less(self, who, month, out):
        model = self.model
        wrapped = self.wraps(model.readers(month) ^ {out})
        assert not self.attempt(who, Open(len(model.epochs) + 1, month, HASH, wrapped))

    @rule(who=st.sampled_from(PEOPLE), name=st.integers(0, 5))
    def erases(self, who, name):
        model, item = self.model, bytes([name]) * 16
        known = model.items.get(item)
        writes = model.in_time(who) and model.members[who][0] >= WRITER
        may = writes and known is not None and not known.erased and (known.author == who or model.owns(who))
        assert self.attempt(who, Erase(item)) == may
        if may:
            known.erased = True

    @rule(by=st.sampled_from(PEOPLE), who=st.sampled_from(PEOPLE), role=st.sampled_from([READER, WRITER]), since=MONTH,
          days=st.sampled_from([None, 0, 3]), consent=st.booleans(), wrapped=st.booleans())  # fmt: skip
    def lists(self, by, who, role, since, days, consent, wrapped):
        model = self.model
        if model.owns(who):
            return
        until = 0 if days is None else model.day + days
        before, wanted = model.members.get(who), {**model.members, who: (role, since, until)}
        gains = (
            before is None or role > before[0] or since < before[1] or (before[2] and (not until or until > before[2]))
        )
        covered = {n for n in self.live_epochs() if model.epochs[n - 1][0] in (0, *[m for m in MONTHS if m >= since])}
        holds = all(model.epochs[n - 1][1].get(who) == model.seen.get(who) is not None for n in covered)
        may = model.owns(by) and (not gains or (consent and (wrapped or holds)))
        listed = tuple(Member(uid, Role(r), s, u) for uid, (r, s, u) in wanted.items())
        handed = tuple((n, self.wraps([who])) for n in sorted(covered)) if wrapped else ()
        change = Members(listed, Settings(), HASH if consent else None, handed)
        assert self.attempt(by, change) == may
        if may:
            model.members = wanted
            if wrapped and covered:
                for number in covered:
                    model.epochs[number - 1][1][who] = model.newest[who]
                model.seen[who] = model.newest[who]

    @rule(by=st.sampled_from(PEOPLE), who=st.sampled_from(PEOPLE))
    def revokes(self, by, who):
        model = self.model
        wanted = {uid: terms for uid, terms in model.members.items() if uid != who}
        may = model.owns(by) and by != who
        listed = tuple(Member(uid, Role(r), s, u) for uid, (r, s, u) in wanted.items())
        assert self.attempt(by, Members(listed, Settings(), None)) == may
        if may:
            model.members = wanted

    @rule(who=st.sampled_from(PEOPLE))
    def leaves(self, who):
        model = self.model
        may = model.in_time(who) and not model.owns(who)
        assert self.attempt(who, Leave()) == may
        if may:
            del model.members[who]

    @rule(by=st.sampled_from(PEOPLE), to=st.sampled_from(PEOPLE))
    def hands_over(self, by, to):
        model = self.model
        seen = {**model.seen, by: model.newest[by]}
        holds = all(holders.get(to) == seen.get(to) is not None for _, holders in model.epochs)
        may = model.owns(by) and by != to and model.in_time(to) and holds
        assert self.attempt(by, Owner(to)) == may
        if may:
            model.members |= {by: (WRITER, 0, 0), to: (OWNER, 0, 0)}

    @rule(who=st.sampled_from(PEOPLE))
    def signs_with_an_old_key(self, who):
        seen = self.model.seen.get(who, 0)
        if seen > 1:
            assert not self.attempt(who, Erase(bytes(16)), key=seen - 1)

    # The same by people who know what they may do: or else most attempts would be refused.

    def member(self, number):
        return sorted(self.model.members)[number % len(self.model.members)]

    @rule(who=st.sampled_from(PEOPLE), role=st.sampled_from([READER, WRITER]), since=MONTH, wrapped=st.booleans(),
          days=st.sampled_from([None, 3]))  # fmt: skip
    def owner_shares(self, who, role, since, wrapped, days):
        self.lists(by=self.state.owner, who=who, role=role, since=since, days=days, consent=True, wrapped=wrapped)

    @rule(number=st.integers(0, 3), month=MONTH, name=st.integers(0, 5))
    def member_writes(self, number, month, name):
        self.writes(who=self.member(number), month=month, name=name)

    @rule(number=st.integers(0, 3), name=st.integers(0, 5))
    def member_erases(self, number, name):
        self.erases(who=self.member(number), name=name)

    @rule(number=st.integers(0, 3))
    def member_leaves(self, number):
        self.leaves(who=self.member(number))

    @rule(number=st.integers(0, 3))
    def owner_gives_all_keys_and_hands_over(self, number):
        """What the owner's program does: every epoch to the newest key of the one who comes next, then the change."""
        model, to = self.model, self.member(number)
        listed = tuple(Member(uid, Role(r), s, u) for uid, (r, s, u) in model.members.items())
        epochs = [n for n, (month, _) in enumerate(model.epochs, 1) if model.may_read(to, month)]
        change = Members(listed, Settings(), None, tuple((n, self.wraps([to])) for n in epochs))
        assert self.attempt(self.state.owner, change)
        for n in epochs:
            model.epochs[n - 1][1][to] = model.seen[to] = model.newest[to]
        self.hands_over(by=self.state.owner, to=to)

    # What holds at every moment.

    @invariant()
    def the_members_are_those_of_the_model(self):
        found = {uid: (int(m.role), m.since, m.until) for uid, m in self.state.members.items()}
        assert found == self.model.members
        assert sum(role == OWNER for role, _, _ in found.values()) == 1
        assert self.model.owns(self.state.owner)

    @invariant()
    def the_epochs_are_held_as_the_model_says(self):
        assert [(e.month, dict(e.holders)) for e in self.state.epochs.values()] == self.model.epochs
        assert dict(self.state.known_keys) == self.model.seen

    @invariant()
    def a_stored_state_is_the_same_state(self):
        assert chain.ChainState.decode(self.state.encode()) == self.state

    @invariant()
    def the_fitting_epoch_is_held_by_exactly_the_entitled(self):
        for month in MONTHS:
            epoch = self.state.fitting_epoch(month, self.model.day)
            if epoch is not None:
                assert set(epoch.holders) == self.model.readers(month)


TestCollection = Collection.TestCase
TestCollection.settings = settings(max_examples=200, stateful_step_count=50)
