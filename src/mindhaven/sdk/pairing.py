"""Pairing: a signed-in device lets this one in, or this one another. I/O: the server. Implements spec/pairing.md.

Guarantees: no way in is typed on the new device; neither side takes a key that the link does not name.
"""

import asyncio
import time
from typing import Final

from mindhaven.errors import InvalidInputError, UnavailableError
from mindhaven.protocol import pairing as protocol
from mindhaven.protocol.slots import Bundle, check_bundle
from mindhaven.sdk.access import Access, Me, seal_name
from mindhaven.sdk.errors import ASK_BEFORE_UNLOCKING, advised
from mindhaven.sdk.transport import Transport
from mindhaven.wire import accounts as wire
from mindhaven.wire.ids import to_text

WAIT_SECONDS: Final = 600.0
"""As long as a server keeps a device that waits."""
ASK_EVERY_SECONDS: Final = 2.0


class Pairing:
    """Both sides of letting a device in."""

    def __init__(self, access: Access, transport: Transport) -> None:
        self._access = access
        self._transport = transport

    # -- the new device

    async def begin(self) -> protocol.NewDevice:
        """Wait at the server from now on; `link.text(origin)` of what is returned is to be shown."""
        if self._access.me is not None:
            raise InvalidInputError("This device has an account already.", code="store-exists")
        new = protocol.NewDevice.fresh()
        asked = wire.PairingBegun(device=new.device.encode())
        await self._transport.call("POST", "/v1/pairings", body=asked, open_=True)
        return new

    async def answered(self, new: protocol.NewDevice, *, device: str) -> Me | None:
        """Ask once whether this device was let in; sign it in if so, else return None.

        Raises `IntegrityError`: pairing-mac (an account that the server made), bundle-mismatch and what else step 6 of
        spec/pairing.md names; `NotFoundError` (pairing-unknown) when the time is over.
        """
        path = f"/v1/pairings/{to_text(new.id)}/answer"
        found: wire.PairingAnswered = await self._transport.call("GET", path, wire.PairingAnswered, open_=True)
        if found.answer is None or found.session is None:
            return None
        return await self._take(new, found.answer, found.session, device)

    async def wait(self, new: protocol.NewDevice, *, device: str) -> Me:
        """Wait until this device is let in; raise `UnavailableError` (pairing-over) after ten minutes."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            me = await self.answered(new, device=device)
            if me is not None:
                return me
            await asyncio.sleep(ASK_EVERY_SECONDS)
        raise UnavailableError("Nobody let this device in.", hint="Show a new link.", code="pairing-over")

    @advised(ASK_BEFORE_UNLOCKING)
    async def _take(self, new: protocol.NewDevice, answer: bytes, session: bytes, device: str) -> Me:
        uid, bundle = protocol.open_answer(new, answer)
        self._access.me = Me(uid, "", "", bundle, session, new.session_key)
        try:
            shown, state, _ = await self._access.shown(uid)
            check_bundle(bundle, state, state.generation)
        except BaseException:
            self._access.me = None
            self._transport.use_token(None)
            raise
        self._access.me = Me(uid, shown.handle, shown.role, bundle, session, new.session_key)
        self._access.keep()
        named = wire.SessionRenamed(device_name=seal_name(bundle, device))
        await self._transport.call("PUT", "/v1/sessions/here/name", body=named)
        return self._access.me

    # -- the signed-in device

    async def let_in(self, link: str) -> None:
        """Let the device in whose link this is; a way in must have been opened on this device within ten minutes.

        Raises `IntegrityError` (pairing-device) if the server shows another key than the link names.
        """
        me = self._access.need_me()
        parsed = protocol.PairingLink.parse(link)
        path = f"/v1/pairings/{to_text(parsed.id)}"
        shown: wire.PairingShown = await self._transport.call("GET", path, wire.PairingShown)
        bundle = Bundle(me.bundle.identities, me.bundle.index)
        answer = protocol.let_in(parsed, protocol.Device.decode(shown.device), me.uid, bundle)
        await self._transport.call("POST", f"{path}/answer", body=wire.PairingAnswer(answer=answer))
