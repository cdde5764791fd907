# ruff: noqa: E501 - tables: one case a line

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mindhaven.crypto import seal as module
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.seal import (
    CHUNK_BYTES,
    Sealed,
    fresh_seal_key,
    open_box,
    open_sealed,
    open_stream,
    seal,
    seal_box,
    seal_stream,
)
from mindhaven.crypto.secrets import FileKey, SealKey, Seed
from mindhaven.crypto.sign import SessionSigner, Signer, VerifyKeys, verify, verify_ed25519
from mindhaven.crypto.wrap import UnwrapKey, Wrapped, wrap, wrap_info
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError

KEY = FileKey(bytes(range(32)))


def refused(code, action, *arguments, **named):
    with pytest.raises(MindhavenError) as caught:
        action(*arguments, **named)
    assert caught.value.reason == code
    return caught.value


# -- boxes


def test_each_box_has_its_own_salt_and_opens():
    key = fresh_seal_key()
    assert isinstance(key, SealKey)
    boxes = [seal_box(key, "x", b"c", b"secret") for _ in range(2)]
    assert decode(boxes[0])[0] != decode(boxes[1])[0]
    assert len(decode(boxes[0])[0]) == 32
    assert [open_box(key, "x", b"c", box) for box in boxes] == [b"secret"] * 2


@pytest.mark.parametrize("value", [1, [], [bytes(32)] * 2, [bytes(32)] * 4, [bytes(32), bytes(32), "x"], "abc"])
def test_what_is_no_box_is_refused(value):
    error = refused("box-shape", open_box, bytes(32), "x", b"", encode(value))
    assert isinstance(error, InvalidInputError)


@pytest.mark.parametrize("length", [31, 33])
def test_a_salt_of_another_length_neither_seals_nor_opens(length):
    refused("salt-length", seal, bytes(32), "x", bytes(length), b"", b"")
    refused("salt-length", open_sealed, bytes(32), "x", bytes(length), b"", Sealed(bytes(32), bytes(16)))


# -- stream: RFC-like construction of spec/attachment.md step 3 by hand


def by_hand(chunks):
    last = len(chunks) - 1
    return [
        AESGCM(bytes(KEY)).encrypt(bytes(7) + i.to_bytes(4, "big") + bytes([i == last]), chunk, None)
        for i, chunk in enumerate(chunks)
    ]


@pytest.mark.parametrize("chunks", [[b""], [b"a"], [bytes(CHUNK_BYTES)], [bytes(CHUNK_BYTES), b"b"],
                                    [bytes(CHUNK_BYTES), b"\x01" * CHUNK_BYTES, b""]])  # fmt: skip
def test_a_stream_is_sealed_as_the_page_says_and_opens(chunks):
    assert list(seal_stream(KEY, chunks)) == by_hand(chunks)
    assert list(open_stream(KEY, by_hand(chunks))) == chunks


def test_no_chunk_at_all_is_sealed_as_one_empty_one():
    assert list(seal_stream(KEY, [])) == by_hand([b""])


@pytest.mark.parametrize("short", [CHUNK_BYTES - 1, CHUNK_BYTES + 1, 0])
def test_only_the_last_chunk_may_be_short(short):
    refused("stream-chunk", list, seal_stream(KEY, [bytes(short), b"x"]))


def test_a_stream_without_its_end_is_refused():
    refused("stream-changed", list, open_stream(KEY, []))
    whole = by_hand([bytes(CHUNK_BYTES), b"b"])
    refused("stream-changed", list, open_stream(KEY, whole[:1]))
    refused("stream-changed", list, open_stream(KEY, [*whole, whole[1]]))
    refused("stream-changed", list, open_stream(KEY, [b""]))


def test_a_counter_that_no_longer_fits_is_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_CHUNKS", 1)
    full = bytes(CHUNK_BYTES)
    assert len(list(seal_stream(KEY, [full, b"x"]))) == 2
    refused("stream-too-long", list, seal_stream(KEY, [full, full, b"x"]))


def test_the_largest_counter_is_that_of_four_bytes():
    assert module._chunk_nonce(2**32 - 1, last=True) == bytes(7) + b"\xff\xff\xff\xff\x01"
    refused("stream-too-long", module._chunk_nonce, 2**32, last=False)


