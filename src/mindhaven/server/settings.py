"""The server's own settings. No I/O but reading the file (`mindhaven.kernel.settings.load`)."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Setting, Settings
from mindhaven.kernel.journal import FILE
from mindhaven.kernel.settings import load
from mindhaven.upkeep import weak_password

MAX_PORT: Final = 65535
WIDEST_V4: Final = 8
WIDEST_V6: Final = 7
"""The widest networks that are anybody's own (10.0.0.0/8, fc00::/7). What is wider means strangers."""

SERVER: Final = (
    Setting(name="server.data", default="./mindhaven-data", help="Directory of the database, blobs and keys."),
    Setting(name="server.bind", default="127.0.0.1:8440", help="Address and port; port 0 picks a free one."),
    Setting(
        name="server.origin",
        default="",
        help="The public address, as people type it (https://host); log-ins are bound to it. Empty: on loopback only.",
    ),
    Setting(name="server.database", default="", help="Database URL; empty: SQLite in the data directory.", secret=True),
    Setting(
        name="server.erasure-journal",
        default="",
        help="File that remembers what was erased, so that a restore does not bring it back; best on another disk."
        " Empty: erasures.log in the data directory.",
    ),
    Setting(name="server.workers", default=1, help="Processes; more than one needs PostgreSQL."),
    Setting(name="server.trusted-proxies", default=(), help="Addresses or networks whose X-Forwarded headers count."),
    Setting(name="server.tls-certificate", default="", help="PEM file of the certificate chain; read anew on SIGHUP."),
    Setting(name="server.tls-key", default="", help="PEM file of the certificate's key."),
    Setting(
        name="server.outbound-hosts",
        default=(),
        help="Hosts that the server may call (host or host:port), such as those of its witnesses; empty: none.",
    ),
    Setting(
        name="server.outbound-ca",
        default="",
        help="PEM file of authorities to trust besides the public ones, for outgoing calls.",
    ),
    Setting(name="server.security-contact", default="", help="mailto: or https: address in security.txt."),
    Setting(
        name="server.exit-page",
        default="",
        help="The ordinary page (https://), such as the weather, to which the app's Exit leads unless a person chose"
        " one; it learns nothing of where they came from. Empty: a blank page.",
    ),
    Setting(
        name="server.log-level",
        default="info",
        help="Least level that is logged.",
        choices=("debug", "info", "warning", "error"),
    ),
)


