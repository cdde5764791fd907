"""The operations of upkeep: what a restore lost of an account, brought back by one of its devices; and which release
of the web app is served.
"""

from typing import Final

from mindhaven import accounts, vault
from mindhaven.kernel import Actor, Denied, Host, Operation, Request
from mindhaven.upkeep.service import served
from mindhaven.wire import accounts as wire
from mindhaven.wire.web import ReleaseShown

_ANYONE: Final = Actor(kind="anonymous")
_CLOSED: Final = Denied(
    "offer-closed", "Nothing that was lost is taken at this time.", "The people who run the server open a window."
)
_NO_RELEASE: Final = Denied("release-unrecorded", "This server never served a web app.")
_MOST_BYTES: Final = 16 * 1024 * 1024
"""A chain of a thousand statements and its keys, as a sign-up takes it."""


async def offer_account(host: Host, request: Request) -> wire.AccountBrought | Denied:
    """Take an account's newest keys while the window is open; the device proves that it holds them."""
    uid = request.params["uid"]
    window = await host.db.look(vault.window)
    if not window.open(host.clock()):
        return _CLOSED
    if host.erasures.read().account(uid):
        return Denied("account-unknown", "This account was erased here; it does not come back.")
    offered = await accounts.take_account_offer(host, request)
    if isinstance(offered, Denied):
        return offered
    create = host.settings["accounts.signup"] == "open"
    pending = host.random(16)
    changed = await host.db.act(
        _ANYONE,
        lambda work: accounts.take_offer(
            work,
            states=offered.states,
            keys=offered.keys,
            handle=offered.handle,
            create=create,
            since=window.opened_at,
            pending=pending,
        ),
        upkeep="keys that are here already, or that were refused",
    )
    if isinstance(changed, Denied):
        return changed
    if isinstance(changed, accounts.Waits):
        return wire.AccountBrought(changed=False, due_at=changed.due_at)
    return wire.AccountBrought(changed=changed)


async def release(host: Host, request: Request) -> ReleaseShown | Denied:  # noqa: ARG001 - the shape of an operation
    """Show the release that was recorded last, with the opening of its event, which always stays."""
    found = await host.db.look(served)
    if found is None:
        return _NO_RELEASE
    last, kept = found
    assert kept.salt is not None
    assert kept.body is not None
    return ReleaseShown(release=last.release, salt=kept.salt, body=kept.body, position=kept.position)


OPERATIONS: Final = (
    Operation(
        name="web_release",
        method="GET",
        path="/v1/web/release",
        run=release,
        who="anyone",
        summary="Show which release of the web app is served, and the opening of its entry in the log",
        gives=ReleaseShown,
        refuses={"release-unrecorded": 404},
    ),
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
