"""Moving house: write an account with its whole history into one file, and bring it to another server. I/O: both."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mindhaven.crypto.encoding import decode, encode_trusted
from mindhaven.errors import IntegrityError, InvalidInputError, NotFoundError
from mindhaven.protocol import shape
from mindhaven.protocol.archive import ArchiveRecord, ArchiveWriter, RecordType, read_archive
from mindhaven.protocol.attachment import BLOB_BYTES, blob_hash
from mindhaven.protocol.collection import Commit, Put
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import MAX_ENVELOPE_BYTES
from mindhaven.protocol.slots import MAX_GENERATIONS
from mindhaven.sdk.files import PART_UNKNOWN
from mindhaven.sdk.progress import Progress
from mindhaven.wire import accounts as wire
from mindhaven.wire.ids import to_text

if TYPE_CHECKING:
    from mindhaven.sdk.account import Account

BATCH_BYTES: Final = 4 * 1024 * 1024
BATCH_COMMITS: Final = 200


async def write_archive(
    client: "Account", path: Path, *, progress: Progress | None = None
) -> tuple[int, dict[bytes, set[bytes]]]:
    """Write everything that the server keeps of this account to `path`; return the number of commits.

    Parts of attachments that the server does not have are left out, and returned by collection. Each collection of
    one's own is verified to its head first; what others share is theirs and stays.
    """
    shown: wire.AccountShown = await client.transport.call("GET", "/v1/account", wire.AccountShown)
    client.people.learn(client.me.uid, shown.statements)
    listed = [one for one in await client.vault.listed() if one.owner == client.me.uid]
    part = path.with_name(path.name + ".part")
    commits, lost = 0, dict[bytes, set[bytes]]()
    with part.open("wb") as file:
        writer = ArchiveWriter(file)
        writer.write(RecordType.ACCOUNT, [shown.uid, shown.handle, client.transport.origin])
        entries = msgspec.json.encode(shown.entries)
        writer.write(RecordType.KEYS, [shown.slots, entries, shown.bundle])
        known: set[bytes] = set()
        for number, one in enumerate(listed, 1):
            await client.vault.pull(one.id)
            count, gone = await _write_collection(client, writer, one.id, known)
            commits += count
            if gone:
                lost[one.id] = gone
            if progress is not None:
                progress(number, len(listed))
        writer.write(RecordType.CHAIN, [shown.uid, list(shown.statements)])
        writer.finish()
    part.replace(path)
    return commits, lost


async def _write_collection(
    client: "Account", writer: ArchiveWriter, collection: bytes, known: set[bytes]
) -> tuple[int, set[bytes]]:
    entries = await _all_entries(client, collection)
    commits = [(Commit.decode(Signed.of(raw).body), raw, items) for raw, items in entries]
    people = {commit.author for commit, _, _ in commits} | {one.uid for commit, _, _ in commits for one in commit.wraps}
    for uid in sorted(people - known - {client.me.uid}):
        writer.write(RecordType.CHAIN, [uid, list(client.people.statements(uid))])
        known.add(uid)
    writer.write(RecordType.COLLECTION, [collection])
    blobs: set[bytes] = set()
    for commit, raw, items in commits:
        writer.write(RecordType.COMMIT, [collection, raw, items])
        puts = [change for change in commit.changes if isinstance(change, Put)]
        for put, item in zip(puts, items or [None] * len(puts), strict=True):
            if item is not None:
                blobs.update(put.blobs)
    lost = set()
    for blob in sorted(blobs):
        try:
            data = await client.transport.blob("GET", f"/v1/collections/{to_text(collection)}/blobs/{to_text(blob)}")
        except NotFoundError as error:
            if error.reason != PART_UNKNOWN:
                raise
            lost.add(blob)  # the rest can leave all the same; the person is told
            continue
        if blob_hash(data) != blob:
            raise IntegrityError("A part of an attachment is not the one that was sealed.", code="blob-mismatch")
        writer.write(RecordType.BLOB, [collection, blob, data])
    return len(commits), lost


async def _all_entries(client: "Account", collection: bytes) -> list[Any]:
    since, found = -1, []
    while True:
        page = await client.transport.cbor("GET", f"/v1/collections/{to_text(collection)}/commits?since={since}")
        head, _, entries = shape.fields(decode(page), 3, "A page")
        for raw, items in entries:
            commit = Commit.decode(Signed.of(raw).body)
            if client.store.commit_hash(collection, commit.seq) != Signed.of(raw).hash("commit"):
                raise IntegrityError("The server gives other commits than this device verified.", code="fork")
            found.append((raw, items))
            since = commit.seq
        if since >= head or not entries:
            return found


@dataclass(frozen=True, slots=True)
class _Archived:
    """Whose archive it is: uid, handle, keys; and the chains of everybody in it."""

    uid: bytes
    handle: str
    keys: wire.KeySet
    chains: dict[bytes, list[bytes]]


def _first_pass(path: Path) -> _Archived:
    """Read the whole file once, so that a cut, changed or malformed one is refused before anything is sent."""
    account: tuple[bytes, str] | None = None
    keys: tuple[bytes, bytes, bytes] | None = None
    chains: dict[bytes, list[bytes]] = {}
    with path.open("rb") as file:
        for record in read_archive(file):
            match record.type:
                case RecordType.ACCOUNT:
                    uid, handle, _ = shape.fields(record.fields, 3, "An archive's account")
                    account = (shape.raw(uid, "A uid", length=32), shape.text(handle, "A handle"))
                case RecordType.KEYS:
                    slots, entries, bundle = shape.fields(record.fields, 3, "An archive's keys")
                    keys = (shape.raw(slots, "Ways in"), shape.raw(entries, "Entries"), shape.raw(bundle, "A bundle"))
                case RecordType.CHAIN:
                    uid, chain = shape.fields(record.fields, 2, "An archive's chain")
                    statements = shape.items(chain, "A chain", most=MAX_GENERATIONS)
                    chains[shape.raw(uid, "A uid", length=32)] = [shape.raw(one, "A statement") for one in statements]
                case RecordType.COMMIT:
                    _commit(record)
                case RecordType.BLOB:
                    _blob(record)
    if account is None or keys is None or not chains.get(account[0]):
        raise InvalidInputError("This archive holds no account.", code="archive-record")
    try:
        entries = msgspec.json.decode(keys[1], type=list[wire.SlotEntry])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidInputError("This archive's ways in are malformed.", code="archive-record") from error
    key_set = wire.KeySet(statement=chains[account[0]][-1], slots=keys[0], entries=entries, bundle=keys[2])
    return _Archived(*account, key_set, chains)


def _commit(record: ArchiveRecord) -> tuple[bytes, Any, list[Any]]:
    """Return a commit record's collection, signed commit and items: one, or null, for each put."""
    collection, raw, items = shape.fields(record.fields, 3, "An archived commit")
    changes = Commit.decode(Signed.of(raw).body).changes
    puts = sum(isinstance(change, Put) for change in changes)
    found = shape.items(items, "A commit's items", most=puts) or [None] * puts
    for item in found:
        if item is not None:
            envelope, salt = shape.fields(item, 2, "An item")
            shape.raw(envelope, "An envelope", most=MAX_ENVELOPE_BYTES)
            shape.raw(salt, "A salt", length=32)
    return shape.raw(collection, "A collection id", length=32), raw, found


