"""A server's address, and whom this device trusts to vouch for it. I/O: the file that MINDHAVEN_CA_FILE names.

Guarantees: nothing is sent unencrypted to another machine; a certificate is verified, always.
"""

import ipaddress
import os
import re
import ssl
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from mindhaven.errors import InvalidInputError

CA_VARIABLE: Final = "MINDHAVEN_CA_FILE"
_PORTS: Final = {"https": 443, "http": 80}
_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:_]{1,255}")


def server_origin(text: str) -> str:
    """Return a server's address as log-ins name it: scheme and host in small letters, no port that goes without saying.

    Raises `InvalidInputError`: origin for what is no address, http-not-loopback for http:// to another machine.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host or parts.query or parts.fragment or parts.username or parts.password:
        raise InvalidInputError(
            "A server's address begins with https:// and names a host.",
            hint="Such as https://mindhaven.example. On one's own machine http:// works too.",
            code="origin",
        )
    if scheme == "http" and not _is_loopback(host):
        raise InvalidInputError(
            f"http:// to {host} would send your sign-in and your sealed records over the network unencrypted,"
            " so it is refused.",
            hint="Use https://. http:// is for a server on this very machine (127.0.0.1, localhost). A server that has"
            f" no public certificate can have one of its own: {CA_VARIABLE} names the authority to trust.",
            code="http-not-loopback",
        )
    shown = f"[{host}]" if ":" in host else host
    where = "" if port is None or port == _PORTS[scheme] else f":{port}"
    return f"{scheme}://{shown}{where}{parts.path.rstrip('/')}"


def named_origin(text: str | None) -> str | None:
    """Return the address that a server says is its own, None if it says none or nothing that is one."""
    return text.rstrip("/") if text is not None and _ORIGIN.fullmatch(text.rstrip("/")) else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def tls_context(origin: str) -> ssl.SSLContext:
    """Return what verifies certificates: the public authorities, and those in the file that MINDHAVEN_CA_FILE names.

    For an origin without TLS (loopback) the public ones are not read, which takes longer than a usual call: that
    context trusts nobody. Raises `InvalidInputError` (ca-file) if the file holds none.
    """
    plain = origin.startswith("http://")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else httpx.create_ssl_context(trust_env=False)
    file = os.environ.get(CA_VARIABLE)
    if not file:
        return context
    try:
        context.load_verify_locations(cadata=Path(file).read_text("ascii"))
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise InvalidInputError(
            f"{CA_VARIABLE} names {file}, which holds no certificate that can be read.",
            hint="It is a PEM file: it begins with -----BEGIN CERTIFICATE-----.",
            code="ca-file",
        ) from error
    return context


def certificate_fault(error: BaseException) -> str | None:
    """Return why a connection's certificate was refused, None if that is not what kept it from being made."""
    found: BaseException | None = error
    for _ in range(8):
        if found is None:
            return None
        if isinstance(found, ssl.SSLCertVerificationError):
            return _FAULTS.get(found.verify_code, "it can't be verified")
        found = found.__cause__ or found.__context__
    return None


_FAULTS: Final = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it vouches for itself (self-signed)",
    19: "it comes from an authority that this device does not know",
    20: "it comes from an authority that this device does not know",
    62: "it is for another host name",
    64: "it is for another address",
}
"""By OpenSSL's verify codes (X509_V_ERR_*, openssl-verification-options(1))."""
