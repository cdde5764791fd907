"""Every bound: what lies on it passes, what lies beyond is refused. The numbers stand here a second time on purpose."""

# ruff: noqa: E501 - tables: one bound a line

import importlib

import pytest

from mindhaven.crypto import derive
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.wrap import Wrapped
from mindhaven.errors import InvalidInputError, MindhavenError
from mindhaven.protocol.account import Statement
from mindhaven.protocol.collection import Commit, Member, Settings
from mindhaven.protocol.consent import Consent, Role
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import Content, Header
from mindhaven.protocol.epoch import Wrap
from mindhaven.protocol.login import LoginClaim
from mindhaven.protocol.slots import PassphraseParams, Slot, SlotList

LIMITS = {
    "crypto.derive": {"ARGON2_MEMORY_KIB": 65536, "ARGON2_PASSES": 3, "ARGON2_LANES": 1, "ARGON2_MAX_MEMORY_KIB": 1048576,
                      "ARGON2_MAX_PASSES": 64, "SERVER_SALT_BYTES": 16},
    "crypto.encoding": {"MAX_DEPTH": 16, "MAX_ENCODED_BYTES": 67108864},
    "crypto.fields": {"KEY_BYTES": 32, "NONCE_BYTES": 12},
    "crypto.padding": {"FLOOR_BYTES": 1024, "MAX_CONTENT_BYTES": 4194304},
    "crypto.peppers": {"SALT_BYTES": 32},
    "crypto.seal": {"SALT_BYTES": 32, "COMMITMENT_BYTES": 32, "TAG_BYTES": 16, "CHUNK_BYTES": 65536,
                    "SEALED_CHUNK_BYTES": 65552, "MAX_CHUNKS": 4294967295},
    "crypto.sign": {"ED25519_KEY_BYTES": 32, "ED25519_SIGNATURE_BYTES": 64, "MLDSA65_KEY_BYTES": 1952,
                    "MLDSA65_SIGNATURE_BYTES": 3309},
    "crypto.totp": {"STEP_SECONDS": 30, "DRIFT_STEPS": 1, "SECRET_BYTES": 20},
    "crypto.wrap": {"PUBLIC_KEY_BYTES": 1216, "ENC_BYTES": 1120, "SUITE": 1},
    "protocol.account": {"TYPE": "statement", "MAX_CHAIN": 10000},
    "protocol.archive": {"MAGIC": b"mindhaven-archive/1\n", "MAX_RECORD_BYTES": 67108864},
    "protocol.attachment": {"CHUNKS_PER_BLOB": 64, "BLOB_BYTES": 4195328, "FLOOR_BYTES": 4096, "MAX_FILE_BYTES": 4294967296},
    "protocol.card": {"CARD_PREFIX": "mindhaven-card-1:", "LINK_MARK": "#invite=", "INVITE_SECONDS": 604800, "SAFETY_DIGITS": 30,
                      "SAFETY_WORDS": 6, "ANSWER_TYPE": "invitation-answer"},
    "protocol.chain": {"MAX_STATE_EPOCHS": 100000},
    "protocol.collection": {"TYPE": "commit", "MAX_CHANGES": 1000, "MAX_BLOBS_PER_ITEM": 1100, "MAX_EPOCHS": 100000},
    "protocol.consent": {"TYPE": "consent", "MAX_SEALED_BYTES": 65536},
    "protocol.encoding": {"SUITE": 1, "ZERO32": b"\0" * 32, "MAX_SIGNATURES": 4, "MAX_SIGNATURE_BYTES": 3309},
    "protocol.envelope": {"ITEM_ID_BYTES": 16, "MAX_KIND_CHARACTERS": 100, "MAX_ENVELOPE_BYTES": 5242880, "MAX_REVISION": 1000000},
    "protocol.epoch": {"TIMELESS": 0, "FIRST_MONTH": 190001, "LAST_MONTH": 999912, "MAX_MEMBERS": 64, "EPOCH_CIPHERTEXT_BYTES": 48},
    "protocol.event": {"SALT_BYTES": 32, "HOST": b"\0" * 32, "NO_PREVIOUS": b"\0" * 32},
    "protocol.lock": {"MAX_RING_BYTES": 65536, "MAX_LOCKED_BYTES": 8388608},
    "protocol.login": {"TYPE": "login", "NONCE_BYTES": 32, "CLOCK_TOLERANCE_SECONDS": 300, "PURPOSE_SESSION": "session",
                       "PURPOSE_SLOT_NOW": "slot-now", "PURPOSE_RENEW": "renew"},
    "protocol.pairing": {"ID_BYTES": 32, "MAX_DEVICE_BYTES": 2048},
    "protocol.recovery": {"VERSION": 1, "ROWS": 8, "ROW_DATA": 7, "LOOKUP_BYTES": 16},
    "protocol.slots": {"SLOT_ID_BYTES": 16, "MAX_SLOTS": 16, "MAX_GENERATIONS": 10000, "LIST_SALT_BYTES": 32},
}  # fmt: skip


