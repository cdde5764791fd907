"""Operations of the server itself: is it well, whom to tell of a weakness, what it offers. I/O: one look."""

import json
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from mindhaven import __version__
from mindhaven.kernel import JSON, Answer, Denied, Host, Look, Operation
from mindhaven.server.openapi import document
from mindhaven.server.webapp import WebApp, web_operations

_YEAR_SECONDS: Final = 365 * 24 * 3600


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The server answers and its database too."""

    status: str


class ExitPage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the app's Exit leads unless a person chose a page; empty: a blank page."""

    address: str


def own_operations(others: Sequence[Operation], web: WebApp | None = None) -> list[Operation]:
    """Return the server's own operations; `openapi` describes them and `others`, `web` is what a browser gets."""
    operations = [
        *web_operations(web),
        Operation(
            name="server.health",
            method="GET",
            path="/healthz",
            run=_health,
            summary="Tell whether the server and its database answer.",
            who="anyone",
            gives=Health,
        ),
        Operation(
            name="server.security-contact",
            method="GET",
            path="/.well-known/security.txt",
            run=_security,
            summary="Whom to tell of a weakness (RFC 9116).",
            who="anyone",
            gives=bytes,
            media="text/plain; charset=utf-8",
            refuses={"security-contact-unset": 404},
        ),
        Operation(
            name="server.exit-page",
            method="GET",
            path="/exit.json",
            run=_exit_page,
            summary="The ordinary page that Exit leads to unless a person chose one.",
            who="anyone",
            gives=ExitPage,
        ),
    ]
    cache: list[bytes] = []

    async def openapi(_host: Host, _request: Any) -> Answer:
        if not cache:
            described = document([*operations, *others], title="Mindhaven", version=__version__)
            cache.append(json.dumps(described, ensure_ascii=False).encode())
        return Answer(body=cache[0], media=JSON)

    operations.append(
        Operation(
            name="server.openapi",
            method="GET",
            path="/openapi.json",
            run=openapi,
            summary="Describe every operation (OpenAPI 3.1).",
            who="anyone",
            gives=bytes,
            media=JSON,
        )
    )
    return operations


async def _health(host: Host, _request: Any) -> Health:
    async def look(look: Look) -> None:
        await look.row("SELECT next FROM event_sequence")

    await host.db.look(look)
    return Health(status="ok")


async def _exit_page(host: Host, _request: Any) -> ExitPage:
    return ExitPage(address=host.settings["server.exit-page"])


async def _security(host: Host, _request: Any) -> Answer | Denied:
    contact = host.settings["server.security-contact"]
    if not contact:
        return Denied(
            "security-contact-unset",
            "Whoever runs this server has not said whom to tell of a weakness.",
            "Set server.security-contact.",
        )
    expires = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(host.clock() + _YEAR_SECONDS // 2))
    text = f"Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\n"
    return Answer(body=text.encode(), media="text/plain; charset=utf-8")
