"""Calls to a server: JSON and CBOR over HTTPS, access tokens, errors by their codes. I/O: the network, only here.

Guarantees: a lost connection is `OfflineError`, never a half-done call that looks done; an answer is size-bounded; no
call goes on at another address than the one that the server says is its own.
"""

import asyncio
import contextlib
import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeVar

import httpx
import msgspec

from mindhaven.errors import (
    ConflictError,
    DeniedError,
    IntegrityError,
    InvalidInputError,
    MindhavenError,
    NotFoundError,
    UnavailableError,
)
from mindhaven.sdk.address import CA_VARIABLE, certificate_fault, named_origin, server_origin, tls_context
from mindhaven.sdk.errors import CertificateError, ClosedError, OfflineError, SignedOutError

TIMEOUT_SECONDS: Final = 30.0
MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
"""The largest answer that a client reads: eight times the largest page, so a server can't fill a device."""
MAX_PROBLEM_BYTES: Final = 16 * 1024
MAX_RETRIES: Final = 4
MAX_WAIT_SECONDS: Final = 2
"""A longer wait is told to the person instead of being sat out."""
TOKEN_MARGIN_SECONDS: Final = 30
ORIGIN_HEADER: Final = "mindhaven-origin"
EVENT_STREAM: Final = "text/event-stream"
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{1,63}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.~+/=-]{1,512}")
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not the JSON that is asked for."""

S = TypeVar("S", bound=msgspec.Struct)


class Conflict(Exception):  # noqa: N818 - an answer, not an error: the page of commits that were missing
    """A push did not follow the head; `page` is the CBOR page to verify first."""

    def __init__(self, page: bytes) -> None:
        super().__init__("overtaken")
        self.page = page


def failed(status: int, body: bytes) -> MindhavenError:
    """Return what a refusal means; of its text only what can be printed, since a server may send what it likes."""
    code, message, hint = f"http-{status}", "The server refused this.", None
    try:
        problem = msgspec.json.decode(body, type=dict[str, Any])
    except _UNREADABLE:
        problem = {}
    given = problem.get("code")
    if isinstance(given, str) and _CODE.fullmatch(given):
        code = given
    message = _printable(problem.get("detail") or problem.get("title")) or message
    hint = _printable(problem.get("hint")) or None
    kinds: dict[int, type[MindhavenError]] = {
        400: InvalidInputError,
        401: SignedOutError,
        403: DeniedError,
        404: NotFoundError,
        409: ConflictError,
        413: InvalidInputError,
        415: InvalidInputError,
        422: IntegrityError,
        429: UnavailableError,
        503: UnavailableError,
    }
    return kinds.get(status, UnavailableError)(message, hint=hint, code=code)


def unreached(origin: str, error: httpx.HTTPError) -> UnavailableError:
    """Return what it means that no answer came."""
    fault = certificate_fault(error)
    if fault is None:
        return OfflineError(
            "The server can't be reached.", hint="Nothing is lost: what you write waits on this device."
        )
    return CertificateError(
        f"{origin} answers, and its certificate is refused: {fault}. Nothing was sent.",
        hint="Somebody may stand between you and the server, or its certificate needs renewal: ask the people who run"
        f" it. If it has an authority of its own that you trust, name that one's PEM file: {CA_VARIABLE}=FILE.",
    )


def _printable(text: object) -> str:
    return "".join(sign for sign in text[:500] if sign.isprintable()) if isinstance(text, str) else ""


def _wait_seconds(given: str | None) -> int:
    """Return how long a server asks to wait; what is no number of seconds (a date, anything) is longer than we wait."""
    if given is None:
        return 1
    return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else MAX_WAIT_SECONDS + 1


class Transport:
    """One server, one access token at a time. `renew` is called when the token is about to end."""

    def __init__(self, origin: str, *, http: httpx.AsyncClient | None = None) -> None:
        self.origin = server_origin(origin)
        self._http = http or httpx.AsyncClient(
            timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False, verify=tls_context(self.origin)
        )
        self._token: str | None = None
        self._expires_at = 0.0
        self._renewing = asyncio.Lock()
        self.renew: Callable[[], Awaitable[None]] | None = None

    def use_token(self, token: str | None, expires_at: int = 0, *, server_now: float | None = None) -> None:
        """Use `token` from now on; `expires_at` is by the server's clock.

        Raises `IntegrityError` (answer-shape) for one that no header can bear.
        """
        if token is not None and not _TOKEN.fullmatch(token):
            raise IntegrityError("The server's answer has the wrong shape.", code="answer-shape")
        self._token = token
        skew = 0.0 if server_now is None else time.time() - server_now
        self._expires_at = expires_at + skew

    @property
    def has_token(self) -> bool:
        """Whether a token is at hand that has not ended."""
        return self._token is not None and time.time() < self._expires_at - TOKEN_MARGIN_SECONDS

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def call(
        self,
        method: str,
        path: str,
        gives: type[S] | None = None,
        *,
        body: msgspec.Struct | None = None,
        open_: bool = False,
    ) -> Any:
        """Call a JSON operation and return its answer as `gives` (None: nothing). `open_`: needs no session."""
        content = None if body is None else msgspec.json.encode(body)
        media = None if content is None else "application/json"
        answer = await self._send(method, path, content, media, open_=open_)
        if gives is None:
            return None
        try:
            return msgspec.json.decode(answer, type=gives)
        except _UNREADABLE as error:
            raise IntegrityError("The server's answer has the wrong shape.", code="answer-shape") from error

    async def cbor(self, method: str, path: str, content: bytes | None = None, *, pushes: bool = False) -> bytes:
        """Call a CBOR operation and return its bytes; if it `pushes`, a 409 with a page raises `Conflict`."""
        media = None if content is None else "application/cbor"
        return await self._send(method, path, content, media, pushes=pushes)

    async def blob(self, method: str, path: str, content: bytes | None = None) -> bytes:
        """Send or get one part of an attachment."""
        return await self._send(method, path, content, None if content is None else "application/octet-stream")

    async def public(self, path: str) -> bytes:
        """Get what needs no session: checkpoints, tiles and bundles of the logs."""
        return await self._send("GET", path, None, None, open_=True)

    @contextlib.asynccontextmanager
    async def listen(self, path: str, *, silence_seconds: float) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a stream of server-sent events; yield its pieces. Silent for longer, it counts as lost (`OfflineError`).

        Raises `NotFoundError` (not-streamed) if what answers is no such stream.
        """
        if self._http.is_closed:
            raise ClosedError
        headers = {
            "accept": EVENT_STREAM,
            "accept-encoding": "identity",
            "authorization": f"Bearer {await self._current()}",
        }
        timeout = httpx.Timeout(TIMEOUT_SECONDS, read=silence_seconds)
        try:
            async with self._http.stream("GET", self.origin + path, headers=headers, timeout=timeout) as response:
                self._expect(named_origin(response.headers.get(ORIGIN_HEADER)))
                if response.status_code == 401:
                    self._token = None
                if not response.is_success:
                    raise failed(response.status_code, await anext(response.aiter_bytes(MAX_PROBLEM_BYTES), b""))
                if response.headers.get("content-type", "").partition(";")[0].strip() != EVENT_STREAM:
                    raise NotFoundError("The server does not stream.", code="not-streamed")
                yield response.aiter_bytes()
        except httpx.HTTPError as error:
            raise unreached(self.origin, error) from error

    async def _send(
        self,
        method: str,
        path: str,
        content: bytes | None,
        media: str | None,
        *,
        open_: bool = False,
        pushes: bool = False,
    ) -> bytes:
        if self._http.is_closed:
            raise ClosedError
        ended = False
        for attempt in range(MAX_RETRIES + 1):
            headers = {"accept": "*/*"}
            if media is not None:
                headers["content-type"] = media
            used = "" if open_ else await self._current()
            if used:
                headers["authorization"] = f"Bearer {used}"
            try:
                response = await self._http.request(method, self.origin + path, content=content, headers=headers)
            except httpx.HTTPError as error:
                raise unreached(self.origin, error) from error
            if len(response.content) > MAX_ANSWER_BYTES:
                raise IntegrityError("The server's answer is larger than any should be.", code="answer-too-large")
            self._expect(named_origin(response.headers.get(ORIGIN_HEADER)))
            if response.is_success:
                return response.content
            if response.status_code == 401 and used and not ended:
                # Another program on this device renewed the session: this token ended before its time. Another call of
                # this one may have found that out already, and have a new token by now.
                ended = True
                if self._token == used:
                    self._token = None
                continue
            if pushes and response.status_code == 409 and response.headers.get("content-type") == "application/cbor":
                raise Conflict(response.content)
            wait = _wait_seconds(response.headers.get("retry-after"))
            if response.status_code in {429, 503} and attempt < MAX_RETRIES and wait <= MAX_WAIT_SECONDS:
                await asyncio.sleep(wait * (0.5 + random.random()))  # noqa: S311 - jitter, not a secret
                continue
            raise failed(response.status_code, response.content)
        raise UnavailableError("The server is busy.", hint="Try again in a minute.")

    def _expect(self, named: str | None) -> None:
        """Raise `DeniedError` (origin-differs) if the server says that it is reached at another address.

        Log-ins are signed for one address, so that none of them opens anything elsewhere: at another, all are refused.
        """
        if named is None or named == self.origin:
            return
        raise DeniedError(
            f"This server says that its address is {named}, and this device uses {self.origin}. Log-ins are signed for"
            " one address, so it would refuse them.",
            hint=f"If the people who run it confirm that address, use it: --server {named} at signup, login or"
            " move-in (in the SDK: server=). If you run it: server.origin says it.",
            code="origin-differs",
        )

    async def _current(self) -> str:
        async with self._renewing:  # two renewals at once: the second would end the first one's token
            if not self.has_token:
                if self.renew is None:
                    raise SignedOutError("You are not signed in here.", hint="Sign in first.")
                await self.renew()
        if self._token is None:
            raise SignedOutError("You are not signed in here.", hint="Sign in first.")
        return self._token
