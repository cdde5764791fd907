"""The policy of a server, and whether it is the one in its public log. I/O: HTTPS to the address that is given.

Guarantees: what is returned has the hash that the server published, and an event of the log says so; where the log
can't show it yet, `standing` says that. Does not: judge what the policy says.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import httpx
import msgspec

from mindhaven.errors import IntegrityError, NotFoundError, UnavailableError
from mindhaven.protocol import event
from mindhaven.protocol.ledger import Told
from mindhaven.sdk.address import server_origin, tls_context
from mindhaven.sdk.served import place_in_log
from mindhaven.sdk.transport import failed, unreached
from mindhaven.tlog.note import VerifierKey
from mindhaven.tlog.policy import Policy as Witnesses
from mindhaven.wire.register import PolicyShown

EVENT: Final = "register.policy.published"
MOST_BYTES: Final = 4 * 1024 * 1024
"""A policy in three languages has some eighty KiB; an answer without an end must not fill memory."""
TIMEOUT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: its number, when it was published (seconds since 1970 UTC), its texts by language, its SHA-256 in hex.

    `standing` says in words where it stands in the log; `logged` whether it does.
    """

    version: int
    published_at: int
    texts: dict[str, str]
    digest: str
    logged: bool
    standing: str


def policy_of(
    url: str, *, version: int | None = None, key: VerifierKey | None = None, witnesses: Witnesses | None = None
) -> Policy:
    """Return the policy that a server shows now, or the one of a number.

    Raises `IntegrityError` (policy-differs, and what the log shows wrong), `NotFoundError` (policy-unknown),
    `UnavailableError`.
    """
    origin = server_origin(url)
    shown = _asked(origin, "/v1/policy" if version is None else f"/v1/policies/{version}")
    told = Told.decode(shown.body)
    named = (told.name, told.subject, told.fields[:2])
    if hashlib.sha256(shown.texts).digest() != shown.digest or named != (
        EVENT, event.HOST, (shown.version, shown.digest),
    ):  # fmt: skip
        raise _differs()
    if version not in {None, shown.version}:
        raise _differs()
    try:
        texts = msgspec.json.decode(shown.texts, type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _differs() from error
    try:
        standing, logged = place_in_log(
            origin, shown.salt, shown.body, shown.position, key=key, policy=witnesses or Witnesses()
        ), True  # fmt: skip
    except UnavailableError as error:
        standing, logged = error.message, False
    return Policy(shown.version, shown.published_at, texts, shown.digest.hex(), logged, standing)


def _asked(origin: str, path: str) -> PolicyShown:
    body = bytearray()
    try:
        with (
            httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, verify=tls_context(origin)) as client,
            client.stream("GET", origin + path) as answer,
        ):
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise _differs()
    except httpx.HTTPError as error:
        raise unreached(origin, error) from error
    if answer.status_code == 404:
        raise NotFoundError("There is no such policy at this address.", code="policy-unknown")
    if answer.status_code != 200:
        raise failed(answer.status_code, bytes(body))
    try:
        return msgspec.json.decode(bytes(body), type=PolicyShown)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _differs() from error


def _differs() -> IntegrityError:
    return IntegrityError(
        "What this server shows as its policy is not what it published.",
        hint="Ask the people who run it, and keep what you see.",
        code="policy-differs",
    )
