"""The queries of upkeep. I/O: the database, through the work or look it is given."""

from mindhaven.kernel import HostScope, Look, Work
from mindhaven.upkeep.model import BACKUPS_NAMED, WEB, Backup, Erasure, Release


class Chores:
    """Erasures to be measured and backups that were made."""

    def __init__(self, look: Look, scope: HostScope) -> None:
        self._look = look
        self._reason = scope.reason

    async def erasures(self, before: int, after: int, limit: int) -> list[Erasure]:
        """Return the erasures of before `before` that are still to be measured, those after row `after` first."""
        rows = await self._look.rows(
            "SELECT id, subject, what, thing, erased_at, generation, faults FROM upkeep_erasure"
            " WHERE erased_at < $1 AND id > $2 ORDER BY id LIMIT $3",
            before,
            after,
            limit,
        )
        return [
            Erasure(id=no, subject=subject, what=what, thing=thing, erased_at=at, generation=generation, faults=faults)
            for no, subject, what, thing, at, generation, faults in rows
        ]

    async def faulty(self) -> int:
        """Return how many erasures were measured and are not complete."""
        row = await self._look.row("SELECT COUNT(*) FROM upkeep_erasure WHERE faults <> ''")
        return 0 if row is None else int(row[0])

    async def backups(self) -> list[Backup]:
        """Return the backups that were made, the newest first."""
        rows = await self._look.rows(
            "SELECT made_at, place, side, bytes FROM upkeep_backup ORDER BY made_at DESC, id DESC"
        )
        return [Backup(made_at=at, place=where, side=side, bytes=size) for at, where, side, size in rows]

    async def release(self) -> Release | None:
        """Return the release that was recorded last, None if none ever was."""
        row = await self._look.row("SELECT release, seq FROM upkeep_release WHERE app = $1", WEB)
        return None if row is None else Release(release=row[0], seq=row[1])


class ChoresChange(Chores):
    """The same, to write."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def add_erasure(self, *, subject: bytes, what: str, thing: bytes, erased_at: int, generation: int) -> None:
        """Note an erasure whose end is to be measured."""
        await self._work.run(
            "INSERT INTO upkeep_erasure (subject, what, thing, erased_at, generation, faults)"
            " VALUES ($1, $2, $3, $4, $5, '') ON CONFLICT (what, thing) DO UPDATE SET erased_at = excluded.erased_at,"
            " generation = excluded.generation, faults = ''",
            subject,
            what,
            thing,
            erased_at,
            generation,
        )

    async def brought_back(self, collection: bytes) -> None:
        """Forget the erasure of a collection that its owner brought back."""
        await self._work.run("DELETE FROM upkeep_erasure WHERE what = 'collection' AND thing = $1", collection)

    async def drop_erasure(self, erasure: int) -> int:
        """Forget an erasure that was measured; return 1 if it was there."""
        return await self._work.run("DELETE FROM upkeep_erasure WHERE id = $1", erasure)

    async def set_faults(self, erasure: int, faults: str) -> None:
        """Note why an erasure is not complete."""
        await self._work.run("UPDATE upkeep_erasure SET faults = $2 WHERE id = $1", erasure, faults)

    async def add_backup(self, backup: Backup) -> None:
        """Note a backup, and forget the oldest."""
        await self._work.run(
            "INSERT INTO upkeep_backup (made_at, place, side, bytes) VALUES ($1, $2, $3, $4)",
            backup.made_at,
            backup.place,
            backup.side,
            backup.bytes,
        )
        await self._work.run(
            "DELETE FROM upkeep_backup WHERE id NOT IN (SELECT id FROM upkeep_backup ORDER BY id DESC LIMIT $1)",
            BACKUPS_NAMED,
        )

    async def set_release(self, release: Release) -> None:
        """Note the release that is recorded now, in the place of the one before."""
        await self._work.run(
            "INSERT INTO upkeep_release (app, release, seq) VALUES ($1, $2, $3)"
            " ON CONFLICT (app) DO UPDATE SET release = excluded.release, seq = excluded.seq",
            WEB,
            release.release,
            release.seq,
        )
