# ruff: noqa: E501 - tables: one case a line

import pytest

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.seal import seal_box
from mindhaven.crypto.secrets import EpochKey, FileKey, RootKey, Seed, SlotSecret
from mindhaven.crypto.wrap import UnwrapKey, Wrapped, wrap
from mindhaven.errors import InvalidInputError, MindhavenError
from mindhaven.protocol import account, card, chain, collection, consent, envelope, epoch, event, shape, slots
from mindhaven.protocol.account import Identity
from mindhaven.protocol.attachment import AttachmentRef, blob_hash, open_file, seal_file
from mindhaven.protocol.collection import Commit, Member, Members, Role, Settings
from mindhaven.protocol.encoding import Signed


def refused(code, action, *arguments, **named):
    with pytest.raises(MindhavenError) as caught:
        action(*arguments, **named)
    assert caught.value.reason == code
    return caught.value


def new_account(slots_hash=bytes(32)):
    root, identity = RootKey.fresh(), Identity.fresh(1)
    signed = account.genesis(root, identity, slots_hash)
    uid = account.Statement.decode(signed.body).uid
    return root, identity, account.verify_chain(uid, [signed]), signed


# -- account


def test_an_account_grows_by_signed_statements():
    root, identity, state, first = new_account()
    assert (state.generation, state.seq, state.identity) == (1, 0, identity.public)
    moved = account.succeed(state, root, root, identity, b"\x01" * 32)
    state = account.extend(state.uid, state, moved)
    assert (state.generation, state.seq, state.statement.slots_hash) == (1, 1, b"\x01" * 32)
    assert state.introduced == {1: first.hash("statement")}
    new_root, newer = RootKey.fresh(), Identity.fresh(2)
    rotated = account.succeed(state, root, new_root, newer, bytes(32))
    after = account.verify_chain(state.uid, [first, moved, rotated])
    assert (after.generation, after.seq, after.head) == (2, 2, rotated.hash("statement"))
    assert after.identities == {1: identity.public, 2: newer.public}
    assert after.introduced == {1: first.hash("statement"), 2: rotated.hash("statement")}
    assert after.keys_of(1) == identity.public
    refused("unknown-generation", after.keys_of, 3)
    refused("signature-invalid", account.extend, state.uid, state,
            account.succeed(state, new_root, new_root, newer, bytes(32)))  # fmt: skip


def test_a_root_serves_several_generations_of_identity_keys():
    root, _, state, _ = new_account()
    renewed = account.extend(state.uid, state, account.succeed(state, root, root, Identity.fresh(2), bytes(32)))
    assert (renewed.generation, renewed.root_generation) == (2, 1)
    new_root = RootKey.fresh()
    moved = account.extend(state.uid, renewed, account.succeed(renewed, root, new_root, Identity.fresh(3), bytes(32)))
    assert (moved.generation, moved.root_generation) == (3, 3)


def test_bundles_are_joined_from_the_newest_and_the_index_from_the_oldest():
    one, two, other_two, three = (Identity.fresh(number) for number in (1, 2, 2, 3))
    first, second, none = b"1" * 32, b"2" * 32, bytes(32)
    joined = slots.join_bundles([slots.Bundle({3: three, 2: two}, second), slots.Bundle({2: other_two}, first),
                                 slots.Bundle({1: one}, none)])  # fmt: skip
    assert joined.identities == {1: one, 2: two, 3: three}
    assert joined.index == first
    assert slots.join_bundles([slots.Bundle({1: one}, none)]).index == none


@pytest.mark.parametrize("count", [1, 2, 23, 24, 25, 255, 256, 1000, 9_999])
def test_a_sealed_bundle_is_no_longer_than_its_generations_make_it(count):
    plain = encode([[[number, b"x" * 32, b"e" * 32, b"m" * 32] for number in range(1, count + 1)], b"i" * 32])
    sealed = len(seal_box(RootKey.fresh(), "bundle", b"", plain))
    assert sealed <= slots.bundle_bytes_most(count) == 160 + 108 * count


def test_private_parts_say_nothing_of_themselves():
    assert repr(Identity.fresh(3)) == "<Identity of generation 3, hidden>"


# -- slots


def test_a_root_wrapped_to_a_slot_opens_by_its_secret():
    secret = SlotSecret.fresh()
    keys = slots.SlotKeys.of(secret, slots.SlotKind.PASSKEY)
    slot = slots.Slot(b"i" * 16, slots.SlotKind.PASSKEY, encode([]), keys.unwrapper.public)
    listed = slots.SlotList.fresh([slot])
    assert len(listed.salt) == 32
    assert listed.salt != slots.SlotList.fresh([slot]).salt
    assert slots.SlotList.decode(listed.encode()) == listed
    root, _, state, _ = new_account(listed.hash())
    wrapped = slots.wrap_root(root, state.uid, 1, slot)
    opened = slots.open_slot(keys, state, listed, slot.id, slots.slot_tag(keys, state.uid, slot), wrapped)
    assert opened == root
    assert isinstance(opened, RootKey)


