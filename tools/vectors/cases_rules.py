"""Cases of chain: for each rule a shortest chain that breaks exactly it, and chains that are allowed.

Judging needs no signature (steps 1-3 stand apart), so commits are given as bodies.
"""

# ruff: noqa: E501 - tables: one case a line

from collections.abc import Callable
from typing import Any

from pages import Page
from primitives import Kept, Person, cb, hsh, seed

ADA, BOB, EVE = seed("ada uid"), seed("bob uid"), seed("eve uid")
DAY, MONTH = 20000, 202609
NONE = [0, 0, None]
CONSENT = seed("consent")
UNSTATED = 1000
"""In these chains accounts state the generations below it."""


def wrap(uid: bytes, key_id: int = 1) -> list[Any]:
    return [uid, key_id, bytes(1120), bytes(48)]


def put(name: str = "a", revision: int = 1, epoch: int = 1) -> list[Any]:
    return [1, seed(f"item {name}")[:16], revision, epoch, seed("e"), seed("s"), []]


def erase(name: str = "a") -> list[Any]:
    return [2, seed(f"item {name}")[:16]]


def opening(number: int = 1, month: int = MONTH, to: list[Any] | None = None) -> list[Any]:
    return [3, number, month, seed("c"), [wrap(ADA)] if to is None else to]


def members(*listed: list[Any], settings: list[Any] = NONE, consent: bytes | None = CONSENT,
            wraps: list[Any] | None = None, owner: list[Any] | None = None) -> list[Any]:  # fmt: skip
    return [4, [owner or [ADA, 3, 0, 0], *listed], settings, consent, wraps or []]


class Chain:
    """Bodies in order, each linked to the one before."""

    def __init__(self, *changes: list[Any], first: list[Any] | None = None, **other: Any) -> None:
        self.author_key = 1
        first = first or [4, [[ADA, 3, 0, 0]], other.pop("settings", NONE), None, []]
        c = {"seq": 0, "prev": seed("nonce"), "author": [ADA, 1], "day": DAY} | other
        made = hsh("collection-id", self._body(bytes(32), [first, *changes], c))
        self.id = other.pop("id", made)
        self.bodies = [self._body(self.id, [first, *changes], c)]

    @staticmethod
    def _body(collection: bytes, changes: list[Any], c: dict[str, Any]) -> bytes:
        return cb(1, collection, c["seq"], c["prev"], c["author"], c["day"], changes)

    def then(self, *changes: list[Any], by: bytes = ADA, key: int = 1, **other: Any) -> "Chain":
        c = {"seq": len(self.bodies), "prev": self.head, "author": [by, key], "day": DAY} | other
        self.bodies.append(self._body(other.get("collection", self.id), list(changes), c))
        return self

    @property
    def head(self) -> bytes:
        return hsh("commit-hash", self.bodies[-1])


def shared(role: int = 2, since: int = 0, until: int = 0, **more: Any) -> Chain:
    """Ada's collection with an epoch of the month and one item in it, shared with Bob, who holds that epoch."""
    chain = Chain(opening(), put("of ada"), **more)
    listed = members([BOB, role, since, until], wraps=[[1, [wrap(BOB)]]], settings=more.get("settings", NONE))
    return chain.then(listed)


def key(generation: int = 2) -> list[Any]:
    return [5, generation, seed("statement")]


def rejoined(chain: Chain, *changes: list[Any], seq: int = 0) -> Chain:
    """A commit that rejoins at `seq`, with the genesis' hash whatever `seq` is, and what follows in it."""
    return chain.then([9, seq, hsh("commit-hash", chain.bodies[0])], *changes)


def wide() -> Chain:
    """Two epochs of two months, both with items; Bob is a writer of the second month only."""
    chain = Chain(opening(1, 202608), put("old"), opening(2), put("new", epoch=2))
    return chain.then(members([BOB, 2, MONTH, 0], wraps=[[2, [wrap(BOB)]]]))


