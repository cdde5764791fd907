"""Every operation, walked generically, against what no honest client sends; and who may call which.

After each hostile call every table has as many rows as before (nonces aside): nothing of it was kept.
"""

import asyncio
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cbor2
import httpx
import msgspec
import pytest
from inline import Inline, operations
from tests.simulators.keyed import a_passkey
from tests.simulators.world import PASS, mood

from mindhaven.crypto.encoding import encode, encode_trusted
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.kernel import Actor, Body, Operation, Work
from mindhaven.protocol.attachment import blob_hash
from mindhaven.protocol.choice import HOUR, Act, Choice
from mindhaven.protocol.collection import Commit, Erase
from mindhaven.protocol.snapshot import part_hash
from mindhaven.sdk.vault import today
from mindhaven.sdk.ways import New, NewSlot
from mindhaven.wire.ids import to_text

ALL = operations()
TYPED = [one for one in ALL if isinstance(one.takes, type) and issubclass(one.takes, msgspec.Struct)]
RAW = [one for one in ALL if one.takes is Body]
PART = b"a part of an attachment" * 50


def named(chosen: list[Operation]) -> Any:
    return pytest.mark.parametrize("operation", chosen, ids=[one.name for one in chosen])


@dataclass
class Theirs:
    """What another account has: ids that must say nothing to us."""

    uid: bytes
    handle: str
    collection: bytes
    seq: int
    head: bytes
    blob: bytes
    invitation: bytes
    session: bytes
    pending: bytes
    passkey: bytes


class Field(Inline):
    """A server with two people."""

    theirs: Theirs
    mine: bytes


async def _meet(here: Field) -> None:
    other = here.home("other")
    await other.sign_up(PASS, word="bea")
    other.add(mood("theirs"))
    await other.sync()
    shown = [one for one in await other.vault.listed() if one.seq >= 0]
    collection = shown[-1]
    headers = {"authorization": f"Bearer {await other.transport._current()}"}
    url = f"/v1/collections/{to_text(collection.id)}/blobs/{to_text(blob_hash(PART))}"
    put = await here.http.put(url, content=PART, headers={**headers, "content-type": "application/octet-stream"})
    assert put.status_code == 204
    invitation = os.urandom(32)
    made = await here.http.post("/v1/invitations", json={"id": as_json(invitation)}, headers=headers)
    assert made.status_code == 204
    _, root = await other.access.open_way(passphrase=PASS)
    changed = await other.access.change(root, add=[NewSlot.recovery_key(SlotSecret.fresh())], new=New.NOTHING)
    (pending,) = await other.pending()
    assert not changed.applied
    passkey = await here.server.host.db.act(
        Actor(kind="anonymous"), lambda work: a_passkey(work, other.me.uid), upkeep="a passkey of another"
    )
    here.theirs = Theirs(
        uid=other.me.uid, handle=other.me.handle, collection=collection.id, seq=collection.seq, head=collection.head,
        blob=blob_hash(PART), invitation=invitation, session=other.me.session, pending=pending.id,
        passkey=passkey,
    )  # fmt: skip
    here.person.add(mood("mine"))
    await here.person.sync()
    here.mine = (await here.person.vault.listed())[-1].id
    here.token = await here.person.transport._current()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with Field(tmp_path_factory.mktemp("hostile")) as made:
        made.run(_meet(made))
        yield made


def as_json(value: bytes) -> str:
    text: str = msgspec.json.decode(msgspec.json.encode(value))
    return text


def path(here: Field, operation: Operation, **given: str) -> str:
    """Return a path with ids that never were, but for our own collection and what is `given`."""
    values = {"collection": to_text(here.mine), **given}
    kinds = dict(operation.parameters)

    def fill(found: re.Match[str]) -> str:
        name = found.group(1)
        some = {"id": to_text(os.urandom(32)), "int": "7"}
        return values.get(name) or some.get(kinds[name], to_text(os.urandom(16)))

    return re.sub(r"\{([a-z_]+)(?::[a-z0-9]+)?\}", fill, operation.path)


