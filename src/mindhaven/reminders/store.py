"""The queries of reminders. I/O: the database, through the work or look it is given."""

from typing import Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.kernel import HostScope, Look, PersonScope, Row, Work
from mindhaven.reminders.model import AHEAD_SECONDS, DAY, HOUR, Device, Put

_COLUMNS: Final = "session, uid, endpoint, mark, service, minutes, pushes_left, next_at, last_at, since_hour"
KEY_ROW: Final = 1
"""There is one key: a second would end every device's registration at its push service."""


def _device(row: Row) -> Device:
    session, uid, endpoint, mark, service, minutes, left, next_at, last_at, since = row
    return Device(
        session=session,
        uid=uid,
        endpoint=endpoint,
        mark=mark,
        service=service,
        minutes=tuple(decode(minutes)),
        left=left,
        next_at=next_at,
        last_at=last_at,
        since=since,
    )


class OwnReminders:
    """One person's devices with reminders."""

    def __init__(self, look: Look, scope: PersonScope) -> None:
        self._look = look
        self._uid = scope.uid

    async def all(self) -> list[Device]:
        """Return each device, the oldest first."""
        rows = await self._look.rows(
            f"SELECT {_COLUMNS} FROM reminders_device WHERE uid = $1 ORDER BY since_hour, session", self._uid
        )
        return [_device(row) for row in rows]


class OwnRemindersChange(OwnReminders):
    """The same, to write."""

    def __init__(self, work: Work, scope: PersonScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def put(self, put: Put, *, left: int, next_at: int, last_at: int, since: int) -> None:
        """Insert a device, or write over what it had; one of somebody else's session stays as it is."""
        await self._work.run(
            f"INSERT INTO reminders_device ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            " ON CONFLICT (session) DO UPDATE SET endpoint = excluded.endpoint, mark = excluded.mark,"
            " service = excluded.service, minutes = excluded.minutes, pushes_left = excluded.pushes_left,"
            " next_at = excluded.next_at, last_at = excluded.last_at, since_hour = excluded.since_hour"
            " WHERE reminders_device.uid = excluded.uid",
            put.session,
            self._uid,
            put.endpoint,
            put.mark,
            put.service,
            encode(list(put.minutes)),
            left,
            next_at,
            last_at,
            since // HOUR * HOUR,
        )

    async def drop(self, session: bytes) -> bool:
        """Delete a device's reminders; return whether it had some."""
        return bool(
            await self._work.run("DELETE FROM reminders_device WHERE uid = $1 AND session = $2", self._uid, session)
        )

    async def drop_all(self) -> None:
        """Delete the reminders of every device of this person."""
        await self._work.run("DELETE FROM reminders_device WHERE uid = $1", self._uid)


class Rota:
    """Everybody's devices with reminders, and the server's key. Built from a host scope."""

    def __init__(self, look: Look, scope: HostScope) -> None:
        self._look = look
        self._reason = scope.reason

    async def due(self, limit: int) -> list[Device]:
        """Return devices whose next reminder is due, or lies further ahead than any can; the most overdue first."""
        now = self._look.now
        some = f"SELECT {_COLUMNS} FROM reminders_device WHERE pushes_left > 0 AND next_at"
        rows = await self._look.rows(f"{some} <= $1 ORDER BY next_at, session LIMIT $2", now, limit)
        if not rows:
            ahead = now + DAY + AHEAD_SECONDS
            rows = await self._look.rows(f"{some} > $1 ORDER BY next_at, session LIMIT $2", ahead, limit)
        return [_device(row) for row in rows]

    async def sealed(self, after: bytes, limit: int) -> list[Row]:
        """Return (session, sealed address) of up to `limit` devices after session `after`."""
        return await self._look.rows(
            "SELECT session, endpoint FROM reminders_device WHERE session > $1 ORDER BY session LIMIT $2", after, limit
        )

    async def key(self) -> bytes | None:
        """Return the server's sealed key, None if none was made yet."""
        row = await self._look.row("SELECT sealed FROM reminders_key WHERE id = $1", KEY_ROW)
        return None if row is None else row[0]


class RotaChange(Rota):
    """The same, to write."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def mark(self, session: bytes, *, left: int, next_at: int, last_at: int) -> None:
        """Write down what was decided of a device before anything is sent."""
        await self._work.run(
            "UPDATE reminders_device SET pushes_left = $2, next_at = $3, last_at = $4 WHERE session = $1",
            session,
            left,
            next_at,
            last_at,
        )

    async def drop(self, session: bytes, mark: bytes | None = None) -> bool:
        """Delete a device's reminders, only with that address's mark if one is given; return whether they went."""
        if mark is None:
            return bool(await self._work.run("DELETE FROM reminders_device WHERE session = $1", session))
        return bool(
            await self._work.run("DELETE FROM reminders_device WHERE session = $1 AND mark = $2", session, mark)
        )

    async def reseal(self, session: bytes, old: bytes, new: bytes) -> None:
        """Put the same address under a newer key, unless it changed meanwhile."""
        await self._work.run(
            "UPDATE reminders_device SET endpoint = $3 WHERE session = $1 AND endpoint = $2", session, old, new
        )

    async def add_key(self, sealed: bytes) -> None:
        """Insert the server's key; another process's that is there already stays."""
        await self._work.run(
            "INSERT INTO reminders_key (id, sealed, made_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
            KEY_ROW,
            sealed,
            self._work.now,
        )

    async def reseal_key(self, old: bytes, new: bytes) -> None:
        """Put the same key under a newer one."""
        await self._work.run("UPDATE reminders_key SET sealed = $3 WHERE id = $1 AND sealed = $2", KEY_ROW, old, new)
