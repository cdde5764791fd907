"""One person's own account rows. I/O: the database, through the work or look it is given."""

from collections.abc import Sequence
from typing import Final

from mindhaven.accounts.model import HOUR, TOLD_AN_HOUR, AccountRow, PendingRow, Recent, Role, SlotRow
from mindhaven.accounts.store.rows import ACCOUNT, SLOT, account_of, pending_of, slot_of
from mindhaven.crypto.encoding import encode
from mindhaven.kernel import Look, PersonScope, Row, Work
from mindhaven.protocol.account import AccountState

ERASED: Final = (
    "accounts_slot", "accounts_session", "accounts_pending", "accounts_bundle", "accounts_recent", "accounts_passkey"
)  # fmt: skip
"""What an erasure deletes of a person; of the account itself the chain stays."""


class OwnAccount:
    """One person's own account rows."""

    def __init__(self, look: Look, scope: PersonScope) -> None:
        self._look = look
        self._uid = scope.uid

    async def account(self) -> AccountRow | None:
        """Return the account."""
        return account_of(await self._look.row(f"SELECT {ACCOUNT} FROM accounts_account WHERE uid = $1", self._uid))

    async def slots(self) -> list[SlotRow]:
        """Return every way in, oldest first."""
        rows = await self._look.rows(f"SELECT {SLOT} FROM accounts_slot WHERE uid = $1 ORDER BY made_at, id", self._uid)
        return [slot_of(row) for row in rows]

    async def slot(self, slot_id: bytes) -> SlotRow | None:
        """Return one way in."""
        row = await self._look.row(f"SELECT {SLOT} FROM accounts_slot WHERE uid = $1 AND id = $2", self._uid, slot_id)
        return None if row is None else slot_of(row)

    async def sessions(self) -> list[Row]:
        """Return (id, device name, first hour, last hour, created at, renewed at) of each session."""
        return await self._look.rows(
            "SELECT id, device_name, first_hour, last_hour, created_at, renewed_at FROM accounts_session"
            " WHERE uid = $1 ORDER BY created_at, id",
            self._uid,
        )

    async def session_slots(self, session: bytes) -> frozenset[bytes]:
        """Return the ways in that were opened on a session, however long ago."""
        row = await self._look.row(
            "SELECT slot_a, slot_b FROM accounts_session WHERE uid = $1 AND id = $2", self._uid, session
        )
        return frozenset(slot for slot in row or () if slot is not None)

    async def pending(self) -> list[PendingRow]:
        """Return each waiting change, the first due first."""
        rows = await self._look.rows(
            "SELECT id, keys, statement, seq, asked_at, due_at, asked_by, earlier FROM accounts_pending"
            " WHERE uid = $1 ORDER BY due_at",
            self._uid,
        )
        return [pending_of(row) for row in rows]

    async def left(self) -> list[str]:
        """Return the tables that still hold what an erasure deletes: ways in, sessions, passkeys, a handle."""
        found = [
            table
            for table in ERASED
            if await self._look.row(f"SELECT 1 FROM {table} WHERE uid = $1 LIMIT 1", self._uid)
        ]
        stands = "SELECT 1 FROM accounts_account WHERE uid = $1 AND (handle IS NOT NULL OR state <> 'foreign')"
        return found + (["accounts_account"] if await self._look.row(stands, self._uid) else [])

    async def earlier_bundles(self) -> list[Row]:
        """Return (generation, bundle) of each bundle that was replaced lately, the newest first."""
        return await self._look.rows(
            "SELECT generation, bundle FROM accounts_bundle WHERE uid = $1 AND keep_until > $2 ORDER BY seq DESC",
            self._uid,
            self._look.now,
        )

    async def recent(self, since: int) -> list[Row]:
        """Return (what, about, hour) of what was told of this account since then, the newest first."""
        return await self._look.rows(
            "SELECT what, about, hour FROM accounts_recent WHERE uid = $1 AND hour >= $2"
            " ORDER BY hour DESC, what, about",
            self._uid,
            since,
        )


