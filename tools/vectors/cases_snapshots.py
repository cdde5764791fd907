"""Cases of snapshot: the owner's list of what lives in a collection, and its parts."""

from typing import Any

from pages import Page
from primitives import Kept, cb, hsh, seed

ADA, BOB, EVE = sorted([seed("ada uid"), seed("bob uid"), seed("eve uid")])
OTHER = bytes.fromhex("ff" * 32)


def live(
    name: str, seq: int, *, revision: int = 1, epoch: int = 1, author: bytes = ADA, blobs: tuple[bytes, ...] = ()
) -> list[Any]:
    return [seed(f"item {name}")[:16], revision, epoch, author, seq, seed(f"e {name}"), seed(f"s {name}"), list(blobs)]


LIVE = [live("a", 1), live("b", 3, revision=7, author=BOB), live("c", 3, epoch=2, blobs=(seed("b1"), seed("b2")))]
EPOCHS = [
    [1, 202608, seed("c1"), ADA, [[ADA, 1], [BOB, 2]], [1, 2]],
    [2, 0, seed("c2"), BOB, [[ADA, 1]], [3]],
]
MEMBERS = [[BOB, 2, 202608, 21000], [ADA, 3, 0, 0]]


def body(parts: list[bytes], records: int, **other: Any) -> bytes:
    c = {
        "suite": 1, "collection": seed("collection"), "seq": 4095, "head": seed("head"), "members": MEMBERS,
        "settings": [1, 20500, "archive"], "epochs": EPOCHS, "known": [[ADA, 1], [BOB, 2]], "signed": [[ADA, 1]],
        "records": records, "hashes": [hsh("snapshot-part", part) for part in parts],
    } | other  # fmt: skip
    return cb(*c.values())


def commit(*changes: list[Any], **other: Any) -> bytes:
    c = {
        "suite": 1,
        "collection": seed("collection"),
        "seq": 4096,
        "prev": seed("head"),
        "author": [ADA, 1],
        "day": 20000,
    } | other
    return cb(*c.values(), list(changes))


