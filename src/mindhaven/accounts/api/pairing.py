"""Letting a new device in from a signed-in one. Parse, verify, act, render. Implements spec/pairing.md."""

from mindhaven.accounts import service
from mindhaven.accounts.api.asking import ANONYMOUS, SIGN_IN, new_token, throttle
from mindhaven.accounts.model import PAIRING_SECONDS, SignedIn
from mindhaven.accounts.store import Doors, DoorsChange
from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Denied, Host, Request, Work
from mindhaven.protocol import pairing as protocol
from mindhaven.wire import accounts as wire

_UNKNOWN = Denied("pairing-unknown", "No device waits here under this link (any more).", "Show a new link there.")


async def begin(host: Host, request: Request) -> None | Denied:
    """Keep what a new device gives of itself, for ten minutes."""
    asked: wire.PairingBegun = request.body
    throttle(host, "sign-up", request.network)
    device = protocol.Device.decode(asked.device)

    async def keep(work: Work) -> bool:
        return await DoorsChange(work, SIGN_IN).add_pairing(device.id, asked.device, work.now + PAIRING_SECONDS)

    if not await host.db.act(ANONYMOUS, keep, upkeep="a device that waits to be let in, before anyone is known"):
        return Denied("pairing-exists", "A device waits under this id already.", "Show a new link.")
    return None


async def show(host: Host, request: Request) -> wire.PairingShown | Denied:
    """Show the device that a pairing names, to somebody who is signed in."""
    throttle(host, "lookup", request.session.uid)
    pairing: bytes = request.params["pairing"]
    row = await host.db.look(lambda look: Doors(look, SIGN_IN).pairing(pairing))
    return _UNKNOWN if row is None else wire.PairingShown(device=row[0])


async def answer(host: Host, request: Request) -> None | Denied:
    """Take what lets the device in, and open its session, in one work."""
    asked: wire.PairingAnswer = request.body
    me: SignedIn = request.session
    pairing: bytes = request.params["pairing"]
    throttle(host, "slot-now", me.session)
    row = await host.db.look(lambda look: Doors(look, SIGN_IN).pairing(pairing))
    if row is None:
        return _UNKNOWN
    if asked.answer[:1] != b"\x85":  # a list of five: what else it says is for the new device alone
        raise InvalidInputError("This is no answer to a new device.", code="shape")
    _, digest, expires_at = new_token(host)
    session = service.NewSession(
        id=host.random(16),
        public_key=protocol.Device.decode(row[0]).session_key,
        device_name=b"",
        token_hash=digest,
        token_expires_at=expires_at,
        slot=None,
    )
    let_in = await host.db.act(
        me.actor,
        lambda work: service.let_in(
            work, uid=me.uid, pairing=pairing, answer=asked.answer, session=session, most=wire.MAX_SESSIONS
        ),
        upkeep="a pairing that is over",
    )
    return None if let_in else _UNKNOWN


async def answered(host: Host, request: Request) -> wire.PairingAnswered | Denied:
    """Give the new device its answer, once there is one. Who knows the id has seen the link, or made it."""
    throttle(host, "nonce", request.network)
    pairing: bytes = request.params["pairing"]
    row = await host.db.look(lambda look: Doors(look, SIGN_IN).pairing(pairing))
    return _UNKNOWN if row is None else wire.PairingAnswered(answer=row[1], session=row[2])
