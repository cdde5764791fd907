"""The web app as built into this package: its files, their headers, and what a browser may do with them.

Guarantees: only files that the release's own list names are served, each held to its SHA-256 when the server starts;
the policy lets a page run nothing but those files and talk to nobody but this server. Does not: build anything.
I/O: reads the built files once.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from mindhaven.errors import IntegrityError, NotFoundError
from mindhaven.kernel import Answer, Host, Operation
from mindhaven.server.front import MEDIA as FRONT_MEDIA
from mindhaven.server.front import front
from mindhaven.wire.web import INDEX, LIST, POLICY

BUILT: Final = Path(__file__).parent / "web"
"""Where `make setup` puts what it builds; it is no part of the source."""
MEDIA: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
}
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": POLICY,
    "permissions-policy": "camera=(self), publickey-credentials-get=(self), publickey-credentials-create=(self),"
    " microphone=(self), geolocation=(), browsing-topics=(), interest-cohort=()",
}
"""Beside the headers that every answer bears."""
KEPT: Final = "public, max-age=31536000, immutable"
"""Files whose name holds their hash never change under it."""
ASKED_EACH_TIME: Final = "no-cache"
GZIP_FROM_BYTES: Final = 1024
"""Below, a packed file is not worth its header."""


@dataclass(frozen=True)
class Served:
    """One file: its bytes, its type, and whether its name holds its hash."""

    body: bytes
    media: str
    kept: bool

    @cached_property
    def packed(self) -> bytes | None:
        """The bytes packed, None where that is not smaller. Packed once it is asked for: a start has no time for it."""
        if len(self.body) < GZIP_FROM_BYTES or self.media.startswith("image/png"):
            return None
        packed = gzip.compress(self.body, mtime=0)
        return packed if len(packed) < len(self.body) else None


class WebApp:
    """The files of one release by their path; `release` is the SHA-256 of its list."""

    def __init__(self, files: Mapping[str, Served], *, release: bytes) -> None:
        self._files = files
        self.release = release

    @classmethod
    def load(cls, folder: Path = BUILT) -> "WebApp | None":
        """Return the app that was built into `folder`, or None if none was.

        Raises `IntegrityError` (web-changed) if a file is not the one that the release lists.
        """
        listed = folder / LIST
        if not listed.exists():
            return None
        raw = listed.read_bytes()
        release: dict[str, Any] = json.loads(raw)
        files = {LIST: _served(LIST, raw)}
        for path, digest in release["files"].items():
            body = (folder / path).read_bytes() if (folder / path).is_file() else b""
            if hashlib.sha256(body).hexdigest() != digest:
                raise IntegrityError(
                    f"The web app's file {path} is not the one that was built.",
                    code="web-changed",
                    hint="Install this release again; in a checkout, remove src/mindhaven/server/web, then: make setup",
                )
            files[path] = _served(path, body)
        return cls(files, release=hashlib.sha256(raw).digest())

    def answer(self, path: str, accepts: str | None) -> Answer:
        """Return a file; raise `NotFoundError` (path-unknown) if the release has none of that path."""
        found = self._files.get(path)
        if found is None:
            raise NotFoundError("There is nothing at this path.", code="path-unknown")
        headers = {**HEADERS, "cache-control": KEPT if found.kept else ASKED_EACH_TIME, "vary": "accept-encoding"}
        if path == "sw.js":
            headers["service-worker-allowed"] = "/"
        body = found.body
        if "gzip" in (accepts or "").lower() and found.packed is not None:
            body, headers["content-encoding"] = found.packed, "gzip"
        return Answer(body=body, media=found.media, headers=headers)


def web_operations(web: WebApp | None) -> list[Operation]:
    """Return the operations that serve the app; without one, a browser is told what this server is."""

    async def index(host: Host, request: Any) -> Answer:
        return await front(host, request) if web is None else web.answer(INDEX, request.header("accept-encoding"))

    async def file(_host: Host, request: Any) -> Answer:
        if web is None:
            raise NotFoundError("This server was installed without its web app.", code="path-unknown")
        return web.answer(request.params["path"], request.header("accept-encoding"))

    return [
        Operation(
            name="server.front",
            method="GET",
            path="/",
            run=index,
            summary="The person app, where invitation links lead; without it, what this server is.",
            who="anyone",
            gives=bytes,
            media=FRONT_MEDIA,
        ),
        Operation(
            name="server.web",
            method="GET",
            path="/app/{path:rest}",
            run=file,
            summary="A file of the person app.",
            who="anyone",
            gives=bytes,
            media="application/octet-stream",
        ),
    ]


def _served(path: str, body: bytes) -> Served:
    return Served(body, MEDIA[Path(path).suffix], path.startswith("assets/"))