def test_passphrase_parameters_go_through_the_slot():
    params = slots.PassphraseParams.fresh("ada", b"s" * 16)
    assert (params.memory_kib, params.passes, params.lanes) == (65536, 3, 1)
    assert params.value() == [65536, 3, 1, b"s" * 16, "ada"]
    slot = slots.Slot(b"i" * 16, slots.SlotKind.PASSPHRASE, encode(params.value()), bytes(1216))
    assert slot.passphrase_params() == params


@pytest.mark.parametrize("kind", [0, 5, 99])
def test_a_slot_of_an_unknown_kind_is_refused(kind):
    refused("slot-kind", slots.Slot.of, [b"i" * 16, kind, b"", bytes(1216)])


def test_a_bundle_goes_round_and_names_its_newest_identity():
    first, second = Identity.fresh(1), Identity.fresh(2)
    bundle = slots.Bundle({2: second, 1: first}, b"x" * 32)
    assert bundle.newest() is second
    again = slots.Bundle.decode(bundle.encode())
    assert [n for n, *_ in decode(bundle.encode())[0]] == [1, 2]
    assert {n: i.public for n, i in again.identities.items()} == {1: first.public, 2: second.public}
    assert again.index == b"x" * 32
    refused("bundle-empty", slots.Bundle.decode, encode([[], bytes(32)]))


def test_a_sealed_bundle_opens_with_the_root():
    root, identity, state, _ = new_account()
    bundle = slots.Bundle({1: identity}, bytes(32))
    opened = slots.open_bundle(root, state, slots.seal_bundle(root, state.uid, 1, bundle))
    assert opened.newest().seeds == identity.seeds


# -- consent, card


def sharing():
    _, ada, ada_state, _ = new_account()
    _, bob, bob_state, _ = new_account()
    return ada, ada_state, bob, bob_state


def test_a_consents_sealed_part_opens_for_both_and_for_nobody_else():
    ada, ada_state, bob, bob_state = sharing()
    sealed = consent.seal_part(["mood", 4], grantor=(ada_state.uid, 1, ada.public.xwing),
                               recipient=(bob_state.uid, 1, bob.public.xwing), collection=b"c" * 32)  # fmt: skip
    said = {"grantor": ada_state.uid, "collection": b"c" * 32}
    assert consent.open_part(sealed, uid=ada_state.uid, identity=ada, **said) == ["mood", 4]
    assert consent.open_part(sealed, uid=bob_state.uid, identity=bob, **said) == ["mood", 4]
    refused("consent-not-yours", consent.open_part, sealed, uid=bytes(32), identity=ada, **said)
    refused("consent-not-yours", consent.open_part, sealed, uid=bob_state.uid, identity=Identity.fresh(2), **said)


def test_a_consent_is_signed_by_both_keys():
    ada, state, _, other = sharing()
    given = consent.Consent(
        state.uid, other.uid, Role.READER, "TREAT", b"c" * 32, 0, 0, b"t" * 32, "en", "1", b"s" * 32
    )
    assert consent.verify_consent(given.sign(ada), state, generation=1) == given


def test_an_invitation_is_answered_and_read():
    ada, ada_state, bob, bob_state = sharing()
    invitation = card.Invitation(ada_state.uid, b"i" * 32, b"s" * 32)
    who = card.Answer(bob_state.uid, 1, "bob", "Bob")
    sealed = card.answer(invitation, ada_state, who, bob)
    assert card.answerer(sealed) == (bob_state.uid, 1)
    assert card.open_answer(invitation, sealed, ada, bob_state) == who


# -- collection, envelope, epoch, event, attachment


def test_a_commit_is_signed_once_or_twice():
    identity = Identity.fresh(1)
    fast = Commit(b"c" * 32, 1, bytes(32), b"a" * 32, 1, 2, (collection.Erase(b"i" * 16),))
    slow = Commit(b"c" * 32, 1, bytes(32), b"a" * 32, 1, 2, (collection.Leave(),))
    assert [len(s) for s in fast.sign(identity).signatures] == [64]
    assert [len(s) for s in slow.sign(identity).signatures] == [64, 3309]
    chain.verify_signed(fast.sign(identity), fast, identity.public.signing, statement=bytes(32))
    chain.verify_signed(slow.sign(identity), slow, identity.public.signing, statement=bytes(32))


def test_a_change_of_no_known_class_makes_no_commit_that_anyone_reads():
    foreign = Commit(b"c" * 32, 1, bytes(32), b"a" * 32, 1, 2, (object(),))
    refused("shape", Commit.decode, foreign.encode())


