"""The operation of upkeep: what a restore lost of an account, brought back by one of its devices."""

from typing import Final

from mindhaven import accounts, vault
from mindhaven.kernel import Actor, Denied, Host, Operation, Request
from mindhaven.wire import accounts as wire

_ANYONE: Final = Actor(kind="anonymous")
_CLOSED: Final = Denied(
    "offer-closed", "Nothing that was lost is taken at this time.", "The people who run the server open a window."
)
_MOST_BYTES: Final = 16 * 1024 * 1024
"""A chain of a thousand statements and its keys, as a sign-up takes it."""


async def offer_account(host: Host, request: Request) -> wire.AccountBrought | Denied:
    """Take an account's newest keys while the window is open; the device proves that it holds them."""
    uid = request.params["uid"]
    if not (await host.db.look(vault.window)).open(host.clock()):
        return _CLOSED
    if host.erasures.read().account(uid):
        return Denied("account-unknown", "This account was erased here; it does not come back.")
    offered = await accounts.take_account_offer(host, request)
    if isinstance(offered, Denied):
        return offered
    create = host.settings["accounts.signup"] == "open"
    changed = await host.db.act(
        _ANYONE,
        lambda work: accounts.take_offer(
            work, states=offered.states, keys=offered.keys, handle=offered.handle, create=create
        ),
        upkeep="keys that are here already, or that were refused",
    )
    return changed if isinstance(changed, Denied) else wire.AccountBrought(changed=changed)


OPERATIONS: Final = (
    Operation(
        name="account_offer",
        method="POST",
        path="/v1/accounts/{uid}/offers",
        run=offer_account,
        who="anyone",
        summary="Bring back an account's newest keys after a restore",
        takes=wire.AccountOffer,
        gives=wire.AccountBrought,
        max_body_bytes=_MOST_BYTES,
        refuses={
            "offer-closed": 409,
            "account-unknown": 404,
            "chain-differs": 409,
            "slot-altered": 403,
            "signup-closed": 403,
            "handle-taken": 409,
            "handle-differs": 409,
        },
    ),
)
