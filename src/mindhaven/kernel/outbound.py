"""The one way out of the server.

Guarantees: no call leaves unless its host stands on the allow-list that vendor agreements fill; it is empty by default.
A host that a slice's own setting names may be called for that slice's purpose only. Nothing is sent that is not
declared for its purpose: `url`, the names of its headers, `body`.
Does not: speak a protocol; a transport does, and sees permitted hosts only. I/O: the transport that is given.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from mindhaven.errors import DeniedError, UnavailableError


@dataclass(frozen=True, kw_only=True)
class Call:
    """One outgoing request; `purpose` names the processing entry that it serves."""

    method: str
    url: str
    purpose: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outbound(Protocol):
    """A port: answered by the vendors slice, and by this module's `AllowList` underneath."""

    async def send(self, call: Call) -> Reply:
        """Send `call`; raise `DeniedError` if its host is not permitted."""
        ...


def fits(entry: str, url: str) -> bool:
    """Tell whether `url` is at `entry`: `host` or `host:port` (https), `*.host` (every name below it, https), or a
    whole origin such as `http://127.0.0.1:8080`. Names that carry a user or another port fit none."""
    parts = urlsplit(url)
    if "://" in entry:
        return f"{parts.scheme}://{parts.netloc}" == entry
    if parts.scheme != "https":
        return False
    if entry.startswith("*."):
        below = parts.netloc.removesuffix(entry[1:])
        return below not in {"", parts.netloc} and not set(below) & set(":@")
    return parts.netloc == entry


def sent(call: Call) -> set[str]:
    """Return what a call tells the other side: `url`, its headers' names in lower case, and `body` if it has one."""
    return {"url", *(name.lower() for name in call.headers), *(("body",) if call.body else ())}


class AllowList:
    """Refuses every host that is not listed. `hosts` are `host` or `host:port`, in lower case; `purposes` maps a
    purpose to entries (see `fits`) that may be called for it, and for nothing else; `sends` maps a purpose to what may
    be sent for it (None: anything)."""

    def __init__(
        self,
        hosts: Iterable[str] = (),
        *,
        purposes: Mapping[str, Iterable[str]] | None = None,
        sends: Mapping[str, Iterable[str]] | None = None,
        transport: Callable[[Call], Awaitable[Reply]] | None = None,
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._purposes = {purpose: tuple(entries) for purpose, entries in (purposes or {}).items()}
        self._sends = None if sends is None else {purpose: frozenset(fields) for purpose, fields in sends.items()}
        self._transport = transport

    async def send(self, call: Call) -> Reply:
        """Send `call`; raise `DeniedError` if its host or a field is not permitted, or its scheme is not https."""
        parts = urlsplit(call.url)
        host = (parts.hostname or "").lower()
        named = {host, f"{host}:{parts.port}"} if parts.port else {host}
        permitted = named & self._hosts or any(fits(one, call.url) for one in self._purposes.get(call.purpose, ()))
        if not host or parts.username is not None or not permitted:
            raise DeniedError(
                "The server may not call this host.",
                hint="Add it with a vendor agreement; until then nothing leaves the machine.",
                code="outbound-refused",
            )
        if parts.scheme != "https" and host not in {"127.0.0.1", "::1", "localhost"}:
            raise DeniedError("The server calls other machines over https only.", code="outbound-insecure")
        if self._sends is not None and (stray := sent(call) - self._sends.get(call.purpose, frozenset())):
            raise DeniedError(
                f"The server may not send {', '.join(sorted(stray))} for {call.purpose}.",
                hint="Declare it in the slice's `sends`, and in its processing entry.",
                code="outbound-field",
            )
        if self._transport is None:
            raise UnavailableError("No transport is wired for outgoing calls.", code="outbound-no-transport")
        return await self._transport(call)
