"""Policies, and how a witness decides."""

import pytest
from tests.unit.tlog import rfc6962

from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.cosignature import Cosigner
from mindhaven.tlog.note import Algorithm, LogSigner, Note
from mindhaven.tlog.policy import Policy
from mindhaven.tlog.witness import AddCheckpoint, Refused, Seen, judge

LOG = LogSigner("example.org/log", Seed(b"\x01" * 32))
OTHER = LogSigner("example.org/other", Seed(b"\x02" * 32))
W = [Cosigner(f"w{n}.example", Seed(bytes([n + 10]) * 32)) for n in range(5)]
PQ = Cosigner("pq.example", Seed(b"\x03" * 32), Algorithm.COSIGNATURE_MLDSA44)
ENTRIES = [b"%d" % n for n in range(9)]


def refused(code: str, kind: type[MindhavenError] = InvalidInputError):
    return pytest.raises(kind, check=lambda error: error.reason == code)


def checkpoint(size: int, log: LogSigner = LOG) -> Note:
    return Checkpoint(log.vkey.name, size, rfc6962.mth(ENTRIES[:size])).sign(log)


def cosigned(*who: int) -> Note:
    note = checkpoint(5)
    return note.also([W[n].line(note.text, time=1000 + n) for n in who])


LINES = f"""\
# a practice, and two groups of patients
log {LOG.vkey} https://example.org/log
witness a1 {W[0].vkey}
\twitness\ta2  {W[1].vkey} \x20
witness a3 {W[2].vkey} https://w2.example/
group A 2 a1 a2 a3

witness b1 {W[3].vkey}
witness b2 {W[4].vkey}
group B any b1 b2
  # both
group AB all A B
quorum AB
"""


@pytest.mark.parametrize(
    ("who", "met"),
    [((), False), ((0, 1), False), ((0, 3), False), ((0, 1, 3), True), ((1, 2, 4), True), ((0, 1, 2, 3, 4), True)],
)
def test_a_quorum_of_groups(who: tuple[int, ...], met: bool) -> None:
    policy = Policy.parse(LINES.encode())
    if met:
        opened = policy.open(cosigned(*who))
        assert (opened.checkpoint.size, opened.times) == (
            5,
            {("a1", "a2", "a3", "b1", "b2")[n]: 1000 + n for n in who},
        )
        # As old as the least member that it needs.
        assert policy.quorum_time(opened.times) == {(0, 1, 3): 1000, (1, 2, 4): 1001, (0, 1, 2, 3, 4): 1001}[who]
    else:
        with refused("quorum", IntegrityError):
            policy.open(cosigned(*who))
        assert policy.quorum_time(policy.cosigned(cosigned(*who))) is None


def test_a_policy_as_it_is_read() -> None:
    policy = Policy.parse(LINES.encode())
    assert policy.logs == ((LOG.vkey, "https://example.org/log"),)
    assert (policy.witnesses["a3"].url, policy.witnesses["a1"].url) == ("https://w2.example/", "")
    assert policy.groups["A"].needs == 2
    with refused("checkpoint-origin", IntegrityError):
        policy.open(checkpoint(5, OTHER))
    assert policy.open(cosigned(0, 1, 3), LOG.vkey).checkpoint.size == 5


def test_one_witness_or_none() -> None:
    alone = Policy.parse(f"witness w {W[0].vkey}\nquorum w".encode())
    assert alone.met(frozenset({"w"}))
    assert not alone.met(frozenset())
    nobody = Policy.parse(f"log {LOG.vkey}\nquorum none\n".encode())
    assert nobody.open(checkpoint(5)).times == {}
    assert nobody.quorum_time({}) is None
    strange = Policy.parse(b"witness caf\xe9 " + str(PQ.vkey).encode() + b"\nquorum caf\xe9\n")
    (name,) = strange.witnesses
    note = checkpoint(5)
    assert strange.open(note.also([PQ.line(note.text, time=3)]), LOG.vkey).times == {name: 3}


GOOD = f"witness a {W[0].vkey}\nwitness b {W[1].vkey}\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("log", 1),
        ("log x", 1),
        (f"log {W[0].vkey}", 1),
        (f"log {LOG.vkey} u v", 1),
        (f"log {LOG.vkey}\nlog {LOG.vkey}", 2),
        (f"witness a {LOG.vkey}", 1),
        ("witness a", 1),
        (f"witness none {W[0].vkey}", 1),
        (f"witness a {W[0].vkey} u v", 1),
        (f"witness a {W[0].vkey}\nwitness b {W[0].vkey}", 2),
        (f"witness a {W[0].vkey}\nwitness a {W[1].vkey}", 2),
        (GOOD + "group g all", 3),
        (GOOD + "group g 0 a", 3),
        (GOOD + "group g 3 a b", 3),
        (GOOD + "group g -1 a", 3),
        (GOOD + "group g some a", 3),
        (GOOD + "group g any a a", 3),
        (GOOD + "group g any c", 3),
        (GOOD + "group a any b", 3),
        (GOOD + "group none any b", 3),
        (GOOD + "group g any a\ngroup h any a", 4),
        (GOOD + "group g any none", 3),
        (GOOD + "group g 1000 a", 3),
        (GOOD + "group g ١ a", 3),
        ("quorum a", 1),
        ("quorum none\nquorum none", 2),
        ("quorum none none", 1),
        ("what is this", 1),
        ("quorum none\x0b", 1),
        ("quorum none\x7f", 1),
        ("group", 1),
        (f"witness a {W[0].vkey} \u00e9\u0000", 1),
    ],
)
def test_a_line_that_is_not_understood_is_named(text: str, line: int) -> None:
    with refused("policy") as found:
        Policy.parse(text.encode())
    assert f"Line {line} " in str(found.value)