REFUSED: dict[str, tuple[str, str, Callable[[], Chain]]] = {
    "begins-at-one": ("4", "chain-begin", lambda: Chain(seq=1)),
    "id-of-another": ("4", "collection-id", lambda: Chain(id=seed("x"))),
    "begins-with-two": ("4", "genesis-members", lambda: Chain(first=members([BOB, 1, 0, 0], consent=None))),
    "begins-with-another": ("4", "genesis-members", lambda: Chain(first=[4, [[BOB, 3, 0, 0]], NONE, None, []])),
    "begins-with-writer": ("4", "genesis-members", lambda: Chain(first=[4, [[ADA, 2, 0, 0]], NONE, None, []])),
    "begins-from-a-month": ("4", "genesis-members", lambda: Chain(first=[4, [[ADA, 3, MONTH, 0]], NONE, None, []])),
    "begins-until-a-day": ("4", "genesis-members", lambda: Chain(first=[4, [[ADA, 3, 0, DAY]], NONE, None, []])),
    "begins-with-consent": ("4", "genesis-members", lambda: Chain(first=members())),
    "begins-with-wraps": ("4", "genesis-members", lambda: Chain(first=members(consent=None, wraps=[[1, [wrap(ADA)]]]))),
    "begins-with-put": ("4", "genesis-members", lambda: Chain(first=put())),
    "begins-with-key-later": ("4, 7", "key-change", lambda: Chain(key(1))),
    "another-collection": ("5", "chain-collection", lambda: Chain().then(opening(), collection=seed("x"))),
    "seq-skipped": ("5", "chain-order", lambda: Chain().then(opening(), seq=2)),
    "seq-again": ("5", "chain-order", lambda: Chain().then(opening(), seq=0)),
    "fork": ("5", "chain-fork", lambda: Chain().then(opening(), prev=seed("x"))),
    "fork-of-the-second": ("5", "chain-fork", lambda: Chain(opening()).then(put()).then(put("b"), prev=Chain(opening()).head)),
    "stranger": ("6", "not-a-member", lambda: Chain().then(opening(), by=BOB)),
    "expired": ("6", "not-a-member", lambda: shared(until=DAY).then([6], by=BOB, day=DAY + 1)),
    "removed": ("6", "not-a-member", lambda: shared().then(members()).then([6], by=BOB)),
    "left": ("6", "not-a-member", lambda: shared().then([6], by=BOB).then(put("b"), by=BOB)),
    "old-key": ("7", "key-replaced", lambda: Chain(opening()).then(key(), key=2).then(put(), key=1)),
    "old-key-by-wrap": ("7", "key-replaced", lambda: Chain().then(opening(to=[wrap(ADA, 2)])).then(put(), key=1)),
    "key-not-said": ("7", "key-unannounced", lambda: Chain(opening()).then(put(), key=2)),
    "key-of-another-number": ("7", "key-change", lambda: Chain().then(key(3), key=2)),
    "key-again": ("7", "key-change", lambda: Chain().then(key(1), key=1)),
    "key-not-first": ("7", "key-change", lambda: Chain(opening()).then(put(), key(1))),
    "key-twice": ("7", "key-change", lambda: Chain().then(key(), key(), key=2)),
    "reader-puts": ("8", "reader-writes", lambda: shared(1).then(put("b"), by=BOB)),
    "epoch-unknown": ("8", "epoch-unknown", lambda: Chain().then(put())),
    "month-of-before": ("8", "month-not-entitled", lambda: wide().then(put("b", 1, 1), by=BOB)),
    "held-by-expired": ("8", "epoch-holders", lambda: shared(until=DAY).then(put("b"), day=DAY + 1)),
    "held-by-removed": ("8", "epoch-holders", lambda: shared().then(members()).then(put("b"))),
    "held-by-one-who-left": ("8", "epoch-holders", lambda: shared().then([6], by=BOB).then(put("b"))),
    "held-under-old-key": ("8", "epoch-holders", lambda: Chain(opening()).then(key(), put(), key=2)),
    "new-member-does-not-hold": ("8", "epoch-holders", lambda: Chain(opening()).then(members([BOB, 2, 0, 0])).then(put())),
    "starts-at-two": ("8", "revision-order", lambda: Chain(opening()).then(put("a", 2))),
    "revision-skipped": ("8", "revision-order", lambda: Chain(opening()).then(put()).then(put("a", 3))),
    "revision-again": ("8", "revision-order", lambda: Chain(opening()).then(put()).then(put("a", 1))),
    "revision-again-in-one-commit": ("8", "revision-order", lambda: Chain(opening()).then(put(), put())),
    "put-erased": ("8", "item-erased", lambda: Chain(opening()).then(put()).then(erase()).then(put("a", 2))),
    "put-erased-in-one-commit": ("8", "item-erased", lambda: Chain(opening()).then(put()).then(erase(), put("a", 2))),
    "put-of-another": ("8", "not-the-author", lambda: shared().then(put("of ada", 2), by=BOB)),
    "owner-puts-a-writers": ("8", "not-the-author", lambda: shared().then(put("b"), by=BOB).then(put("b", 2))),
    "month-changed": ("8", "month-changed", lambda: Chain(opening()).then(put()).then(opening(2, 202610), put("a", 2, 2))),
    "erase-unknown": ("9", "item-not-live", lambda: Chain().then(erase())),
    "erase-twice": ("9", "item-not-live", lambda: Chain(opening()).then(put()).then(erase()).then(erase())),
    "erase-twice-in-one-commit": ("9", "item-not-live", lambda: Chain(opening()).then(put()).then(erase(), erase())),
    "erase-of-another": ("9", "not-the-author", lambda: shared().then(erase("of ada"), by=BOB)),
    "reader-erases": ("9", "reader-writes", lambda: shared(1).then(erase("of ada"), by=BOB)),
    "erase-on-hold": ("9", "on-hold", lambda: Chain(opening(), settings=[1, DAY + 1, None]).then(put()).then(erase())),
    "reader-opens": ("10", "reader-writes", lambda: shared(1).then(opening(2, to=[wrap(ADA), wrap(BOB)]), by=BOB)),
    "epoch-two-first": ("10", "epoch-order", lambda: Chain().then(opening(2))),
    "epoch-again": ("10", "epoch-order", lambda: Chain(opening()).then(opening())),
    "epoch-skipped": ("10", "epoch-order", lambda: Chain(opening()).then(opening(3))),
    "opens-month-of-before": ("10", "month-not-entitled", lambda: wide().then(opening(3, 202608, [wrap(ADA)]), by=BOB)),
    "open-leaves-out": ("10", "epoch-wraps", lambda: shared().then(opening(2))),
    "open-leaves-out-author": ("10", "epoch-wraps", lambda: shared().then(opening(2, to=[wrap(BOB)]))),
    "open-to-removed": ("10", "epoch-wraps", lambda: shared().then(members()).then(opening(2, to=[wrap(ADA), wrap(BOB)]))),
    "open-to-expired": ("10", "epoch-wraps", lambda: shared(until=DAY).then(opening(2, to=[wrap(ADA), wrap(BOB)]), day=DAY + 1)),
    "open-to-stranger": ("10", "epoch-wraps", lambda: Chain().then(opening(to=[wrap(ADA), wrap(EVE)]))),
    "open-to-one-not-entitled": ("10", "epoch-wraps", lambda: wide().then(opening(3, 202608, [wrap(ADA), wrap(BOB)]))),
    "open-to-nobody": ("10", "epoch-wraps", lambda: Chain().then(opening(to=[]))),
    "open-to-unknown-key": ("10", "wrap-key-unknown", lambda: Chain().then(opening(to=[wrap(ADA, 1000)]))),
    "open-to-old-key": ("10", "wrap-key-replaced", lambda: Chain(opening()).then(key(), opening(2), key=2)),
    "open-to-unstated-key": ("10", "wrap-key-unknown", lambda: shared().then(opening(2, to=[wrap(ADA, UNSTATED), wrap(BOB)]), by=BOB)),
    "writer-lists-members": ("11", "not-the-owner", lambda: shared().then(members([BOB, 2, 0, 0]), by=BOB)),
    "reader-lists-members": ("11", "not-the-owner", lambda: shared(1).then(members([BOB, 1, 0, 0]), by=BOB)),
    "member-twice": ("11", "members-double", lambda: Chain().then(members([BOB, 1, 0, 0], [BOB, 2, 0, 0]))),
    "owner-twice": ("11", "members-double", lambda: Chain().then(members([ADA, 3, 0, 0]))),
    "two-owners": ("11", "members-owner", lambda: Chain().then(members([BOB, 3, 0, 0]))),
    "no-owner": ("11", "members-owner", lambda: Chain().then(members(owner=[ADA, 2, 0, 0]))),
    "another-owner": ("11", "members-owner", lambda: shared().then(members(owner=[BOB, 3, 0, 0]))),
    "owner-from-a-month": ("11", "members-owner", lambda: Chain().then(members(owner=[ADA, 3, MONTH, 0]))),
    "owner-until-a-day": ("11", "members-owner", lambda: Chain().then(members(owner=[ADA, 3, 0, DAY]))),
    "no-consent": ("11", "consent-missing", lambda: Chain().then(members([BOB, 1, 0, 0], consent=None))),
    "two-under-one-consent": ("11", "consent-shared", lambda: Chain().then(members([BOB, 1, 0, 0], [EVE, 1, 0, 0]))),
    "higher-role": ("11", "consent-missing", lambda: shared(1).then(members([BOB, 2, 0, 0], consent=None))),
    "earlier-from": ("11", "consent-missing", lambda: shared(1, MONTH).then(members([BOB, 1, 202608, 0], consent=None))),
    "later-until": ("11", "consent-missing", lambda: shared(1, 0, DAY).then(members([BOB, 1, 0, DAY + 1], consent=None))),
    "open-until": ("11", "consent-missing", lambda: shared(1, 0, DAY).then(members([BOB, 1, 0, 0], consent=None))),
    "hold-shortened": ("11", "hold-shortened", lambda: Chain(settings=[0, DAY, None]).then(members(settings=[0, DAY - 1, None]))),
    "hold-lifted": ("11", "hold-shortened", lambda: Chain(settings=[0, DAY - 9, None]).then(members())),
    "history-dropped": ("11", "history-on-hold", lambda: Chain(settings=[1, DAY + 1, None]).then(members(settings=[0, DAY + 1, None]))),
    "wrap-of-unknown-epoch": ("11", "epoch-unknown", lambda: Chain().then(members([BOB, 1, 0, 0], wraps=[[1, [wrap(BOB)]]]))),
    "wrap-to-stranger": ("11", "wrap-not-entitled", lambda: Chain(opening()).then(members(wraps=[[1, [wrap(BOB)]]]))),
    "wrap-of-month-before": ("11", "wrap-not-entitled", lambda: Chain(opening()).then(
        members([BOB, 1, 202610, 0], wraps=[[1, [wrap(BOB)]]]))),
    "wrap-to-expired": ("11", "wrap-not-entitled", lambda: Chain(opening()).then(
        members([BOB, 1, 0, DAY - 1], wraps=[[1, [wrap(BOB)]]]))),
    "wrap-to-old-key": ("11", "wrap-key-replaced", lambda: shared().then(key(), by=BOB, key=2).then(
        members([BOB, 2, 0, 0], wraps=[[1, [wrap(BOB)]]]))),
    "wrap-to-unstated-key": ("11", "wrap-key-unknown", lambda: Chain(opening()).then(
        members([BOB, 1, 0, 0], wraps=[[1, [wrap(BOB, UNSTATED)]]]))),
    "grant-without-wraps": ("11", "grant-incomplete", lambda: Chain(opening(), put()).then(members([BOB, 1, 0, 0]))),
    "grant-leaves-one-out": ("11", "grant-incomplete", lambda: Chain(opening(), put(), opening(2, 202610), put("b", 1, 2)).then(
        members([BOB, 1, 0, 0], wraps=[[2, [wrap(BOB)]]]))),
    "wider-grant-without-wraps": ("11", "grant-incomplete", lambda: wide().then(members([BOB, 2, 0, 0]))),
    "grant-again-to-an-old-key": ("11", "grant-incomplete", lambda: shared().then(key(), by=BOB, key=2).then(members()).then(
        members([BOB, 2, 0, 0]))),
    "owner-leaves": ("12", "owner-leaves", lambda: Chain().then([6])),
    "leaves-twice": ("12", "not-a-member", lambda: shared().then([6], [6], by=BOB)),
    "writes-after-leaving": ("12", "not-a-member", lambda: shared().then([6], put("b"), by=BOB)),
    "writer-hands-over": ("13", "not-the-owner", lambda: shared().then([7, BOB], by=BOB)),
    "owner-to-stranger": ("13", "owner-target", lambda: Chain().then([7, BOB])),
    "owner-to-self": ("13", "owner-target", lambda: Chain().then([7, ADA])),
    "owner-to-expired": ("13", "owner-target", lambda: shared(until=DAY).then([7, BOB], day=DAY + 1)),
    "owner-holds-one-of-two": ("13", "owner-holds-all", lambda: wide().then([7, BOB])),
    "owner-holds-none": ("13", "owner-holds-all", lambda: Chain(opening()).then(members([BOB, 2, 0, 0])).then([7, BOB])),
    "owner-holds-under-old-key": ("13", "owner-holds-all", lambda: shared().then(key(), by=BOB, key=2).then([7, BOB])),
    "former-owner-lists": ("13, 16", "not-the-owner", lambda: shared().then([7, BOB], members([BOB, 3, 0, 0]))),
    "writer-snapshots": ("14", "not-the-owner", lambda: shared().then([8, seed("root")], by=BOB)),
    "rejoin-by-a-writer": ("15", "not-the-owner", lambda: shared().then([9, 0, seed("x")], members([BOB, 2, 0, 0], consent=None), by=BOB)),
    "rejoin-of-another-hash": ("15", "rejoin-place", lambda: Chain().then([9, 0, seed("x")], members(consent=None))),
    "rejoin-of-its-own-place": ("15", "rejoin-place", lambda: rejoined(Chain(), members(consent=None), seq=1)),
    "rejoin-of-a-later-place": ("15", "rejoin-place", lambda: rejoined(Chain(), members(consent=None), seq=2)),
    "rejoin-of-the-wrong-seq": ("15", "rejoin-place", lambda: rejoined(shared(), members([BOB, 2, 0, 0], consent=None), seq=1)),
    "rejoin-alone": ("15", "rejoin-members", lambda: rejoined(Chain())),
    "rejoin-members-first": ("15", "rejoin-members", lambda: Chain(opening()).then(members(consent=None), [9, 0, Chain(opening()).head])),
    "rejoin-members-not-next": ("15", "rejoin-members", lambda: rejoined(Chain(), opening(), members(consent=None))),
    "rejoin-with-a-consent": ("15", "rejoin-members", lambda: rejoined(shared(), members())),
    "rejoin-lets-one-in": ("15", "rejoin-members", lambda: rejoined(shared(), members([BOB, 2, 0, 0], [EVE, 1, 0, 0], consent=None))),
    "rejoin-raises-a-role": ("15", "rejoin-members", lambda: rejoined(shared(1), members([BOB, 2, 0, 0], consent=None))),
    "rejoin-lengthens": ("15", "rejoin-members", lambda: rejoined(shared(until=DAY), members([BOB, 2, 0, 0], consent=None))),
    "rejoin-gains-under-an-entry": ("15", "rejoin-members", lambda: rejoined(Chain(), members([BOB, 1, 0, 0], settings=[0, 0, "archive"], consent=None))),
    "open-then-unlisted": ("16", "epoch-holders", lambda: shared().then(opening(2, to=[wrap(ADA), wrap(BOB)]), members(), put("b", 1, 2))),
}  # fmt: skip
"""name: step, stage, the chain whose last commit (the genesis if it is alone) is refused."""


