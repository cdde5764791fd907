"""The ASGI application: operations in, HTTP out.

Guarantees: every answer, errors included, bears the security headers and the set origin; a refusal or an error becomes
a problem by one map; a body over its limit, of another type, or with a field that the operation does not know is
refused; the session is found before the body is read. Does not: log bodies, addresses, paths or identifiers.
I/O: the ASGI channel; the operations' own.
"""

import logging
import re
import traceback
import urllib.parse
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, MutableMapping
from typing import Any, Final

import msgspec

from mindhaven.errors import MindhavenError
from mindhaven.kernel.host import Host
from mindhaven.kernel.operation import JSON, Answer, Body, BodyStream, Operation
from mindhaven.kernel.outcome import Denied
from mindhaven.server import problems
from mindhaven.server.headers import ORIGIN_HEADER, Proxies, prefix, raw_headers
from mindhaven.server.problems import Refusal
from mindhaven.server.request import DisconnectedError, HttpRequest, Receive, Scope, Send
from mindhaven.server.routes import Routes

_LOG: Final = logging.getLogger("mindhaven.server")
_ENCODER: Final = msgspec.json.Encoder()
_AT: Final = re.compile(r" - at `([^`]*)`$")


class _Route:
    """An operation with what is worked out once."""

    __slots__ = ("decoder", "media", "operation", "query_fields")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        takes = operation.takes
        self.decoder: msgspec.json.Decoder[Any] | None = None
        self.media: str | None = None
        if takes is Body or takes is BodyStream:
            self.media = operation.media
        elif takes is not None:
            require_strict(operation.name, takes)
            self.decoder = msgspec.json.Decoder(takes)
            self.media = JSON
        if operation.query is not None:
            require_strict(operation.name, operation.query)


class App:
    """Answers the operations' paths; `await app(scope, receive, send)`."""

    def __init__(self, host: Host, operations: Iterable[Operation], *, trusted_proxies: Iterable[str] = ()) -> None:
        self.host = host
        self._routes = Routes((operation, _Route(operation)) for operation in operations)
        self._proxies = Proxies(trusted_proxies)
        origin: str = host.settings["server.origin"].rstrip("/")
        self._origin = (ORIGIN_HEADER, origin.encode()) if origin else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if self._origin is not None:
            send = _naming(send, self._origin)
        name = "none"
        answer: Answer
        try:
            route, params = self._routes.find(scope["method"], scope["path"])
            name = route.operation.name
            answer = await self._run(
                route, HttpRequest(scope, receive, self._proxies, params, route.operation.max_body_bytes)
            )
        except DisconnectedError:
            return
        except Refusal as refusal:
            answer = _problem(refusal.problem, refusal.headers)
        except MindhavenError as error:
            found, headers = problems.of_error(error)
            if found.status >= 500:
                _LOG.warning("an operation failed", extra={"operation": name, "code": error.reason})
            answer = _problem(found, headers)
        except Exception as error:  # noqa: BLE001 - whatever it was, the peer learns nothing of it
            _log_unexpected(name, error)
            answer = _problem(problems.unexpected(), {})
        await _send(answer, send, name)

    async def _run(self, route: _Route, request: HttpRequest) -> Answer:
        operation, host = route.operation, self.host
        if operation.who == "anyone":
            self._limit(operation, lambda: prefix(request.client))
        else:
            session = await host.authenticate(host, request)
            if isinstance(session, Denied):
                refused = problems.of_denied(session, {session.reason: 401} | dict(operation.refuses))
                return _problem(refused, {"www-authenticate": "Mindhaven"})
            if not session.may(operation.who):
                return _problem(_not_permitted(operation.who), {})
            request.session = session
            uid = session.actor.uid
            self._limit(operation, lambda: uid or prefix(request.client))
        if operation.query is not None:
            request.query = _query(request, operation.query)
        if route.media is not None:
            _require_media(request, route.media)
            if operation.takes is not BodyStream:
                data = await request.read()
                request.body = data if route.decoder is None else _decode(route.decoder, data)
        return _rendered(operation, await operation.run(host, request))

    def _limit(self, operation: Operation, who: Any) -> None:
        if operation.limit is None:
            return
        wait = self.host.limits.wait(operation.limit, who())
        if wait > 0:
            raise Refusal(
                429,
                "rate-limited",
                "Too many calls of this kind.",
                hint="Try again later.",
                headers={"retry-after": str(int(wait) + 1)},
            )


def require_strict(name: str, struct: Any) -> None:
    """Raise TypeError unless `struct` and every Struct inside it forbids unknown fields."""
    _, components = msgspec.json.schema_components([struct])
    for title, schema in components.items():
        if (
            schema.get("type") == "object"
            and "properties" in schema
            and schema.get("additionalProperties") is not False
        ):
            raise TypeError(f"{title}, which {name} takes, must be declared with forbid_unknown_fields=True.")


