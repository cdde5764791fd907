"""The queries of vault over everybody's peppers and the salt keys' generations. I/O: the database."""

from collections.abc import Sequence

from mindhaven.kernel import HostScope, Look, Row, Work
from mindhaven.vault.model import ENVELOPE_BITS, Leaving, SaltKeyRow


class Peppers:
    """Everybody's peppers, for the start of a server and for the turn."""

    def __init__(self, look: Look, scope: HostScope) -> None:
        self._look = look
        self._reason = scope.reason

    async def ends(self) -> list[Row]:
        """Return (collection's id, number, wrapped, generation) of the first and the last pepper of each generation."""
        found = []
        for (generation,) in await self._look.rows("SELECT DISTINCT generation FROM vault_pepper ORDER BY generation"):
            for order in ("ASC", "DESC"):
                found += await self._look.rows(
                    "SELECT c.id, p.number, p.wrapped, p.generation FROM vault_pepper p"
                    " JOIN vault_collection c ON c.no = p.collection WHERE p.generation = $1"
                    f" ORDER BY p.collection {order}, p.number {order} LIMIT 1",
                    generation,
                )
        return found

    async def newest(self) -> int:
        """Return the newest generation; the migration made the first."""
        row = await self._look.row("SELECT MAX(generation) FROM vault_salt_key")
        return 1 if row is None else int(row[0])

    async def generations(self) -> list[SaltKeyRow]:
        """Return every generation, the oldest first."""
        rows = await self._look.rows(
            "SELECT generation, begun_at, retired_at, destroyed_at FROM vault_salt_key ORDER BY generation"
        )
        return [
            SaltKeyRow(generation=generation, begun_at=begun, retired_at=retired, destroyed_at=destroyed)
            for generation, begun, retired, destroyed in rows
        ]

    async def due(self, after: int, limit: int) -> list[int]:
        """Return the numbers of collections, after `after`, of which salts were deleted since their pepper began."""
        rows = await self._look.rows(
            "SELECT no FROM vault_collection WHERE pepper_due = 1 AND no > $1 ORDER BY no LIMIT $2", after, limit
        )
        return [row[0] for row in rows]

    async def leaving(self) -> list[tuple[int, int]]:
        """Return (collection's number, pepper's number) of every pepper that is not its collection's newest."""
        rows = await self._look.rows(
            "SELECT p.collection, p.number FROM vault_collection c JOIN vault_pepper p ON p.collection = c.no"
            " WHERE p.number < c.pepper ORDER BY 1, 2"
        )
        return [(no, number) for no, number in rows]

    async def under_older(self, generation: int, limit: int) -> list[Row]:
        """Return (collection's number, id, pepper's number, wrapped, generation) under older keys than `generation`."""
        return await self._look.rows(
            "SELECT p.collection, c.id, p.number, p.wrapped, p.generation FROM vault_pepper p"
            " JOIN vault_collection c ON c.no = p.collection WHERE p.generation < $1"
            " ORDER BY p.generation, p.collection, p.number LIMIT $2",
            generation,
            limit,
        )


