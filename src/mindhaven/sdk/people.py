"""Accounts as this device has verified them: chains from their uids, never from a server's word. I/O: server, store."""

from typing import Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.protocol.account import AccountState, extend, verify_chain
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk.errors import RollbackError, advised
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.transport import Transport
from mindhaven.wire.accounts import Candidate, ChainShown
from mindhaven.wire.ids import to_text

COMPARE: Final = "Do not share anything now. Compare safety words with that person."


class People:
    """Verified account chains, kept on the device and extended as they grow."""

    def __init__(self, store: LocalStore, transport: Transport) -> None:
        self._store = store
        self._transport = transport
        self._states: dict[bytes, AccountState] = {}

    def known(self, uid: bytes) -> AccountState | None:
        """Return what this device has verified of an account, without asking."""
        state = self._states.get(uid)
        if state is None:
            raw = self._store.chain(uid)
            if raw is None:
                return None
            state = self._states[uid] = verify_chain(uid, [Signed.decode(one) for one in decode(raw)])
        return state

    def statements(self, uid: bytes) -> list[bytes]:
        """Return the signed statements kept of an account."""
        raw = self._store.chain(uid)
        return [] if raw is None else list(decode(raw))

    def learn(self, uid: bytes, statements: list[bytes]) -> AccountState:
        """Verify a chain as shown and keep it; it must extend what this device has already seen.

        Raises `RollbackError` for a shorter or different history, and what `verify_chain` raises.
        """
        kept = self.statements(uid)
        shown = [Signed.decode(one) for one in statements]
        if len(shown) < len(kept) or [one.body for one in shown[: len(kept)]] != [
            Signed.decode(one).body for one in kept
        ]:
            raise RollbackError(
                "The server shows an older or another history of an account than this device has seen.",
                hint=COMPARE,
                code="account-rollback",
            )
        state = self.known(uid) if kept else None
        for one in shown[len(kept) :]:
            state = extend(uid, state, one)
        if state is None:
            state = verify_chain(uid, shown)
        if len(shown) > len(kept):
            self._store.put_chain(uid, encode(list(statements)))
        self._states[uid] = state
        return state

    @advised(COMPARE)
    async def fetch(self, uid: bytes) -> AccountState:
        """Ask the server for an account's newest chain, verify and keep it."""
        shown: ChainShown = await self._transport.call("GET", f"/v1/accounts/{to_text(uid)}", ChainShown)
        return self.learn(uid, shown.statements)

    async def with_generation(self, uid: bytes, generation: int) -> AccountState:
        """Return an account that has stated `generation`, asking the server only if that is news."""
        state = self.known(uid)
        if state is None or generation not in state.identities:
            state = await self.fetch(uid)
        return state

    async def candidate(self, handle: str) -> bytes:
        """Return the uid that the server names for a handle: a candidate, to be compared by safety words."""
        found: Candidate = await self._transport.call("GET", f"/v1/handles/{handle}", Candidate)
        return found.uid