def media(operation: Operation) -> dict[str, str]:
    return {"content-type": operation.media if operation.takes is Body else "application/json"}


def call(here: Field, operation: Operation, url: str | None = None, **more: Any) -> httpx.Response:
    return here.send(operation.method, url or path(here, operation), session=operation.who != "anyone", **more)


def refused(answer: httpx.Response, *statuses: int) -> str:
    assert answer.status_code in statuses, f"{answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"] == "application/problem+json"
    code: str = answer.json()["code"]
    return code


@named(TYPED)
def test_an_unknown_field_is_refused_and_not_repeated(here: Field, operation: Operation) -> None:
    before = here.rows()
    answer = call(here, operation, json={"no-such-field-7f3a": 1})
    assert refused(answer, 400) == "body-shape"
    assert "7f3a" not in answer.text
    for broken in (b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b"1e999", b'{"a":\xc3}'):
        code = refused(call(here, operation, content=broken[: operation.max_body_bytes], headers=media(operation)), 400)
        assert code in {"body-shape", "body-malformed"}
    assert here.rows() == before


@named([*TYPED, *RAW])
def test_a_body_too_large_or_of_another_type_is_refused(here: Field, operation: Operation) -> None:
    before = here.rows()
    large = b" " * (operation.max_body_bytes + 1)
    assert refused(call(here, operation, content=large, headers=media(operation)), 413) == "body-too-large"
    for wrong in ("text/plain", "application/x-www-form-urlencoded", "", "application/json2", "x" * 3000):
        assert refused(call(here, operation, content=b"{}", headers={"content-type": wrong}), 415) == "media-type"
    squeezed = {**media(operation), "content-encoding": "gzip"}
    assert refused(call(here, operation, content=b"{}", headers=squeezed), 415) == "content-encoding"
    assert here.rows() == before


@named([one for one in ALL if one.parameters])
def test_a_malformed_id_is_as_if_nothing_were_there(here: Field, operation: Operation) -> None:
    before = here.rows()
    good = to_text(os.urandom(32))
    for bad in ("x", "%00", "%2e%2e", good + "=", good[:-1] + "9", good + "A", "a" * 300, "%F0%9F", "'--", "ä" * 43):
        for name, kind in operation.parameters:
            if kind == "text" and len(bad) < 43 and operation.name == "account_candidate":
                continue
            answer = call(here, operation, path(here, operation, **{name: bad}), json={} if operation.takes else None)
            assert answer.status_code in {400, 404, 405, 415}, (bad, answer.text)
            refused(answer, answer.status_code)
    assert here.rows() == before


@pytest.mark.parametrize(
    "query",
    ["since=-2", "since=1.5", "since=NaN", f"since={10**20}", f"since={2**63}", "since=", "since", "since=1&since=2",
     "since=0x10", "since=%00", "since=1%20", "since=true", "no=1", "&&&", "since=" + "1" * 5000, "a=1&" * 60],
)  # fmt: skip
def test_an_absurd_page_is_refused(here: Field, query: str) -> None:
    before = here.rows()
    pull = next(one for one in ALL if one.name == "commits_pull")
    assert refused(call(here, pull, path(here, pull) + "?" + query), 400).startswith("query-")
    assert here.rows() == before


# -- ids of others ---------------------------------------------------------------------------------------------------


BY_DESIGN = {
    "account_chain": "an account's chain is public to everybody who is signed in",
    "account_introduce": "the same chain, brought from elsewhere",
    "account_candidate": "a handle leads to a candidate only",
    "invitation_answer": "whoever holds the link may answer it, once",
    "log_get": "the logs are public, and hold nothing of anybody",
    "pairing": "a device that waits is nobody's yet; what it shows is a public key",
    "pairing_answer": "whoever holds the link lets the device in, once, by what only its secret vouches for",
    "pairing_answered": "what is fetched is sealed to the device that made the id",
    "server.web": "the app is the same for everybody",
    "policy_page_in": "the policy is the same for everybody",
    "policy_numbered": "an earlier policy is the same for everybody, too",
    "policy_laws": "the policy law by law is the same for everybody",
    "policy_changes": "what changed in the policy is the same for everybody",
    "choice_text": "the words that people are asked by are the same for everybody",
    "choices": "one's own, from a number on: no id stands in the address",
}