def test_a_change_of_no_known_class_is_not_judged():
    first = Members((Member(b"a" * 32, Role.OWNER, 0, 0),), Settings(), None)
    empty = Commit(bytes(32), 0, bytes(32), b"a" * 32, 1, 2, (first, object()))
    commit = Commit(collection.genesis_id(empty), 0, bytes(32), b"a" * 32, 1, 2, (first, object()))
    with pytest.raises((MindhavenError, AssertionError, TypeError)):
        chain.begin(Signed(commit.encode(), ()), commit, None)


def test_an_envelope_above_every_bound_is_refused_before_it_is_parsed():
    error = refused("envelope-too-large", envelope.read_header, bytes(5 * 1024 * 1024 + 1))
    assert isinstance(error, InvalidInputError)
    refused("encoding-not-canonical", envelope.read_header, bytes(5 * 1024 * 1024))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_salt_of_another_length_has_no_hash(length):
    refused("salt-length", envelope.salt_hash, bytes(length))


def test_an_epoch_key_is_wrapped_and_opened():
    bob, key = Identity.fresh(2), EpochKey.fresh()
    entry = epoch.wrap_epoch(
        key, b"c" * 32, 3, 202609, sender=b"a" * 32, uid=b"b" * 32, key_id=2, xwing=bob.public.xwing
    )
    assert epoch.Wrap.of(entry.value()) == entry
    commitment = epoch.key_commitment(key, b"c" * 32, 3, 202609)
    opened = epoch.open_epoch(entry, b"c" * 32, 3, 202609, commitment, sender=b"a" * 32, identity=bob)
    assert opened == key
    assert isinstance(opened, EpochKey)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_wrapped_epoch_key_of_another_length_names_its_sender(length):
    bob = Identity.fresh(1)
    info = epoch._info(b"c" * 32, 3, 0, b"k" * 32, sender=b"a" * 32, uid=b"b" * 32, key_id=1)
    entry = epoch.Wrap(b"b" * 32, 1, wrap(bob.public.xwing, bytes(length), info))
    refused("epoch-commitment", epoch.open_epoch, entry, b"c" * 32, 3, 0, b"k" * 32, sender=b"a" * 32, identity=bob)


def test_a_holder_is_never_put_back_to_an_older_key():
    holding = epoch.Epoch(1, 0, bytes(32), b"a" * 32, {b"a" * 32: 1, b"b" * 32: 3})
    old, new = (epoch.Wrap(b"b" * 32, n, Wrapped(bytes(1120), bytes(48))) for n in (2, 4))
    third = epoch.Wrap(b"c" * 32, 1, Wrapped(bytes(1120), bytes(48)))
    assert holding.with_wraps([old, third]).holders == {b"a" * 32: 1, b"b" * 32: 3, b"c" * 32: 1}
    assert holding.with_wraps([new]).holders == {b"a" * 32: 1, b"b" * 32: 4}
    assert holding.holders == {b"a" * 32: 1, b"b" * 32: 3}


@pytest.mark.parametrize(("subject", "prev"), [(31, 32), (32, 31), (33, 32), (32, 33), (0, 0)])
def test_an_event_names_subject_and_predecessor_by_32_bytes(subject, prev):
    refused(
        "event-shape", event.body, name="x", version=1, subject=bytes(subject), seq=0, prev=bytes(prev), at=0, fields=[]
    )


@pytest.mark.parametrize("at", [1, 3599, 3601])
def test_an_event_tells_its_time_by_the_hour(at):
    refused("event-shape", event.body, name="x", version=1, subject=bytes(32), seq=0, prev=bytes(32), at=at, fields=[])
    assert event.body(name="x", version=1, subject=bytes(32), seq=0, prev=bytes(32), at=7200, fields=[])


def test_a_file_in_any_parts_is_the_same_file():
    key, data = FileKey.fresh(), bytes(range(256)) * 600
    blobs = list(seal_file(key, [data], len(data)))
    assert list(seal_file(key, [data[:1], b"", data[1:70000], data[70000:]], len(data))) == blobs
    reference = AttachmentRef("n", "t", len(data), key, tuple(map(blob_hash, blobs)))
    assert b"".join(open_file(reference, iter(blobs))) == data


def test_a_blob_more_than_was_sealed_is_refused():
    key = FileKey.fresh()
    blobs = list(seal_file(key, [b"abc"], 3))
    reference = AttachmentRef("n", "t", 3, key, tuple(map(blob_hash, blobs)))
    refused("blob-mismatch", list, open_file(reference, [*blobs, *blobs]))


@pytest.mark.parametrize("said", [0, 9, 11, 5000])
def test_a_file_that_changed_while_it_was_read_is_not_sealed(said):
    refused("attachment-size", list, seal_file(FileKey.fresh(), [b"0123456789"], said))


# -- shape


