"""Look-ups before anyone is signed in, and housekeeping. I/O: the database, through the work or look it is given."""

from collections.abc import Sequence
from typing import Any

from mindhaven.accounts.model import DEVICE_KEPT_SECONDS, RECENT_SECONDS, AccountRow, Role, State
from mindhaven.accounts.store.rows import ACCOUNT, account_of
from mindhaven.kernel import HostScope, Look, Row, Work
from mindhaven.protocol.account import AccountState


class Doors:
    """Look-ups before anyone is signed in, and housekeeping. Built from a host scope only."""

    def __init__(self, look: Look, scope: HostScope) -> None:
        self._look = look
        self._reason = scope.reason

    async def here(self, after: bytes, limit: int) -> list[bytes]:
        """Return the uids of accounts that live here, after uid `after`."""
        rows = await self._look.rows(
            "SELECT uid FROM accounts_account WHERE state <> 'foreign' AND uid > $1 ORDER BY uid LIMIT $2", after, limit
        )
        return [row[0] for row in rows]

    async def by_name(self, handle: str, lookup: bytes, uid: bytes) -> AccountRow | None:
        """Return the account of a handle, a recovery look-up id or a uid: always the same two statements."""
        found = await self._look.row("SELECT uid FROM accounts_slot WHERE lookup = $1", lookup)
        return account_of(
            await self._look.row(
                f"SELECT {ACCOUNT} FROM accounts_account WHERE handle = $1 OR uid = $2 OR uid = $3",
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

    async def standing(self, sessions: Sequence[bytes]) -> set[bytes]:
        """Return those of `sessions` that stand, of accounts that are active."""
        if not sessions:
            return set()
        marks = ", ".join(f"${number}" for number in range(2, len(sessions) + 2))
        rows = await self._look.rows(
            "SELECT s.id FROM accounts_session s JOIN accounts_account a ON a.uid = s.uid"
            f" WHERE a.state = $1 AND s.id IN ({marks})",
            str(State.ACTIVE),
            *sessions,
        )
        return {session for (session,) in rows}

    async def device_known(self, uid: bytes, public_key: bytes) -> Row | None:
        """Return (session, first hour) of the session with that key, if it is of a device of that account."""
        return await self._look.row(
            "SELECT id, first_hour FROM accounts_session WHERE public_key = $1 AND uid = $2", public_key, uid
        )

    async def pairing(self, pairing: bytes) -> Row | None:
        """Return (device, answer, session) of a pairing whose time is not over."""
        return await self._look.row(
            "SELECT device, answer, session FROM accounts_pairing WHERE id = $1 AND expires_at >= $2",
            pairing,
            self._look.now,
        )

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

    async def add_pairing(self, pairing: bytes, device: bytes, expires_at: int) -> bool:
        """Store a device that waits; return False if that id is there already."""
        return bool(
            await self._work.run(
                "INSERT INTO accounts_pairing (id, device, answer, session, expires_at) VALUES ($1, $2, NULL, NULL, $3)"
                " ON CONFLICT (id) DO NOTHING",
                pairing,
                device,
                expires_at,
            )
        )

    async def answer_pairing(self, pairing: bytes, answer: bytes, session: bytes) -> bool:
        """Store the answer to a device that waits; return False if none waits (any more)."""
        return bool(
            await self._work.run(
                "UPDATE accounts_pairing SET answer = $2, session = $3"
                " WHERE id = $1 AND answer IS NULL AND expires_at >= $4",
                pairing,
                answer,
                session,
                self._work.now,
            )
        )

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
        """Insert (id, uid, public key, device name, token hash, token expiry, now, hour, slot, first hour)."""
        await self._work.run(
            "INSERT INTO accounts_session (id, uid, public_key, device_name, token_hash, token_expires_at, created_at,"
            " renewed_at, first_hour, last_hour, slot_a, slot_a_at, slot_b, slot_b_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $10, $8, $9, $7, NULL, 0)",
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

    async def give_token(self, session: bytes, token_hash: bytes, expires_at: int) -> None:
        """Give a session another token in the place of the one that it has."""
        await self._work.run(
            "UPDATE accounts_session SET token_hash = $2, token_expires_at = $3 WHERE id = $1",
            session,
            token_hash,
            expires_at,
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
        """Delete what is over: nonces, reservations, invitations, pairings, old bundles, what was told long enough."""
        now = self._work.now
        gone = 0
        for table in ("accounts_challenge", "accounts_reservation", "accounts_invitation", "accounts_pairing"):
            gone += await self._work.run(f"DELETE FROM {table} WHERE expires_at < $1", now)
        gone += await self._work.run("DELETE FROM accounts_bundle WHERE keep_until < $1", now)
        return gone + await self._work.run("DELETE FROM accounts_recent WHERE hour < $1", now - RECENT_SECONDS)

    async def rested(self, limit: int) -> list[Row]:
        """Return (uid, session) of devices that rested longer than they are kept."""
        return await self._work.rows(
            "SELECT uid, id FROM accounts_session WHERE last_hour < $1 ORDER BY last_hour LIMIT $2",
            self._work.now - DEVICE_KEPT_SECONDS,
            limit,
        )

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