class OwnAccountChange(OwnAccount):
    """The same, to write."""

    def __init__(self, work: Work, scope: PersonScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def create(self, *, handle: str, role: Role, slots: bytes, bundle: bytes, hour: int) -> None:
        """Insert the account; its chain follows by `append`."""
        await self._work.run(
            "INSERT INTO accounts_account (uid, handle, role, state, created_hour, seq, head, generation, slots,"
            " bundle, totp, totp_last_step, failures, failures_hour)"
            " VALUES ($1, $2, $3, 'active', $4, -1, $5, 1, $6, $7, NULL, 0, 0, 0)",
            self._uid,
            handle,
            str(role),
            hour,
            bytes(32),
            slots,
            bundle,
        )

    async def append(self, state: AccountState, signed: bytes, *, seq_before: int) -> bool:
        """Append a statement by compare-and-swap on the seq; return whether it still stood there."""
        changed = await self._work.run(
            "UPDATE accounts_account SET seq = $2, head = $3, generation = $4 WHERE uid = $1 AND seq = $5",
            self._uid,
            state.seq,
            state.head,
            state.generation,
            seq_before,
        )
        if not changed:
            return False
        await self.add_statement(state, signed)
        return True

    async def add_statement(self, state: AccountState, signed: bytes) -> None:
        """Insert a verified statement and, if it brings one, its generation's keys."""
        await self._work.run(
            "INSERT INTO accounts_statement (uid, seq, hash, signed) VALUES ($1, $2, $3, $4)",
            self._uid,
            state.seq,
            state.head,
            signed,
        )
        if state.introduced[state.generation] == state.head:
            keys = state.identity
            await self._work.run(
                "INSERT INTO accounts_identity (uid, generation, xwing, ed25519, mldsa65, statement)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                self._uid,
                state.generation,
                keys.xwing,
                keys.signing.ed25519,
                keys.signing.mldsa65,
                state.head,
            )

    async def adopt(self, *, handle: str, head: bytes) -> bool:
        """Turn a foreign account at that head into one that lives here."""
        return bool(
            await self._work.run(
                "UPDATE accounts_account SET handle = $2, state = 'active' WHERE uid = $1 AND head = $3"
                " AND state = 'foreign'",
                self._uid,
                handle,
                head,
            )
        )

    async def replace_slots(self, *, slots: bytes, bundle: bytes, rows: Sequence[SlotRow]) -> None:
        """Replace the slot list, the bundle and every slot row."""
        await self._work.run(
            "UPDATE accounts_account SET slots = $2, bundle = $3 WHERE uid = $1", self._uid, slots, bundle
        )
        await self._work.run("DELETE FROM accounts_slot WHERE uid = $1", self._uid)
        await self._work.run_many(
            f"INSERT INTO accounts_slot (uid, {SLOT}) VALUES",
            [
                (
                    self._uid,
                    row.id,
                    row.kind,
                    row.params,
                    row.tag,
                    row.enc,
                    row.ciphertext,
                    row.login_key,
                    row.lookup,
                    row.made_at,
                )
                for row in rows
            ],
        )

    async def name_session(self, session: bytes, name: bytes) -> None:
        """Store a device's sealed name."""
        await self._work.run(
            "UPDATE accounts_session SET device_name = $3 WHERE uid = $1 AND id = $2", self._uid, session, name
        )

    async def end_session(self, session: bytes) -> bool:
        """Delete one session of this person; return whether it was there."""
        return bool(await self._work.run("DELETE FROM accounts_session WHERE uid = $1 AND id = $2", self._uid, session))

    async def end_sessions(self, *, but: bytes | None) -> list[bytes]:
        """Delete every session but one; return the ids that ended."""
        ended = [row[0] for row in await self.sessions() if row[0] != but]
        await self._work.run(
            "DELETE FROM accounts_session WHERE uid = $1 AND id <> $2", self._uid, b"" if but is None else but
        )
        return ended

    async def add_pending(self, row: PendingRow) -> None:
        """Insert a waiting change."""
        await self._work.run(
            "INSERT INTO accounts_pending (id, uid, keys, statement, seq, asked_at, due_at, asked_by,"
            " earlier) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            row.id,
            self._uid,
            row.keys,
            row.statement,
            row.seq,
            row.asked_at,
            row.due_at,
            b"".join(sorted(row.asked_by)),
            encode(list(row.earlier)) if row.earlier else None,
        )

    async def keep_bundle(self, before: AccountRow, keep_until: int) -> None:
        """Keep the bundle that a change replaces."""
        await self._work.run(
            "INSERT INTO accounts_bundle (uid, seq, generation, bundle, keep_until) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (uid, seq) DO NOTHING",
            self._uid,
            before.seq,
            before.generation,
            before.bundle,
            keep_until,
        )

    async def tell(self, what: Recent, about: bytes) -> None:
        """Tell every device of this account what happened; a few of one sort an hour."""
        hour = self._work.now // HOUR * HOUR
        told = await self._work.rows(
            "SELECT about FROM accounts_recent WHERE uid = $1 AND hour = $2 AND what = $3", self._uid, hour, str(what)
        )
        if len(told) >= TOLD_AN_HOUR:
            return
        await self._work.run(
            "INSERT INTO accounts_recent (uid, hour, what, about) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (uid, hour, what, about) DO NOTHING",
            self._uid,
            hour,
            str(what),
            about,
        )

    async def drop_pending(self, pending: bytes) -> bool:
        """Delete one waiting change; return whether it was there."""
        return bool(await self._work.run("DELETE FROM accounts_pending WHERE uid = $1 AND id = $2", self._uid, pending))

    async def set_totp(self, sealed: bytes | None, last_step: int) -> None:
        """Store or drop the second factor."""
        await self._work.run(
            "UPDATE accounts_account SET totp = $2, totp_last_step = $3 WHERE uid = $1", self._uid, sealed, last_step
        )

    async def erase(self) -> None:
        """Delete the ways in, sessions, passkeys, waiting changes and handle; the chain stays as a foreign account."""
        for table in ERASED:
            await self._work.run(f"DELETE FROM {table} WHERE uid = $1", self._uid)
        await self._work.run(
            "UPDATE accounts_account SET handle = NULL, state = 'foreign', slots = $2, bundle = $2, totp = NULL,"
            " user_handle = NULL"
            " WHERE uid = $1",
            self._uid,
            b"",
        )
