"""The queries of vault over everything that one person has, and the job's over everybody's parts. I/O: the database."""

from collections.abc import Sequence

from mindhaven.kernel import HostScope, Look, PersonScope, Row, Work
from mindhaven.vault.model import ENVELOPE_BITS, CollectionRow
from mindhaven.vault.store.rows import COLLECTION, chunks, marks, row_of


class Shelf:
    """The collections that one person owns or is a member of."""

    def __init__(self, look: Look, scope: PersonScope) -> None:
        self._look = look
        self._uid = scope.uid

    async def collections(self, day: int) -> list[Row]:
        """Return (id, seq, head, owner, role, since, until) of each whose last day is not over on `day`."""
        return await self._look.rows(
            "SELECT c.id, c.seq, c.head, c.owner, m.role, m.since, m.until FROM vault_member m"
            " JOIN vault_collection c ON c.no = m.collection WHERE m.uid = $1 AND (m.until = 0 OR m.until >= $2)"
            " ORDER BY c.no",
            self._uid,
            day,
        )

    async def owned(self) -> list[CollectionRow]:
        """Return every collection of which this person is the owner."""
        rows = await self._look.rows(
            f"SELECT {COLLECTION} FROM vault_collection c WHERE c.owner = $1 ORDER BY c.no", self._uid
        )
        return [found for row in rows if (found := row_of(row)) is not None]

    async def count(self) -> int:
        """Return how many collections this person owns."""
        row = await self._look.row("SELECT COUNT(*) FROM vault_collection WHERE owner = $1", self._uid)
        return 0 if row is None else int(row[0])


class ShelfChange(Shelf):
    """The same, to write."""

    def __init__(self, work: Work, scope: PersonScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def forget(self) -> None:
        """Delete every membership of this person."""
        await self._work.run("DELETE FROM vault_member WHERE uid = $1", self._uid)


class Parts:
    """The parts of attachments of everybody, for the job that sweeps those which no record ever named."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        self._work = work
        self._reason = scope.reason

    async def sweep_unnamed(self, before: int, limit: int) -> list[tuple[bytes, bytes]]:
        """Delete the rows of parts that came before `before` and that no record names; return (collection, hash)."""
        rows = await self._work.rows(
            "SELECT c.id, b.collection, b.hash, b.size FROM vault_blob b JOIN vault_collection c ON c.no = b.collection"
            " WHERE b.uploaded_hour < $1 AND NOT EXISTS (SELECT 1 FROM vault_item_blob i"
            " WHERE i.collection = b.collection AND i.hash = b.hash) LIMIT $2",
            before,
            limit,
        )
        for _, no, blob, size in rows:
            await self._work.run("DELETE FROM vault_blob WHERE collection = $1 AND hash = $2", no, blob)
            await self._work.run(
                "UPDATE vault_collection SET stored_bytes ="
                " CASE WHEN stored_bytes > $2 THEN stored_bytes - $2 ELSE 0 END WHERE no = $1",
                no,
                size,
            )
        return [(collection, blob) for collection, _, blob, _ in rows]


class Everything:
    """Everybody's collections, for the check of all of them and for what a restore must not bring back."""

    def __init__(self, look: Look, scope: HostScope) -> None:
        self._look = look
        self._reason = scope.reason

    async def collections(self, after: int, limit: int) -> list[Row]:
        """Return (number, id, owner) of the collections after number `after`."""
        return await self._look.rows(
            "SELECT no, id, owner FROM vault_collection WHERE no > $1 ORDER BY no LIMIT $2", after, limit
        )

    async def heads(self, wanted: Sequence[bytes], day: int) -> list[Row]:
        """Return (id, seq, uid) of the collections among `wanted`, for each member whose last day is not over."""
        found: list[Row] = []
        for chunk in chunks(wanted):
            found += await self._look.rows(
                "SELECT c.id, c.seq, m.uid FROM vault_collection c JOIN vault_member m ON m.collection = c.no"
                f" WHERE (m.until = 0 OR m.until >= $1) AND c.id IN ({marks(len(chunk), 2)})",
                day,
                *chunk,
            )
        return found

    async def items(self, no: int, after: bytes, limit: int) -> list[Row]:
        """Return (item, revision, epoch, author, month, erased, envelope) of a collection after item `after`."""
        return await self._look.rows(
            "SELECT item, revision, epoch, author, month, erased, envelope FROM vault_item"
            " WHERE collection = $1 AND item > $2 ORDER BY item LIMIT $3",
            no,
            after,
            limit,
        )

    async def parts(self, after: tuple[int, bytes, bytes], limit: int) -> list[Row]:
        """Return (number, hash, item, collection, whether it has a row) of the parts that live records hold, in order.

        `after` is (number, hash, item) of the last that was seen.
        """
        return await self._look.rows(
            "SELECT b.collection, b.hash, b.item, c.id, x.hash IS NOT NULL FROM vault_item_blob b"
            " JOIN vault_collection c ON c.no = b.collection"
            " JOIN vault_item i ON i.collection = b.collection AND i.item = b.item AND i.erased = 0"
            " LEFT JOIN vault_blob x ON x.collection = b.collection AND x.hash = b.hash"
            " WHERE (b.collection, b.hash, b.item) > ($1, $2, $3)"
            " ORDER BY b.collection, b.hash, b.item LIMIT $4",
            *after,
            limit,
        )

    async def peppers(self, no: int) -> list[Row]:
        """Return (number, generation, wrapped) of a collection's peppers."""
        return await self._look.rows(
            "SELECT number, generation, wrapped FROM vault_pepper WHERE collection = $1 ORDER BY number", no
        )

    async def left(self, *, collection: bytes = b"", uid: bytes = b"") -> list[str]:
        """Return the tables that still hold this collection, or what this person owns or may read."""
        found = []
        if await self._look.row("SELECT 1 FROM vault_collection WHERE id = $1 OR owner = $2", collection, uid):
            found.append("vault_collection")
        if await self._look.row("SELECT 1 FROM vault_member WHERE uid = $1 LIMIT 1", uid):
            found.append("vault_member")
        return found

    async def orphans(self) -> list[str]:
        """Return the tables with rows of no collection that stands: an erasure would have left them."""
        tables = ("commit", "item", "pepper", "blob", "item_blob", "pulled", "member", "snapshot", "snapshot_piece")
        whose = dict.fromkeys(tables, "x.collection")
        whose |= dict.fromkeys(("envelope", "salt"), f"(x.id >> {ENVELOPE_BITS})")
        return [
            f"vault_{table}"
            for table, number in whose.items()
            if await self._look.row(
                f"SELECT 1 FROM vault_{table} x WHERE NOT EXISTS"
                f" (SELECT 1 FROM vault_collection c WHERE c.no = {number}) LIMIT 1"
            )
        ]
