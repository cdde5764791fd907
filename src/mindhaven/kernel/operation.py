"""Operations: what the server answers, declared once.

Guarantees: routes, OpenAPI, the authorization matrix and the documentation are all read from the same values.
Does not: speak HTTP; `mindhaven.server.app` does. No I/O.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import msgspec

from mindhaven.kernel.outcome import Denied
from mindhaven.kernel.work import Actor

if TYPE_CHECKING:
    from mindhaven.kernel.host import Host

CBOR: Final = "application/cbor"
JSON: Final = "application/json"
EVENT_STREAM: Final = "text/event-stream"
DEFAULT_BODY_BYTES: Final = 64 * 1024


class Body:
    """Marks an operation that takes the raw bytes of its body (`media` says which type it must have)."""


class BodyStream:
    """Marks an operation that reads its body piece by piece through `request.pieces()`."""


class Session(Protocol):
    """Who asks, as the accounts slice found out. Opaque to the kernel but for these two."""

    @property
    def actor(self) -> Actor:
        """Who acts, for works."""
        ...

    def may(self, who: str) -> bool:
        """Tell whether this session satisfies an operation's `who`: session, slot-now, role:officer ..."""
        ...


class Request(Protocol):
    """One call, parsed: path parameters as 32-byte ids or texts, the typed query, the typed or raw body."""

    method: str
    path: str
    params: Mapping[str, Any]
    query: Any
    body: Any
    session: Any
    client: str
    network: bytes
    """The peer's network address, through trusted proxies only. Never store it: see DESIGN.md and `limits`."""
    secure: bool

    def header(self, name: str) -> str | None:
        """Return a header by its lower-case name."""
        ...

    def pieces(self) -> AsyncIterator[bytes]:
        """Read the body piece by piece; only for `BodyStream`."""
        ...

    async def gone(self) -> None:
        """Wait until the peer went away, or the answer is complete; for answers that go on and on."""
        ...


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that needs more than its value: another status, media type or headers."""

    body: "msgspec.Struct | bytes | AsyncIterator[bytes] | None" = None
    status: int = 200
    media: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Given: TypeAlias = "msgspec.Struct | bytes | AsyncIterator[bytes] | Answer | Denied | None"
Run: TypeAlias = "Callable[[Host, Any], Awaitable[Given]]"

_PARAMETER: Final = re.compile(r"\{([a-z_]+)(?::([a-z0-9]+))?\}")
PARAMETER_KINDS: Final = frozenset({"id", "text", "int", "rest"})


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation. Path parameters are `{collection}` (32 bytes in base64url without padding: 43 characters),
    `{name:text}`, `{n:int}` or, at the end, `{path:rest}` (every further segment); `who` is anyone, session, slot-now
    or role:...; `refuses` maps each reason of a `Denied` to its status; `limit` names a rate limit; `media` is the type
    of a raw body or answer; `answers` maps each further status that bears a body of its own, no problem, to its type.
    """

    name: str
    method: str
    path: str
    run: Run
    summary: str
    who: str
    takes: "type[msgspec.Struct | Body | BodyStream] | None" = None
    query: type[msgspec.Struct] | None = None
    gives: "type[msgspec.Struct | bytes] | None" = None
    refuses: Mapping[str, int] = field(default_factory=dict)
    limit: str | None = None
    max_body_bytes: int = DEFAULT_BODY_BYTES
    media: str = CBOR
    status: int | None = None
    answers: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {"anyone", "session", "slot-now"}
        if self.who not in known and not self.who.startswith("role:"):
            raise TypeError(f"The operation {self.name} does not say who may call it.")
        for _, kind in self.parameters:
            if kind not in PARAMETER_KINDS:
                raise TypeError(f"The operation {self.name} has a path parameter of an unknown kind, {kind}.")
        if any(not 400 <= status < 500 for status in self.refuses.values()):
            raise TypeError(f"The operation {self.name} refuses with a status outside 400 to 499.")

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The path parameters as (name, kind)."""
        return [(found.group(1), found.group(2) or "id") for found in _PARAMETER.finditer(self.path)]

    @property
    def plain_path(self) -> str:
        """The path as OpenAPI writes it: parameters without their kinds."""
        return _PARAMETER.sub(r"{\1}", self.path)

    @property
    def good_status(self) -> int:
        """The status of a good answer."""
        return self.status or (200 if self.gives is not None else 204)
