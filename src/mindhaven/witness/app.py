"""What a witness answers over HTTP: C2SP tlog-witness 1.0.0. I/O: the store, on a thread of its own.

Guarantees: the order of checks and the statuses are the specification's; a cosignature leaves after its checkpoint is
on the disk; a body over its limit and a flood are refused before anything is verified.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import apsw

from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Clock, Limit, Limits, Random
from mindhaven.server.headers import Proxies, raw_headers
from mindhaven.server.problems import Refusal
from mindhaven.server.request import DisconnectedError, HttpRequest
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.cosignature import Cosigner
from mindhaven.tlog.note import Algorithm, Line, Note
from mindhaven.tlog.witness import AddCheckpoint, Refused, judge
from mindhaven.witness.store import Store

A = TypeVar("A")
T = TypeVar("T")

_LOG: Final = logging.getLogger("mindhaven.witness")
MAX_BODY_BYTES: Final = 64 * 1024
"""A proof is at most 3 kB, a log's own lines less; this leaves room for a dozen others' cosignatures of 3.3 kB."""
LIMITS: Final = {
    # A Mindhaven server asks for three logs, at most every 10 seconds while they grow: 18 a minute.
    "add-checkpoint": Limit(burst=120, per_minute=120),
    "read": Limit(burst=120, per_minute=600),
}
TRIES: Final = 3
"""How often a request is judged anew because another was faster; the second time it is stale and told so."""
TEXT: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"
_MONITOR: Final = re.compile(r"/([0-9a-f]{64})/checkpoint")


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: str
    media: str = TEXT
    headers: dict[str, str] = field(default_factory=dict)


class WitnessApp:
    """Answers a witness's paths; `await app(scope, receive, send)`."""

    def __init__(
        self, store: Store, cosigners: Sequence[Cosigner], *, clock: Clock, random: Random, proxies: Sequence[str] = ()
    ) -> None:
        self._store = store
        self._cosigners = tuple(cosigners)
        self._clock = clock
        self._proxies = Proxies(proxies)
        self._limits = Limits(LIMITS, random)
        self._thread = ThreadPoolExecutor(1, "witness")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = HttpRequest(scope, receive, self._proxies, {}, MAX_BODY_BYTES)
        try:
            reply = await self._answer(request)
        except DisconnectedError:
            return
        except Refusal as refusal:
            reply = _Reply(refusal.problem.status, f"{refusal.problem.title}\n", headers=refusal.headers)
        except apsw.Error as error:
            _LOG.error("the memory could not be read or written", extra={"error": type(error).__name__})
            reply = _Reply(503, "The witness can't remember now. Ask again.\n", headers={"retry-after": "60"})
        except Exception as error:  # noqa: BLE001 - whatever it was, the peer learns nothing of it
            _LOG.error("unexpected error", extra={"error": type(error).__name__})
            reply = _Reply(500, "Something failed in the witness.\n")
        body = reply.body.encode()
        headers = raw_headers(reply.media, len(body), reply.headers)
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})

    def close(self) -> None:
        """End the thread, after what it does."""
        self._thread.shutdown()

    async def _answer(self, request: HttpRequest) -> _Reply:
        monitor = _MONITOR.fullmatch(request.path)
        if request.path == "/add-checkpoint":
            _method(request, "POST")
            self._limit("add-checkpoint", request)
            return await self._on_thread(self._add, await request.read())
        if monitor is None and request.path not in {"/", "/healthz"}:
            raise Refusal(404, "path-unknown", "There is nothing at this path.")
        _method(request, "GET", "HEAD")
        self._limit("read", request)
        if monitor is not None:
            note = await self._on_thread(self._store.cosigned, monitor[1])
            return (
                _Reply(404, "No checkpoint of such a log was cosigned.\n")
                if note is None
                else _Reply(200, note.decode())
            )
        if request.path == "/healthz":
            await self._on_thread(self._store.keys, "")
            return _Reply(200, "ok\n")
        return _Reply(200, "".join(f"{one.vkey}\n" for one in self._cosigners))

    async def _on_thread(self, run: Callable[[A], T], argument: A) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, run, argument)

    def _limit(self, name: str, request: HttpRequest) -> None:
        wait = self._limits.wait(name, request.network)
        if wait > 0:
            raise Refusal(429, "rate-limited", "Too many requests.", headers={"retry-after": str(int(wait) + 1)})

    # -- on the thread

    def _add(self, data: bytes) -> _Reply:
        try:
            asked = AddCheckpoint.parse(data)
            origin = Checkpoint.parse(asked.note.text).origin
        except InvalidInputError as error:
            return _Reply(400, f"{error.message}\n")
        keys = self._store.keys(origin)
        if not keys:
            return _Reply(404, "This witness does not know this log.\n")
        for _ in range(TRIES):
            seen = self._store.seen(origin)
            verdict = judge(asked, seen, keys)
            if isinstance(verdict, Refused):
                return self._refused(asked, verdict, seen.size, seen.root)
            now = self._clock()
            signed = tuple(
                line
                for line in asked.note.lines
                if any(line.of(one) for one in keys if one.algorithm is Algorithm.ED25519)
            )
            lines = tuple(one.line(asked.note.text, time=now) for one in self._cosigners)
            if self._store.advance(seen, verdict, Note(asked.note.text, signed + lines).encode(), now):
                return _Reply(200, _text(lines))
        return _Reply(503, "The log moves faster than the witness.\n", headers={"retry-after": "1"})

    def _refused(self, asked: AddCheckpoint, verdict: Refused, size: int, root: bytes) -> _Reply:
        if verdict.size is not None:
            return _Reply(verdict.status, f"{verdict.size}\n", media=SIZE)
        checkpoint = Checkpoint.parse(asked.note.text)
        forked = verdict.status == 422 and (checkpoint.size, asked.old) == (size, size) and checkpoint.root != root
        if forked and self._store.keep_fork(checkpoint, asked.note.encode(), self._clock()):
            _LOG.warning("a log signed two roots of one size; both are kept", extra={"name_of": checkpoint.origin})
        return _Reply(verdict.status, f"{verdict.reason}\n")


def _text(lines: Sequence[Line]) -> str:
    return "".join(map(str, lines))


def _method(request: HttpRequest, *allowed: str) -> None:
    if request.method not in allowed:
        raise Refusal(
            405, "method-not-allowed", "This path does not take this method.", headers={"allow": ", ".join(allowed)}
        )