def commit(here: Field, collection: bytes) -> bytes:
    me = here.person.me
    made = Commit(
        collection, here.theirs.seq + 1, here.theirs.head, me.uid, me.identity.generation, today(), (Erase(b"i" * 16),)
    )
    signed = made.sign(me.identity)
    return encode_trusted([[signed.body, list(signed.signatures)], []])


def choice(here: Field) -> bytes:
    me = here.person.me
    hour = int(time.time()) // HOUR * HOUR
    made = Choice(person=me.uid, number=0, previous=bytes(32), purpose="reminders", act=Act.REFUSED, terms=1,
                  text_hash=bytes(32), language="en", policy=bytes(32), asked=hour, at=hour)  # fmt: skip
    signed = made.sign(me.identity)
    return encode([me.identity.generation, [signed.body, list(signed.signatures)]])


def body(here: Field, operation: Operation, collection: bytes) -> dict[str, Any]:
    if operation.takes is None:
        return {}
    if operation.name in {"blob_put", "part_give_back", "snapshot_piece_put"}:
        content = PART
    elif operation.name == "grant":
        content = encode([cbor2.loads(commit(here, collection)), [b"", []], b""])
    elif operation.name == "choose":
        content = choice(here)
    elif operation.name == "collection_move_in":
        content = encode([cbor2.loads(commit(here, collection))])
    else:
        content = commit(here, collection)
    return {"content": content, "headers": media(operation)}


@named([one for one in ALL if one.parameters and one.name not in BY_DESIGN])
def test_what_belongs_to_another_answers_as_what_never_was(here: Field, operation: Operation) -> None:
    before = here.rows()
    theirs = here.theirs
    known = {
        "collection": theirs.collection, "blob": theirs.blob, "invitation": theirs.invitation,
        "session": theirs.session, "pending": theirs.pending, "uid": theirs.uid,
        "piece": theirs.blob, "passkey": theirs.passkey,
    }  # fmt: skip
    answers = []
    for exists in (True, False):
        ids = {name: known[name] if exists else os.urandom(len(known[name])) for name, _ in operation.parameters}
        if operation.name in {"blob_put", "part_give_back"}:
            ids["blob"] = theirs.blob
        if operation.name == "snapshot_piece_put":
            ids["piece"] = part_hash(PART)
        collection = ids.get("collection", bytes(32))
        url = path(here, operation, **{name: to_text(value) for name, value in ids.items()})
        answers.append(call(here, operation, url, **body(here, operation, collection)))
    theirs_answer, nobodys = answers
    refused(theirs_answer, 400, 403, 404, 409)
    assert theirs_answer.status_code == nobodys.status_code
    assert theirs_answer.content == nobodys.content
    assert theirs_answer.headers == nobodys.headers
    assert here.rows() == before


def test_their_blob_through_my_collection_is_not_there(here: Field) -> None:
    get = next(one for one in ALL if one.name == "blob_get")
    answer = call(here, get, path(here, get, blob=to_text(here.theirs.blob)))
    assert refused(answer, 404) == "blob-unknown"


# -- CBOR -----------------------------------------------------------------------------------------------------------


