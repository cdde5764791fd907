import base64
import hashlib

import pytest

from mindhaven.crypto.derive import check_equal, derive, passphrase_secret, sha256
from mindhaven.crypto.encoding import encode, encode_trusted
from mindhaven.crypto.padding import FLOOR_BYTES, pad, padme, unpad
from mindhaven.crypto.peppers import Pepper, mask_salts, unwrap_pepper, wrap_pepper
from mindhaven.crypto.secrets import EpochKey, FileKey, RootKey, SealKey, Secret32, Seed, SlotSecret
from mindhaven.crypto.totp import code, matching_step, shown
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError

RFC6238_SECRET = b"12345678901234567890"
"""RFC 6238 appendix B; the six last digits of its eight."""
RFC6238 = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
           (2000000000, "279037"), (20000000000, "353130")]  # fmt: skip


@pytest.mark.parametrize(("at", "digits"), RFC6238)
def test_one_time_codes_are_those_of_rfc_6238(at, digits):
    assert code(RFC6238_SECRET, at // 30) == digits


def test_a_code_of_the_step_before_and_after_passes_and_none_further_off():
    now = 1111111109
    here = now // 30
    for step in (here - 1, here, here + 1):
        assert matching_step(RFC6238_SECRET, code(RFC6238_SECRET, step), now=now, after_step=0) == step
    for step in (here - 2, here + 2):
        assert matching_step(RFC6238_SECRET, code(RFC6238_SECRET, step), now=now, after_step=0) is None


def test_a_code_works_once_only():
    here = 1111111109 // 30
    given = code(RFC6238_SECRET, here)
    assert matching_step(RFC6238_SECRET, given, now=1111111109, after_step=here - 1) == here
    assert matching_step(RFC6238_SECRET, given, now=1111111109, after_step=here) is None


def test_a_code_is_padded_with_zeros_and_its_secret_is_shown_without_padding():
    assert code(RFC6238_SECRET, 1234567890 // 30).startswith("00")
    assert shown(RFC6238_SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert shown(b"\x00") == "AA"


def test_derivation_is_the_hkdf_of_rfc_5869_under_a_label():
    # RFC 5869 section 2 by hand: extract with 32 zero bytes, expand one block.
    import hmac

    prk = hmac.new(bytes(32), b"secret", hashlib.sha256).digest()
    info = b"mindhaven/x/v1\x00" + b"context"
    first = hmac.new(prk, info + b"\x01", hashlib.sha256).digest()
    second = hmac.new(prk, first + info + b"\x02", hashlib.sha256).digest()
    assert derive(b"secret", "x", b"context") == first
    assert derive(b"secret", "x", b"context", length=40) == first + second[:8]
    assert derive(b"secret", "x", b"context", salt=bytes(32)) == first


def test_equal_bytes_pass_and_others_carry_the_callers_code():
    check_equal(b"ab", b"ab", "no", code="x")
    for other in (b"ac", b"a", b""):
        with pytest.raises(IntegrityError) as caught:
            check_equal(b"ab", other, "they differ", code="some-code")
        assert (caught.value.reason, caught.value.message) == ("some-code", "they differ")


def test_a_server_salt_of_another_length_is_refused_before_any_work():
    for length in (15, 17, 0):
        with pytest.raises(InvalidInputError) as caught:
            passphrase_secret("x", name="ada", server_salt=bytes(length), memory_kib=65536, passes=3, lanes=1)
        assert caught.value.reason == "slot-params"


def test_parameters_are_judged_before_the_salt_and_the_floor_says_what_to_do():
    with pytest.raises(IntegrityError) as caught:
        passphrase_secret("x", name="ada", server_salt=b"", memory_kib=1, passes=3, lanes=1)
    assert "passphrase" in caught.value.hint


def test_plain_sha_256_is_that_of_fips_180():
    assert sha256(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_trusted_encoder_gives_the_same_bytes():
    value = [1, b"x", "y", None, [True]]
    assert encode_trusted(value) == encode(value) == bytes.fromhex("85014178 6179f6 81f5".replace(" ", ""))
    assert encode((1, (2,))) == bytes.fromhex("82018102")


@pytest.mark.parametrize("value", [{}, 1.5, {1}, bytearray(b"x"), object()])
def test_what_is_no_value_is_not_encoded(value):
    with pytest.raises(InvalidInputError) as caught:
        encode([value])
    assert caught.value.reason == "encoding-type"


# -- secrets


@pytest.mark.parametrize("kind", [RootKey, SlotSecret, Seed, EpochKey, FileKey, SealKey, Pepper])
def test_a_secret_never_shows_itself(kind):
    secret = kind(b"\xaa" * 32)
    for text in (repr(secret), str(secret), f"{secret}", f"{secret:>50}", f"{secret!r}", repr([secret])):
        assert "aa" not in text
        assert "\\x" not in text
        assert kind.__name__ in text


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_secret_of_another_length_is_refused_and_its_bytes_are_not_told(length):
    with pytest.raises(InvalidInputError) as caught:
        Secret32(b"\xaa" * length)
    assert caught.value.reason == "secret-length"
    assert "aa" not in caught.value.message.replace("exactly", "")


def test_fresh_secrets_differ_and_keep_their_type():
    assert len({bytes(Seed.fresh()) for _ in range(20)}) == 20
    assert type(EpochKey.fresh()) is EpochKey


# -- padding


@pytest.mark.parametrize(("length", "size"), [
    (0, 0), (1, 1), (2, 2), (3, 3), (7, 7), (8, 8), (9, 10), (15, 16), (16, 16), (17, 18), (100, 104), (104, 104),
    (105, 112), (255, 256), (256, 256), (257, 272), (1024, 1024), (1025, 1088), (4096, 4096), (4097, 4352),
    (65535, 65536), (65536, 65536), (65537, 67584), (2**20, 2**20), (2**20 + 1, 2**20 + 2**15),
])  # fmt: skip
def test_padme_by_hand(length, size):
    # E = floor(log2 L), S = floor(log2 E) + 1: the E - S lowest bits are rounded up. 100: E 6, S 3, unit 8.
    assert padme(length) == size


def test_the_floor_is_the_callers_choice():
    assert len(pad(b"")) == FLOOR_BYTES == 1024
    assert pad(b"abc", floor=16) == b"\x00\x00\x00\x03abc" + bytes(9)
    assert unpad(pad(b"abc", floor=16), floor=16) == b"abc"
    assert pad(b"", floor=4) == bytes(4)
    assert unpad(bytes(4), floor=4) == b""
    with pytest.raises(IntegrityError):
        unpad(pad(b"abc", floor=16))


def test_a_content_of_four_mebibytes_fits_and_one_byte_more_does_not():
    content = bytes(4 * 1024 * 1024)
    assert unpad(pad(content)) == content
    with pytest.raises(InvalidInputError) as caught:
        pad(content + b"\x00")
    assert caught.value.reason == "item-too-large"
    assert "file" in caught.value.hint
    size = padme(len(content) + 5)
    with pytest.raises(IntegrityError):
        unpad((len(content) + 1).to_bytes(4, "big") + bytes(size - 4))


# -- peppers


def test_masked_salts_are_aes_256_ctr_and_one_row_opens_alone():
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.ciphers.modes import ECB

    pepper, commit, salts = Pepper(bytes(range(32))), b"c" * 32, bytes(range(96))
    masked = mask_salts(pepper, commit, salts)
    nonce = hashlib.sha256(b"mindhaven/salt-mask/v1\x00" + commit).digest()[:12]
    blocks = b"".join(nonce + n.to_bytes(4, "big") for n in range(6))
    stream = Cipher(AES256(bytes(pepper)), ECB()).encryptor().update(blocks)
    assert masked == bytes(a ^ b for a, b in zip(salts, stream, strict=True))
    for number in range(3):
        row = masked[number * 32 : number * 32 + 32]
        assert mask_salts(pepper, commit, row, first=number) == salts[number * 32 : number * 32 + 32]


def test_salts_of_another_length_are_refused():
    with pytest.raises(InvalidInputError) as caught:
        mask_salts(Pepper(bytes(32)), b"c" * 32, bytes(33))
    assert caught.value.reason == "salt-length"


def test_a_pepper_opens_for_its_collection_and_number_only():
    salt_key, pepper = SealKey.fresh(), Pepper.fresh()
    box = wrap_pepper(salt_key, b"c" * 32, 3, pepper)
    assert unwrap_pepper(salt_key, b"c" * 32, 3, box) == pepper
    assert base64.b64encode(pepper) not in base64.b64encode(box)
    for key, collection, number in [
        (SealKey.fresh(), b"c" * 32, 3),
        (salt_key, b"d" * 32, 3),
        (salt_key, b"c" * 32, 4),
    ]:
        with pytest.raises(MindhavenError) as caught:
            unwrap_pepper(key, collection, number, box)
        assert caught.value.reason == "commitment-mismatch"
