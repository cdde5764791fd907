"""The queries of vault about what a restore lost: the window, and the gaps of one collection. I/O: the database."""

from collections.abc import Sequence

from mindhaven.kernel import HostScope, Look, MemberScope, Row, Work
from mindhaven.vault.model import Gap, Window


class Windows:
    """The time in which devices may offer what a restore lost."""

    def __init__(self, look: Look, scope: HostScope) -> None:
        self._look = look
        self._reason = scope.reason

    async def window(self) -> Window:
        """Return the window as it was last set."""
        row = await self._look.row("SELECT opened_at, until FROM vault_window WHERE id = 1")
        return Window() if row is None else Window(opened_at=row[0], until=row[1])


class WindowsChange(Windows):
    """The same, to write."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def set(self, window: Window) -> None:
        """Set it."""
        await self._work.run(
            "INSERT INTO vault_window (id, opened_at, until) VALUES (1, $1, $2)"
            " ON CONFLICT (id) DO UPDATE SET opened_at = excluded.opened_at, until = excluded.until",
            window.opened_at,
            window.until,
        )


class Gaps:
    """What the store lacks of one collection's live records, for one of its members."""

    def __init__(self, look: Look, scope: MemberScope) -> None:
        self._look = look
        self._id = scope.collection
        self._uid = scope.uid

    async def gaps(self, no: int, *, after: bytes, limit: int) -> list[Gap]:
        """Return live records without an envelope or a salt, after item `after`."""
        rows = await self._look.rows(
            "SELECT i.item, i.revision, i.envelope, e.id IS NULL, s.id IS NULL FROM vault_item i"
            " LEFT JOIN vault_envelope e ON e.id = i.envelope LEFT JOIN vault_salt s ON s.id = i.envelope"
            " WHERE i.collection = $1 AND i.item > $2 AND i.erased = 0 AND (e.id IS NULL OR s.id IS NULL)"
            " ORDER BY i.item LIMIT $3",
            no,
            after,
            limit,
        )
        return [
            Gap(item=item, revision=revision, row=row, envelope=bool(envelope), salt=bool(salt))
            for item, revision, row, envelope, salt in rows
        ]

    async def gap(self, no: int, item: bytes) -> Gap | None:
        """Return what the store lacks of one live record; None if it lacks nothing."""
        row = await self._look.row(
            "SELECT i.revision, i.envelope, e.id IS NULL, s.id IS NULL FROM vault_item i"
            " LEFT JOIN vault_envelope e ON e.id = i.envelope LEFT JOIN vault_salt s ON s.id = i.envelope"
            " WHERE i.collection = $1 AND i.item = $2 AND i.erased = 0 AND (e.id IS NULL OR s.id IS NULL)",
            no,
            item,
        )
        return None if row is None else Gap(item=item, revision=row[0], row=row[1], envelope=bool(row[2]),
                                            salt=bool(row[3]))  # fmt: skip

    async def attached(self, no: int, *, after: bytes, limit: int) -> list[tuple[bytes, int, int]]:
        """Return (item, revision, row of the envelope) of live records that hold parts, after item `after`."""
        rows = await self._look.rows(
            "SELECT i.item, i.revision, i.envelope FROM"
            " (SELECT DISTINCT item FROM vault_item_blob WHERE collection = $1 AND item > $2) b"
            " JOIN vault_item i ON i.collection = $1 AND i.item = b.item WHERE i.erased = 0"
            " ORDER BY i.item LIMIT $3",
            no,
            after,
            limit,
        )
        return [(item, revision, row) for item, revision, row in rows]

    async def holders(self, no: int, blob: bytes) -> list[tuple[bytes, int, int]]:
        """Return (item, revision, row of the envelope) of the live records that hold a part."""
        rows = await self._look.rows(
            "SELECT i.item, i.revision, i.envelope FROM vault_item_blob b JOIN vault_item i"
            " ON i.collection = b.collection AND i.item = b.item"
            " WHERE b.collection = $1 AND b.hash = $2 AND i.erased = 0",
            no,
            blob,
        )
        return [(item, revision, row) for item, revision, row in rows]

    async def commit_of(self, no: int, row: int) -> Row | None:
        """Return (seq, hash, signed, first envelope) of the commit that put the envelope of `row`.

        Found by halving: envelopes are numbered in the order of the commits, and only their seq has an index.
        """
        top = await self._look.row("SELECT MAX(seq) FROM vault_commit WHERE collection = $1", no)
        low, high = 0, -1 if top is None or top[0] is None else int(top[0])
        while low <= high:
            middle = (low + high) // 2
            found = await self._look.row(
                "SELECT seq, hash, signed, first_envelope, envelopes FROM vault_commit"
                " WHERE collection = $1 AND seq = $2",
                no,
                middle,
            )
            if found is None:
                return None
            if row < found[3]:
                high = middle - 1
            elif row >= found[3] + found[4]:
                low = middle + 1
            else:
                return tuple(found[:4])
        return None


class GapsChange(Gaps):
    """The same, to write."""

    def __init__(self, work: Work, scope: MemberScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def fill(self, no: int, envelopes: Sequence[Row], salts: Sequence[Row]) -> None:
        """Insert (id, envelope) and (id, pepper, masked salt) rows; they count again."""
        if envelopes:
            await self._work.run_many("INSERT INTO vault_envelope (id, envelope) VALUES", envelopes)
            await self._work.run(
                "UPDATE vault_collection SET stored_bytes = stored_bytes + $2 WHERE no = $1",
                no,
                sum(len(one[1]) for one in envelopes),
            )
        if salts:
            await self._work.run_many("INSERT INTO vault_salt (id, pepper, masked) VALUES", salts)
