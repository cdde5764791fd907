"""The queries of register. I/O: the database, through the work or look it is given."""

from mindhaven.kernel import HostScope, Look, Work
from mindhaven.register.model import Published


class Policies:
    """The policies that were published."""

    def __init__(self, look: Look, scope: HostScope) -> None:
        self._look = look
        self._reason = scope.reason

    async def newest(self) -> Published | None:
        """Return the policy that was published last, None if none ever was."""
        row = await self._look.row(
            "SELECT version, digest, texts, published_at, seq FROM register_policy ORDER BY version DESC LIMIT 1"
        )
        return None if row is None else _published(row)

    async def digest(self) -> bytes | None:
        """Return the hash of the policy that was published last, None if none ever was."""
        row = await self._look.row("SELECT digest FROM register_policy ORDER BY version DESC LIMIT 1")
        return None if row is None else row[0]

    async def digests(self) -> list[bytes]:
        """Return the hash of every policy that was ever published."""
        return [row[0] for row in await self._look.rows("SELECT digest FROM register_policy")]

    async def numbered(self, version: int) -> Published | None:
        """Return the policy of that number."""
        row = await self._look.row(
            "SELECT version, digest, texts, published_at, seq FROM register_policy WHERE version = $1", version
        )
        return None if row is None else _published(row)

    async def last(self, count: int) -> list[Published]:
        """Return the policies that were published last, in order."""
        rows = await self._look.rows(
            "SELECT version, digest, texts, published_at, seq FROM register_policy ORDER BY version DESC LIMIT $1",
            count,
        )
        return [_published(row) for row in reversed(rows)]


def _published(row: tuple[int, bytes, bytes, int, int]) -> Published:
    version, digest, texts, at, seq = row
    return Published(version=version, digest=digest, texts=texts, published_at=at, seq=seq)


class PoliciesChange(Policies):
    """The same, to write."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def add(self, one: Published) -> None:
        """Keep a policy under its number."""
        await self._work.run(
            "INSERT INTO register_policy (version, digest, texts, published_at, seq) VALUES ($1, $2, $3, $4, $5)",
            one.version,
            one.digest,
            one.texts,
            one.published_at,
            one.seq,
        )