def state(chain: Chain, listed: list[Any], epochs: dict[int, tuple[int, dict[bytes, int]]], known: dict[bytes, int],
          signed: dict[bytes, int], settings: list[Any] = NONE, author: bytes = ADA) -> dict[str, Any]:  # fmt: skip
    return {
        "head": chain.head, "seq": len(chain.bodies) - 1, "members": listed, "settings": settings,
        "epochs": [[n, month, seed("c"), author, pairs(holders)] for n, (month, holders) in epochs.items()],
        "known_keys": pairs(known), "signed_keys": pairs(signed),
    }  # fmt: skip


def pairs(by_uid: dict[bytes, int]) -> list[Any]:
    return [[uid, n] for uid, n in sorted(by_uid.items())]


def allowed(page: Page) -> None:
    one, owner, both = {ADA: 1}, [ADA, 3, 0, 0], {ADA: 1, BOB: 1}

    def case(name: str, step: str, chain: Chain, expect: dict[str, Any]) -> None:
        page.case(name, step, "judge", expect, commits=chain.bodies)

    chain = Chain()
    case("genesis", "4", chain, state(chain, [owner], {}, one, one))
    chain = Chain(opening(), put()).then(put("a", 2), put("b"))
    case("writes", "8", chain, state(chain, [owner], {1: (MONTH, one)}, one, one))
    chain = shared().then(put("b"), by=BOB).then(erase("b"))
    case("owner-erases-a-writers", "9", chain, state(chain, [owner, [BOB, 2, 0, 0]], {1: (MONTH, both)}, both, both))
    chain = shared(until=DAY).then(put("b"), by=BOB)
    case("last-day-included", "6", chain, state(chain, [owner, [BOB, 2, 0, DAY]], {1: (MONTH, both)}, both, both))
    chain = shared().then(members(consent=None)).then(opening(2), put("b", 1, 2))
    case("revoked-then-new-epoch", "8, 10", chain,
         state(chain, [owner], {1: (MONTH, both), 2: (MONTH, one)}, both, one))  # fmt: skip
    chain = shared(until=DAY).then(opening(2), put("b", 1, 2), day=DAY + 1)
    case("expired-then-new-epoch", "8, 10", chain,
         state(chain, [owner, [BOB, 2, 0, DAY]], {1: (MONTH, both), 2: (MONTH, one)}, both, one))  # fmt: skip
    chain = Chain(opening()).then(key(), opening(2, to=[wrap(ADA, 2)]), put("a", 1, 2), key=2)
    case("new-key", "7, 10", chain, state(chain, [owner], {1: (MONTH, one), 2: (MONTH, {ADA: 2})}, {ADA: 2}, {ADA: 2}))
    chain = (
        shared()
        .then(key(), by=BOB, key=2)
        .then(members([BOB, 2, 0, 0], consent=None, wraps=[[1, [wrap(BOB, 2)]]]))
        .then(put("b"))
    )
    case("wrapped-again-to-the-new-key", "11", chain,
         state(chain, [owner, [BOB, 2, 0, 0]], {1: (MONTH, {ADA: 1, BOB: 2})}, {ADA: 1, BOB: 2}, {ADA: 1, BOB: 2}))  # fmt: skip
    chain = shared().then([7, BOB]).then(members([ADA, 2, 0, 0], owner=[BOB, 3, 0, 0], consent=None), by=BOB)
    case("handed-over", "13", chain, state(chain, [[BOB, 3, 0, 0], [ADA, 2, 0, 0]], {1: (MONTH, both)}, both, both))
    chain = shared().then([6], by=BOB).then(opening(2), put("b", 1, 2))
    case("left-then-new-epoch", "12", chain, state(chain, [owner], {1: (MONTH, both), 2: (MONTH, one)}, both, both))
    chain = Chain(opening(), put()).then(members([BOB, 1, 202610, 0]))
    case(
        "grant-from-a-later-month", "11", chain, state(chain, [owner, [BOB, 1, 202610, 0]], {1: (MONTH, one)}, one, one)
    )
    chain = Chain(opening(), put()).then(erase()).then(members([BOB, 1, 0, 0]))
    case("grant-of-nothing-live", "11", chain, state(chain, [owner, [BOB, 1, 0, 0]], {1: (MONTH, one)}, one, one))
    entry = [0, 0, "archive"]
    chain = Chain().then(members([BOB, 1, 0, 0], settings=entry, consent=None))
    case("processing-entry", "11", chain, state(chain, [owner, [BOB, 1, 0, 0]], {}, one, one, entry))
    chain = shared().then(members([BOB, 1, MONTH, DAY], consent=None))
    case(
        "narrower-needs-no-consent",
        "11",
        chain,
        state(chain, [owner, [BOB, 1, MONTH, DAY]], {1: (MONTH, both)}, both, one),
    )
    chain = (
        Chain(opening(), put(), settings=[1, DAY, None])
        .then(erase())
        .then(members(settings=[0, DAY, None], consent=None))
    )
    case("hold-over-on-its-day", "9, 11", chain, state(chain, [owner], {1: (MONTH, one)}, one, one, [0, DAY, None]))
    chain = Chain().then(members(settings=[1, DAY + 9, None], consent=None))
    case("hold-lengthened", "11", chain, state(chain, [owner], {}, one, one, [1, DAY + 9, None]))
    chain = Chain().then([8, seed("root")])
    case("snapshot", "14", chain, state(chain, [owner], {}, one, one))
    chain = rejoined(shared(), members([BOB, 2, 0, 0], consent=None))
    case("rejoined", "15", chain, state(chain, [owner, [BOB, 2, 0, 0]], {1: (MONTH, both)}, both, one))
    chain = rejoined(shared(), members(consent=None))
    case("rejoined-without-one", "15", chain, state(chain, [owner], {1: (MONTH, both)}, both, one))
    chain = rejoined(shared(), members([BOB, 1, MONTH, DAY], consent=None)).then(
        [9, 2, hsh("commit-hash", rejoined(shared(), members([BOB, 1, MONTH, DAY], consent=None)).bodies[2])],
        members([BOB, 1, MONTH, DAY], consent=None),
    )
    case(
        "rejoined-narrower-and-again",
        "15",
        chain,
        state(chain, [owner, [BOB, 1, MONTH, DAY]], {1: (MONTH, both)}, both, one),
    )
    chain = wide().then(opening(3, 202610, [wrap(ADA), wrap(BOB)]), put("b", 1, 3), by=BOB)
    three = {1: (202608, one), 2: (MONTH, both)}
    expect = state(chain, [owner, [BOB, 2, MONTH, 0]], three, both, both)
    expect["epochs"].append([3, 202610, seed("c"), BOB, pairs(both)])
    case("writer-opens", "10", chain, expect)


