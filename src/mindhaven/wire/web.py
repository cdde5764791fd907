"""What crosses HTTP about the web app: what a browser may do with it, and which release is served.

No I/O.
"""

from typing import Final

from mindhaven.wire.accounts import Bytes32, Wire

LIST: Final = "release.json"
"""The list of a release: every file with its SHA-256. Its own SHA-256 names the release."""
FORMAT: Final = "mindhaven/web/v1"
INDEX: Final = "index.html"
"""The page, which stands at `/`; every other file stands under `/app/`."""
POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",  # Argon2 runs as WebAssembly
        "style-src 'self'",
        "img-src 'self'",
        "media-src blob:",  # a voice note is played from bytes that the page has opened; no address of a server counts
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types mindhaven",  # one policy, which names the two scripts that workers run: docs/adr/0010
    ]
)
"""The Content-Security-Policy of every file of the app."""


class ReleaseShown(Wire):
    """The release that this server recorded last, and the opening of the event that says so.

    `body` is the event's canonical bytes and `salt` its salt; `position` is its index in the log `audit`, null while
    it is not numbered.
    """

    release: Bytes32
    salt: Bytes32
    body: bytes
    position: int | None
