"""Headers that every answer bears, and who the peer really is. No I/O."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from mindhaven.errors import InvalidInputError

Raw: TypeAlias = list[tuple[bytes, bytes]]

SECURITY: Final[Mapping[str, str]] = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "interest-cohort=(), geolocation=(), camera=(), microphone=()",
    "x-frame-options": "DENY",
}
"""On every answer, unless the answer names one of them itself (the web apps have their own policy)."""

ORIGIN_HEADER: Final = b"mindhaven-origin"
"""Says which address log-ins must be signed for, where one is set: a client at another one would be refused."""

_SECURITY_RAW: Final[Raw] = [(name.encode(), value.encode()) for name, value in SECURITY.items()]


def raw_headers(media: str | None, length: int | None, more: Mapping[str, str]) -> Raw:
    """Return the headers of an answer as ASGI wants them."""
    if more:
        named = {name.lower() for name in more}
        raw = [pair for pair in _SECURITY_RAW if pair[0].decode() not in named]
        raw += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in more.items()]
    else:
        raw = _SECURITY_RAW.copy()
    if media is not None:
        raw.append((b"content-type", media.encode()))
    if length is not None:
        raw.append((b"content-length", b"%d" % length))
    return raw


class Proxies:
    """The proxies whose X-Forwarded headers are believed; nobody else's are."""

    def __init__(self, trusted: Iterable[str]) -> None:
        try:
            self._networks = [ipaddress.ip_network(one, strict=False) for one in trusted]
        except ValueError as error:
            raise InvalidInputError(
                "A trusted proxy must be an address or a network.", hint="192.0.2.7 or 10.0.0.0/8", code="setting-proxy"
            ) from error

    def trusts(self, address: str) -> bool:
        """Tell whether `address` is a trusted proxy."""
        if not self._networks:
            return False
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def client(self, peer: str, forwarded: str | None) -> str:
        """Return the nearest address that is no trusted proxy, walking X-Forwarded-For from the right."""
        client = peer
        for hop in reversed((forwarded or "").split(",")):
            hop = hop.strip()
            if not hop or not self.trusts(client):
                break
            try:
                client = str(ipaddress.ip_address(hop))
            except ValueError:
                break
        return client


def prefix(address: str) -> bytes:
    """Return what stands for a network peer in rate limits: an IPv4 address, or the /56 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address.encode()
    return parsed.packed if parsed.version == 4 else parsed.packed[:7]