def test_a_key_or_url_that_is_no_text() -> None:
    with refused("policy"):
        Policy.parse(b"log " + str(LOG.vkey).encode() + b" https://\xff\nquorum none\n")


def test_a_policy_without_quorum_or_too_large() -> None:
    for data in (b"", GOOD.encode(), b"#" * 300_000):
        with refused("policy"):
            Policy.parse(data)


# -- the witness


def asked(old: int, size: int, *, log: LogSigner = LOG, proof: list[bytes] | None = None) -> AddCheckpoint:
    if proof is None:
        proof = [] if old in {0, size} else rfc6962.subproof(old, ENTRIES[:size])
    return AddCheckpoint(old, tuple(proof), checkpoint(size, log))


def seen(size: int) -> Seen:
    return Seen(size, rfc6962.mth(ENTRIES[:size]))


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 5), (3, 7), (4, 9), (5, 5)])
def test_what_follows_is_cosigned(old: int, size: int) -> None:
    request = asked(old, size)
    assert AddCheckpoint.parse(request.encode()) == request
    assert judge(request, seen(old), [LOG.vkey]) == Checkpoint(LOG.vkey.name, size, rfc6962.mth(ENTRIES[:size]))


def test_a_new_witness_has_seen_nothing() -> None:
    assert Seen() == seen(0)


REWRITTEN = Checkpoint(LOG.vkey.name, 5, bytes(32)).sign(LOG)


@pytest.mark.parametrize(
    ("request_", "before", "status", "size"),
    [
        (asked(3, 5), 4, 409, 4),
        (asked(0, 5), 4, 409, 4),
        (AddCheckpoint(5, (), REWRITTEN), 5, 409, 5),
        (AddCheckpoint(7, (), checkpoint(5)), 7, 400, None),
        (asked(3, 7, proof=[bytes(32)] * 3), 3, 422, None),
        (asked(0, 7, proof=[bytes(32)]), 0, 422, None),
        (asked(3, 7, log=OTHER), 3, 403, None),
        (AddCheckpoint(3, (), Note(checkpoint(7).text, checkpoint(6).lines)), 3, 403, None),
    ],
)
def test_what_does_not_follow_is_refused(request_: AddCheckpoint, before: int, status: int, size: int | None) -> None:
    verdict = judge(request_, seen(before), [LOG.vkey])
    assert isinstance(verdict, Refused)
    assert (verdict.status, verdict.size) == (status, size)
    assert verdict.reason


BODY = asked(3, 7).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"old 3\n",
        BODY.replace(b"old 3", b"old 03"),
        BODY.replace(b"old 3", b"old -3"),
        BODY.replace(b"old 3", b"new 3"),
        BODY.replace(b"old 3", b"old"),
        BODY.replace(b"old 3", b"old \xd9\xa3"),
        BODY.replace(b"old 3\n", b"old 3\nAAAA\n"),
        BODY.replace(b"old 3\n", b"old 3\n*\n"),
        BODY.replace(b"old 3", b"old " + b"9" * 21),
        BODY.replace(b"old 3\n", b"old 3\n" + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64),
        BODY + b"x" * 300_000,
    ],
)
def test_what_is_no_request(data: bytes) -> None:
    with refused("add-checkpoint"):
        AddCheckpoint.parse(data)


MOST = 256 * 1024


def test_the_largest_policy_is_read_and_no_larger() -> None:
    assert Policy.parse(b"quorum none\n" + b"#" * (MOST - 12)).quorum == "none"
    with refused("policy"):
        Policy.parse(b"quorum none\n" + b"#" * (MOST - 11))


def test_the_longest_request_is_read_and_no_longer() -> None:
    note = checkpoint(7)
    lines = b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    assert len(AddCheckpoint.parse(b"old 3\n" + lines * 63 + b"\n" + note.encode()).proof) == 63
    head = b"old 3\n\n"
    text = b"x" * (MOST - len(head) - len(note.encode()))
    assert AddCheckpoint.parse(head + text + note.encode()).old == 3
    with refused("add-checkpoint"):
        AddCheckpoint.parse(head + b"x" + text + note.encode())