def garbage(whole: bytes) -> Iterator[bytes]:
    yield b""
    for cut in range(1, len(whole), max(1, len(whole) // 12)):
        yield whole[:cut]
    yield whole + b"\x00"
    yield b"\x81" * 5000 + b"\x00"
    yield b"\x9f" * 300 + b"\xff" * 300
    yield b"\x9b" + b"\xff" * 8
    yield b"\x5b\x7f" + b"\xff" * 7
    yield b"\xba\xff\xff\xff\xff"
    for value in (0, -1, 1.5, float("nan"), True, None, "x", b"x", [], {}, [[]], {"a": 1}, [[1], []], [[b"", []], []],
                  [[b"x", [b"s"]], []], [[b"\x80", []], [[b"", b""]] * 2000], 2**70, -(2**70)):  # fmt: skip
        yield cbor2.dumps(value)
    yield cbor2.dumps(cbor2.CBORTag(0, "2026-01-01T00:00:00Z"))
    yield cbor2.dumps(cbor2.CBORTag(28, [cbor2.CBORTag(29, 0)]))
    yield cbor2.dumps(cbor2.CBORTag(30, [1, 0]))
    yield cbor2.dumps(cbor2.CBORTag(4, [10**9, 1]))
    yield b"\xf7"
    yield b"\xf8\xff"
    for _ in range(20):
        yield os.urandom(200)


@named([one for one in RAW if one.name not in {"blob_put", "part_give_back", "snapshot_piece_put"}])
def test_garbage_cbor_is_refused(here: Field, operation: Operation) -> None:
    before = here.rows()
    whole = body(here, operation, here.mine)["content"]
    for sent in garbage(whole):
        refused(call(here, operation, content=sent, headers=media(operation)), 400, 403, 409, 422)
    if operation.name in {"commits_named", "give_back", "offer"}:  # nothing in them is shaped as a push
        assert here.rows() == before
        return
    inner = cbor2.loads(whole)
    if operation.name == "choose":
        generation, (signed, signatures) = inner
        for broken in garbage(signed):
            sent = cbor2.dumps([generation, [broken, signatures]])
            refused(call(here, operation, content=sent, headers=media(operation)), 400, 403, 422)
        assert here.rows() == before
        return
    push = inner if operation.name in {"commits_push", "collection_create", "revoke"} else inner[0]
    for broken in garbage(push[0][0]):
        changed = [[broken, push[0][1]], []]
        bodies = {"grant": [changed, [b"", []], b""], "collection_move_in": [changed]}
        sent = cbor2.dumps(bodies.get(operation.name, changed))
        refused(call(here, operation, content=sent, headers=media(operation)), 400, 403, 422)
    assert here.rows() == before


def test_a_part_that_is_not_what_its_address_names_is_refused(here: Field) -> None:
    before = here.rows()
    put = next(one for one in ALL if one.name == "blob_put")
    answer = call(here, put, content=b"other bytes", headers=media(put))
    assert refused(answer, 422) == "blob-mismatch"
    assert here.rows() == before
    assert not list(here.server.blobs._partial.iterdir())


# -- duplicates -------------------------------------------------------------------------------------------------------


def test_duplicate_ids_are_refused(here: Field) -> None:
    async def capture() -> Any:
        sent: list[Any] = []
        real = here.person.transport.call

        async def keep(method: str, url: str, *rest: Any, **more: Any) -> Any:
            if url == "/v1/account/keys":
                sent.append(more["body"])
                raise ConnectionError
            return await real(method, url, *rest, **more)

        here.person.transport.call = keep  # type: ignore[method-assign]
        try:
            _, root = await here.person.access.open_way(passphrase=PASS)
            with pytest.raises(ConnectionError):
                await here.person.access.change(root, add=[NewSlot.recovery_key(SlotSecret.fresh())], new=New.NOTHING)
        finally:
            here.person.transport.call = real  # type: ignore[method-assign]
        here.token = await here.person.transport._current()  # opening a way in gave another
        return sent[0]

    asked = here.run(capture())
    before = here.rows()
    change = next(one for one in ALL if one.name == "account_keys")
    for entries in ([*asked.keys.entries, asked.keys.entries[0]], asked.keys.entries[:1], asked.keys.entries[:2] * 2):
        changed = msgspec.structs.replace(asked, keys=msgspec.structs.replace(asked.keys, entries=entries))
        answer = call(here, change, content=msgspec.json.encode(changed), headers=media(change))
        assert refused(answer, 400) == "slot-entries"
    invite = next(one for one in ALL if one.name == "invite")
    answer = call(here, invite, json={"id": as_json(here.theirs.invitation)})
    assert refused(answer, 409) == "invitation-taken"
    assert here.rows() == before


def test_one_item_put_twice_at_one_revision_is_refused(here: Field) -> None:
    """The refusal is itself an event; nothing else is kept."""
    before = {name: count for name, count in here.rows().items() if not name.startswith("event")}
    (shown,) = [one for one in here.run(here.person.vault.listed()) if one.id == here.mine]
    me = here.person.me
    made = Commit(here.mine, shown.seq + 1, shown.head, me.uid, me.identity.generation, today(),
                  (Erase(b"i" * 16), Erase(b"i" * 16)))  # fmt: skip
    signed = made.sign(me.identity)
    push = next(one for one in ALL if one.name == "commits_push")
    sent = encode_trusted([[signed.body, list(signed.signatures)], []])
    assert refused(call(here, push, content=sent, headers=media(push)), 403) == "item-not-live"
    assert {name: count for name, count in here.rows().items() if not name.startswith("event")} == before


# -- who may call -----------------------------------------------------------------------------------------------------


def ask(here: Field, operation: Operation, authorization: str | None) -> tuple[int, str]:
    headers = {} if authorization is None else {"authorization": authorization}
    nowhere = path(here, operation, collection=to_text(os.urandom(32)))  # else the matrix would erase what is ours
    answer = here.send(operation.method, nowhere, headers=headers)
    code = answer.json()["code"] if answer.headers.get("content-type") == "application/problem+json" else ""
    return answer.status_code, code


@named(ALL)
def test_nobody_gets_past_the_door_without_a_session(here: Field, operation: Operation) -> None:
    before = here.rows()
    for given in (None, "", "Bearer", "Bearer ", "Bearer x", "bearer " + here.token, "Basic eDp4", here.token,
                  f"Bearer {here.token}x", f"Bearer {here.token} ", "Bearer ä" * 100):  # fmt: skip
        headers = {} if given is None else {"authorization": given.encode("utf-8")}
        answer = here.send(operation.method, path(here, operation), headers=headers)
        assert (answer.status_code == 401) == (operation.who != "anyone"), answer.text
        if operation.who != "anyone":
            assert answer.headers["www-authenticate"] == "Mindhaven"
            assert here.token not in answer.text
    assert here.rows() == before


@named([one for one in ALL if one.name != "account_erase"])
def test_the_authorization_matrix(here: Field, operation: Operation) -> None:
    """With a session whose ways in were opened long ago, and with one opened now; by each operation's `who`."""

    def opened(at: int) -> None:
        async def act(work: Work) -> None:
            await work.run(
                "UPDATE accounts_session SET slot_a_at = $1, slot_b_at = $1 WHERE id = $2", at, here.person.me.session
            )

        here.run(here.server.host.db.act(Actor("job"), act, upkeep="test"))

    bearer = f"Bearer {here.token}"
    try:
        opened(0)
        status, code = ask(here, operation, bearer)
        assert status != 401
        assert ((status, code) == (403, "unlock-again")) == (operation.who == "slot-now")
        assert code != "not-permitted"
    finally:
        opened(here.server.host.clock())
    status, code = ask(here, operation, bearer)
    assert status != 401
    assert code not in {"unlock-again", "not-permitted"}


def test_every_who_is_one_that_the_matrix_knows() -> None:
    assert {one.who for one in ALL} == {"anyone", "session", "slot-now"}


def test_erasing_asks_for_two_ways_in_opened_now(here: Field) -> None:
    third = here.home("third")
    key = here.run(third.sign_up(PASS, word="cy"))
    token = here.run(third.transport._current())
    erase = next(one for one in ALL if one.name == "account_erase")
    assert ask(here, erase, f"Bearer {token}") == (403, "two-ways-needed")
    here.run(third.access.open_way(recovery_key=key))
    assert ask(here, erase, f"Bearer {token}")[0] == 401  # who copied it before gains nothing
    token = here.run(third.transport._current())
    status, _ = ask(here, erase, f"Bearer {token}")
    assert status == 200
    assert ask(here, erase, f"Bearer {token}")[0] == 401
    here.run(asyncio.sleep(0))
