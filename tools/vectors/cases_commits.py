"""Cases of collection: commit bodies."""

# ruff: noqa: E501 - tables: one case a line

from typing import Any

from pages import Page
from primitives import Kept, Person, cb, hsh, seed

OWNER, MEMBER = seed("owner"), seed("member")
WRAP = [MEMBER, 2, bytes(range(140)) * 8, bytes(range(48))]
ITEM = seed("item")[:16]
CHANGES: dict[str, list[Any]] = {
    "put": [1, ITEM, 2, 3, seed("e"), seed("s"), [seed("b1"), seed("b2")]],
    "put-bare": [1, ITEM, 1, 1, seed("e"), seed("s"), []],
    "erase": [2, ITEM],
    "open": [3, 3, 202609, seed("c"), [WRAP]],
    "open-alone": [3, 1, 0, seed("c"), []],
    "members": [
        4,
        [[OWNER, 3, 0, 0], [MEMBER, 1, 202605, 21000]],
        [1, 20500, "archive"],
        seed("consent"),
        [[2, [WRAP]]],
    ],
    "members-bare": [4, [[OWNER, 3, 0, 0]], [0, 0, None], None, []],
    "key": [5, 2, seed("statement")],
    "leave": [6],
    "owner": [7, MEMBER],
    "snapshot": [8, seed("root")],
    "rejoin": [9, 7, seed("hash")],
}


def body(changes: list[Any], **other: Any) -> bytes:
    c = {
        "suite": 1,
        "collection": seed("collection"),
        "seq": 4,
        "prev": seed("prev"),
        "author": [OWNER, 2],
        "day": 20000,
    } | other
    return cb(c["suite"], c["collection"], c["seq"], c["prev"], c["author"], c["day"], changes)


