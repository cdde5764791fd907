import base64
import hashlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindhaven.crypto import age
from mindhaven.errors import IntegrityError, InvalidInputError

VECTOR = json.loads((Path(__file__).parents[3] / "vectors" / "age" / "mlkem768x25519.json").read_text("utf-8"))
# made once for these tests: ids of cases are the same in every worker
IDENTITY = "AGE-SECRET-KEY-PQ-1RF09M4MM2SJY3FFVWEVJ0TYYFKDDXZJ5SVD97AC44PJUHJ30SPYS2YWHUH"
RECIPIENT = age.recipient_of(IDENTITY)


def seal(data, recipients=(RECIPIENT,)):
    target = io.BytesIO()
    age.encrypt(io.BytesIO(data), target, recipients)
    return target.getvalue()


def open_(data, identity=IDENTITY):
    target = io.BytesIO()
    age.decrypt(io.BytesIO(data), target, identity)
    return target.getvalue()


def refused(data, error, code, identity=IDENTITY):
    with pytest.raises(error) as caught:
        open_(data, identity)
    assert caught.value.reason == code


@pytest.mark.parametrize("case", VECTOR["cases"], ids=lambda case: case["name"])
def test_files_of_another_implementation_open(case):
    plain = open_(base64.b64decode(case["file_base64"]), VECTOR["identity"])
    assert len(plain) == case["plaintext_bytes"]
    assert hashlib.sha256(plain).hexdigest() == case["plaintext_sha256"]
    if "plaintext" in case:
        assert plain.decode() == case["plaintext"]


def test_the_recipient_of_another_implementations_identity_is_the_same():
    assert age.recipient_of(VECTOR["identity"]) == VECTOR["recipient"]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([0, 1, 65_535, 65_536, 65_537, 131_072, 131_073]), st.binary(min_size=1, max_size=8))
