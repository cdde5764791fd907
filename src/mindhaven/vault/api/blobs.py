"""Parts of attachments, and erasing with them. Parse, verify, act, render."""

from collections.abc import AsyncIterator
from typing import Any, Final

from mindhaven.accounts import SignedIn
from mindhaven.errors import IntegrityError, NotFoundError
from mindhaven.kernel import (
    Denied,
    Host,
    Look,
    MemberScope,
    Recorded,
    Request,
    Row,
    Work,
    receipts,
)
from mindhaven.kernel.journal import collection_mark
from mindhaven.protocol.attachment import blob_hash
from mindhaven.protocol.collection import Commit
from mindhaven.vault import service
from mindhaven.vault.api.asking import ENDED, SECONDS_A_DAY, UNKNOWN
from mindhaven.vault.model import (
    BACKUP_DAYS,
    MAX_STORED_BYTES,
    BlobFetched,
)
from mindhaven.vault.store import Vault, VaultChange
from mindhaven.wire import receipts as wire

KEPT: Final = [
    "a mark of the erased collection, without its id or yours, so that nobody else brings it back",
    "the proof of consents that you gave for it, without names",
    "what your list of events says of it: when it was written, shared and erased, and its id",
]


async def erase(host: Host, request: Request) -> wire.ErasureReceipt | Denied:
    """Erase a collection whole; its consents end with it. Keys and salts are gone from the live store."""
    me: SignedIn = request.session
    collection = request.params["collection"]

    async def act(work: Work) -> tuple[list[bytes] | Denied, list[Recorded]]:
        return await service.erase_collection(work, collection=collection, uid=me.uid), work.recorded

    gone, recorded = await host.db.act(me.actor, act, upkeep="a refused erasure")
    if isinstance(gone, Denied):
        return gone
    await drop_blobs(host, collection, gone)
    await host.erasures.note([collection_mark(collection)])
    *also, erased = await receipts(host, recorded, subject=me.uid)
    return wire.erasure(erased, until_day=erased.at // SECONDS_A_DAY + BACKUP_DAYS, kept=list(KEPT), also=also)


async def note_erased(host: Host, commit: Commit) -> None:
    """Write down which records a commit erased, before anybody is told that it landed: also when it is repeated."""
    await host.erasures.note(service.erased_marks(commit))


async def drop_blobs(host: Host, collection: bytes, blobs: list[bytes]) -> None:
    """Delete the bytes of blobs that no item holds any more."""
    for blob in blobs:
        await host.blobs.delete(blob_key(collection, blob))


def blob_key(collection: bytes, blob: bytes) -> str:
    """Return where a blob's bytes lie: scoped by its collection, so ids of others say nothing."""
    return f"{collection.hex()}{blob.hex()}"


def _ended(host: Host, member: Row) -> bool:
    """Return whether a membership's last day is over."""
    return bool(0 < member[5] < host.clock() // SECONDS_A_DAY)


async def put_blob(host: Host, request: Request) -> None | Denied:
    """Take one part of an attachment; repeating it is harmless."""
    me: SignedIn = request.session
    collection, blob, data = request.params["collection"], request.params["blob"], request.body
    if blob_hash(data) != blob:
        raise IntegrityError("A part of an attachment is not the one that its address names.", code="blob-mismatch")
    member = await host.db.look(lambda look: Vault(look, MemberScope(collection=collection, uid=me.uid)).membership())
    if member is None:
        return UNKNOWN
    if _ended(host, member):
        return ENDED
    if member[4] < 2:
        return Denied("reader-writes", "A reader may not write.")
    if member[6] > MAX_STORED_BYTES:
        return Denied("collection-full", "This collection is as large as this server allows.")
    await host.blobs.put(blob_key(collection, blob), data)
    hour = host.clock() // 3600 * 3600
    await host.db.act(
        me.actor,
        lambda work: VaultChange(work, MemberScope(collection=collection, uid=me.uid)).add_blob(
            member[0], blob, len(data), hour
        ),
        upkeep="a part of an attachment, named by a commit later",
    )
    return None


async def get_blob(host: Host, request: Request) -> AsyncIterator[bytes] | Denied:
    """Give one part of an attachment."""
    me: SignedIn = request.session
    collection, blob = request.params["collection"], request.params["blob"]

    async def read(look: Look) -> tuple[Row | None, set[bytes]]:
        vault = Vault(look, MemberScope(collection=collection, uid=me.uid))
        member = await vault.membership()
        return member, set() if member is None else await vault.blobs(member[0], [blob])

    member, there = await host.db.look(read)
    if member is None:
        return UNKNOWN
    if _ended(host, member):
        return ENDED
    key = blob_key(collection, blob)
    if not there or not await is_here(host, key):  # a restore may have lost the bytes, and not the row
        return Denied("blob-unknown", "This part of an attachment is not here.")
    if member[1] != me.uid:

        async def note(work: Any) -> None:
            work.record(BlobFetched(subject=member[1], collection=collection, by=me.uid, blob=blob))

        await host.db.act(me.actor, note)
    return host.blobs.read(key)


async def is_here(host: Host, key: str) -> bool:
    """Return whether a blob's bytes lie here."""
    try:
        return await host.blobs.size(key) > 0
    except NotFoundError:
        return False