def chain(kept: Kept) -> Page:
    page = Page("chain", "mindhaven/chain/v1", kept)
    allowed(page)
    for name, (step, stage, build) in REFUSED.items():
        why = f"accounts state the generations 1 to {UNSTATED - 1}" if stage == "wrap-key-unknown" else ""
        page.case(name, step, "judge", stage, commits=build().bodies, comment=why)
    _authors(page, kept)
    return page


def _authors(page: Page, kept: Kept) -> None:
    ada, bob = Person(kept, "ada"), Person(kept, "bob")
    ada.rotate()
    old, new = (hsh("statement-hash", statement["body"]) for statement in ada.chain)

    def body(*changes: list[Any], key_id: int = 1, author: bytes = ada.uid) -> bytes:
        return cb(1, seed("collection"), 4, seed("prev"), [author, key_id], DAY, list(changes))

    def author(name: str, step: str, expect: Any, data: bytes, signatures: list[bytes]) -> None:
        page.case(
            name, step, "author", expect, commit={"body": data, "signatures": signatures}, uid=ada.uid, chain=ada.chain
        )

    yes = {"accepted": True}
    fast = body(put())
    slow = body(opening())
    one, two = ada.pair(1), ada.pair(2)
    author("author-fast", "1, 2", yes, fast, [one.fast("commit", fast)])
    author("author-hybrid", "1, 2", yes, slow, one.sign(kept, "commit", slow))
    author("author-fast-with-two", "2", "signature-count", fast, one.sign(kept, "commit", fast))
    author("author-hybrid-with-one", "2", "signature-count", slow, [one.fast("commit", slow)])
    author("author-nobody", "2", "signature-count", fast, [])
    author("author-old-key", "1, 2", "signature-invalid", fast, [two.fast("commit", fast)])
    author("author-cross-type", "2", "signature-invalid", fast, [one.fast("consent", fast)])
    author("author-by-another", "2", "signature-invalid", slow, bob.pair().sign(kept, "commit", slow))
    unknown = body(put(), key_id=3)
    author("author-unknown-generation", "1", "unknown-generation", unknown, [two.fast("commit", unknown)])
    foreign = body(put(), author=bob.uid)
    author("author-of-another", "1", "author-mismatch", foreign, [bob.pair().fast("commit", foreign)])
    for name, expect, change in [("key-change", yes, [5, 2, new]), ("key-of-the-old-statement", "key-statement", [5, 2, old]),
                                 ("key-of-another-generation", "key-statement", [5, 1, new])]:  # fmt: skip
        data = body(change, key_id=2)
        author(name, "3", expect, data, two.sign(kept, "commit", data))


PAGES = [chain]
