"""The queries of vault that read one collection. I/O: the database, through the look it is given."""

from collections.abc import Sequence

from mindhaven.kernel import Look, MemberScope, Row
from mindhaven.protocol.chain import ItemState
from mindhaven.vault.model import CollectionRow, StoredItem
from mindhaven.vault.store.rows import COLLECTION, chunks, marks, row_of


class Vault:
    """One collection, as one of its members sees it."""

    def __init__(self, look: Look, scope: MemberScope) -> None:
        self._look = look
        self._id = scope.collection
        self._uid = scope.uid

    async def collection(self) -> CollectionRow | None:
        """Return the collection if this person is a member of it."""
        return row_of(
            await self._look.row(
                f"SELECT {COLLECTION} FROM vault_collection c JOIN vault_member m ON m.collection = c.no"
                " WHERE c.id = $1 AND m.uid = $2",
                self._id,
                self._uid,
            )
        )

    async def membership(self) -> Row | None:
        """Return (no, owner, seq, head, role, until, stored bytes) if this person is a member."""
        return await self._look.row(
            "SELECT c.no, c.owner, c.seq, c.head, m.role, m.until, c.stored_bytes FROM vault_collection c"
            " JOIN vault_member m ON m.collection = c.no WHERE c.id = $1 AND m.uid = $2",
            self._id,
            self._uid,
        )

    async def members(self) -> tuple[set[bytes], bytes]:
        """Return the uids of all members and the owner's, if this person is one; else nobody."""
        member = await self.membership()
        if member is None:
            return set(), b""
        rows = await self._look.rows("SELECT uid FROM vault_member WHERE collection = $1", member[0])
        return {row[0] for row in rows}, member[1]

    async def commit_at(self, no: int, seq: int) -> bytes | None:
        """Return the hash of the commit at `seq`."""
        row = await self._look.row("SELECT hash FROM vault_commit WHERE collection = $1 AND seq = $2", no, seq)
        return None if row is None else row[0]

    async def commits(self, no: int, *, since: int, limit: int) -> list[Row]:
        """Return (seq, hash, signed, first envelope, envelopes) after `since`, in order."""
        return await self._look.rows(
            "SELECT seq, hash, signed, first_envelope, envelopes FROM vault_commit"
            " WHERE collection = $1 AND seq > $2 ORDER BY seq LIMIT $3",
            no,
            since,
            limit,
        )

    async def envelopes(self, first: int, last: int) -> list[Row]:
        """Return (id, envelope, pepper number or null, masked salt or null) from row `first` up to before `last`."""
        return await self._look.rows(
            "SELECT e.id, e.envelope, s.pepper, s.masked FROM vault_envelope e LEFT JOIN vault_salt s ON s.id = e.id"
            " WHERE e.id >= $1 AND e.id < $2 ORDER BY e.id",
            first,
            last,
        )

    async def size(self, first: int, last: int) -> int:
        """Return the bytes of all envelopes from row `first` up to before `last`."""
        row = await self._look.row(
            "SELECT CAST(COALESCE(SUM(LENGTH(envelope)), 0) AS BIGINT) FROM vault_envelope WHERE id >= $1 AND id < $2",
            first,
            last,
        )
        return 0 if row is None else int(row[0])

    async def sizes(self, first: int, last: int) -> list[Row]:
        """Return (id, bytes of the envelope) from row `first` up to before `last`."""
        return await self._look.rows(
            "SELECT id, LENGTH(envelope) FROM vault_envelope WHERE id >= $1 AND id < $2 ORDER BY id", first, last
        )

    async def peppers(self, no: int) -> dict[int, tuple[int, bytes]]:
        """Return (generation of the salt key, wrapped pepper) by the pepper's number."""
        rows = await self._look.rows("SELECT number, generation, wrapped FROM vault_pepper WHERE collection = $1", no)
        return {number: (generation, wrapped) for number, generation, wrapped in rows}

    async def items(self, no: int, wanted: Sequence[bytes]) -> dict[bytes, StoredItem]:
        """Return the items among `wanted` that were ever used."""
        found: dict[bytes, StoredItem] = {}
        for chunk in chunks(wanted):
            rows = await self._look.rows(
                "SELECT item, revision, epoch, author, month, erased, envelope FROM vault_item"
                f" WHERE collection = $1 AND item IN ({marks(len(chunk), 2)})",
                no,
                *chunk,
            )
            for item, revision, epoch, author, month, erased, envelope in rows:
                state = ItemState(revision, epoch, author, month, bool(erased))
                found[item] = StoredItem(state=state, envelope=envelope)
        return found

    async def live_epochs(self, no: int) -> list[int]:
        """Return the epochs that seal a live item's newest revision."""
        rows = await self._look.rows("SELECT DISTINCT epoch FROM vault_item WHERE collection = $1 AND erased = 0", no)
        return [row[0] for row in rows]

    async def blobs(self, no: int, wanted: Sequence[bytes]) -> set[bytes]:
        """Return which of `wanted` were uploaded."""
        found: set[bytes] = set()
        for chunk in chunks(wanted):
            rows = await self._look.rows(
                f"SELECT hash FROM vault_blob WHERE collection = $1 AND hash IN ({marks(len(chunk), 2)})", no, *chunk
            )
            found.update(row[0] for row in rows)
        return found
