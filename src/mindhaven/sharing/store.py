"""The queries of sharing. I/O: the database, through the work or look it is given."""

from mindhaven.kernel import HostScope, Look, PersonScope, Row, Work


class OwnInvitations:
    """One person's invitations."""

    def __init__(self, look: Look, scope: PersonScope) -> None:
        self._look = look
        self._uid = scope.uid

    async def all(self) -> list[Row]:
        """Return (id, expires at, answer or null), the newest last."""
        return await self._look.rows(
            "SELECT id, expires_at, answer FROM sharing_invitation WHERE inviter = $1 ORDER BY expires_at, id",
            self._uid,
        )


class OwnInvitationsChange(OwnInvitations):
    """The same, to write."""

    def __init__(self, work: Work, scope: PersonScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def add(self, invitation: bytes, expires_at: int) -> bool:
        """Insert an invitation; return False if its id is taken."""
        return bool(
            await self._work.run(
                "INSERT INTO sharing_invitation (id, inviter, answer, expires_at) VALUES ($1, $2, NULL, $3)"
                " ON CONFLICT (id) DO NOTHING",
                invitation,
                self._uid,
                expires_at,
            )
        )

    async def drop(self, invitation: bytes) -> bool:
        """Delete one's own invitation."""
        return bool(
            await self._work.run("DELETE FROM sharing_invitation WHERE id = $1 AND inviter = $2", invitation, self._uid)
        )

    async def drop_all(self) -> None:
        """Delete every invitation of this person."""
        await self._work.run("DELETE FROM sharing_invitation WHERE inviter = $1", self._uid)


class AnyInvitation:
    """One invitation by its id, for whoever holds the link. Built from a host scope."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        self._work = work
        self._reason = scope.reason

    async def answer(self, invitation: bytes, answer: bytes) -> bytes | None:
        """Store the one answer; return the inviter, or None if the link was used or has ended."""
        row = await self._work.row(
            "UPDATE sharing_invitation SET answer = $2 WHERE id = $1 AND answer IS NULL AND expires_at >= $3"
            " RETURNING inviter",
            invitation,
            answer,
            self._work.now,
        )
        return None if row is None else row[0]

    async def sweep(self) -> int:
        """Delete invitations whose time is over."""
        return await self._work.run("DELETE FROM sharing_invitation WHERE expires_at < $1", self._work.now)
