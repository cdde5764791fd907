"""The queries of vault that write one collection. I/O: the database, through the work it is given."""

from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Final

from mindhaven.crypto.encoding import labelled_hash
from mindhaven.kernel import MemberScope, Row, Work
from mindhaven.protocol.chain import ItemState
from mindhaven.vault.model import ENVELOPE_BITS, CollectionRow
from mindhaven.vault.store.reading import Vault
from mindhaven.vault.store.rows import CHUNK, marks

_COMMIT: Final = "INSERT INTO vault_commit (collection, seq, hash, signed, first_envelope, envelopes) VALUES"
_ENVELOPE: Final = "INSERT INTO vault_envelope (id, envelope) VALUES"
_SALT: Final = "INSERT INTO vault_salt (id, pepper, masked) VALUES"
_ITEM: Final = "INSERT INTO vault_item (collection, item, revision, epoch, author, month, erased, envelope) VALUES"


class VaultChange(Vault):
    """The same, to write."""

    def __init__(self, work: Work, scope: MemberScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def create(self, *, head: bytes, state: bytes, moving: bool) -> CollectionRow:
        """Insert a collection owned by this person, before its first commit."""
        row = await self._work.row("SELECT COALESCE(MAX(no), 0) + 1 FROM vault_collection")
        no = 1 if row is None else int(row[0])
        await self._work.run(
            "INSERT INTO vault_collection (no, id, owner, seq, head, state, pepper, next_envelope, stored_bytes,"
            " moving) VALUES ($1, $2, $3, -1, $4, $5, 1, 0, 0, $6)",
            no,
            self._id,
            self._uid,
            head,
            state,
            int(moving),
        )
        return CollectionRow(
            no=no,
            id=self._id,
            owner=self._uid,
            seq=-1,
            head=head,
            state=state,
            pepper=1,
            next_envelope=0,
            stored_bytes=0,
            moving=moving,
        )

    async def newest_generation(self) -> int:
        """Return the salt key's generation under which new peppers lie."""
        row = await self._work.row("SELECT MAX(generation) FROM vault_salt_key")
        return 1 if row is None else int(row[0])

    async def add_pepper(self, no: int, number: int, wrapped: bytes, generation: int) -> None:
        """Insert a wrapped pepper."""
        await self._work.run(
            "INSERT INTO vault_pepper (collection, number, wrapped, generation) VALUES ($1, $2, $3, $4)",
            no,
            number,
            wrapped,
            generation,
        )

    async def move_head(self, row: CollectionRow, *, seq: int, head: bytes, envelopes: int, size: int) -> bool:
        """Move the head by compare-and-swap; return whether it still stood where `row` says."""
        return bool(
            await self._work.run(
                "UPDATE vault_collection SET seq = $2, head = $3, next_envelope = next_envelope + $4,"
                " stored_bytes = stored_bytes + $5 WHERE no = $1 AND seq = $6 AND head = $7",
                row.no,
                seq,
                head,
                envelopes,
                size,
                row.seq,
                row.head,
            )
        )

    async def end_moving(self, no: int) -> None:
        """End the time in which old commits may be brought."""
        await self._work.run("UPDATE vault_collection SET moving = 0 WHERE no = $1", no)

    async def set_state(self, no: int, owner: bytes, state: bytes) -> None:
        """Store the chain's state after a commit that changed more than items."""
        await self._work.run("UPDATE vault_collection SET state = $2, owner = $3 WHERE no = $1", no, state, owner)

    async def set_members(self, no: int, members: Sequence[Row]) -> None:
        """Replace the members: (uid, role, since, until)."""
        await self._work.run("DELETE FROM vault_member WHERE collection = $1", no)
        await self._work.run_many(
            "INSERT INTO vault_member (uid, collection, role, since, until) VALUES",
            [(uid, no, role, since, until) for uid, role, since, until in members],
        )

    async def add_commit(
        self,
        no: int,
        commit: Row,
        envelopes: Sequence[Row],
        salts: Sequence[Row],
        items: Sequence[tuple[bytes, ItemState, int]],
        known: Collection[bytes],
    ) -> None:
        """Insert a commit (seq, hash, signed, first envelope, envelopes) with what it brings; update `known` items.

        `envelopes` are (id, envelope), `salts` (id, pepper, masked salt), `items` (item, state, envelope).
        """
        fresh = [
            (no, item, state.revision, state.epoch, state.author, state.month, int(state.erased), envelope)
            for item, state, envelope in sorted(items, key=itemgetter(0))
            if item not in known
        ]  # in the order of the table's key, so that neighbours are written together
        await self._work.run_together(
            [(_COMMIT, [(no, *commit)]), (_ENVELOPE, envelopes), (_SALT, salts), (_ITEM, fresh)]
        )
        for item, state, envelope in items:
            if known and item in known:
                await self._work.run(
                    "UPDATE vault_item SET revision = $3, epoch = $4, erased = $5, envelope = $6"
                    " WHERE collection = $1 AND item = $2",
                    no,
                    item,
                    state.revision,
                    state.epoch,
                    int(state.erased),
                    envelope,
                )

    async def drop_envelopes(self, no: int, ids: Sequence[int]) -> None:
        """Delete envelopes and salts that were superseded or erased; they count no longer, and a pepper is due."""
        await self._work.run("UPDATE vault_collection SET pepper_due = 1 WHERE no = $1 AND pepper_due = 0", no)
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            places = marks(len(part), 1)
            freed = await self._work.row(
                f"SELECT CAST(COALESCE(SUM(LENGTH(envelope)), 0) AS BIGINT) FROM vault_envelope WHERE id IN ({places})",
                *part,
            )
            await self._free(no, 0 if freed is None else int(freed[0]))
            await self._work.run(f"DELETE FROM vault_envelope WHERE id IN ({places})", *part)
            await self._work.run(f"DELETE FROM vault_salt WHERE id IN ({places})", *part)

    async def _free(self, no: int, size: int) -> None:
        """Count `size` bytes less."""
        if size:
            await self._work.run(
                "UPDATE vault_collection SET stored_bytes ="
                " CASE WHEN stored_bytes > $2 THEN stored_bytes - $2 ELSE 0 END WHERE no = $1",
                no,
                size,
            )

    async def first_today(self, no: int, session: bytes, day: int) -> bool:
        """Note the owner's pull, or a reader's report; return whether it is this device's first today."""
        await self._work.run(
            "DELETE FROM vault_pulled WHERE collection = $1 AND session = $2 AND day < $3", no, session, day
        )
        return bool(
            await self._work.run(
                "INSERT INTO vault_pulled (collection, session, day) VALUES ($1, $2, $3)"
                " ON CONFLICT (collection, session, day) DO NOTHING",
                no,
                session,
                day,
            )
        )

    async def add_blob(self, no: int, blob: bytes, size: int, hour: int) -> None:
        """Note an uploaded blob; it counts against the collection's room from now on."""
        fresh = await self._work.run(
            "INSERT INTO vault_blob (collection, hash, size, uploader, uploaded_hour) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (collection, hash) DO NOTHING",
            no,
            blob,
            size,
            self._uid,
            hour,
        )
        if not fresh:
            await self._work.run(
                "UPDATE vault_blob SET uploaded_hour = $3 WHERE collection = $1 AND hash = $2", no, blob, hour
            )
        else:
            await self._work.run("UPDATE vault_collection SET stored_bytes = stored_bytes + $2 WHERE no = $1", no, size)

    async def link_blobs(self, no: int, rows: Sequence[tuple[bytes, bytes]]) -> None:
        """Note which item holds which blob: (hash, item)."""
        for blob, item in rows:
            await self._work.run(
                "INSERT INTO vault_item_blob (collection, hash, item) VALUES ($1, $2, $3)"
                " ON CONFLICT (collection, hash, item) DO NOTHING",
                no,
                blob,
                item,
            )

    async def unlink_blobs(self, no: int, item: bytes, keep: Sequence[bytes]) -> list[bytes]:
        """Forget an item's blobs but for `keep`; return those that no item holds any more."""
        rows = await self._work.rows("SELECT hash FROM vault_item_blob WHERE collection = $1 AND item = $2", no, item)
        orphans = []
        for (blob,) in rows:
            if blob in keep:
                continue
            await self._work.run(
                "DELETE FROM vault_item_blob WHERE collection = $1 AND hash = $2 AND item = $3", no, blob, item
            )
            left = await self._work.row("SELECT 1 FROM vault_item_blob WHERE collection = $1 AND hash = $2", no, blob)
            if left is None:
                size = await self._work.row("SELECT size FROM vault_blob WHERE collection = $1 AND hash = $2", no, blob)
                await self._free(no, 0 if size is None else int(size[0]))
                await self._work.run("DELETE FROM vault_blob WHERE collection = $1 AND hash = $2", no, blob)
                orphans.append(blob)
        return orphans

    async def erase(self, no: int) -> list[bytes]:
        """Delete a collection whole; return the blobs whose bytes must go."""
        blobs = await self._work.rows("SELECT hash FROM vault_blob WHERE collection = $1", no)
        first, last = no << ENVELOPE_BITS, (no + 1) << ENVELOPE_BITS
        for table in ("vault_salt", "vault_envelope"):
            await self._work.run(f"DELETE FROM {table} WHERE id >= $1 AND id < $2", first, last)
        for table in (
            "pepper", "commit", "item", "blob", "item_blob", "pulled", "member", "snapshot", "snapshot_piece"
        ):  # fmt: skip
            await self._work.run(f"DELETE FROM vault_{table} WHERE collection = $1", no)
        await self._work.run("DELETE FROM vault_collection WHERE no = $1", no)
        await self._work.run(
            "INSERT INTO vault_ended (id_hash, owner_hash) VALUES ($1, $2)"
            " ON CONFLICT (id_hash) DO UPDATE SET owner_hash = excluded.owner_hash",
            *self._mark(),
        )
        return [row[0] for row in blobs]

    async def ended(self) -> bool | None:
        """Return whether this person erased a collection of this id here; None: nobody did."""
        id_hash, owner_hash = self._mark()
        row = await self._work.row("SELECT owner_hash FROM vault_ended WHERE id_hash = $1", id_hash)
        return None if row is None else row[0] == owner_hash

    def _mark(self) -> tuple[bytes, bytes]:
        return labelled_hash("ended-collection", self._id), labelled_hash("ended-owner", self._id + self._uid)
