"""The queries of vault about one collection's newest snapshot and its pieces. I/O: the database."""

from collections.abc import Collection, Sequence

from mindhaven.kernel import HostScope, Look, MemberScope, Row, Work
from mindhaven.vault.store.rows import chunks, marks


class Snapshots:
    """The newest snapshot of one collection, for one of its members."""

    def __init__(self, look: Look, scope: MemberScope) -> None:
        self._look = look
        self._id = scope.collection
        self._uid = scope.uid

    async def newest(self, no: int) -> tuple[int, bytes] | None:
        """Return (seq of the commit that bears it, root)."""
        row = await self._look.row("SELECT seq, root FROM vault_snapshot WHERE collection = $1", no)
        return None if row is None else (row[0], row[1])

    async def piece(self, no: int, digest: bytes) -> bytes | None:
        """Return a list's or a part's bytes."""
        row = await self._look.row(
            "SELECT data FROM vault_snapshot_piece WHERE collection = $1 AND hash = $2", no, digest
        )
        return None if row is None else row[0]

    async def there(self, no: int, digests: Sequence[bytes]) -> set[bytes]:
        """Return those of `digests` that are here."""
        found: set[bytes] = set()
        for chunk in chunks(digests):
            rows = await self._look.rows(
                f"SELECT hash FROM vault_snapshot_piece WHERE collection = $1 AND hash IN ({marks(len(chunk), 2)})",
                no,
                *chunk,
            )
            found |= {row[0] for row in rows}
        return found

    async def commits_at(self, no: int, seqs: Sequence[int]) -> list[Row]:
        """Return (seq, hash, signed, first envelope, envelopes) of the commits at `seqs`, in order."""
        found = []
        for seq in seqs:
            row = await self._look.row(
                "SELECT seq, hash, signed, first_envelope, envelopes FROM vault_commit"
                " WHERE collection = $1 AND seq = $2",
                no,
                seq,
            )
            if row is not None:
                found.append(row)
        return found


class SnapshotsChange(Snapshots):
    """The same, to write."""

    def __init__(self, work: Work, scope: MemberScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def add(self, no: int, digest: bytes, data: bytes, now: int) -> None:
        """Keep a piece; it counts against the collection's room."""
        fresh = await self._work.run(
            "INSERT INTO vault_snapshot_piece (collection, hash, data, came_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (collection, hash) DO NOTHING",
            no,
            digest,
            data,
            now,
        )
        if fresh:
            await self._work.run(
                "UPDATE vault_collection SET stored_bytes = stored_bytes + $2 WHERE no = $1", no, len(data)
            )
        else:
            await self._work.run(
                "UPDATE vault_snapshot_piece SET came_at = $3 WHERE collection = $1 AND hash = $2", no, digest, now
            )

    async def stand(self, no: int, seq: int, root: bytes, keep: Collection[bytes]) -> None:
        """Make a list that is here the newest snapshot; pieces that it does not name go."""
        await self._work.run(
            "INSERT INTO vault_snapshot (collection, seq, root) VALUES ($1, $2, $3)"
            " ON CONFLICT (collection) DO UPDATE SET seq = excluded.seq, root = excluded.root",
            no,
            seq,
            root,
        )
        rows = await self._work.rows("SELECT hash FROM vault_snapshot_piece WHERE collection = $1", no)
        for (digest,) in rows:
            if digest not in keep:
                await _drop(self._work, no, digest)


class AllPieces:
    """Everybody's pieces, for the job that sweeps those which no snapshot ever named."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        self._work = work
        self._reason = scope.reason

    async def sweep(self, before: int, limit: int) -> int:
        """Delete pieces that came before `before` to collections without a snapshot since; return how many.

        A snapshot that lands deletes what it does not name, so what is left are pieces whose commit never came.
        """
        rows = await self._work.rows(
            "SELECT p.collection, p.hash FROM vault_snapshot_piece p LEFT JOIN vault_snapshot s"
            " ON s.collection = p.collection WHERE p.came_at < $1 AND s.collection IS NULL LIMIT $2",
            before,
            limit,
        )
        for no, digest in rows:
            await _drop(self._work, no, digest)
        return len(rows)


async def _drop(work: Work, no: int, digest: bytes) -> None:
    row = await work.row(
        "SELECT LENGTH(data) FROM vault_snapshot_piece WHERE collection = $1 AND hash = $2", no, digest
    )
    await work.run("DELETE FROM vault_snapshot_piece WHERE collection = $1 AND hash = $2", no, digest)
    await work.run(
        "UPDATE vault_collection SET stored_bytes ="
        " CASE WHEN stored_bytes > $2 THEN stored_bytes - $2 ELSE 0 END WHERE no = $1",
        no,
        0 if row is None else row[0],
    )
