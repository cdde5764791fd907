"""What a restore leaves to the vault: salts that fit what is there, and nothing that was erased since.

Guarantees: after `fit_salts` every pepper opens under the collection that names it, and every collection can be
written; after `erase_again` no row, salt, envelope or attachment is left of what the journal of erasures names.
A record that was erased keeps its place in the chain: its author's device brings the commit again that erased it.
I/O: the store, the blobs, the salt keys' files.
"""

from typing import Final

from mindhaven.crypto.encoding import decode
from mindhaven.crypto.peppers import Pepper
from mindhaven.errors import MindhavenError
from mindhaven.kernel import Actor, Erased, Host, HostScope, MemberScope, Work
from mindhaven.protocol.collection import Commit, Put
from mindhaven.protocol.encoding import Signed
from mindhaven.vault.api.asking import salt_keys
from mindhaven.vault.api.blobs import drop_blobs
from mindhaven.vault.model import CollectionErased, RecordsErasedAgain
from mindhaven.vault.peppers import SaltKeys
from mindhaven.vault.store import Everything, PeppersChange, VaultChange

_SCOPE: Final = HostScope(reason="restore")
_OPERATOR: Final = Actor(kind="operator")
AT_ONCE: Final = 500
WHY: Final = "a restore"


async def fit_salts(host: Host) -> int:
    """Delete salts and peppers of what this database does not hold, give a pepper where there is none; return how many
    peppers did not fit.

    The side copy may be newer than the main part: collections were erased since, and their numbers given to others.
    """
    keys, odd, after = salt_keys(host), 0, 0
    while True:
        found = await host.db.look(lambda look, after=after: Everything(look, _SCOPE).collections(after, AT_ONCE))  # type: ignore[misc]
        for no, collection, _ in found:
            peppers = await host.db.look(lambda look, no=no: Everything(look, _SCOPE).peppers(no))  # type: ignore[misc]
            fitting = []
            for number, generation, wrapped in peppers:
                try:
                    keys.unwrap(generation, collection, number, wrapped)
                    fitting.append(number)
                except MindhavenError:
                    odd += 1
            pepper = Pepper(host.random(32))
            await host.db.act(
                _OPERATOR,
                lambda work, no=no, collection=collection, fitting=fitting, pepper=pepper: _fit(  # type: ignore[misc]
                    work, keys, no, collection, fitting, pepper
                ),
                upkeep=WHY,
            )
        if len(found) < AT_ONCE:
            break
        after = found[-1][0]
    await host.db.act(_OPERATOR, lambda work: PeppersChange(work, _SCOPE).drop_astray(), upkeep=WHY)
    return odd


async def _fit(work: Work, keys: SaltKeys, no: int, collection: bytes, fitting: list[int], pepper: Pepper) -> None:
    store = PeppersChange(work, _SCOPE)
    await store.keep_only(no, fitting)
    if fitting:
        await store.stand_on(no, max(fitting))
        return
    generation = await store.newest()
    keys.draw(generation)
    await store.begin(no, 1, keys.wrap(generation, collection, 1, pepper), generation)


async def erase_again(host: Host, erased: Erased) -> tuple[int, int]:
    """Erase what the journal names and a restore brought back; return how many collections and records."""
    collections = records = after = 0
    while True:
        found = await host.db.look(lambda look, after=after: Everything(look, _SCOPE).collections(after, AT_ONCE))  # type: ignore[misc]
        for no, collection, owner in found:
            if erased.collection(collection):
                blobs = await host.db.act(
                    _OPERATOR,
                    lambda work, no=no, collection=collection, owner=owner: _erase(work, no, collection, owner),  # type: ignore[misc]
                )
                collections += 1
            else:
                count, blobs = await _erase_records(host, no, collection, owner, erased)
                records += count
            await drop_blobs(host, collection, blobs)
        if len(found) < AT_ONCE:
            return collections, records
        after = found[-1][0]


async def _erase(work: Work, no: int, collection: bytes, owner: bytes) -> list[bytes]:
    store = VaultChange(work, MemberScope(collection=collection, uid=owner))
    row = await store.collection()
    blobs = await store.erase(no)
    work.record(CollectionErased(subject=owner, collection=collection, head=bytes(32) if row is None else row.head))
    return blobs


async def _erase_records(
    host: Host, no: int, collection: bytes, owner: bytes, erased: Erased
) -> tuple[int, list[bytes]]:
    gone: set[bytes] = set()
    after = b""
    while rows := await host.db.look(
        lambda look, after=after: Everything(look, _SCOPE).items(no, after, AT_ONCE)  # type: ignore[misc]
    ):
        gone |= {row[0] for row in rows if not row[5] and erased.item(collection, row[0])}
        after = rows[-1][0]
    if not gone:
        return 0, []

    async def erase(work: Work) -> list[bytes]:
        store = VaultChange(work, MemberScope(collection=collection, uid=owner))
        envelopes, blobs, since = list[int](), list[bytes](), -1
        while commits := await store.commits(no, since=since, limit=AT_ONCE):
            for _, _, encoded, first, _ in commits:
                changes = Commit.decode(Signed.of(decode(encoded)).body).changes
                puts = [change for change in changes if isinstance(change, Put)]
                envelopes += [first + n for n, put in enumerate(puts) if put.item in gone]
            since = commits[-1][0]
        await store.drop_envelopes(no, envelopes)
        for item in sorted(gone):
            blobs += await store.unlink_blobs(no, item, ())
        work.record(RecordsErasedAgain(subject=owner, collection=collection, records=len(gone)))
        return blobs

    return len(gone), await host.db.act(_OPERATOR, erase)
