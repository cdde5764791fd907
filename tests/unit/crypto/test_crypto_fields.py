import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mindhaven.crypto.fields import blind_index, key_check, keyed_hash, open_field, seal_field, unwrap_key, wrap_key
from mindhaven.errors import MindhavenError

KEY, NONCE, PLACE = b"k" * 32, b"n" * 12, {"table": "t", "column": "c", "row": b"r"}


def reason(action, *arguments, **named):
    with pytest.raises(MindhavenError) as caught:
        action(*arguments, **named)
    return caught.value.reason


def test_a_field_is_aes_gcm_over_its_place():
    sealed = seal_field(KEY, b"plain", nonce=NONCE, **PLACE)
    place = b"mindhaven/field/v1\x00" + bytes.fromhex("83 6174 6163 4172")
    assert sealed == NONCE + AESGCM(KEY).encrypt(NONCE, b"plain", place)
    assert open_field(KEY, sealed, **PLACE) == b"plain"
    for other in ({"table": "u"}, {"column": "d"}, {"row": b"s"}):
        assert reason(open_field, KEY, sealed, **(PLACE | other)) == "field-tag"
    assert reason(open_field, b"x" * 32, sealed, **PLACE) == "field-tag"


@pytest.mark.parametrize(("key", "nonce"), [(31, 12), (33, 12), (32, 11), (32, 13), (16, 12)])
def test_keys_and_nonces_of_another_length_are_refused(key, nonce):
    assert reason(seal_field, bytes(key), b"", nonce=bytes(nonce), **PLACE) == "field-key"
    assert reason(wrap_key, bytes(key), bytes(32), nonce=bytes(nonce), purpose="p", number=1) == "field-key"
    assert reason(wrap_key, bytes(32), bytes(key + nonce), nonce=bytes(12), purpose="p", number=1) == "field-key"


def test_a_field_that_is_too_short_or_whose_key_is_none_is_refused():
    sealed = seal_field(KEY, b"", nonce=NONCE, **PLACE)
    assert len(sealed) == 28
    assert open_field(KEY, sealed, **PLACE) == b""
    assert reason(open_field, KEY, sealed[:27], **PLACE) == "field-shape"
    assert reason(open_field, KEY[:31], sealed, **PLACE) == "field-shape"
    assert reason(open_field, KEY[:16], sealed, **PLACE) == "field-shape"


def test_a_wrapped_key_opens_for_its_purpose_and_number():
    wrapped = wrap_key(KEY, b"d" * 32, nonce=NONCE, purpose="p", number=2)
    assert unwrap_key(KEY, wrapped, purpose="p", number=2) == b"d" * 32
    for other in ({"purpose": "q", "number": 2}, {"purpose": "p", "number": 3}):
        assert reason(unwrap_key, KEY, wrapped, **other) == "field-tag"


def test_indexes_are_keyed_and_labelled():
    import hashlib
    import hmac

    place = b"mindhaven/blind-index/v1\x00" + bytes.fromhex("83 6174 6163 40")
    assert blind_index(KEY, b"v", table="t", column="c") == hmac.new(KEY, place + b"v", hashlib.sha256).digest()
    assert keyed_hash(KEY, b"v") == hmac.new(KEY, b"mindhaven/keyed-hash/v1\x00v", hashlib.sha256).digest()
    assert key_check(KEY) == hashlib.sha256(b"mindhaven/master-key-check/v1\x00" + KEY).digest()