def _blob(record: ArchiveRecord) -> tuple[bytes, bytes, bytes]:
    """Return a blob record's collection, hash and bytes."""
    collection, blob, data = shape.fields(record.fields, 3, "An archived blob")
    return (
        shape.raw(collection, "A collection id", length=32),
        shape.raw(blob, "A blob's hash", length=32),
        shape.raw(data, "A blob", most=BLOB_BYTES),
    )


async def read_in(
    client: "Account", path: Path, *, passphrase: str, device: str = "", progress: Progress | None = None
) -> frozenset[bytes]:
    """Bring an archived account to the client's server, under the same uid, with its whole history.

    Return the collections that can't move: somebody else began them and handed them over. They stay in the archive
    and at the old server.
    """
    archived = _first_pass(path)
    stays = _begun_by_others(path, archived.uid)
    own = archived.chains[archived.uid]
    client.people.learn(archived.uid, own)
    await client.access.move_in(
        handle=archived.handle, key_set=archived.keys, earlier=own[:-1], passphrase=passphrase, device=device
    )
    for other, chain in archived.chains.items():
        if other != archived.uid:
            body = wire.ChainShown(uid=other, statements=chain)
            await client.transport.call("PUT", f"/v1/accounts/{to_text(other)}", body=body)
    total = sum(1 for _ in _records(path))
    for number, (collection, batch) in enumerate(_batches(path), 1):
        if collection in stays:
            continue
        await client.transport.cbor("POST", f"/v1/moving/{to_text(collection)}", encode_trusted(batch))
        if progress is not None:
            progress(min(number * BATCH_COMMITS, total), total)
    await send_blobs(client, path, but=stays)
    client.index.id = client.me.bundle.index
    return stays


def _begun_by_others(path: Path, uid: bytes) -> frozenset[bytes]:
    """Return the collections in an archive whose first commit is not by `uid`."""
    found = set()
    for record in _records(path):
        if record.type is RecordType.COMMIT:
            collection, raw, _ = _commit(record)
            commit = Commit.decode(Signed.of(raw).body)
            if commit.seq == 0 and commit.author != uid:
                found.add(collection)
    return frozenset(found)


def _records(path: Path) -> Iterator[ArchiveRecord]:
    with path.open("rb") as file:
        yield from (record for record in read_archive(file) if record.type in {RecordType.COMMIT, RecordType.BLOB})


def _batches(path: Path) -> Iterator[tuple[bytes, list[Any]]]:
    current: bytes | None = None
    batch: list[Any] = []
    size = 0
    for record in _records(path):
        if record.type is not RecordType.COMMIT:
            continue
        collection, raw, items = _commit(record)
        if batch and (collection != current or len(batch) >= BATCH_COMMITS or size > BATCH_BYTES):
            assert current is not None
            yield current, batch
            batch, size = [], 0
        current = collection
        batch.append([raw, items])
        size += sum(len(item[0]) for item in items if item is not None)
    if batch and current is not None:
        yield current, batch


async def send_blobs(client: "Account", path: Path, *, but: frozenset[bytes] = frozenset()) -> int:
    """Send the attachments of an archive, once the collections that hold them are there."""
    sent = 0
    for collection, blob, data in archived_blobs(path):
        if collection in but:
            continue
        address = f"/v1/collections/{to_text(collection)}/blobs/{to_text(blob)}"
        await client.transport.blob("PUT", address, data)
        sent += 1
    return sent


def archived_blobs(path: Path) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield (collection, hash, bytes) of an archive's parts of attachments; the end, checked last, may raise."""
    for record in _records(path):
        if record.type is RecordType.BLOB:
            yield _blob(record)
