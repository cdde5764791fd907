"""What anyone signed in may know of an account. I/O: the database, through the look it is given."""

from mindhaven.accounts.model import Signing
from mindhaven.crypto.sign import VerifyKeys
from mindhaven.kernel import Look
from mindhaven.protocol.account import IdentityKeys


class Directory:
    """What anyone signed in may know of an account: its chain and keys. Public by design."""

    def __init__(self, look: Look) -> None:
        self._look = look

    async def chain(self, uid: bytes) -> list[bytes]:
        """Return the signed statements in order."""
        rows = await self._look.rows("SELECT signed FROM accounts_statement WHERE uid = $1 ORDER BY seq", uid)
        return [row[0] for row in rows]

    async def signing(self, uid: bytes, generation: int) -> Signing | None:
        """Return the keys of one generation."""
        row = await self._look.row(
            "SELECT i.xwing, i.ed25519, i.mldsa65, i.statement, a.generation FROM accounts_identity i"
            " JOIN accounts_account a ON a.uid = i.uid WHERE i.uid = $1 AND i.generation = $2",
            uid,
            generation,
        )
        if row is None:
            return None
        xwing, ed25519, mldsa65, statement, newest = row
        keys = IdentityKeys(xwing, VerifyKeys(ed25519, mldsa65))
        return Signing(uid=uid, generation=generation, keys=keys, statement=statement, newest=newest)

    async def uid_of(self, handle: str) -> bytes | None:
        """Return the uid behind a handle."""
        row = await self._look.row("SELECT uid FROM accounts_account WHERE handle = $1", handle)
        return None if row is None else row[0]
