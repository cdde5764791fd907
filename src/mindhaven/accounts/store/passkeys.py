"""One person's own passkeys. I/O: the database, through the work or look it is given."""

from mindhaven.accounts.model import HOUR, Notice, PasskeyRow, PasskeyUse
from mindhaven.accounts.store.rows import PASSKEY, passkey_of
from mindhaven.kernel import Look, PersonScope, Work


class OwnPasskeys:
    """One person's own passkeys."""

    def __init__(self, look: Look, scope: PersonScope) -> None:
        self._look = look
        self._uid = scope.uid

    async def all(self) -> list[PasskeyRow]:
        """Return every passkey, oldest first."""
        rows = await self._look.rows(
            f"SELECT {PASSKEY} FROM accounts_passkey WHERE uid = $1 ORDER BY created_hour, id", self._uid
        )
        return [passkey_of(row) for row in rows]

    async def one(self, passkey: bytes) -> PasskeyRow | None:
        """Return one passkey."""
        row = await self._look.row(
            f"SELECT {PASSKEY} FROM accounts_passkey WHERE uid = $1 AND id = $2", self._uid, passkey
        )
        return None if row is None else passkey_of(row)


class OwnPasskeysChange(OwnPasskeys):
    """The same, to write."""

    def __init__(self, work: Work, scope: PersonScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def user_handle(self, fresh: bytes) -> bytes | None:
        """Return the account's user handle, which is `fresh` if it had none; None: there is no account."""
        row = await self._work.row(
            "UPDATE accounts_account SET user_handle = COALESCE(user_handle, $2) WHERE uid = $1 RETURNING user_handle",
            self._uid,
            fresh,
        )
        return None if row is None else row[0]

    async def take_handle(self, handle: bytes) -> None:
        """Set the account's user handle, whatever it was."""
        await self._work.run("UPDATE accounts_account SET user_handle = $2 WHERE uid = $1", self._uid, handle)

    async def add(self, row: PasskeyRow) -> bool:
        """Insert a passkey; return False if anybody has its credential id, or this slot has another."""
        return bool(
            await self._work.run(
                f"INSERT INTO accounts_passkey (uid, {PASSKEY})"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, NULL, NULL) ON CONFLICT DO NOTHING",
                self._uid,
                row.id,
                row.credential,
                row.public_key,
                row.name,
                " ".join(row.transports),
                row.slot,
                int(row.second_factor),
                int(row.eligible),
                int(row.backed_up),
                row.counter,
                row.created_hour,
            )
        )

    async def used(self, use: PasskeyUse, slot: bytes | None) -> None:
        """Store what a use said, and the slot that the passkey unlocks."""
        await self._work.run(
            "UPDATE accounts_passkey SET counter = $3, backed_up = $4, used_hour = $5, slot = $6"
            " WHERE uid = $1 AND id = $2",
            self._uid,
            use.passkey,
            use.counter,
            int(use.backed_up),
            self._work.now // HOUR * HOUR,
            slot,
        )

    async def notice(self, passkey: bytes, what: Notice) -> None:
        """Store that something was noticed this hour."""
        column = "counter_back_hour" if what is Notice.COUNTER_BACK else "eligibility_hour"
        await self._work.run(
            f"UPDATE accounts_passkey SET {column} = $3 WHERE uid = $1 AND id = $2",
            self._uid,
            passkey,
            self._work.now // HOUR * HOUR,
        )

    async def set_factor(self, passkey: bytes, *, on: bool) -> None:
        """Make a passkey a second factor, or none."""
        await self._work.run(
            "UPDATE accounts_passkey SET second_factor = $3 WHERE uid = $1 AND id = $2", self._uid, passkey, int(on)
        )

    async def remove(self, passkey: bytes) -> None:
        """Delete one passkey."""
        await self._work.run("DELETE FROM accounts_passkey WHERE uid = $1 AND id = $2", self._uid, passkey)
