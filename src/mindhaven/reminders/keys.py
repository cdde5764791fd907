"""The server's key for push services and the sealed addresses, opened. I/O: the database.

Guarantees: several processes that start at once use one key; what is sealed opens for its own row only.
"""

from typing import Final
from weakref import WeakKeyDictionary

from mindhaven.crypto.vapid import PushKey
from mindhaven.errors import UnavailableError
from mindhaven.kernel import Actor, Host
from mindhaven.reminders import service

_KEY_TABLE: Final = "reminders_key"
_KEY_COLUMN: Final = "sealed"
_KEY_ROW: Final = b"\x01"
_TABLE: Final = "reminders_device"
_COLUMN: Final = "endpoint"
_KEYS: Final[WeakKeyDictionary[Host, PushKey]] = WeakKeyDictionary()


async def push_key(host: Host) -> PushKey:
    """Return the server's key, made and kept sealed at the first use."""
    found = _KEYS.get(host)
    if found is None:
        if await host.db.look(service.key) is None:
            fresh = seal_key(host, PushKey.fresh().scalar)
            await host.db.act(
                Actor(kind="job"), lambda work: service.add_key(work, fresh), upkeep="the key for push services"
            )
        sealed = await host.db.look(service.key)
        if sealed is None:
            raise UnavailableError("The key for push services is not there yet.", code="push-key")
        found = _KEYS[host] = PushKey(await open_key(host, sealed))
    return found


def seal_key(host: Host, scalar: bytes) -> bytes:
    """Return the key's scalar sealed for its row."""
    return host.secrets.seal(scalar, table=_KEY_TABLE, column=_KEY_COLUMN, row=_KEY_ROW)


async def open_key(host: Host, sealed: bytes) -> bytes:
    """Return the key's scalar."""
    await host.secrets.learn(sealed)
    return host.secrets.open_sealed(sealed, table=_KEY_TABLE, column=_KEY_COLUMN, row=_KEY_ROW)


def seal_endpoint(host: Host, session: bytes, url: str) -> bytes:
    """Return an address sealed for its device's row."""
    return host.secrets.seal(url.encode(), table=_TABLE, column=_COLUMN, row=session)


async def open_endpoint(host: Host, session: bytes, sealed: bytes) -> str:
    """Return a device's address."""
    await host.secrets.learn(sealed)
    return host.secrets.open_sealed(sealed, table=_TABLE, column=_COLUMN, row=session).decode()


def endpoint_mark(host: Host, url: str) -> bytes:
    """Return by what the same address is found again (32 bytes)."""
    return host.secrets.index(url.encode(), table=_TABLE, column="mark")