class PeppersChange(Peppers):
    """The same, to write."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def standing(self, no: int) -> tuple[bytes, int] | None:
        """Return (collection's id, pepper's number) of a collection that is due for another pepper."""
        row = await self._work.row("SELECT id, pepper FROM vault_collection WHERE no = $1 AND pepper_due = 1", no)
        return None if row is None else (row[0], row[1])

    async def begin(self, no: int, number: int, wrapped: bytes, generation: int) -> None:
        """Give a collection its next pepper: pushes use it from now on."""
        await self._work.run(
            "INSERT INTO vault_pepper (collection, number, wrapped, generation) VALUES ($1, $2, $3, $4)",
            no,
            number,
            wrapped,
            generation,
        )
        await self._work.run("UPDATE vault_collection SET pepper = $2, pepper_due = 0 WHERE no = $1", no, number)

    async def left(self, no: int, number: int) -> Leaving | None:
        """Return a pepper that is left, and the one that takes its place; None if there is nothing to do any more."""
        row = await self._work.row(
            "SELECT c.id, o.wrapped, o.generation, o.swept, n.number, n.wrapped, n.generation FROM vault_pepper o"
            " JOIN vault_collection c ON c.no = o.collection"
            " JOIN vault_pepper n ON n.collection = c.no AND n.number = c.pepper"
            " WHERE o.collection = $1 AND o.number = $2 AND o.number < c.pepper",
            no,
            number,
        )
        return None if row is None else Leaving(no=no, number=number, collection=row[0], old=row[1:3], swept=row[3],
                                                next_number=row[4], next=row[5:7])  # fmt: skip

    async def commits(self, no: int, after: int, limit: int) -> list[Row]:
        """Return (seq, hash, first envelope, envelopes) of the commits after seq `after`."""
        return await self._work.rows(
            "SELECT seq, hash, first_envelope, envelopes FROM vault_commit WHERE collection = $1 AND seq > $2"
            " ORDER BY seq LIMIT $3",
            no,
            after,
            limit,
        )

    async def salts(self, first: int, last: int, number: int) -> dict[int, bytes]:
        """Return the masked salts under a pepper from row `first` up to before `last`."""
        rows = await self._work.rows(
            "SELECT id, masked FROM vault_salt WHERE id >= $1 AND id < $2 AND pepper = $3", first, last, number
        )
        return dict(rows)

    async def replace(self, first: int, last: int, number: int, rows: Sequence[Row]) -> None:
        """Put (id, pepper, masked) in the place of the salts under a pepper from `first` up to before `last`."""
        await self._work.run("DELETE FROM vault_salt WHERE id >= $1 AND id < $2 AND pepper = $3", first, last, number)
        await self._work.run_many("INSERT INTO vault_salt (id, pepper, masked) VALUES", rows)

    async def swept(self, no: int, number: int, seq: int) -> None:
        """Note up to which commit a pepper's salts were moved."""
        await self._work.run(
            "UPDATE vault_pepper SET swept = $3 WHERE collection = $1 AND number = $2", no, number, seq
        )

    async def drop(self, no: int, number: int) -> bool:
        """Delete a pepper if no salt names it; return whether it is gone."""
        named = await self._work.row(
            "SELECT 1 FROM vault_salt WHERE id >= $1 AND id < $2 AND pepper = $3 LIMIT 1",
            no << ENVELOPE_BITS,
            (no + 1) << ENVELOPE_BITS,
            number,
        )
        if named is not None:
            return False
        await self._work.run("DELETE FROM vault_pepper WHERE collection = $1 AND number = $2", no, number)
        return True

    async def keep_only(self, no: int, numbers: Sequence[int]) -> None:
        """Delete a collection's peppers but for `numbers`, and the salts that name them."""
        rows = await self._work.rows("SELECT number FROM vault_pepper WHERE collection = $1", no)
        for (number,) in rows:
            if number not in numbers:
                await self._work.run("DELETE FROM vault_pepper WHERE collection = $1 AND number = $2", no, number)
                await self._work.run(
                    "DELETE FROM vault_salt WHERE id >= $1 AND id < $2 AND pepper = $3",
                    no << ENVELOPE_BITS,
                    (no + 1) << ENVELOPE_BITS,
                    number,
                )

    async def stand_on(self, no: int, number: int) -> None:
        """Let a collection's pushes use this pepper."""
        await self._work.run("UPDATE vault_collection SET pepper = $2 WHERE no = $1", no, number)

    async def drop_astray(self) -> None:
        """Delete peppers of no collection, and salts of no envelope or no pepper."""
        await self._work.run(
            "DELETE FROM vault_pepper WHERE NOT EXISTS"
            " (SELECT 1 FROM vault_collection c WHERE c.no = vault_pepper.collection)"
        )
        await self._work.run(
            "DELETE FROM vault_salt WHERE NOT EXISTS (SELECT 1 FROM vault_envelope e WHERE e.id = vault_salt.id)"
        )
        await self._work.run(
            "DELETE FROM vault_salt WHERE NOT EXISTS (SELECT 1 FROM vault_pepper p"
            f" WHERE p.collection = (vault_salt.id >> {ENVELOPE_BITS}) AND p.number = vault_salt.pepper)"
        )

    async def rewrap(self, no: int, number: int, wrapped: bytes, generation: int) -> None:
        """Put a pepper under another generation's key."""
        await self._work.run(
            "UPDATE vault_pepper SET wrapped = $3, generation = $4 WHERE collection = $1 AND number = $2",
            no,
            number,
            wrapped,
            generation,
        )

    async def date_first(self, now: int) -> None:
        """Date a generation that a migration made: its first turn is due a week after it was first seen."""
        await self._work.run("UPDATE vault_salt_key SET begun_at = $1 WHERE begun_at = 0", now)

    async def add_generation(self, generation: int, now: int) -> None:
        """Begin a generation: new peppers lie under it from now on."""
        await self._work.run(
            "INSERT INTO vault_salt_key (generation, begun_at, retired_at, destroyed_at) VALUES ($1, $2, 0, 0)"
            " ON CONFLICT (generation) DO NOTHING",
            generation,
            now,
        )

    async def retire(self, before: int, now: int) -> int:
        """Retire the generations before `before` if no pepper lies under one; return how many."""
        if await self._work.row("SELECT 1 FROM vault_pepper WHERE generation < $1 LIMIT 1", before) is not None:
            return 0
        return await self._work.run(
            "UPDATE vault_salt_key SET retired_at = $2 WHERE generation < $1 AND retired_at = 0", before, now
        )

    async def destroyed(self, generation: int, now: int) -> int:
        """Note that a generation's key is gone; return 1 if that was news."""
        return await self._work.run(
            "UPDATE vault_salt_key SET destroyed_at = $2 WHERE generation = $1 AND destroyed_at = 0", generation, now
        )
