"""Doctor from outside: what a stranger sees of a server. I/O: HTTPS to the address that is given, nothing else."""

import email.utils
import ssl
import time
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from mindhaven.sdk.address import tls_context

TIMEOUT_SECONDS: Final = 15
CERTIFICATE_DAYS: Final = 14
"""Renewals are tried for the last 30 days: past half of that, one is failing."""
CHECKPOINT_HOURS: Final = 3
"""The log of events shows its growth hourly, also where nothing happened."""
HEADERS: Final = {
    "strict-transport-security": "max-age=",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'",
    "x-frame-options": "deny",
    "cross-origin-opener-policy": "same-origin",
}
NOTE, WARNING, DANGER = 0, 1, 2

Found = list[tuple[str, int, str, str]]
"""(name, severity, what is so, how to mend it)."""


def examine(url: str) -> Found:
    """Return what is not sound about the server at `url`."""
    parts = urlsplit(url)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme != "https" and not local:
        return [("no-tls", DANGER, "The address has no encryption.", "https://, by a certificate or a proxy with one.")]
    try:
        with httpx.Client(verify=tls_context(url), timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            return _asked(client, url.rstrip("/"), tls=parts.scheme == "https")
    except httpx.ConnectError as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLError):
            cause = cause.__cause__ or cause.__context__
        if cause is not None:
            says = "The certificate is refused, or nothing encrypted answers there."
            return [("certificate", DANGER, says, "A certificate for this name, with its chain, from an authority.")]
        return [("unreachable", DANGER, "Nothing answers there.", "Is it started? Does a firewall stand between?")]
    except httpx.HTTPError:
        return [("unreachable", DANGER, "It does not answer in time.", "See its log and its load.")]


def _asked(client: httpx.Client, url: str, *, tls: bool) -> Found:
    found: Found = []
    with client.stream("GET", f"{url}/healthz") as answer:
        if tls:
            found += _certificate(answer)
        healthy = answer.status_code == 200
        headers = answer.headers
    if not healthy:
        found.append(
            ("unhealthy", DANGER, "The server says that it is not well.", "See its log. Does its database run?")
        )
    missing = [
        name for name, part in HEADERS.items()
        if part not in headers.get(name, "").lower() and (tls or name != "strict-transport-security")
    ]  # fmt: skip
    if missing:
        says = f"Answers lack {', '.join(missing)}."
        found.append(("headers-missing", WARNING, says, "Let the proxy pass the server's own headers on."))
    origin = headers.get("mindhaven-origin")
    if origin is not None and origin != url:
        says = f"The server is at home at {origin}: log-ins for {url} are refused."
        found.append(("origin-differs", WARNING, says, "Set server.origin to the address that people type."))
    if "server" in headers:
        says = "The answer names the program that serves it."
        found.append(("server-named", NOTE, says, "Switch the proxy's Server header off."))
    if client.get(f"{url}/.well-known/security.txt").status_code != 200:
        says = "security.txt names nobody."
        found.append(("security-contact-unset", NOTE, says, "Set server.security-contact."))
    return found + _log(client.get(f"{url}/log/audit/checkpoint"))


def _certificate(answer: httpx.Response) -> Found:
    stream: Any = answer.extensions.get("network_stream")
    tls = None if stream is None else stream.get_extra_info("ssl_object")
    until = None if tls is None else tls.getpeercert().get("notAfter")
    if until is None:
        return []
    days = int((ssl.cert_time_to_seconds(until) - time.time()) // 86400)
    if days >= CERTIFICATE_DAYS:
        return []
    says = f"The certificate ends in {days} days."
    return [("certificate-ending", WARNING, says, "Renew it, then send SIGHUP; see why the renewal fails.")]


def _log(answer: httpx.Response) -> Found:
    if answer.status_code != 200:
        says = "The log of events shows no checkpoint yet."
        return [
            ("log-unsigned", WARNING, says, "It comes within an hour of the first start; else see the server's log.")
        ]
    signed_at = answer.headers.get("last-modified")
    if signed_at is None:
        return []
    hours = int((time.time() - email.utils.parsedate_to_datetime(signed_at).timestamp()) // 3600)
    if hours < CHECKPOINT_HOURS:
        return []
    says = f"The newest checkpoint of the log of events is {hours} hours old."
    return [
        ("log-old", WARNING, says, "The server's log says why (the job ledger.publish); log-behind: see restoring.")
    ]