def _rendered(operation: Operation, given: Any) -> Answer:
    if isinstance(given, Denied):
        return _problem(problems.of_denied(given, operation.refuses), {})
    answer = given if isinstance(given, Answer) else Answer(body=given, status=operation.good_status)
    if isinstance(answer.body, msgspec.Struct):
        return Answer(
            body=_ENCODER.encode(answer.body), status=answer.status, media=answer.media or JSON, headers=answer.headers
        )
    if answer.body is not None and answer.media is None:
        return Answer(body=answer.body, status=answer.status, media=operation.media, headers=answer.headers)
    return answer


def _problem(problem: problems.Problem, headers: Mapping[str, str]) -> Answer:
    return Answer(body=_ENCODER.encode(problem), status=problem.status, media=problems.MEDIA, headers=headers)


def _not_permitted(who: str) -> problems.Problem:
    if who == "slot-now":
        return problems.problem(
            403, "unlock-again", "This asks you to unlock your account once more.", "Unlock with a slot, then repeat."
        )
    return problems.problem(403, "not-permitted", "This account may not do this.")


def _require_media(request: HttpRequest, media: str) -> None:
    given = (request.header("content-type") or "").split(";")[0].strip().lower()
    if given != media:
        raise Refusal(415, "media-type", "The body has another type than this operation takes.", hint=f"Send {media}.")
    if request.header("content-encoding") not in {None, "identity"}:
        raise Refusal(415, "content-encoding", "The body must not be compressed.")


def _decode(decoder: "msgspec.json.Decoder[Any]", data: bytes) -> Any:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise Refusal(
            400, "body-shape", "The body is not what this operation takes.", hint=safe_hint(str(error))
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(400, "body-malformed", "The body is not valid JSON.") from None


def safe_hint(message: str) -> str:
    """Return what msgspec says about a shape without anything that came from the body."""
    at = _AT.search(message)
    where = f" At {at.group(1)}." if at else ""
    said = _AT.sub("", message)
    if said.startswith(("Expected `", "Object missing required field `")) and "\n" not in said:
        return f"{said}.{where}"
    if said.startswith("Object contains unknown field"):
        return f"There is a field that this operation does not know.{where}"
    return f"A value is not one that this operation takes.{where}"


def _query(request: HttpRequest, struct: type[msgspec.Struct]) -> msgspec.Struct:
    text = request._scope["query_string"].decode("ascii", "replace")  # noqa: SLF001 - one module in two files
    try:
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=50)
    except ValueError:
        raise Refusal(400, "query-malformed", "The query is malformed.") from None
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Refusal(400, "query-repeated", "A query parameter is given twice.")
    try:
        return msgspec.convert(values, struct, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(
            400, "query-shape", "The query is not what this operation takes.", hint=safe_hint(str(error))
        ) from None


def _naming(send: Send, header: tuple[bytes, bytes]) -> Send:
    """Return `send` with a header more on every answer."""

    async def named(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"].append(header)
        await send(message)

    return named


async def _send(answer: Answer, send: Send, name: str) -> None:
    body = answer.body
    if body is None or isinstance(body, bytes):
        length = None if answer.status == 204 else len(body or b"")
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": raw_headers(answer.media, length, answer.headers),
            }
        )
        await send({"type": "http.response.body", "body": body or b""})
        return
    assert not isinstance(body, msgspec.Struct)
    try:
        await _send_stream(answer, body, send, name)
    finally:
        if isinstance(body, AsyncGenerator):
            await body.aclose()  # else what it holds is let go only when somebody collects it


async def _send_stream(answer: Answer, body: AsyncIterator[bytes], send: Send, name: str) -> None:
    """Send piece by piece; what fails before the first piece is still a problem, later the connection breaks off."""
    iterator = aiter(body)
    try:
        first = await anext(iterator, b"")
    except Exception as error:  # noqa: BLE001 - as in App.__call__
        if isinstance(error, MindhavenError):
            found, headers = problems.of_error(error)
        else:
            _log_unexpected(name, error)
            found, headers = problems.unexpected(), {}
        await _send(_problem(found, headers), send, name)
        return
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": raw_headers(answer.media, None, answer.headers),
        }
    )
    await send({"type": "http.response.body", "body": first, "more_body": True})
    async for piece in iterator:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _log_unexpected(name: str, error: Exception) -> None:
    """Log the kind of error and where it arose; never its text, which might hold data of a person."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))
    _LOG.error("unexpected error", extra={"operation": name, "error": type(error).__name__, "where": where})