def snapshot(kept: Kept) -> Page:
    page = Page("snapshot", "mindhaven/snapshot/v1", kept)

    def built(name: str, records: list[Any], **other: Any) -> None:
        parts = [cb(*records)] if records else []
        data = body(parts, len(records), **other)
        shown = {"members": MEMBERS, "settings": [1, 20500, "archive"], "epochs": EPOCHS, "known": [[ADA, 1], [BOB, 2]],
                 "signed": [[ADA, 1]], "seq": 4095, "head": seed("head")} | other  # fmt: skip
        page.case(name, "1, 3, 4", "build", {
            "root": hsh("snapshot-root", data), "seq": shown["seq"], "head": shown["head"], "members": shown["members"],
            "settings": shown["settings"], "epochs": shown["epochs"], "known_keys": shown["known"],
            "signed_keys": shown["signed"], "live": records}, list=data, parts=parts)  # fmt: skip

    built("three-records", LIVE)
    built("nothing-lives", [])
    built(
        "nothing-but-an-owner",
        [],
        members=[[ADA, 3, 0, 0]],
        settings=[0, 0, None],
        epochs=[],
        signed=[[ADA, 3]],
        known=[[ADA, 3]],
        seq=0,
    )

    def listed(name: str, step: str, expect: Any, data: bytes, *, root: bytes | None = None, why: str = "") -> None:
        page.case(name, step, "list", expect, comment=why, list=data, root=root or hsh("snapshot-root", data))

    part = cb(*LIVE)
    listed("a-list", "1", {"records": 3}, body([part], 3))
    listed("another-root", "1", "snapshot-differs", body([part], 3), root=seed("root"))
    listed("another-suite", "1", "suite", body([part], 3, suite=2))
    listed("epochs-out-of-order", "3", "snapshot-order", body([part], 3, epochs=EPOCHS[::-1]))
    listed("an-epoch-twice", "3", "snapshot-order", body([part], 3, epochs=[EPOCHS[0], EPOCHS[0]]))
    listed(
        "holders-out-of-order",
        "3",
        "snapshot-order",
        body([part], 3, epochs=[[1, 202608, seed("c1"), ADA, [[BOB, 2], [ADA, 1]], [1]]]),
    )
    listed(
        "a-holder-twice",
        "3",
        "snapshot-order",
        body([part], 3, epochs=[[1, 202608, seed("c1"), ADA, [[ADA, 2], [ADA, 1]], [1]]]),
    )
    listed(
        "places-out-of-order",
        "3",
        "snapshot-order",
        body([part], 3, epochs=[[1, 202608, seed("c1"), ADA, [[ADA, 1]], [2, 1]]]),
    )
    listed(
        "a-place-twice",
        "3",
        "snapshot-order",
        body([part], 3, epochs=[[1, 202608, seed("c1"), ADA, [[ADA, 1]], [2, 2]]]),
    )
    listed("keys-out-of-order", "3", "snapshot-order", body([part], 3, known=[[BOB, 2], [ADA, 1]]))
    listed("signed-keys-twice", "3", "snapshot-order", body([part], 3, signed=[[ADA, 2], [ADA, 2]]))
    listed("a-part-too-many", "4", "snapshot-part", body([part, part], 3))
    listed("a-part-too-few", "4", "snapshot-part", body([part], 4097))
    listed("a-part-of-nothing", "4", "snapshot-part", body([part], 0))
    listed("records-without-a-part", "4", "snapshot-part", body([], 1))
    listed("a-field-missing", "1", "shape", cb(1, seed("collection")))
    listed("month-13", "3", "month", body([part], 3, epochs=[[1, 202613, seed("c1"), ADA, [[ADA, 1]], [1]]]))
    listed("key-0", "3", "shape", body([part], 3, known=[[ADA, 0]]))
    listed("epoch-0", "3", "shape", body([part], 3, epochs=[[0, 202608, seed("c1"), ADA, [[ADA, 1]], [1]]]))

    def one_part(
        name: str, step: str, expect: Any, records: list[Any], *, says: int | None = None, given: bytes | None = None
    ) -> None:
        data = cb(*records)
        page.case(
            name,
            step,
            "part",
            expect,
            list=body([data], len(records) if says is None else says),
            number=0,
            part=given or data,
        )

    one_part("its-part", "4", {"items": [one[0] for one in LIVE]}, LIVE)
    one_part("another-part", "4", "snapshot-part", LIVE, given=cb(*LIVE[:2]))
    one_part("fewer-than-said", "4", "snapshot-part", LIVE, says=4)
    one_part("more-than-said", "4", "snapshot-part", LIVE, says=2)
    one_part("out-of-order", "4", "snapshot-part", [LIVE[1], LIVE[0]])
    one_part("an-epoch-that-is-not-listed", "4", "snapshot-part", [live("a", 1, epoch=3)])
    one_part("a-record-of-seven-fields", "4", "shape", [LIVE[0][:7]])
    one_part("revision-0", "4", "shape", [live("a", 1, revision=0)])
    one_part("a-short-item-id", "4", "shape", [[bytes(15), *LIVE[0][1:]]])

    def place(name: str, expect: Any, data: bytes) -> None:
        page.case(name, "2", "place", expect, list=body([part], 3), commit=data)

    said = [8, seed("root")]
    place("at-its-place", {"accepted": True}, commit(said))
    place("after-a-key", {"accepted": True}, commit([5, 1, seed("statement")], said))
    place("with-a-put", "snapshot-place", commit(said, [2, bytes(16)]))
    place("after-a-put", "snapshot-place", commit([2, bytes(16)], said))
    place("twice", "snapshot-place", commit(said, said))
    place("no-snapshot", "snapshot-place", commit([6]))
    place("a-key-alone", "snapshot-place", commit([5, 1, seed("statement")]))
    place("of-a-later-seq", "snapshot-place", commit(said, seq=4097))
    place("of-its-own-seq", "snapshot-place", commit(said, seq=4095))
    place("after-another-head", "snapshot-place", commit(said, prev=seed("other")))
    place("of-another-collection", "snapshot-place", commit(said, collection=seed("other")))
    return page


PAGES = [snapshot]