@pytest.mark.parametrize("module", LIMITS)
def test_limits_are_those_written_down(module):
    found = importlib.import_module(f"mindhaven.{module}")
    assert {name: getattr(found, name) for name in LIMITS[module]} == LIMITS[module]


def test_the_largest_value_is_read_and_one_byte_more_is_not():
    held = encode(bytes(67108864 - 5))
    assert len(held) == 67108864
    assert len(decode(held)) == 67108864 - 5
    with pytest.raises(InvalidInputError) as caught:
        decode(held + b"\x00")
    assert caught.value.reason == "encoding-too-large"


H, I16, DAY = b"h" * 32, b"i" * 16, 10_000_000
WRAP = [H, 1, bytes(1120), bytes(48)]
COMMIT = [1, H, 0, H, [H, 1], 0, [[6]]]


def commit(change=None, **other):
    fields = dict(enumerate(COMMIT)) | {int(key[1:]): value for key, value in other.items()}
    return [*list(fields.values())[:6], [change] if change else fields[6]]


def put(*, revision=1, epoch=1, blobs=0):
    return commit([1, I16, revision, epoch, H, H, [H] * blobs])


def statement(*, seq=0, generation=1):
    return [H, seq, H, generation, [bytes(32), bytes(1952)], [bytes(1216), bytes(32), bytes(1952)], H]


def consent(*, role=1, purpose="p", language="en", version="1", until=0):
    return [H, H, role, purpose, H, 0, until, H, language, version, H]


def login(*, origin="o", account="a", purpose="p", detail=b"", time=0):
    return [origin, account, [purpose, detail], H, time]


def content(*, kind="k", zone="z", version=0, at=0):
    return [kind, version, at, zone, b""]


def members(*, listed=0, epochs=0, entry=None, hold=0):
    pairs = [[1, []]] * epochs
    return commit([4, [[H, 1, 0, 0]] * listed, [0, hold, entry], None, pairs])


def opening(*, wraps=0, epoch=1):
    return commit([3, epoch, 0, H, [[bytes([n]) * 32, *WRAP[1:]] for n in range(wraps)]])


