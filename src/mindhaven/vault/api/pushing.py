"""What a member brings: commits, a new collection, one that moves house. Parse, verify, act, render."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mindhaven.accounts import Directory, Role, SignedIn, Signing
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.peppers import Pepper
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import (
    Answer,
    ConstraintViolatedError,
    Denied,
    Host,
    Look,
    MemberScope,
    Recorded,
    Request,
    Row,
    receipts,
)
from mindhaven.protocol import shape
from mindhaven.protocol.chain import HeadError, verify_signed
from mindhaven.protocol.collection import TYPE, ClientTooOldError, Commit, Put
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import MAX_ENVELOPE_BYTES, envelope_hash, salt_hash
from mindhaven.protocol.receipt import Receipt
from mindhaven.vault import service
from mindhaven.vault.api.asking import SECONDS_A_DAY, UNKNOWN, salt_keys
from mindhaven.vault.api.blobs import drop_blobs, note_erased
from mindhaven.vault.api.pulling import read_page
from mindhaven.vault.model import (
    MAX_PULL_COMMITS,
    Landed,
    Overtaken,
    Pushed,
)
from mindhaven.vault.store import Vault


@dataclass(frozen=True, slots=True)
class Parsed:
    """A push as parsed, nothing of it verified yet."""

    commit: Commit
    signed: Signed
    items: list[Any]


def parse_push(value: object) -> Parsed:
    """Parse `[signed commit, [[envelope, salt] or null, ...]]`: one entry for each put, in order."""
    raw, items = shape.fields(value, 2, "A push")
    signed = Signed.of(raw)
    try:
        commit = Commit.decode(signed.body)
    except ClientTooOldError as error:  # here it is the server that does not know a change
        raise InvalidInputError(
            "This server is older than the device: it does not know one of the changes.",
            hint="Ask the people who run it to update it. What you write stays on this device until then.",
            code="server-too-old",
        ) from error
    return Parsed(commit, signed, shape.items(items, "The items", most=len(commit.changes)))


def verify_items(parsed: Parsed, *, session: bytes) -> Pushed:
    """Check each envelope and salt against the hashes that the commit names."""
    puts = tuple([change for change in parsed.commit.changes if type(change) is Put])
    if len(puts) != len(parsed.items):
        raise InvalidInputError("A push brings one item for each put.", code="push-items")
    items: list[tuple[bytes, bytes] | None] = []
    for put, item in zip(puts, parsed.items, strict=True):
        if item is None:
            items.append(None)
            continue
        envelope, salt = shape.fields(item, 2, "An item")
        shape.raw(envelope, "An envelope", most=MAX_ENVELOPE_BYTES)
        if envelope_hash(envelope) != put.envelope_hash:
            raise IntegrityError("An envelope is not the one that the commit names.", code="envelope-mismatch")
        if salt_hash(shape.raw(salt, "A salt", length=32)) != put.salt_hash:
            raise IntegrityError("A salt is not the one that the commit names.", code="salt-mismatch")
        items.append((envelope, salt))
    return Pushed(
        commit=parsed.commit,
        signed=parsed.signed,
        hash=parsed.signed.hash(TYPE),
        puts=puts,
        items=tuple(items),
        session=session,
    )


async def verify_push(host: Host, me: SignedIn, parsed: Parsed, *, signing: Signing | None) -> Pushed | Denied:
    """Verify author, key (`signing`, as its account states it), day and hashes of a push, before any work begins."""
    commit = parsed.commit
    if commit.author != me.uid:
        return Denied("not-the-author", "A commit is pushed by its author.")
    if not me.finished:
        return Denied("account-unfinished", "Sign-up is not finished.", "Add a second way in first.")
    if abs(commit.day - host.clock() // SECONDS_A_DAY) > 1:
        return Denied(
            "day-off",
            "The commit's day is more than one off this server's: this device's clock is not right.",
            "Set this device's clock.",
        )
    if signing is None or signing.newest != commit.key_id:
        return Denied("key-replaced", "This commit is signed with a key that was replaced.", "Open a way in here.")
    verify_signed(parsed.signed, commit, signing.keys.signing, statement=signing.statement)
    if None in parsed.items:
        raise InvalidInputError("A push brings every envelope that it names.", code="push-items")
    return verify_items(parsed, session=me.session)


async def create(host: Host, request: Request) -> Answer | Denied:
    """Begin a collection."""
    parsed = parse_push(decode(request.body))
    signing = await _signing(host, parsed.commit.author, parsed.commit.key_id)
    pushed = await verify_push(host, request.session, parsed, signing=signing)
    if isinstance(pushed, Denied):
        return pushed
    keys, pepper = salt_keys(host), Pepper(host.random(32))
    try:
        landed = await host.db.act(
            request.session.actor,
            lambda work: service.create(work, pushed=pushed, salt_keys=keys, pepper=pepper),
            upkeep="a repeated or refused genesis",
        )
    except HeadError as error:
        raise InvalidInputError(error.message, code=error.reason) from error
    if isinstance(landed, Overtaken):
        return Denied("collection-exists", "A collection with this id is already here.")
    return landed if isinstance(landed, Denied) else _landed(landed)


def _landed(landed: Landed, given: Sequence[Receipt] | None = None) -> Answer:
    """Return the answer of a push, or of a grant or revocation (`given`, perhaps none)."""
    told = [] if given is None else [[one.value() for one in given]]
    return Answer(body=encode([landed.seq, landed.head, *told]))


async def push(host: Host, request: Request) -> Answer | Denied:
    """Land one commit, or answer 409 with the commits that are missing."""
    taken = await take_push(host, request, decode(request.body))
    if not isinstance(taken, Pushed):
        return taken
    clinic = request.session.role is Role.CLINICIAN
    keys, why = salt_keys(host), "a repeated, refused or overtaken push"
    try:
        landed = await host.db.act(
            request.session.actor,
            lambda work: service.push(work, pushed=taken, salt_keys=keys, fresh=taken.all_new, clinic=clinic),
            upkeep=why,
        )
    except ConstraintViolatedError:
        landed = await host.db.act(
            request.session.actor,
            lambda work: service.push(work, pushed=taken, salt_keys=keys, clinic=clinic),
            upkeep=why,
        )
    return await answer(host, request.session, taken.commit, landed)


async def take_push(host: Host, request: Request, value: object, *, promises: bool = False) -> Pushed | Answer | Denied:
    """Parse and verify a push to the addressed collection; answer at once if it was overtaken or had landed.

    `promises`: what it lands is answered with receipts. What had landed before brings none.
    """
    me: SignedIn = request.session
    parsed = parse_push(value)
    if parsed.commit.collection != request.params["collection"]:
        return Denied("collection-differs", "The commit is of another collection than the address.")
    commit = parsed.commit

    async def read(look: Look) -> tuple[Row | None, bytes | None, Signing | None]:
        vault = Vault(look, MemberScope(collection=commit.collection, uid=me.uid))
        member = await vault.membership()
        if member is None:
            return None, None, None
        if commit.seq <= member[2]:
            return member, await vault.commit_at(member[0], commit.seq), None
        return member, None, await Directory(look).signing(commit.author, commit.key_id)

    member, there, signing = await host.db.look(read)
    if member is None:
        return UNKNOWN
    if there is not None and there == parsed.signed.hash(TYPE):
        await note_erased(host, commit)
        return _landed(Landed(seq=member[2], head=member[3]), [] if promises else None)
    if (commit.seq, commit.prev) != (member[2] + 1, member[3]):  # told at once: cheaper than its signature
        return await answer(host, me, commit, Overtaken(seq=member[2]))
    return await verify_push(host, me, parsed, signing=signing)


async def answer(
    host: Host,
    me: SignedIn,
    commit: Commit,
    landed: Landed | Overtaken | Denied,
    *,
    recorded: Sequence[Recorded] | None = None,
) -> Answer | Denied:
    """Render the outcome of a push; a conflict carries the missing commits, so that one retry suffices.

    `recorded`: what was recorded of a grant or revocation, which is answered with receipts.
    """
    if isinstance(landed, Denied):
        return landed
    if isinstance(landed, Landed):
        await drop_blobs(host, commit.collection, list(landed.orphans))
        await note_erased(host, commit)
        return _landed(landed, None if recorded is None else await receipts(host, recorded, subject=me.uid))
    since = min(commit.seq - 1, landed.seq)
    page = await read_page(host, me, commit.collection, since=since)
    if isinstance(page, Denied):
        return page
    return Answer(body=page, status=409, media="application/cbor")


async def move_in(host: Host, request: Request) -> Answer | Denied:
    """Take `[[signed, [[envelope, salt] or null, ...]], ...]` of a collection that moves house, in order."""
    me: SignedIn = request.session
    if not me.finished:
        return Denied("account-unfinished", "Sign-up is not finished.", "Add a second way in first.")
    pushes = []
    for entry in shape.items(decode(request.body), "The commits", most=MAX_PULL_COMMITS):
        parsed = parse_push(entry)
        commit = parsed.commit
        if commit.collection != request.params["collection"]:
            return Denied("collection-differs", "A commit is of another collection than the address.")
        if commit.day > host.clock() // SECONDS_A_DAY + 1:
            return Denied("day-off", "A commit's day is in the future.")
        signing = await _signing(host, commit.author, commit.key_id)
        if signing is None:
            return Denied("author-unknown", "Bring the chains of all authors first.")
        verify_signed(parsed.signed, commit, signing.keys.signing, statement=signing.statement)
        pushes.append(verify_items(parsed, session=me.session))
    keys, pepper = salt_keys(host), Pepper(host.random(32))
    landed = await host.db.act(
        me.actor,
        lambda work: service.move_in(work, pushes=pushes, by=me.uid, salt_keys=keys, pepper=pepper),
        upkeep="a repeated or refused move",
    )
    if isinstance(landed, Denied):
        return landed
    for pushed in pushes:
        await note_erased(host, pushed.commit)
    return _landed(landed)


async def _signing(host: Host, uid: bytes, generation: int) -> Signing | None:
    return await host.db.look(lambda look: Directory(look).signing(uid, generation))