def load_server(
    slices: Any,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings of the server and of `slices`."""
    declared = [*SERVER, *(setting for one in slices for setting in one.settings)]
    return load(declared, file=file, environment=environment, overrides=overrides)


def database_url(settings: Settings) -> str:
    """Return the database URL: as set, or SQLite in the data directory."""
    given: str = settings["server.database"]
    return given or f"sqlite:///{Path(settings['server.data']).absolute()}/mindhaven.db"


def journal_path(settings: Settings) -> Path:
    """Return where the journal of erasures lies."""
    return Path(settings["server.erasure-journal"] or Path(settings["server.data"]) / FILE)


def address(settings: Settings, role: str = "server") -> tuple[str, int]:
    """Return the host and port to listen on; raise `InvalidInputError` on a malformed one."""
    text: str = settings[f"{role}.bind"]
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    try:
        ipaddress.ip_address(host)
        number = int(port)
    except ValueError:
        number = -1
    if not 0 <= number <= MAX_PORT:
        raise InvalidInputError(
            f"{role}.bind must be an address and a port from 0 to {MAX_PORT}.",
            hint="127.0.0.1:8440 or [::1]:8440",
            code="setting-bind",
        )
    return host, number


def check_shape(settings: Settings) -> None:
    """Raise `InvalidInputError` naming what this installation must not be: see each message."""
    host = check_bind(settings)
    _check_origin(settings, host)
    _check_contact(settings)
    _check_exit_page(settings)
    _check_database(settings)
    if settings["server.workers"] < 1:
        raise InvalidInputError("server.workers must be at least 1.", code="setting-workers")
    if settings["server.workers"] > 1 and database_url(settings).startswith("sqlite"):
        raise InvalidInputError(
            "server.workers above 1 needs PostgreSQL: SQLite has one writer.",
            hint="Set server.workers to 1, or server.database to a postgresql:// URL.",
            code="sqlite-workers",
        )


def _check_exit_page(settings: Settings) -> None:
    address: str = settings["server.exit-page"]
    parts = urlsplit(address)
    if address and not (
        parts.scheme == "https"
        and parts.hostname
        and parts.username is None
        and address.isascii()
        and address.isprintable()
    ):
        raise InvalidInputError(
            "server.exit-page must be an https:// address.",
            hint="Name an ordinary page that nobody minds being seen with, such as a weather service.",
            code="setting-exit-page",
        )


def check_bind(settings: Settings, role: str = "server") -> str:
    """Return the host to listen on; raise `InvalidInputError` if strangers could read along, or pass for others."""
    host, _ = address(settings, role)
    tls = bool(settings[f"{role}.tls-certificate"])
    if tls != bool(settings[f"{role}.tls-key"]):
        raise InvalidInputError(
            f"{role}.tls-certificate and {role}.tls-key go together.", hint="Set both.", code="setting-tls"
        )
    if not ipaddress.ip_address(host).is_loopback and not tls and not settings[f"{role}.trusted-proxies"]:
        raise InvalidInputError(
            f"{role}.bind {host} is open to the network without encryption.",
            hint=f"Set {role}.tls-certificate and {role}.tls-key, or put a TLS proxy in front and name it in"
            f" {role}.trusted-proxies, or bind to 127.0.0.1.",
            code="bind-without-tls",
        )
    _check_proxies(settings, role)
    return host


def _check_origin(settings: Settings, host: str) -> None:
    origin: str = settings["server.origin"]
    if not origin:
        if not is_local(host) or settings["server.trusted-proxies"]:
            raise InvalidInputError(
                "server.origin must be set: log-ins are signed for it, and a Host header can't be believed.",
                hint="Set server.origin to the address that people type, such as https://mindhaven.example.",
                code="origin-needed",
            )
        return
    parts = urlsplit(origin)
    plain = parts.scheme == "http" and is_local(parts.hostname or "")
    if (
        not (parts.scheme == "https" or plain)
        or not parts.hostname
        or parts.path not in {"", "/"}
        or any((parts.query, parts.fragment, parts.username, parts.password))
    ):
        raise InvalidInputError(
            "server.origin must be https:// and a host, with a port if it is not 443, and nothing more.",
            hint="https://mindhaven.example or https://mindhaven.example:8440",
            code="setting-origin",
        )
    plainest = f"{parts.scheme}://{parts.netloc.lower().removesuffix(':443' if parts.scheme == 'https' else ':80')}"
    if origin.rstrip("/") != plainest:
        raise InvalidInputError(
            "server.origin must be in small letters and without the port that goes without saying.",
            hint=plainest,
            code="setting-origin",
        )


def _check_proxies(settings: Settings, role: str) -> None:
    """Refuse proxies that are no address, and a network so wide that everybody would be believed."""
    for given in settings[f"{role}.trusted-proxies"]:
        try:
            network = ipaddress.ip_network(given, strict=False)
        except ValueError:
            raise InvalidInputError(
                f"{role}.trusted-proxies: {given} is no address and no network.",
                hint="192.0.2.7 or 10.0.0.0/8",
                code="setting-proxy",
            ) from None
        mapped = network.version == 6 and network.network_address.ipv4_mapped is not None and network.prefixlen >= 96
        length = network.prefixlen - 96 if mapped else network.prefixlen
        if length < (WIDEST_V4 if network.version == 4 or mapped else WIDEST_V6):
            raise InvalidInputError(
                f"{role}.trusted-proxies: {given} is so wide that strangers would be believed: whoever reaches"
                " the port could say that they came over TLS, and from any address.",
                hint="Name the proxy itself (127.0.0.1, 192.0.2.7) or the network that only it is in (10.1.2.0/24).",
                code="proxies-too-wide",
            )


def _check_contact(settings: Settings) -> None:
    contact: str = settings["server.security-contact"]
    if contact and (not contact.startswith(("mailto:", "https://")) or any(c.isspace() for c in contact)):
        raise InvalidInputError(
            "server.security-contact must be a mailto: or https: address (RFC 9116).",
            hint="mailto:security@mindhaven.example",
            code="setting-contact",
        )


def _check_database(settings: Settings) -> None:
    """Refuse a PostgreSQL over the network that asks for no password: whoever reaches its port would be in."""
    try:
        parts = urlsplit(database_url(settings))
        query = parse_qs(parts.query)
        hosts = [parts.hostname or "", *query.get("host", [])]
    except ValueError:
        raise InvalidInputError("server.database is not a URL.", code="database-url") from None
    if not parts.scheme.startswith("postgres"):
        return
    if parts.password:
        if not is_local(parts.hostname or "localhost") and weak_password(parts.password, parts.username or ""):
            raise InvalidInputError(
                "server.database is on another machine, and its password is short or one that is tried first.",
                hint="Set one of 20 drawn characters, in the database and in server.database.",
                code="database-password-weak",
            )
        return
    if not all(not one or one.startswith("/") or is_local(one) for one in hosts):
        if {"password", "passfile", "sslcert"} & query.keys():
            return
        raise InvalidInputError(
            "server.database is on another machine and its URL has no password.",
            hint="postgresql://user:password@host/name, or ?passfile=FILE, or a client certificate by ?sslcert=FILE.",
            code="database-password",
        )


def is_local(host: str) -> bool:
    """Tell whether a host name or address is this machine's loopback."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
