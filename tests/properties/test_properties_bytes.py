import os

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mindhaven.crypto.encoding import MAX_DEPTH, decode, encode
from mindhaven.crypto.padding import pad, padme, unpad
from mindhaven.crypto.seal import CHUNK_BYTES, open_stream, seal_stream
from mindhaven.crypto.secrets import EpochKey, FileKey, Seed, SlotSecret
from mindhaven.crypto.sign import SessionSigner
from mindhaven.errors import InvalidInputError, MindhavenError
from mindhaven.protocol import recovery
from mindhaven.protocol.card import Card, Invitation, safety_number, safety_words
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import Content, Header, SealedItem, open_item, read_header, seal_item
from mindhaven.protocol.login import LoginClaim, verify_claim

BYTES32 = st.binary(min_size=32, max_size=32)
NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1)
VALUES = st.recursive(
    st.one_of(NUMBERS, st.binary(max_size=300), st.text(max_size=50), st.booleans(), st.none()),
    lambda inner: st.lists(inner, max_size=6),
    max_leaves=30,
)


def depth(value):
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def outcome(action, *arguments):
    """What `action` gives and None, or None and the code of its refusal."""
    try:
        return action(*arguments), None
    except MindhavenError as error:
        return None, error.reason


def assert_refused_or_canonical(data):
    found, reason = outcome(decode, data)
    assert reason is None or reason.startswith("encoding-")
    assert reason or encode(found) == data


# -- encoding


@given(VALUES)
@settings(max_examples=400)
def test_what_is_encoded_is_decoded_with_its_types(value):
    assume(depth(value) <= MAX_DEPTH)
    again = decode(encode(value))
    assert again == value
    assert repr(again) == repr(value)


@given(VALUES, st.data())
@settings(max_examples=400)
def test_whatever_is_decoded_is_the_one_encoding_of_its_value(value, data):
    assume(depth(value) <= MAX_DEPTH)
    encoded = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(encoded) - 1)) if encoded else 0
        act = data.draw(st.sampled_from(["change", "insert", "remove", "cut"]))
        if act == "change" and encoded:
            encoded[at] = data.draw(st.integers(0, 255))
        elif act == "insert":
            encoded.insert(at, data.draw(st.integers(0, 255)))
        elif act == "remove" and encoded:
            del encoded[at]
        else:
            del encoded[at:]
    assert_refused_or_canonical(bytes(encoded))


@given(st.binary(max_size=40))
@settings(max_examples=400)
@example(b"\xf9\x3c\x00")
@example(b"\xd8\x1c\x81\xd8\x1d\x00")
def test_any_bytes_are_refused_by_name_or_are_canonical(data):
    assert_refused_or_canonical(data)


@given(st.binary(max_size=64), st.lists(st.binary(max_size=64), max_size=4))
def test_a_signed_value_goes_round(body, signatures):
    signed = Signed(body, tuple(signatures))
    assert Signed.decode(signed.encode()) == signed


# -- padding


@given(st.integers(2, 2**40))
def test_padding_grows_by_at_most_an_eighth_and_never_shrinks(length):
    size = padme(length)
    assert length <= size <= length * 9 // 8 + 1
    assert padme(size) == size
    assert padme(length - 1) <= size


@given(st.binary(max_size=5000), st.integers(4, 2048))
def test_padding_goes_round(content, floor):
    padded = pad(content, floor=floor)
    assert unpad(padded, floor=floor) == content
    assert len(padded) >= max(floor, len(content) + 4)


@given(st.binary(max_size=1500), st.data())
def test_any_other_padding_is_refused(content, data):
    padded = bytearray(pad(content))
    at = data.draw(st.one_of(st.integers(0, 3), st.integers(4 + len(content), len(padded) - 1))) if (
        len(padded) > 4 + len(content)) else data.draw(st.integers(0, 3))  # fmt: skip
    padded[at] ^= data.draw(st.integers(1, 255))
    found, reason = outcome(unpad, bytes(padded))
    assert reason in {None, "padding-malformed"}
    assert reason or pad(found) == padded, "another length may be well padded; then it is its own one padding"