# -- signatures


def test_ed25519_is_that_of_rfc_8032():
    # Test 2 of RFC 8032 section 7.1: the seed's public key.
    seed = Seed(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert SessionSigner(seed).public.hex() == Signer(seed, Seed(bytes(32))).public.ed25519.hex() == public


@pytest.mark.parametrize(("ed25519", "mldsa65"), [(31, 1952), (33, 1952), (32, 1951), (32, 1953), (0, 0)])
def test_public_keys_of_another_length_are_refused(ed25519, mldsa65):
    assert isinstance(refused("key-length", VerifyKeys, bytes(ed25519), bytes(mldsa65)), InvalidInputError)


def test_a_signature_verifies_for_its_own_kind_key_and_body_only():
    signer = SessionSigner.fresh()
    signature = signer.sign("login", b"body")
    assert len(signature) == 64
    assert verify_ed25519("login", signer.public, b"body", signature) is None
    for kind, key, body, given in [("commit", signer.public, b"body", signature), ("login", bytes(32), b"body", signature),
                                   ("login", signer.public, b"bodY", signature), ("login", signer.public, b"body", b""),
                                   ("login", signer.public[:31], b"body", signature),
                                   ("login", b"\xff" * 32, b"body", signature)]:  # fmt: skip
        assert isinstance(refused("signature-invalid", verify_ed25519, kind, key, body, given), IntegrityError)


def test_both_signatures_of_a_hybrid_pair_verify():
    signer = Signer(Seed.fresh(), Seed.fresh())
    both = signer.sign("commit", b"body")
    assert [len(signature) for signature in both] == [64, 3309]
    verify("commit", signer.public, b"body", both, hybrid=True)
    verify("commit", signer.public, b"body", signer.sign_fast("commit", b"body"), hybrid=False)


def test_keys_say_nothing_of_themselves():
    seed = Seed(b"\xaa" * 32)
    for text in map(repr, (Signer(seed, seed), SessionSigner(seed), UnwrapKey(seed))):
        assert "hidden" in text
        assert "aa" not in text


# -- wraps


def test_a_wrap_opens_with_its_key_and_its_info_only():
    key, other = UnwrapKey(Seed.fresh()), UnwrapKey(Seed.fresh())
    wrapped, again = (wrap(key.public, b"secret", b"info") for _ in range(2))
    assert (len(wrapped.enc), len(wrapped.ciphertext)) == (1120, 22)
    assert wrapped != again
    assert key.unwrap(wrapped, b"info") == b"secret"
    for by, given, info in [(other, wrapped, b"info"), (key, wrapped, b"infO"),
                            (key, Wrapped(again.enc, wrapped.ciphertext), b"info"), (key, Wrapped(wrapped.enc, b""), b"info"),
                            (key, Wrapped(bytes(1120), wrapped.ciphertext), b"info")]:  # fmt: skip
        refused("wrap-does-not-open", by.unwrap, given, info)


@pytest.mark.parametrize("length", [1119, 1121, 0])
def test_an_encapsulated_key_of_another_length_is_refused(length):
    refused("wrap-length", Wrapped, bytes(length), bytes(48))


@pytest.mark.parametrize("length", [1215, 1217, 0])
def test_a_public_wrapping_key_of_another_length_is_refused(length):
    refused("key-length", wrap, bytes(length), b"secret", b"")


def test_a_malformed_public_wrapping_key_is_refused():
    refused("key-malformed", wrap, b"\xff" * 1216, b"secret", b"")


def test_a_wrapping_key_of_low_order_is_refused_by_name():
    good = UnwrapKey(Seed.fresh()).public
    refused("key-malformed", wrap, good[:1184] + bytes(32), b"secret", b"")


def test_the_info_of_a_wrap_is_the_list_of_the_page():
    assert wrap_info("epoch-wrap", b"s", b"r", 1, [7]) == bytes.fromhex(
        "86"
    ) + b"\x77mindhaven/epoch-wrap/v1" + bytes.fromhex("01 4173 4172 01 07")
