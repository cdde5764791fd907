"""The queries of the ledger. I/O: the database, through the work or look it is given."""

from collections.abc import Iterable, Mapping, Sequence

from mindhaven.kernel import HostScope, Look, Row, Work
from mindhaven.ledger.model import Asked, LogRow, Signed
from mindhaven.tlog.tiles import Tile

_TOLD = b""
"""In the place of a head: that day of that collection stands in the log."""
_CHECKPOINT = "size, root, note, signed_at, public"


def _signed(row: Row | None) -> Signed | None:
    if row is None:
        return None
    size, root, note, signed_at, public = row
    return Signed(size=size, root=root, note=note, signed_at=signed_at, public=bool(public))


class Logs:
    """The logs; they hold hashes only."""

    def __init__(self, look: Look, scope: HostScope) -> None:
        self._look = look
        self._reason = scope.reason

    async def log(self, name: str) -> LogRow | None:
        """Return a log."""
        row = await self._look.row("SELECT name, origin, size FROM ledger_log WHERE name = $1", name)
        return None if row is None else LogRow(name=row[0], origin=row[1], size=row[2])

    async def named(self) -> int:
        """Return how many logs have their origin."""
        row = await self._look.row("SELECT COUNT(*) FROM ledger_log WHERE origin <> ''")
        return 0 if row is None else int(row[0])

    async def tiles(self, log: str, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
        """Return tiles at their widest, those that are there."""
        found = {}
        for tile in sorted(wanted):
            row = await self._look.row(
                "SELECT data FROM ledger_tile WHERE log = $1 AND level = $2 AND number = $3", log, *tile
            )
            if row is not None:
                found[tile] = row[0]
        return found

    async def bundle(self, log: str, number: int) -> bytes | None:
        """Return a bundle of entries at its widest."""
        row = await self._look.row("SELECT data FROM ledger_bundle WHERE log = $1 AND number = $2", log, number)
        return None if row is None else row[0]

    async def signed(self, log: str, size: int) -> Signed | None:
        """Return the checkpoint of that size."""
        sql = f"SELECT {_CHECKPOINT} FROM ledger_checkpoint WHERE log = $1 AND size = $2"
        return _signed(await self._look.row(sql, log, size))

    async def newest(self, log: str, *, public: bool) -> Signed | None:
        """Return the largest checkpoint, or the largest public one."""
        sql = f"SELECT {_CHECKPOINT} FROM ledger_checkpoint WHERE log = $1 AND public >= $2 ORDER BY size DESC LIMIT 1"
        return _signed(await self._look.row(sql, log, int(public)))

    async def asked(self, log: str) -> dict[str, Asked]:
        """Return what is known of each witness of a log, by its key (a vkey)."""
        rows = await self._look.rows(
            "SELECT witness, size, cosigned_at, failures, next_at FROM ledger_witness WHERE log = $1", log
        )
        return {
            witness: Asked(size=size, cosigned_at=cosigned, failures=failures, next_at=later)
            for witness, size, cosigned, failures, later in rows
        }

    async def moved_before(self, day: int, limit: int) -> list[Row]:
        """Return (collection, day, head) of collections that changed on a day before `day`."""
        return await self._look.rows(
            "SELECT collection, day, head FROM ledger_moved WHERE day < $1 AND head <> $3"
            " ORDER BY day, collection LIMIT $2",
            day,
            limit,
            _TOLD,
        )


class LogsChange(Logs):
    """The same, to write."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def name(self, log: str, origin: str) -> None:
        """Give a log its origin, once."""
        await self._work.run("UPDATE ledger_log SET origin = $2 WHERE name = $1 AND origin = ''", log, origin)

    async def resize(self, log: str, before: int, after: int) -> bool:
        """Move a log's size by compare-and-swap."""
        return bool(
            await self._work.run("UPDATE ledger_log SET size = $3 WHERE name = $1 AND size = $2", log, before, after)
        )

    async def put_tiles(self, log: str, tiles: Mapping[Tile, bytes], *, partial: Iterable[Tile]) -> None:
        """Write tiles; those of `partial` are there already, narrower."""
        there = set(partial)
        for tile in sorted(there & tiles.keys()):
            await self._work.run(
                "UPDATE ledger_tile SET data = $4 WHERE log = $1 AND level = $2 AND number = $3",
                log,
                *tile,
                tiles[tile],
            )
        fresh = [(log, tile.level, tile.number, tiles[tile]) for tile in sorted(tiles.keys() - there)]
        if fresh:
            await self._work.run_many("INSERT INTO ledger_tile (log, level, number, data) VALUES", fresh)

    async def put_bundles(self, log: str, bundles: Mapping[int, bytes]) -> None:
        """Write bundles at their widest."""
        for number, data in sorted(bundles.items()):
            await self._work.run(
                "INSERT INTO ledger_bundle (log, number, data) VALUES ($1, $2, $3)"
                " ON CONFLICT (log, number) DO UPDATE SET data = excluded.data",
                log,
                number,
                data,
            )

    async def put_signed(self, log: str, signed: Signed) -> None:
        """Write a checkpoint, or more signatures of one."""
        await self._work.run(
            "INSERT INTO ledger_checkpoint (log, size, root, note, signed_at, public) VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT (log, size) DO UPDATE SET note = excluded.note, signed_at = excluded.signed_at,"
            " public = excluded.public",
            log,
            signed.size,
            signed.root,
            signed.note,
            signed.signed_at,
            int(signed.public),
        )

    async def put_asked(self, log: str, rows: Mapping[str, Asked]) -> None:
        """Write down what is known of witnesses of a log."""
        for witness, row in sorted(rows.items()):
            await self._work.run(
                "INSERT INTO ledger_witness (log, witness, size, cosigned_at, failures, next_at)"
                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (log, witness) DO UPDATE SET size = excluded.size,"
                " cosigned_at = excluded.cosigned_at, failures = excluded.failures, next_at = excluded.next_at",
                log,
                witness,
                row.size,
                row.cosigned_at,
                row.failures,
                row.next_at,
            )

    async def moved(self, rows: Sequence[Row]) -> None:
        """Note (collection, day, head): the newest head of a collection that changed on that day.

        A day that was told is never told again (two heads of one day are a lie to every device): where a clock was put
        back over midnight, the change is noted for the next day that was not.
        """
        for collection, day, head in rows:
            at = day
            while not await self._work.run(
                "INSERT INTO ledger_moved (collection, day, head) VALUES ($1, $2, $3)"
                " ON CONFLICT (collection, day) DO UPDATE SET head = excluded.head WHERE ledger_moved.head <> $4",
                collection,
                at,
                head,
                _TOLD,
            ):
                at += 1

    async def written(self, rows: Sequence[Row], *, before: int) -> None:
        """Mark as told what was written into `heads`, (collection, day, head); forget the marks of days `before`."""
        for collection, day, _ in rows:
            await self._work.run(
                "UPDATE ledger_moved SET head = $3 WHERE collection = $1 AND day = $2", collection, day, _TOLD
            )
        await self._work.run("DELETE FROM ledger_moved WHERE day < $1 AND head = $2", before, _TOLD)

    async def ask_to_forget(self, subject: bytes, authority: str) -> None:
        """Note that a subject's openings must go."""
        await self._work.run(
            "INSERT INTO ledger_forget (subject, authority, erased) VALUES ($1, $2, 0)"
            " ON CONFLICT (subject) DO NOTHING",
            subject,
            authority,
        )

    async def to_forget(self) -> Row | None:
        """Return (subject, authority, erased so far) of one whose openings must go."""
        return await self._work.row("SELECT subject, authority, erased FROM ledger_forget ORDER BY subject LIMIT 1")

    async def forgot(self, subject: bytes, erased: int, *, done: bool) -> None:
        """Note how many openings of a subject are gone; forget the subject when all are."""
        if done:
            await self._work.run("DELETE FROM ledger_forget WHERE subject = $1", subject)
        else:
            await self._work.run("UPDATE ledger_forget SET erased = $2 WHERE subject = $1", subject, erased)

    async def forget(self, collection: bytes) -> None:
        """Forget a collection that was erased."""
        await self._work.run("DELETE FROM ledger_moved WHERE collection = $1", collection)
