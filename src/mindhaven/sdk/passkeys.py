"""Passkeys that the server knows, as a program without an authenticator can handle them. I/O: the server."""

from dataclasses import dataclass

from mindhaven.crypto.secrets import SlotSecret
from mindhaven.sdk.access import Access, open_name
from mindhaven.sdk.transport import Transport
from mindhaven.sdk.ways import New
from mindhaven.wire import accounts as wire
from mindhaven.wire import passkeys
from mindhaven.wire.ids import to_text


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey: its name, when it was made and last used (seconds, by the hour), what it is for.

    `unlocks`: it opens the account; `second_factor`: it may be asked for beside the passphrase; `alerts`: what was
    noticed of it, `counter-back` or `eligibility-changed`.
    """

    id: bytes
    name: str
    created_at: int
    used_at: int | None
    eligible: bool
    backed_up: bool
    unlocks: bool
    second_factor: bool
    alerts: tuple[str, ...]


class Passkeys:
    """The passkeys of one account."""

    def __init__(self, access: Access, transport: Transport) -> None:
        self._access = access
        self._transport = transport

    async def _listed(self) -> list[passkeys.PasskeyShown]:
        shown: passkeys.Passkeys = await self._transport.call("GET", "/v1/passkeys", passkeys.Passkeys)
        return shown.passkeys

    async def all(self) -> list[Passkey]:
        """Return the passkeys that the server knows, the oldest first."""
        bundle = self._access.need_me().bundle
        return [
            Passkey(
                one.id,
                open_name(bundle, one.name),
                one.created_at,
                one.used_at,
                one.eligible,
                one.backed_up,
                one.slot is not None,
                one.second_factor,
                tuple(alert.what for alert in one.alerts),
            )
            for one in await self._listed()
        ]

    async def remove(
        self, passkey: bytes, passphrase: str | None, *, recovery_key: SlotSecret | None
    ) -> wire.KeysChanged | None:
        """Remove a passkey, by one way in or both. None: it is gone; else what became of the change of ways in."""
        _, root = await self._access.open_way(
            passphrase=passphrase, recovery_key=None if passphrase is not None else recovery_key
        )
        if passphrase is not None and recovery_key is not None:
            await self._access.open_way(recovery_key=recovery_key)
        slot = next((one.slot for one in await self._listed() if one.id == passkey), None)
        if slot is None:
            await self._transport.call("DELETE", f"/v1/passkeys/{to_text(passkey)}")
            return None
        _, _, listed = await self._access.shown(self._access.need_me().uid)
        keep = [one.id for one in listed.slots if one.id != slot]
        return await self._access.change(root, keep=keep, new=New.ROOT)

    async def factor(
        self, passkey: bytes, *, on: bool, passphrase: str | None, recovery_key: SlotSecret | None
    ) -> None:
        """Make a passkey a second factor of the passphrase, or none."""
        await self._access.open_way(passphrase=passphrase, recovery_key=recovery_key)
        path = f"/v1/passkeys/{to_text(passkey)}/second-factor"
        await self._transport.call("PUT", path, body=passkeys.PasskeyFactor(on=on))
