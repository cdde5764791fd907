"""The transport of outgoing calls: HTTPS, and HTTP to this machine. `mindhaven.kernel.outbound` says who is permitted.

Guarantees: certificates are verified; no redirect is followed, no proxy of the environment used, no cookie kept; an
answer over its size, or later than its time, is `UnavailableError`. Does not: retry. I/O: the network.
"""

import asyncio
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mindhaven.errors import InvalidInputError, UnavailableError
from mindhaven.kernel.outbound import Call, Reply

if TYPE_CHECKING:
    import httpx  # loaded with the first call: most servers make none, and a start should not wait for it

CALL_SECONDS: Final = 15.0
"""A whole call: what is asked here is answered within a second; a job must not hang on a peer that is half dead."""
CONNECT_SECONDS: Final = 5.0
MAX_REPLY_BYTES: Final = 256 * 1024
"""The largest answer that is read: a note with every signature that is permitted."""


class HttpCalls:
    """Sends calls; `await close()` it."""

    def __init__(self, authorities: str = "") -> None:
        """`authorities` names a PEM file to trust besides the public ones; raises `InvalidInputError` (outbound-ca)."""
        self._context = _trusting(Path(authorities)) if authorities else None
        self._opening = asyncio.Lock()
        self._http: httpx.AsyncClient | None = None

    async def __call__(self, call: Call) -> Reply:
        """Send `call`; raise `UnavailableError` (outbound-unreached, outbound-late, outbound-size)."""
        client = await self._opened()
        import httpx  # loaded by now

        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await _send(client, call)
        except TimeoutError as error:
            raise UnavailableError("The other machine did not answer in time.", code="outbound-late") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise UnavailableError("The other machine can't be reached.", code="outbound-unreached") from error

    async def _opened(self) -> "httpx.AsyncClient":
        async with self._opening:
            if self._http is None:
                self._http = await asyncio.to_thread(_client, self._context)  # reads the public authorities
            return self._http

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()


def _client(context: ssl.SSLContext | None) -> "httpx.AsyncClient":
    import httpx

    return httpx.AsyncClient(
        verify=context or httpx.create_ssl_context(trust_env=False),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS),
    )


async def _send(client: "httpx.AsyncClient", call: Call) -> Reply:
    request = client.build_request(call.method, call.url, headers=dict(call.headers), content=call.body)
    answer = await client.send(request, stream=True)
    try:
        body = b""
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MAX_REPLY_BYTES:
                raise UnavailableError("The other machine answers with more than is read.", code="outbound-size")
    finally:
        await answer.aclose()
    client.cookies.clear()
    return Reply(status=answer.status_code, headers=dict(answer.headers), body=body)


def _trusting(file: Path) -> ssl.SSLContext:
    """Return a context that trusts the public authorities and those in `file`."""
    import httpx

    context = httpx.create_ssl_context(trust_env=False)
    try:
        context.load_verify_locations(cadata=file.read_text("ascii"))
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise InvalidInputError(
            f"server.outbound-ca names {file}, which holds no certificate that can be read.",
            hint="It is a PEM file: it begins with -----BEGIN CERTIFICATE-----.",
            code="outbound-ca",
        ) from error
    return context
