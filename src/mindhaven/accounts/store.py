"""The queries of accounts. I/O: the database, through the work or look it is given."""

from collections.abc import Sequence
from typing import Any

from mindhaven.accounts.model import AccountRow, PendingRow, Role, Signing, SlotRow, State
from mindhaven.crypto.sign import VerifyKeys
from mindhaven.kernel import HostScope, Look, PersonScope, Row, Work
from mindhaven.protocol.account import AccountState, IdentityKeys
from mindhaven.protocol.slots import SLOT_ID_BYTES

_ACCOUNT = "uid, handle, role, state, seq, head, generation, slots, bundle, totp, totp_last_step"
_SLOT = "id, kind, params, tag, enc, ciphertext, login_key, lookup, made_at"


def _account(row: Row | None) -> AccountRow | None:
    if row is None:
        return None
    uid, handle, role, state, seq, head, generation, slots, bundle, totp, last_step = row
    return AccountRow(
        uid=uid,
        handle=handle,
        role=Role(role),
        state=State(state),
        seq=seq,
        head=head,
        generation=generation,
        slots=slots,
        bundle=bundle,
        totp=totp,
        totp_last_step=last_step,
    )


def _slot(row: Row) -> SlotRow:
    slot_id, kind, params, tag, enc, ciphertext, login_key, lookup, made_at = row
    return SlotRow(
        id=slot_id,
        kind=kind,
        params=params,
        tag=tag,
        enc=enc,
        ciphertext=ciphertext,
        login_key=login_key,
        lookup=lookup,
        made_at=made_at,
    )


def _pending(row: Row) -> PendingRow:
    pending, keys, statement, seq, asked_at, due_at, asked_by = row
    by = asked_by or b""
    return PendingRow(
        id=pending,
        keys=keys,
        statement=statement,
        seq=seq,
        asked_at=asked_at,
        due_at=due_at,
        asked_by=frozenset(by[at : at + SLOT_ID_BYTES] for at in range(0, len(by), SLOT_ID_BYTES)),
    )