# -- recovery key


@given(BYTES32)
@example(bytes(32))
@example(b"\xff" * 32)
def test_a_recovery_key_is_read_as_written(key):
    rows = recovery.rows(SlotSecret(key))
    assert [len(row) for row in rows] == [8] * 8
    assert recovery.parse("".join(rows)) == key
    assert all(recovery.check_row(number, row) for number, row in enumerate(rows))


@given(BYTES32, st.integers(0, 63), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
@settings(max_examples=300)
def test_a_slip_in_one_sign_is_refused_at_its_row_or_by_the_checksum(key, at, sign):
    # A row's check is 5 bits: one slip of 32 within a row passes it; the 16 bits over the whole key find those.
    written = "".join(recovery.rows(SlotSecret(key)))
    assume(written[at] != sign)
    with pytest.raises(InvalidInputError) as caught:
        recovery.parse(written[:at] + sign + written[at + 1 :])
    row = at // 8
    if recovery.check_row(row, (written[:at] + sign + written[at + 1 :])[row * 8 : row * 8 + 8]):
        assert caught.value.reason in {"recovery-checksum", "recovery-version"}
        assert at % 8 != 7, "a slip in the check character itself is always found"
    else:
        assert (caught.value.reason, caught.value.message.split()[1]) == ("recovery-row", str(row + 1))


def test_at_most_one_slip_in_twenty_passes_its_row():
    passed = tried = 0
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for number, row in enumerate(recovery.rows(SlotSecret(bytes(range(32))))):
        for at in range(8):
            for sign in alphabet.replace(row[at], ""):
                tried += 1
                passed += recovery.check_row(number, row[:at] + sign + row[at + 1 :])
    assert tried == 8 * 8 * 31
    assert passed / tried < 1 / 20


@given(BYTES32, st.permutations(range(8)))
@settings(max_examples=200)
def test_rows_in_another_order_are_refused(key, order):
    rows = recovery.rows(SlotSecret(key))
    mixed = [rows[number] for number in order]
    assume(mixed != rows)
    with pytest.raises(InvalidInputError) as caught:
        recovery.parse("".join(mixed))
    assert caught.value.reason in {"recovery-row", "recovery-checksum", "recovery-version"}


# -- stream


@given(st.integers(1, 4), st.integers(0, 40), st.data())
@settings(max_examples=60)
def test_a_stream_that_was_changed_anywhere_is_refused(full, rest, data):
    key = FileKey(bytes(range(32)))
    chunks = [bytes([n]) * CHUNK_BYTES for n in range(full)] + ([b"\x09" * rest] if rest else [])
    sealed = list(seal_stream(key, chunks))
    assert b"".join(open_stream(key, sealed)) == b"".join(chunks)
    at = data.draw(st.integers(0, len(sealed) - 1))
    act = data.draw(st.sampled_from(["change", "drop", "swap", "cut", "repeat", "extend"]))
    changed = list(sealed)
    if act == "change":
        where = data.draw(st.integers(0, len(changed[at]) - 1))
        changed[at] = changed[at][:where] + bytes([changed[at][where] ^ 1]) + changed[at][where + 1 :]
    elif act == "drop":
        del changed[at]
    elif act == "swap":
        other = data.draw(st.integers(0, len(sealed) - 1))
        changed[at], changed[other] = changed[other], changed[at]
    elif act == "cut":
        changed[at] = changed[at][: data.draw(st.integers(0, len(changed[at]) - 1))]
    elif act == "repeat":
        changed.insert(at, changed[at])
    else:
        changed.append(os.urandom(20))
    assume(changed != sealed)
    with pytest.raises(MindhavenError) as caught:
        list(open_stream(key, changed))
    assert caught.value.reason == "stream-changed"


# -- envelope


KEY, HEADER = EpochKey(b"k" * 32), Header(b"c" * 32, b"i" * 16, 1, 1, b"a" * 32)
ITEM = seal_item(KEY, HEADER, Content("mindhaven/mood", 1, 1_790_000_000_000, "UTC", b"{}"), b"s" * 32)


@given(st.integers(0, len(ITEM.envelope) - 1), st.integers(1, 255))
@settings(max_examples=400)
def test_any_changed_byte_of_an_envelope_is_refused(at, by):
    changed = bytearray(ITEM.envelope)
    changed[at] ^= by
    with pytest.raises(MindhavenError):
        open_item(KEY, SealedItem(bytes(changed), ITEM.salt), expected=HEADER)


@given(st.integers(0, 31), st.integers(1, 255))
def test_any_changed_byte_of_salt_or_key_is_refused(at, by):
    salt, key = bytearray(ITEM.salt), bytearray(KEY)
    salt[at] ^= by
    key[at] ^= by
    for given_key, given_salt in [(KEY, bytes(salt)), (EpochKey(bytes(key)), ITEM.salt)]:
        with pytest.raises(MindhavenError) as caught:
            open_item(given_key, SealedItem(ITEM.envelope, given_salt), expected=HEADER)
        assert caught.value.reason == "commitment-mismatch"


HEADERS = st.builds(
    Header, BYTES32, st.binary(min_size=16, max_size=16), st.integers(1, 1_000_000), st.integers(1, 9), BYTES32
)


@given(
    HEADERS, st.text(max_size=100), st.integers(0, 99), st.integers(-(2**53), 2**53), st.binary(max_size=3000), BYTES32
)
def test_an_item_opens_at_its_own_place_and_at_no_other(header, kind, version, at, body, salt):
    content = Content(kind, version, at, "Europe/Vienna", body)
    item = seal_item(KEY, header, content, salt)
    assert open_item(KEY, item, expected=header) == content
    assert read_header(item.envelope)[0] == header
    with pytest.raises(MindhavenError) as caught:
        open_item(
            KEY, item, expected=Header(header.collection, header.item, header.revision + 1, header.epoch, header.author)
        )
    assert caught.value.reason == "envelope-misplaced"


# -- log-in, cards


PURPOSES = st.sampled_from(["session", "slot-now", "renew"])
CLAIMS = st.builds(LoginClaim, st.text(max_size=60), st.text(max_size=64), PURPOSES,
                   st.binary(max_size=64), BYTES32, st.integers(0, 2**40))  # fmt: skip


@given(CLAIMS, CLAIMS, st.integers(-600, 600))
def test_a_claim_serves_what_it_was_signed_for_and_nothing_else(claim, other, late):
    signer = SessionSigner(Seed(b"s" * 32))
    assert LoginClaim.decode(claim.encode()) == claim
    signature = claim.sign(signer)
    if abs(late) <= 300:
        verify_claim(claim, signer.public, signature, expected=claim, now=claim.time + late)
    else:
        with pytest.raises(MindhavenError) as caught:
            verify_claim(claim, signer.public, signature, expected=claim, now=claim.time + late)
        assert caught.value.reason == "login-clock"
    if claim != other:
        with pytest.raises(MindhavenError) as caught:
            verify_claim(other, signer.public, signature, expected=other, now=other.time)
        assert caught.value.reason == "signature-invalid"


@given(st.from_regex(r"[a-z][a-z0-9.\-]{0,30}", fullmatch=True), BYTES32, st.data())
def test_a_card_is_read_as_written_and_never_with_one_sign_changed(handle, uid, data):
    card = Card(handle, uid)
    text = card.text()
    assert Card.parse(text) == card
    at = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567:-"))
    assume(text[at] != sign)
    with pytest.raises(InvalidInputError):
        Card.parse(text[:at] + sign + text[at + 1 :])


@given(BYTES32, BYTES32, BYTES32)
def test_two_people_compare_the_same_and_links_go_round(one, other, secret):
    assert safety_number(one, other) == safety_number(other, one)
    assert safety_words(one, other) == safety_words(other, one)
    assert len(safety_number(one, other)) == 35
    invitation = Invitation(one, other, secret)
    assert Invitation.parse(invitation.link("https://haven.example")) == invitation
