"""The transport of outgoing calls: HTTPS, and HTTP to this machine. `mindhaven.kernel.outbound` says who is permitted.

Guarantees: certificates are verified; no redirect is followed, no proxy of the environment used, no cookie kept; an
answer over its size, or later than its time, is `UnavailableError`. Does not: retry. I/O: the network.
"""

import asyncio
import ssl
from pathlib import Path
from typing import Final

import httpx

from mindhaven.errors import InvalidInputError, UnavailableError
from mindhaven.kernel.outbound import Call, Reply

CALL_SECONDS: Final = 15.0
"""A whole call: what is asked here is answered within a second; a job must not hang on a peer that is half dead."""
CONNECT_SECONDS: Final = 5.0
MAX_REPLY_BYTES: Final = 256 * 1024
"""The largest answer that is read: a note with every signature that is permitted."""


class HttpCalls:
    """Sends calls; `await close()` it."""

    def __init__(self, authorities: str = "") -> None:
        """`authorities` names a PEM file to trust besides the public ones; raises `InvalidInputError` (outbound-ca)."""
        context = httpx.create_ssl_context(trust_env=False)
        if authorities:
            _trust(context, Path(authorities))
        self._http = httpx.AsyncClient(
            verify=context,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS),
        )

    async def __call__(self, call: Call) -> Reply:
        """Send `call`; raise `UnavailableError` (outbound-unreached, outbound-late, outbound-size)."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await self._send(call)
        except TimeoutError as error:
            raise UnavailableError("The other machine did not answer in time.", code="outbound-late") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise UnavailableError("The other machine can't be reached.", code="outbound-unreached") from error

    async def _send(self, call: Call) -> Reply:
        request = self._http.build_request(call.method, call.url, headers=dict(call.headers), content=call.body)
        answer = await self._http.send(request, stream=True)
        try:
            body = b""
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > MAX_REPLY_BYTES:
                    raise UnavailableError("The other machine answers with more than is read.", code="outbound-size")
        finally:
            await answer.aclose()
        self._http.cookies.clear()
        return Reply(status=answer.status_code, headers=dict(answer.headers), body=body)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _trust(context: ssl.SSLContext, file: Path) -> None:
    try:
        context.load_verify_locations(cadata=file.read_text("ascii"))
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise InvalidInputError(
            f"server.outbound-ca names {file}, which holds no certificate that can be read.",
            hint="It is a PEM file: it begins with -----BEGIN CERTIFICATE-----.",
            code="outbound-ca",
        ) from error