def test_what_is_sealed_opens(size, pattern):
    data = (pattern * (size // len(pattern) + 1))[:size]
    assert open_(seal(data)) == data


def test_each_recipient_opens_and_nobody_else():
    other = age.generate_identity()
    sealed = seal(b"x", [RECIPIENT, age.recipient_of(other)])
    assert open_(sealed) == open_(sealed, other) == b"x"
    refused(sealed, InvalidInputError, "age-no-match", age.generate_identity())


def test_two_seals_of_one_text_differ():
    assert seal(b"x") != seal(b"x")


class Slow(io.RawIOBase):
    """A raw file that gives at most 1,000 bytes at a time."""

    def __init__(self, data):
        self._held = io.BytesIO(data)

    def read(self, size=-1):
        return self._held.read(min(size, 1000) if size > 0 else 1000)


def test_a_slow_source_makes_the_same_chunks():
    data = bytes(200_000)
    target = io.BytesIO()
    age.encrypt(Slow(data), target, [RECIPIENT])
    assert open_(target.getvalue()) == data


HEADER_END = seal(b"").index(b"\n--- ") + 1


def flip(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_a_changed_payload_is_detected():
    sealed = seal(bytes(150_000))
    start = sealed.index(b"\n", HEADER_END) + 1
    for place in (start, start + 20, start + 16 + 65_552 + 5, len(sealed) - 1):
        refused(flip(sealed, place), IntegrityError, "age-payload")


def test_cut_joined_and_swapped_chunks_are_detected():
    sealed = seal(bytes(65_536) + b"\x01" * 65_536 + b"tail")
    start = sealed.index(b"\n", HEADER_END) + 1 + 16
    one, two, rest = sealed[start : start + 65_552], sealed[start + 65_552 : start + 131_104], sealed[start + 131_104 :]
    head = sealed[:start]
    for body in (
        one,
        one + two,
        one + two + rest[:-1],
        two + one + rest,
        one + rest,
        one + two + rest + b"x",
        b"",
        rest,
    ):
        refused(head + body, IntegrityError, "age-payload")
    refused(sealed[: start - 3], IntegrityError, "age-payload")
    assert open_(head + one + two + rest)[-4:] == b"tail"


def test_an_empty_last_chunk_is_refused():
    from mindhaven.crypto.age import ChaCha20Poly1305, _chunk_nonce, _open_chunks

    aead = ChaCha20Poly1305(bytes(32))
    full = aead.encrypt(_chunk_nonce(0, last=False), bytes(65_536), None)
    empty = aead.encrypt(_chunk_nonce(1, last=True), b"", None)
    with pytest.raises(IntegrityError, match="empty part"):
        list(_open_chunks(io.BytesIO(full + empty), aead))


def test_a_changed_header_is_detected():
    sealed = seal(b"x")
    extra = sealed.replace(b"\n-> ", b"\n-> other arg\n\n-> ", 1)
    refused(extra, IntegrityError, "age-header")
    mac = sealed.index(b"--- ") + 4
    swapped = sealed[:mac] + (b"A" if sealed[mac : mac + 1] != b"A" else b"B") + sealed[mac + 1 :]
    refused(swapped, IntegrityError, "age-header")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: b"Dear diary\n",
        lambda data: data.replace(b"/v1\n", b"/v2\n", 1),
        lambda data: data[:100],
        lambda data: data.replace(b"-> mlkem", b"->  mlkem", 1),
        lambda data: data.replace(b"-> mlkem", b"=> mlkem", 1),
        lambda data: data.replace(b"mlkem768x25519 ", b"mlkem768x25519 extra ", 1),
        lambda data: data.replace(b"mlkem768x25519 ", b"mlkem768x25519 AAAA", 1),
        lambda data: data.replace(b"mlkem768x25519 ", b"mlkem768x25519 *", 1),
        lambda data: data.replace(b"\n--- ", b"AAAA\n--- ", 1),
        lambda data: data.replace(b"\n--- ", b"\n--- =", 1),
        lambda data: data[: data.index(b"--- ") + 8] + b"\n",
        lambda data: b"age-encryption.org/v1\n" + data[data.index(b"--- ") :],
        lambda data: data.replace(b"\n-> ", b"\n-> x\n" + b"A" * 65 + b"\n\n-> ", 1),
        lambda data: b"age-encryption.org/v1\n" + (b"-> x\n" + b"A" * 64 + b"\n\n") * 5000 + data[22:],
    ],
)
def test_what_is_no_age_file_is_refused(change):
    refused(change(seal(b"x")), InvalidInputError, "age-format")


def test_base64_must_be_the_one_form():
    sealed = seal(b"")
    body = sealed[: HEADER_END - 1].rsplit(b"\n", 1)[1]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(body[-1:]) ^ 1 :][:1]  # 43 signs: the last two bits are free, and must be zero
    refused(sealed.replace(body, body[:-1] + other, 1), InvalidInputError, "age-format")


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "age1pq1",
        RECIPIENT[:-1],
        RECIPIENT.upper(),
        RECIPIENT.replace("q", "p", 3),
        RECIPIENT.title(),
        IDENTITY,
        "age1b1o",
        "x" * 50,
    ],
)
def test_what_is_no_recipient_is_refused(recipient):
    with pytest.raises(InvalidInputError) as caught:
        seal(b"x", [recipient])
    assert caught.value.reason == "age-recipient"


@pytest.mark.parametrize("identity", ["", IDENTITY.lower(), IDENTITY[:-1], IDENTITY[:-1] + "1", RECIPIENT, "é1qqqqqq"])
def test_what_is_no_identity_is_refused_and_never_quoted(identity):
    with pytest.raises(InvalidInputError) as caught:
        open_(seal(b"x"), identity)
    assert caught.value.reason == "age-identity"
    assert not identity or identity not in caught.value.diagnostics()


# Published test strings of BIP 173.
@pytest.mark.parametrize("text", ["A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "?1ezyfcl"])
def test_bech32_reads_the_published_strings(text):
    prefix, data = age._bech32_decode(text)
    assert age._bech32_encode(prefix, data) == text.lower()


@pytest.mark.parametrize(
    "text", ["pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "10a06t8", "1qzzfhee", "a12UEL5L"]
)
def test_bech32_refuses_the_published_wrong_ones(text):
    with pytest.raises(ValueError):
        age._bech32_decode(text)


def test_left_over_bits_must_be_zero_and_few():
    for values in ([1], [0, 0], [31] * 3):  # 5, 10 and 15 bits: no whole number of bytes, or padding that is not zero
        check = age._checksum([*age._expanded("x"), *values, *([0] * 6)]) ^ 1
        signs = [*values, *(check >> 5 * (5 - place) & 31 for place in range(6))]
        text = "x1" + "".join(age._ALPHABET[sign] for sign in signs)
        if values == [0, 0]:
            assert age._bech32_decode(text) == ("x", b"\x00")
            continue
        with pytest.raises(ValueError):
            age._bech32_decode(text)