@pytest.mark.parametrize(("action", "value", "named"), [
    (shape.fields, (1, 2), {"count": 2}), (shape.fields, [1], {"count": 2}), (shape.fields, [1, 2, 3], {"count": 2}),
    (shape.items, (1,), {"most": 2}), (shape.items, [1, 2, 3], {"most": 2}), (shape.raw, "ab", {}), (shape.raw, bytearray(2), {}),
    (shape.raw, b"ab", {"length": 1}), (shape.raw, b"ab", {"length": 3}), (shape.raw, b"ab", {"most": 1}),
    (shape.number, True, {}), (shape.number, 1.0, {}), (shape.number, -1, {}), (shape.number, 0, {"least": 1}),
    (shape.number, 6, {"most": 5}), (shape.number, 2**53, {}), (shape.text, b"a", {}), (shape.text, "abc", {"most": 2}),
    (shape.text, "a" * 201, {}),
])  # fmt: skip
def test_a_value_of_another_shape_is_refused_and_its_field_named(action, value, named):
    count = [named.pop("count")] if "count" in named else []
    error = refused("shape", action, value, *count, "The field", **named) if not count else refused(
        "shape", action, value, count[0], "The field")  # fmt: skip
    assert error.message.startswith("The field ")


def test_a_value_at_its_bound_is_given_back():
    assert shape.fields([1, 2], 2, "x") == [1, 2]
    assert shape.items([1, 2], "x", most=2) == [1, 2]
    assert shape.raw(b"ab", "x", length=2, most=2) == b"ab"
    assert [shape.number(n, "x", least=-1, most=5) for n in (-1, 5)] == [-1, 5]
    assert [shape.number(n, "x") for n in (0, 2**53 - 1)] == [0, 2**53 - 1]
    assert shape.text("a" * 200, "x") == "a" * 200


# -- chain


def state_with(epochs):
    members = {b"o" * 32: Member(b"o" * 32, Role.OWNER, 0, 0), b"w" * 32: Member(b"w" * 32, Role.WRITER, 202609, 20000)}
    return chain.ChainState(b"c" * 32, 4, b"h" * 32, members, Settings(), {e.number: e for e in epochs},
                            {b"o" * 32: 2}, {b"o" * 32: 1})  # fmt: skip


def test_the_fitting_epoch_is_the_newest_of_the_month_that_exactly_the_entitled_hold():
    both, one = {b"o" * 32: 2, b"w" * 32: 0}, {b"o" * 32: 2}
    state = state_with([
        epoch.Epoch(1, 202609, bytes(32), b"o" * 32, both), epoch.Epoch(2, 202609, bytes(32), b"o" * 32, both),
        epoch.Epoch(3, 202609, bytes(32), b"o" * 32, one), epoch.Epoch(4, 202610, bytes(32), b"o" * 32, {b"o" * 32: 1}),
    ])  # fmt: skip
    assert state.owner == b"o" * 32
    assert state.entitled(202609, 20000) == both
    assert state.entitled(202608, 20000) == state.entitled(202609, 20001) == one
    assert state.fitting_epoch(202609, 20000).number == 2
    assert state.fitting_epoch(202609, 20001).number == 3
    assert state.fitting_epoch(202608, 20000) is None
    assert state.fitting_epoch(202610, 20001) is None
    assert chain.ChainState.decode(state.encode()) == state


def test_what_an_item_was_before_a_commit_is_told_beside_what_it_becomes():
    class Facts:
        def item(self, item):
            return {b"k" * 16: known}.get(item)

        def live_epochs(self):
            return [1]

        def key_stated(self, uid, key_id):
            return key_id < 1000

        def commit_hash(self, seq):
            return None

    owner = b"o" * 32
    known = chain.ItemState(3, 1, owner, 0)
    state = state_with([epoch.Epoch(1, 0, bytes(32), owner, {owner: 2, b"w" * 32: 0})])
    puts = [
        collection.Put(item, n, 1, bytes(32), bytes(32)) for item, n in ((b"k" * 16, 4), (b"k" * 16, 5), (b"n" * 16, 1))
    ]
    commit = Commit(state.collection, 5, state.head, owner, 2, 20000,
                    (collection.Key(2, bytes(32)), *puts, collection.Erase(b"k" * 16)))  # fmt: skip
    judged = chain.judge(state, Signed(commit.encode(), ()), commit, Facts())
    assert judged.before == {b"k" * 16: known, b"n" * 16: None}
    assert judged.items == {
        b"k" * 16: chain.ItemState(5, 1, owner, 0, erased=True),
        b"n" * 16: chain.ItemState(1, 1, owner, 0),
    }
    assert (judged.state.seq, judged.state.signed_keys) == (5, {owner: 2})
    assert UnwrapKey(Seed.fresh()).public != UnwrapKey(Seed.fresh()).public
