"""After a restore: what a member's device brings back of what was lost. Parse, verify, act, render."""

from dataclasses import dataclass, replace
from typing import Any, Final

from mindhaven.accounts import Directory, SignedIn
from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import Answer, Denied, Erased, Host, Request
from mindhaven.protocol import shape
from mindhaven.protocol.attachment import blob_hash
from mindhaven.protocol.chain import verify_signed
from mindhaven.protocol.envelope import ITEM_ID_BYTES, MAX_ENVELOPE_BYTES, MAX_REVISION
from mindhaven.vault import offering
from mindhaven.vault.api.asking import SECONDS_A_DAY, salt_keys
from mindhaven.vault.api.blobs import blob_key, is_here
from mindhaven.vault.api.pushing import parse_push, verify_items
from mindhaven.vault.model import MAX_ATTACHED, MAX_MISSING, MAX_PULL_COMMITS, Pushed
from mindhaven.wire import vault as wire

_UNFINISHED: Final = Denied("account-unfinished", "Sign-up is not finished.", "Add a second way in first.")


@dataclass(frozen=True, slots=True)
class Offered:
    """One commit as offered and verified, with what came beside it: a consent, or None."""

    pushed: Pushed
    consent: Any


async def take_offer(host: Host, request: Request) -> list[Offered] | Denied:
    """Parse and verify `[[signed, [[envelope, salt] or null, ...], [signed consent, sealed part] or null], ...]`.

    What the journal of erasures names is taken out.
    """
    me: SignedIn = request.session
    collection = request.params["collection"]
    if not me.finished:
        return _UNFINISHED
    if not (await host.db.look(offering.window)).open(host.clock()):
        return offering.CLOSED
    erased = host.erasures.read()
    if erased.collection(collection):
        return Denied("collection-ended", "This collection was erased here; it does not come back.")
    found = []
    for entry in shape.items(decode(request.body), "The commits", most=MAX_PULL_COMMITS):
        signed, items, consent = shape.fields(entry, 3, "An offered commit")
        parsed = parse_push([signed, items])
        commit = parsed.commit
        if commit.collection != collection:
            return Denied("collection-differs", "A commit is of another collection than the address.")
        if commit.day > host.clock() // SECONDS_A_DAY + 1:
            return Denied("day-off", "A commit's day is in the future.")
        signing = await host.db.look(
            lambda look, commit=commit: Directory(look).signing(commit.author, commit.key_id)  # type: ignore[misc]
        )
        if signing is None:
            return Denied("author-unknown", "A commit is signed with a key that its author's account does not state.")
        verify_signed(parsed.signed, commit, signing.keys.signing, statement=signing.statement)
        found.append(Offered(_without(verify_items(parsed, session=me.session), erased), consent))
    if not found:
        raise InvalidInputError("Nothing is offered.", code="shape")
    return found


def _without(pushed: Pushed, erased: Erased) -> Pushed:
    """Return the push without the content of records that were erased here since."""
    items = tuple(
        None if erased.item(pushed.commit.collection, put.item) else item
        for put, item in zip(pushed.puts, pushed.items, strict=True)
    )
    return replace(pushed, items=items)


async def missing(host: Host, request: Request) -> bytes | Denied:
    """List what the store lacks of live records: CBOR [[item, revision, envelope?, salt?], ...]."""
    me: SignedIn = request.session
    collection = request.params["collection"]
    query: wire.MissingQuery = request.query
    gaps = await host.db.look(
        lambda look: offering.missing(
            look, collection=collection, uid=me.uid, after=bytes.fromhex(query.after or ""), limit=MAX_MISSING
        )
    )
    if isinstance(gaps, Denied):
        return gaps
    erased = host.erasures.read()
    return encode(
        [[gap.item, gap.revision, gap.envelope, gap.salt] for gap in gaps if not erased.item(collection, gap.item)]
    )


async def give_back(host: Host, request: Request) -> Answer | Denied:
    """Take `[[item, revision, envelope, salt], ...]` of what is missing; answer with the number that filled a gap."""
    me: SignedIn = request.session
    collection = request.params["collection"]
    if not me.finished:
        return _UNFINISHED
    erased = host.erasures.read()
    given = [_given(entry) for entry in shape.items(decode(request.body), "The records", most=MAX_MISSING)]
    keys = salt_keys(host)
    filled = await host.db.act(
        me.actor,
        lambda work: offering.give_back(
            work,
            collection=collection,
            by=me.uid,
            given=[one for one in given if not erased.item(collection, one.item)],
            salt_keys=keys,
        ),
        upkeep="nothing of what was given back is missing",
    )
    return filled if isinstance(filled, Denied) else Answer(body=encode([filled]))


async def missing_parts(host: Host, request: Request) -> bytes | Denied:
    """List which parts of live records' attachments are not here: CBOR [[[item, revision, [hash, ...]], ...], next].

    `next` is the item after which to ask again, null at the end.
    """
    me: SignedIn = request.session
    collection = request.params["collection"]
    query: wire.MissingQuery = request.query
    found = await host.db.look(
        lambda look: offering.attached(
            look, collection=collection, uid=me.uid, after=bytes.fromhex(query.after or ""), limit=MAX_ATTACHED
        )
    )
    if isinstance(found, Denied):
        return found
    erased = host.erasures.read()
    there = set(await host.blobs.keys(collection.hex()))
    gaps: list[list[Any]] = []
    for one in found:
        absent = [blob for blob in one.blobs if blob not in one.noted or blob_key(collection, blob) not in there]
        if absent and not erased.item(collection, one.item):
            gaps.append([one.item, one.revision, absent])
    return encode([gaps, found[-1].item if len(found) == MAX_ATTACHED else None])


async def give_part_back(host: Host, request: Request) -> None | Denied:
    """Take a part of an attachment that a live record names and that is not here; what is here stays as it is."""
    me: SignedIn = request.session
    collection, blob, data = request.params["collection"], request.params["blob"], request.body
    if not me.finished:
        return _UNFINISHED
    if blob_hash(data) != blob:
        raise IntegrityError("A part of an attachment is not the one that its address names.", code="blob-mismatch")
    journal = host.erasures.read()

    def erased(item: bytes) -> bool:
        return journal.item(collection, item)

    noted = await host.db.look(
        lambda look: offering.wants(look, collection=collection, uid=me.uid, blob=blob, erased=erased)
    )
    key = blob_key(collection, blob)
    if isinstance(noted, Denied) or (noted and await is_here(host, key)):
        return noted if isinstance(noted, Denied) else None
    await host.blobs.put(key, data)
    taken = await host.db.act(
        me.actor,
        lambda work: offering.take_part(
            work, collection=collection, by=me.uid, blob=blob, size=len(data), erased=erased
        ),
        upkeep="a part that is not wanted any more",
    )
    if isinstance(taken, Denied) and taken.reason == "collection-unknown":
        await host.blobs.delete(key)
    return taken


def _given(entry: Any) -> offering.Given:
    item, revision, envelope, salt = shape.fields(entry, 4, "A record")
    return offering.Given(
        item=shape.raw(item, "An item id", length=ITEM_ID_BYTES),
        revision=shape.number(revision, "A revision", least=1, most=MAX_REVISION),
        envelope=shape.raw(envelope, "An envelope", most=MAX_ENVELOPE_BYTES),
        salt=shape.raw(salt, "A salt", length=32),
    )
