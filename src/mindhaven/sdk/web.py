"""Reading a public log at an address, without an account. I/O: the network."""

from typing import Self

import httpx
import msgspec

from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.sdk.address import server_origin, tls_context
from mindhaven.sdk.transport import MAX_ANSWER_BYTES, TIMEOUT_SECONDS, failed, unreached
from mindhaven.wire.ledger import LedgerShown


class PublicReader:
    """Reads the files of one log below `prefix`, such as https://host/log/audit."""

    def __init__(self, prefix: str) -> None:
        base, _, self._name = prefix.rpartition("/log/")
        if not base or "/" in self._name or not self._name:
            raise InvalidInputError(
                "This is not the address of a log.", hint="Such as https://host/log/audit", code="log-address"
            )
        self._origin = server_origin(base)
        self._prefix = f"{self._origin}/log/{self._name}"
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, verify=tls_context(self._origin))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str) -> bytes:
        """Return what lies at a path below the log's prefix."""
        return self._get(f"{self._prefix}/{path}")

    def named_key(self) -> str:
        """Return the log's key as the server names it."""
        shown = msgspec.json.decode(self._get(f"{self._origin}/v1/ledger"), type=LedgerShown)
        found = next((one.vkey for one in shown.logs if one.name == self._name), None)
        if found is None:
            raise NotFoundError("The server has no log of this name.", code="log-unknown")
        return found

    def _get(self, url: str) -> bytes:
        try:
            response = self._http.get(url)
        except httpx.HTTPError as error:
            raise unreached(self._origin, error) from error
        if not response.is_success or len(response.content) > MAX_ANSWER_BYTES:
            raise failed(response.status_code, response.content)
        return response.content
