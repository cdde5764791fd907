"""Devices, waiting changes, second factor, leaving. I/O: the server."""

from collections.abc import Callable
from dataclasses import dataclass

from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import InvalidInputError
from mindhaven.sdk.access import Access, open_name
from mindhaven.sdk.transport import Transport
from mindhaven.wire import accounts as wire
from mindhaven.wire.ids import to_text
from mindhaven.wire.receipts import ErasureReceipt


@dataclass(frozen=True, slots=True)
class Device:
    """One signed-in device: what it calls itself, and when it was first and last seen (seconds, by the hour)."""

    id: bytes
    name: str
    first_seen_at: int
    last_seen_at: int
    here: bool


class Devices:
    """The devices and waiting changes of one account."""

    def __init__(self, access: Access, transport: Transport) -> None:
        self._access = access
        self._transport = transport

    async def all(self) -> list[Device]:
        """Return the signed-in devices, the oldest first."""
        bundle = self._access.need_me().bundle
        shown: wire.Sessions = await self._transport.call("GET", "/v1/sessions", wire.Sessions)
        return [
            Device(one.session, open_name(bundle, one.device_name), one.first_seen_at, one.last_seen_at, one.here)
            for one in shown.sessions
        ]

    async def end(self, device: bytes) -> None:
        """Sign a device out."""
        await self._transport.call("DELETE", f"/v1/sessions/{to_text(device)}")

    async def log_out(self) -> None:
        """Sign this device out; its entries stay here, locked."""
        me = self._access.need_me()
        await self.end(me.session)
        me.session = b""
        self._transport.use_token(None)
        self._access.keep()

    async def recent(self) -> wire.RecentShown:
        """Return what waits, and what happened to devices and ways in within thirty days."""
        shown: wire.RecentShown = await self._transport.call("GET", "/v1/account/recent", wire.RecentShown)
        return shown

    async def pending(self) -> list[wire.PendingShown]:
        """Return the changes of ways in that wait."""
        shown: wire.AccountShown = await self._transport.call("GET", "/v1/account", wire.AccountShown)
        return shown.pending

    async def cancel(self, pending: bytes) -> None:
        """Cancel a waiting change."""
        await self._transport.call("DELETE", f"/v1/account/pending/{to_text(pending)}")

    async def totp_on(self, passphrase: str, confirm: Callable[[str], str]) -> None:
        """Turn the second factor on: `confirm` is given the secret (base32) and returns a first code."""
        await self._access.open_way(passphrase=passphrase)
        started: wire.TotpStarted = await self._transport.call("POST", "/v1/account/totp/start", wire.TotpStarted)
        code = confirm(started.secret).strip()
        if len(code) != 6 or not code.isdigit():
            raise InvalidInputError("A code has six digits.", code="totp-shape")
        await self._transport.call("POST", "/v1/account/totp", body=wire.TotpCode(code=code))

    async def totp_off(self, passphrase: str | None = None, *, recovery_key: SlotSecret | None = None) -> None:
        """Turn the second factor off, by either way in."""
        await self._access.open_way(passphrase=passphrase, recovery_key=recovery_key)
        await self._transport.call("DELETE", "/v1/account/totp")

    async def erase_account(self, passphrase: str, *, recovery_key: SlotSecret | None = None) -> ErasureReceipt:
        """Erase the account at the server; return its receipt."""
        await self._access.open_way(passphrase=passphrase)
        if recovery_key is not None:
            await self._access.open_way(recovery_key=recovery_key)
        receipt: ErasureReceipt = await self._transport.call("POST", "/v1/account/erasure", ErasureReceipt)
        self._transport.use_token(None)
        return receipt

    async def erase_collection(
        self, collection: bytes, passphrase: str | None, *, recovery_key: SlotSecret | None
    ) -> ErasureReceipt:
        """Erase one collection at the server, by either way in; return its receipt."""
        await self._access.open_way(passphrase=passphrase, recovery_key=recovery_key)
        receipt: ErasureReceipt = await self._transport.call(
            "DELETE", f"/v1/collections/{to_text(collection)}", ErasureReceipt
        )
        return receipt