BOUNDS = [
    ("a commit's day", Commit.decode, lambda n: commit(f5=n), 0, DAY),
    ("a commit's seq", Commit.decode, lambda n: commit(f2=n), 0, 2**53 - 1),
    ("a commit's key id", Commit.decode, lambda n: commit(f4=[H, n]), 1, 2**53 - 1),
    ("changes", Commit.decode, lambda n: commit(f6=[[6]] * n), 1, 1000),
    ("a put's revision", Commit.decode, lambda n: put(revision=n), 1, 1_000_000),
    ("a put's epoch", Commit.decode, lambda n: put(epoch=n), 1, 100_000),
    ("a put's blobs", Commit.decode, lambda n: put(blobs=n), 0, 1100),
    ("an open's epoch", Commit.decode, lambda n: opening(epoch=n), 1, 100_000),
    ("an open's wraps", Commit.decode, lambda n: opening(wraps=n), 0, 64),
    ("members", Commit.decode, lambda n: members(listed=n), 0, 64),
    ("a processing entry", Commit.decode, lambda n: members(entry="x" * n), 0, 64),
    ("a hold", Commit.decode, lambda n: members(hold=n), 0, DAY),
    ("a key's generation", Commit.decode, lambda n: commit([5, n, H]), 1, 2**53 - 1),
    ("a rejoin's seq", Commit.decode, lambda n: commit([9, n, H]), 0, 2**53 - 1),
    ("a role", lambda v: Member.of(decode(v)), lambda n: [H, n, 0, 0], 1, 3),
    ("a last day", lambda v: Member.of(decode(v)), lambda n: [H, 1, 0, n], 0, DAY),
    ("a history", lambda v: Settings.of(decode(v)), lambda n: [n, 0, None], 0, 1),
    ("a wrap's key id", lambda v: Wrap.of(decode(v)), lambda n: [H, n, *WRAP[2:]], 1, 2**53 - 1),
    ("a statement's seq", Statement.decode, lambda n: statement(seq=n), 0, 10_000),
    ("a statement's generation", Statement.decode, lambda n: statement(generation=n), 1, 10_001),
    ("a consent's role", Consent.decode, lambda n: consent(role=n), 1, 3),
    ("a consent's purpose", Consent.decode, lambda n: consent(purpose="x" * n), 0, 64),
    ("a consent's language", Consent.decode, lambda n: consent(language="x" * n), 0, 35),
    ("a consent's register", Consent.decode, lambda n: consent(version="x" * n), 0, 64),
    ("a consent's until", Consent.decode, lambda n: consent(until=n), 0, DAY),
    ("a log-in's origin", LoginClaim.decode, lambda n: login(origin="x" * n), 0, 200),
    ("a log-in's account", LoginClaim.decode, lambda n: login(account="x" * n), 0, 64),
    ("a log-in's purpose", LoginClaim.decode, lambda n: login(purpose="x" * n), 0, 16),
    ("a log-in's detail", LoginClaim.decode, lambda n: login(detail=bytes(n)), 0, 64),
    ("a log-in's time", LoginClaim.decode, lambda n: login(time=n), 0, 2**53 - 1),
    ("a kind", Content.decode, lambda n: content(kind="x" * n), 0, 100),
    ("a zone", Content.decode, lambda n: content(zone="x" * n), 0, 64),
    ("a schema version", Content.decode, lambda n: content(version=n), 0, 2**53 - 1),
    ("a moment", Content.decode, lambda n: content(at=n), 1 - 2**53, 2**53 - 1),
    ("a header's epoch", Header.decode, lambda n: [1, H, I16, 1, n, H], 1, 2**53 - 1),
    ("a header's revision", Header.decode, lambda n: [1, H, I16, n, 1, H], 1, 1_000_000),
    ("signatures", Signed.decode, lambda n: [b"", [b""] * n], 0, 4),
    ("a signature", Signed.decode, lambda n: [b"", [bytes(n)]], 0, 3309),
    ("slots", SlotList.decode, lambda n: [H, [[bytes([i]) * 16, 1, b"", bytes(1216)] for i in range(n)]], 0, 16),
    ("a slot's parameters", lambda v: Slot.of(decode(v)), lambda n: [I16, 1, bytes(n), bytes(1216)], 0, 1024),
    ("a passphrase's name", lambda v: PassphraseParams.of(decode(v)), lambda n: [1, 1, 1, I16, "x" * n], 0, 64),
]  # fmt: skip


@pytest.mark.parametrize(
    ("read", "make", "least", "most"), [bound[1:] for bound in BOUNDS], ids=[bound[0] for bound in BOUNDS]
)
def test_a_bound_holds_to_the_unit(read, make, least, most):
    for within in (least, most):
        read(encode(make(within)))
    beyond = [most + 1] if least == 0 and not isinstance(make(0), int) else [least - 1, most + 1]
    for number in beyond:
        with pytest.raises(MindhavenError) as caught:
            read(encode(make(number)))
        assert caught.value.reason in {"shape", "commit-empty"}


def test_the_bounds_of_argon2_reach_it_unchanged(monkeypatch):
    asked = []

    class Kdf:
        def __init__(self, **named):
            asked.append(named)

        def derive(self, words):
            asked.append(words)
            return bytes(32)

    monkeypatch.setattr(derive, "Argon2id", Kdf)
    derive.passphrase_secret("Åﬁ", name="ada", server_salt=I16, memory_kib=1048576, passes=64, lanes=16)
    derive.passphrase_secret("x", name="ada", server_salt=I16, memory_kib=65536, passes=3, lanes=1)
    assert [(a["memory_cost"], a["iterations"], a["lanes"], a["length"]) for a in asked[::2]] == [(1048576, 64, 16, 32),
                                                                                                  (65536, 3, 1, 32)]  # fmt: skip
    assert asked[1] == "Åfi".encode()


def test_a_consent_reads_its_role_as_a_role():
    assert Consent.decode(encode(consent())).role is Role.READER
    assert Wrap.of(WRAP) == Wrap(H, 1, Wrapped(bytes(1120), bytes(48)))


def test_a_commit_tells_every_wrap_in_order():
    one, two, three = ([bytes([n]) * 32, n, bytes(1120), bytes(48)] for n in (1, 2, 3))
    changes = [[3, 1, 0, H, [one, two]], [6], [4, [], [0, 0, None], None, [[1, [three]], [2, [one]]]]]
    found = Commit.decode(encode([*COMMIT[:6], changes])).wraps
    assert [entry.key_id for entry in found] == [1, 2, 3, 1]
    assert found[2] == Wrap(b"\x03" * 32, 3, Wrapped(bytes(1120), bytes(48)))