class OwnAccount:
    """One person's own account rows."""

    def __init__(self, look: Look, scope: PersonScope) -> None:
        self._look = look
        self._uid = scope.uid

    async def account(self) -> AccountRow | None:
        """Return the account."""
        return _account(await self._look.row(f"SELECT {_ACCOUNT} FROM accounts_account WHERE uid = $1", self._uid))

    async def slots(self) -> list[SlotRow]:
        """Return every way in, oldest first."""
        rows = await self._look.rows(
            f"SELECT {_SLOT} FROM accounts_slot WHERE uid = $1 ORDER BY made_at, id", self._uid
        )
        return [_slot(row) for row in rows]

    async def slot(self, slot_id: bytes) -> SlotRow | None:
        """Return one way in."""
        row = await self._look.row(f"SELECT {_SLOT} FROM accounts_slot WHERE uid = $1 AND id = $2", self._uid, slot_id)
        return None if row is None else _slot(row)

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
            "SELECT id, keys, statement, seq, asked_at, due_at, asked_by FROM accounts_pending"
            " WHERE uid = $1 ORDER BY due_at",
            self._uid,
        )
        return [_pending(row) for row in rows]

    async def earlier_bundles(self) -> list[Row]:
        """Return (generation, bundle) of each bundle that was replaced lately, the newest first."""
        return await self._look.rows(
            "SELECT generation, bundle FROM accounts_bundle WHERE uid = $1 AND keep_until > $2 ORDER BY seq DESC",
            self._uid,
            self._look.now,
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
            f"INSERT INTO accounts_slot (uid, {_SLOT}) VALUES",
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
            "INSERT INTO accounts_pending (id, uid, keys, statement, seq, asked_at, due_at, asked_by)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            row.id,
            self._uid,
            row.keys,
            row.statement,
            row.seq,
            row.asked_at,
            row.due_at,
            b"".join(sorted(row.asked_by)),
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

    async def drop_pending(self, pending: bytes) -> bool:
        """Delete one waiting change; return whether it was there."""
        return bool(await self._work.run("DELETE FROM accounts_pending WHERE uid = $1 AND id = $2", self._uid, pending))

    async def set_totp(self, sealed: bytes | None, last_step: int) -> None:
        """Store or drop the second factor."""
        await self._work.run(
            "UPDATE accounts_account SET totp = $2, totp_last_step = $3 WHERE uid = $1", self._uid, sealed, last_step
        )

    async def erase(self) -> None:
        """Delete the ways in, sessions, waiting changes, bundle and handle; the chain stays as a foreign account."""
        for table in ("accounts_slot", "accounts_session", "accounts_pending", "accounts_bundle"):
            await self._work.run(f"DELETE FROM {table} WHERE uid = $1", self._uid)
        await self._work.run(
            "UPDATE accounts_account SET handle = NULL, state = 'foreign', slots = $2, bundle = $2, totp = NULL"
            " WHERE uid = $1",
            self._uid,
            b"",
        )


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


class Doors:
    """Look-ups before anyone is signed in, and housekeeping. Built from a host scope only."""

    def __init__(self, look: Look, scope: HostScope) -> None:
        self._look = look
        self._reason = scope.reason

    async def by_name(self, handle: str, lookup: bytes, uid: bytes) -> AccountRow | None:
        """Return the account of a handle, a recovery look-up id or a uid: always the same two statements."""
        found = await self._look.row("SELECT uid FROM accounts_slot WHERE lookup = $1", lookup)
        return _account(
            await self._look.row(
                f"SELECT {_ACCOUNT} FROM accounts_account WHERE handle = $1 OR uid = $2 OR uid = $3",
                handle,
                uid,
                uid if found is None else found[0],
            )
        )

    async def session_by_token(self, token_hash: bytes) -> Row | None:
        """Return what authentication needs of the session with that token."""
        return await self._look.row(
            "SELECT s.id, s.uid, s.token_expires_at, s.slot_a, s.slot_a_at, s.slot_b, s.slot_b_at, a.role, a.state,"
            " (SELECT COUNT(*) FROM accounts_slot WHERE uid = s.uid) FROM accounts_session s"
            " JOIN accounts_account a ON a.uid = s.uid WHERE s.token_hash = $1",
            token_hash,
        )

    async def session(self, session: bytes) -> Row | None:
        """Return (uid, public key, created at, renewed at, role, state) of a session."""
        return await self._look.row(
            "SELECT s.uid, s.public_key, s.created_at, s.renewed_at, a.role, a.state FROM accounts_session s"
            " JOIN accounts_account a ON a.uid = s.uid WHERE s.id = $1",
            session,
        )

    async def device_known(self, uid: bytes, public_key: bytes) -> bool:
        """Return whether that session key is of a device of that account."""
        row = await self._look.row("SELECT 1 FROM accounts_session WHERE public_key = $1 AND uid = $2", public_key, uid)
        return row is not None

    async def reservation(self, nonce: bytes) -> Row | None:
        """Return (handle, server salt, role, invitation, expires at)."""
        return await self._look.row(
            "SELECT handle, server_salt, role, invitation, expires_at FROM accounts_reservation WHERE nonce = $1", nonce
        )

    async def handle_taken(self, handle: str) -> bool:
        """Return whether a handle is in use or reserved."""
        row = await self._look.row(
            "SELECT 1 FROM accounts_account WHERE handle = $1"
            " UNION SELECT 1 FROM accounts_reservation WHERE handle = $1",
            handle,
        )
        return row is not None

    async def invitation(self, code_hash: bytes) -> Row | None:
        """Return (role, expires at)."""
        return await self._look.row("SELECT role, expires_at FROM accounts_invitation WHERE code_hash = $1", code_hash)

    async def second_factors(self, after: bytes, limit: int) -> list[Row]:
        """Return (uid, sealed second factor) of accounts that have one, by uid after `after`."""
        return await self._look.rows(
            "SELECT uid, totp FROM accounts_account WHERE totp IS NOT NULL AND uid > $1 ORDER BY uid LIMIT $2",
            after,
            limit,
        )


class DoorsChange(Doors):
    """The same, to write."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def add_challenge(self, nonce: bytes, purpose: str, about: bytes, expires_at: int) -> None:
        """Store a nonce for one use."""
        await self._work.run(
            "INSERT INTO accounts_challenge (nonce, purpose, about, expires_at) VALUES ($1, $2, $3, $4)",
            nonce,
            purpose,
            about,
            expires_at,
        )

    async def take_challenge(self, nonce: bytes, purpose: str, about: bytes) -> bool:
        """Use up a nonce; return whether it was there, for that purpose, and not too old."""
        used = await self._work.run(
            "DELETE FROM accounts_challenge WHERE nonce = $1 AND purpose = $2 AND about = $3 AND expires_at >= $4",
            nonce,
            purpose,
            about,
            self._work.now,
        )
        return bool(used)

    async def add_reservation(self, values: Sequence[Any]) -> None:
        """Insert (nonce, handle, server salt, role, invitation, expires at)."""
        await self._work.run(
            "INSERT INTO accounts_reservation (nonce, handle, server_salt, role, invitation, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            *values,
        )

    async def take_reservation(self, nonce: bytes) -> bool:
        """Use up a reservation."""
        return bool(await self._work.run("DELETE FROM accounts_reservation WHERE nonce = $1", nonce))

    async def add_session(self, values: Sequence[Any]) -> None:
        """Insert (id, uid, public key, device name, token hash, token expiry, now, hour, slot)."""
        await self._work.run(
            "INSERT INTO accounts_session (id, uid, public_key, device_name, token_hash, token_expires_at, created_at,"
            " renewed_at, first_hour, last_hour, slot_a, slot_a_at, slot_b, slot_b_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $8, $9, $7, NULL, 0)",
            *values,
        )

    async def renew(self, session: bytes, token_hash: bytes, expires_at: int) -> None:
        """Give a session a new token."""
        await self._work.run(
            "UPDATE accounts_session SET token_hash = $2, token_expires_at = $3, renewed_at = $4, last_hour = $5"
            " WHERE id = $1",
            session,
            token_hash,
            expires_at,
            self._work.now,
            self._work.now // 3600 * 3600,
        )

    async def slot_opened(self, session: bytes, slot: bytes) -> None:
        """Note a slot as opened now: the newest two different ones are kept."""
        now = self._work.now
        same = await self._work.run(
            "UPDATE accounts_session SET slot_a_at = $3 WHERE id = $1 AND slot_a = $2", session, slot, now
        )
        if not same:
            await self._work.run(
                "UPDATE accounts_session SET slot_b = slot_a, slot_b_at = slot_a_at, slot_a = $2, slot_a_at = $3"
                " WHERE id = $1",
                session,
                slot,
                now,
            )

    async def count_failure(self, uid: bytes) -> None:
        """Count a refused log-in."""
        await self._work.run(
            "UPDATE accounts_account SET failures = failures + 1, failures_hour = $2 WHERE uid = $1",
            uid,
            self._work.now // 3600,
        )

    async def failures(self) -> list[Row]:
        """Return (uid, count, hour) of accounts with refused log-ins, and count anew."""
        rows = await self._work.rows("SELECT uid, failures, failures_hour FROM accounts_account WHERE failures > 0")
        await self._work.run("UPDATE accounts_account SET failures = 0 WHERE failures > 0")
        return rows

    async def add_invitation(self, code_hash: bytes, role: Role, expires_at: int) -> None:
        """Store an invitation into a role."""
        await self._work.run(
            "INSERT INTO accounts_invitation (code_hash, role, expires_at) VALUES ($1, $2, $3)",
            code_hash,
            str(role),
            expires_at,
        )

    async def take_invitation(self, code_hash: bytes) -> bool:
        """Use up an invitation."""
        return bool(
            await self._work.run(
                "DELETE FROM accounts_invitation WHERE code_hash = $1 AND expires_at >= $2", code_hash, self._work.now
            )
        )

    async def reseal(self, uid: bytes, old: bytes, new: bytes) -> None:
        """Store a second factor sealed anew, unless it was changed meanwhile."""
        await self._work.run("UPDATE accounts_account SET totp = $3 WHERE uid = $1 AND totp = $2", uid, old, new)

    async def set_state(self, handle: str, state: State) -> bytes | None:
        """Suspend or resume the account of a handle; return its uid."""
        row = await self._work.row(
            "UPDATE accounts_account SET state = $2 WHERE handle = $1 RETURNING uid", handle, str(state)
        )
        return None if row is None else row[0]

    async def due(self, limit: int) -> list[Row]:
        """Return (id, uid) of waiting changes whose time has come."""
        return await self._work.rows(
            "SELECT id, uid FROM accounts_pending WHERE due_at <= $1 ORDER BY due_at LIMIT $2", self._work.now, limit
        )

    async def sweep(self) -> int:
        """Delete what has expired: nonces, reservations, invitations, sessions past every limit."""
        now = self._work.now
        gone = 0
        for table in ("accounts_challenge", "accounts_reservation", "accounts_invitation"):
            gone += await self._work.run(f"DELETE FROM {table} WHERE expires_at < $1", now)
        return gone + await self._work.run("DELETE FROM accounts_bundle WHERE keep_until < $1", now)

    async def add_foreign(self, state: AccountState) -> None:
        """Insert an account that is known here by its chain only."""
        await self._work.run(
            "INSERT INTO accounts_account (uid, handle, role, state, created_hour, seq, head, generation, slots,"
            " bundle, totp, totp_last_step, failures, failures_hour)"
            " VALUES ($1, NULL, 'person', 'foreign', $2, $3, $4, $5, $6, $6, NULL, 0, 0, 0)",
            state.uid,
            self._work.now // 3600 * 3600,
            state.seq,
            state.head,
            state.generation,
            b"",
        )