def collection(kept: Kept) -> Page:
    page = Page("collection", "mindhaven/commit/v1", kept)
    head = {
        "collection": seed("collection"),
        "seq": 4,
        "prev": seed("prev"),
        "author": OWNER,
        "key_id": 2,
        "day": 20000,
    }

    def decode(name: str, step: str, expect: Any, data: bytes, why: str = "") -> None:
        page.case(name, step, "decode", expect, comment=why, body=data)

    for name, change in CHANGES.items():
        data = body([change])
        fast = change[0] in (1, 2)
        decode(name, "1-3, 5, 6", {**head, "changes": [change], "fast": fast, "hash": hsh("commit-hash", data)}, data)
    for name, changes, fast in [("put-and-erase", ["put", "erase"], True), ("put-and-open", ["put", "open"], False),
                                ("all", list(CHANGES), False)]:  # fmt: skip
        listed = [CHANGES[change] for change in changes]
        data = body(listed)
        decode(name, "5, 6", {**head, "changes": listed, "fast": fast, "hash": hsh("commit-hash", data)}, data)
    decode("empty", "1", "commit-empty", body([]))
    decode("another-suite", "1", "suite", body([[6]], suite=2))
    decode("suite-zero", "1", "suite", body([[6]], suite=0))
    decode("suite-true", "1", "shape", body([[6]], suite=True), why="a boolean is not a number (encoding step 6)")
    decode("unknown-change", "2", "client-too-old", body([[10]]))
    decode("unknown-change-with-fields", "2", "client-too-old", body([[6], [99, "x"]]))
    decode("unknown-change-zero", "2", "client-too-old", body([[0]]))
    decode("unknown-change-like-a-put", "2", "client-too-old", body([[0, *CHANGES["put"][1:6], []]]))
    decode("1001-changes", "1", "shape", body([[6]] * 1001))
    data = body([[6]] * 1000)
    decode(
        "1000-changes", "1", {**head, "changes": [[6]] * 1000, "fast": False, "hash": hsh("commit-hash", data)}, data
    )
    for name, change in {
        "change-number": 6, "change-empty": [], "change-text": ["6"], "change-true": [True, ITEM],
        "put-five": CHANGES["put"][:6], "put-item-15": [1, ITEM[:15], *CHANGES["put"][2:]], "put-revision-0":
        [1, ITEM, 0, *CHANGES["put"][3:]], "put-epoch-0": [1, ITEM, 1, 0, *CHANGES["put"][4:]], "put-revision-true":
        [1, ITEM, True, *CHANGES["put"][3:]], "put-hash-31": [1, ITEM, 1, 1, bytes(31), seed("s"), []],
        "put-salt-31": [1, ITEM, 1, 1, seed("e"), bytes(31), []], "put-blob-33": [1, ITEM, 1, 1, seed("e"), seed("s"), [bytes(33)]],
        "put-item-text": [1, "i" * 16, *CHANGES["put"][2:]], "put-hash-text": [1, ITEM, 1, 1, "e" * 32, seed("s"), []],
        "put-salt-text": [1, ITEM, 1, 1, seed("e"), "s" * 32, []], "put-blobs-null": [1, ITEM, 1, 1, seed("e"), seed("s"), None],
        "put-epoch-true": [1, ITEM, 1, True, seed("e"), seed("s"), []], "put-epoch-over": [1, ITEM, 1, 100_001, seed("e"), seed("s"), []],
        "put-revision-over": [1, ITEM, 1_000_001, *CHANGES["put"][3:]],
        "erase-two": [2, ITEM, ITEM], "erase-17": [2, ITEM + b"x"], "open-three": [3, 1, 0, seed("c")],
        "open-commitment-31": [3, 1, 0, bytes(31), []], "open-wraps-null": [3, 1, 0, seed("c"), None],
        "members-role-0": [4, [[OWNER, 0, 0, 0]], [0, 0, None], None, []], "members-role-4": [4, [[OWNER, 4, 0, 0]], [0, 0, None], None, []],
        "members-history-2": [4, [], [2, 0, None], None, []], "members-65": [4, [[OWNER, 3, 0, 0]] * 65, [0, 0, None], None, []],
        "members-uid-31": [4, [[OWNER[1:], 3, 0, 0]], [0, 0, None], None, []], "members-consent-31": [4, [], [0, 0, None], bytes(31), []],
        "members-hold-negative": [4, [], [0, -1, None], None, []], "members-until-negative": [4, [[OWNER, 3, 0, -1]], [0, 0, None], None, []],
        "members-entry-number": [4, [], [0, 0, 5], None, []], "members-wraps-one": [4, [], [0, 0, None], None, [[1]]],
        "key-zero": [5, 0, seed("x")], "key-31": [5, 1, bytes(31)], "leave-field": [6, 1], "owner-31": [7, bytes(31)],
        "snapshot-31": [8, bytes(31)], "rejoin-one": [9, 1], "rejoin-negative": [9, -1, seed("h")],
    }.items():  # fmt: skip
        decode(f"shape-{name}", "2, 3", "shape", body([change]))
    decode("month-13", "2", "month", body([[3, 1, 202613, seed("c"), []]]))
    decode("member-month-13", "3", "month", body([[4, [[OWNER, 1, 202613, 0]], [0, 0, None], None, []]]))
    decode("wrap-double", "2", "wrap-double", body([[3, 1, 0, seed("c"), [WRAP, WRAP]]]))
    for name, other in {"collection-31": {"collection": bytes(31)}, "seq-negative": {"seq": -1}, "prev-null": {"prev": None},
                        "author-one": {"author": [OWNER]}, "author-31": {"author": [bytes(31), 1]}, "key-id-0": {"author": [OWNER, 0]},
                        "day-text": {"day": "1"}, "day-true": {"day": True}, "seq-true": {"seq": True}}.items():  # fmt: skip
        decode(f"shape-{name}", "1", "shape", body([[6]], **other))
    decode("six-fields", "1", "shape", cb(1, seed("collection"), 4, seed("prev"), [OWNER, 2], 20000))
    decode("trailing", "1", "encoding-not-canonical", body([[6]]) + b"\x00")
    _genesis(page, kept)
    return page


def _genesis(page: Page, kept: Kept) -> None:
    ada = Person(kept, "ada")
    first = [4, [[ada.uid, 3, 0, 0]], [1, 20500, None], None, []]
    for name, more in {"genesis": [], "genesis-with-open": [[3, 1, 0, seed("c"), [[ada.uid, 1, *WRAP[2:]]]]]}.items():
        other = {"seq": 0, "prev": seed("nonce"), "author": [ada.uid, 1]}
        made = hsh("collection-id", body([first, *more], collection=bytes(32), **other))
        data = body([first, *more], collection=made, **other)
        page.case(name, "4", "genesis", {"id": made, "body": data}, author=ada.uid, identity=ada.identity(), nonce=seed("nonce"),
                  day=20000, settings=[1, 20500, None], changes=more)  # fmt: skip


PAGES = [collection]
