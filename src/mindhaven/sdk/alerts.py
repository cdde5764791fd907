"""What a person should hear of: changes of ways in that wait, and what other devices did. I/O: server and local store.

Guarantees: what waits is told at every sync until it is over, except where it was asked for; what another device did
is told once on this one.
Does not: clear anything at the server; nobody can (PROTOCOL section 3).
"""

from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.sdk.access import DID, Access
from mindhaven.sdk.devices import Devices
from mindhaven.sdk.local import LocalStore
from mindhaven.wire.accounts import PendingShown, RecentAct

_TOLD: Final = "told"
_NEWS: Final = {
    "device", "keys", "code", "cancelled", "passkey-added", "passkey-removed", "passkey-factor", "passkey-noticed"
}  # fmt: skip
"""What is told once; a change that waits is told by itself."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """What to tell now. Times are in seconds since 1970 UTC; those of `acts` are rounded to the hour."""

    waiting: tuple[PendingShown, ...] = ()
    acts: tuple[RecentAct, ...] = ()


NOTHING: Final = Alerts()


async def fresh_alerts(store: LocalStore, devices: Devices, access: Access) -> Alerts:
    """Return what this device has not told yet and did not do itself; a new device begins with what waits."""
    recent = await devices.recent()
    did = _kept(store, DID) | {access.need_me().session}
    shown = {_key(act) for act in recent.acts}
    told = shown if store.meta(_TOLD) is None else _kept(store, _TOLD)
    store.put_meta(_TOLD, encode(sorted(shown)))
    return Alerts(
        tuple(one for one in recent.waiting if one.id not in did),
        tuple(act for act in recent.acts if _key(act) not in told and act.what in _NEWS and not _own(act, did)),
    )


def _key(act: RecentAct) -> bytes:
    return act.what.encode() + act.about


def _own(act: RecentAct, did: set[bytes]) -> bool:
    """Return whether this device did that; that a change it asked for will not come is told here too."""
    return act.about in did and act.what != "cancelled"


def _kept(store: LocalStore, name: str) -> set[bytes]:
    raw = store.meta(name)
    return set() if raw is None else set(decode(raw))
