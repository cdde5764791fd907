"""The operations of the ledger. The logs are public; a person's own events need a session."""

from email.utils import formatdate
from typing import Any, Final

from mindhaven.accounts import SignedIn
from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Answer, Denied, Host, Look, Operation, Request
from mindhaven.kernel.openings import Kept, events_of, openings
from mindhaven.ledger import keys, publishing, service
from mindhaven.ledger.model import MAX_ACTIVITY, Signed
from mindhaven.ledger.policy import of
from mindhaven.ledger.store import Logs
from mindhaven.protocol.ledger import AUDIT, LOGS
from mindhaven.tlog.tiles import WIDTH, parse_path
from mindhaven.wire import ledger as wire

_UNSIGNED: Final = Denied("checkpoint-unsigned", "Nothing of this log was signed yet.", "Ask again in an hour.")
_UNKNOWN: Final = Denied("tile-unknown", "There is no such log, or nothing of it is shown at this place.")
_TEXT: Final = "text/plain; charset=utf-8"
_TILE: Final = "application/octet-stream"
_FOREVER: Final = {"cache-control": "public, max-age=31536000, immutable"}


async def show(host: Host, request: Request) -> wire.LedgerShown:  # noqa: ARG001 - the shape of an operation
    """Show which logs there are, and their keys."""
    await publishing.begin(host)

    async def read(look: Look) -> list[tuple[str, str]]:
        return [(name, (await service.need(Logs(look, service.SCOPE), name)).origin) for name in LOGS]

    data = publishing.data(host)
    return wire.LedgerShown(
        logs=[
            wire.LogShown(name=name, vkey=str(keys.signer(data, origin).vkey), path=f"/log/{name}")
            for name, origin in await host.db.look(read)
        ],
        policy=of(host).text.decode(),
    )


async def get(host: Host, request: Request) -> Answer | Denied:
    """Give a log's checkpoint, a tile or a bundle."""
    name, path = request.params["log"], request.params["path"]
    if name not in LOGS:
        return _UNKNOWN
    if path == "checkpoint":
        signed = await host.db.look(lambda look: Logs(look, service.SCOPE).newest(name, public=True))
        if signed is None:
            return _UNSIGNED
        when = formatdate(signed.signed_at, usegmt=True)  # how old it is: a stale log is noticed from outside
        return Answer(body=signed.note, media=_TEXT, headers={"cache-control": "no-cache", "last-modified": when})
    try:
        named, width = parse_path(path)
    except InvalidInputError:
        return _UNKNOWN
    found = await host.db.look(lambda look: service.piece(look, name, named, width))
    if found is None:
        return _UNKNOWN
    return Answer(body=found, media=_TILE, headers=_FOREVER if width == WIDTH else {"cache-control": "no-cache"})


async def activity(host: Host, request: Request) -> wire.ActivityPage:
    """Give one's own events with their proofs."""
    me: SignedIn = request.session
    query: wire.ActivityQuery = request.query

    async def read(look: Look) -> tuple[list[Kept], int, Signed | None, dict[int, list[bytes]]]:
        kept = await openings(look, subject=me.uid, first=query.first, limit=MAX_ACTIVITY)
        signed = await Logs(look, service.SCOPE).newest(AUDIT, public=True)
        size = 0 if signed is None else signed.size
        proofs = {
            one.seq: await service.inclusion(look, AUDIT, one.position, size)
            for one in kept
            if one.position is not None and one.position < size
        }
        return kept, await events_of(look, subject=me.uid), signed, proofs

    kept, total, signed, proofs = await host.db.look(read)
    return wire.ActivityPage(
        entries=[
            wire.ActivityEntry(
                seq=one.seq,
                commitment=one.commitment,
                salt=one.salt,
                body=one.body,
                position=one.position,
                proof=proofs.get(one.seq),
            )
            for one in kept
        ],
        total=total,
        checkpoint=b"" if signed is None else signed.note,
    )


def _op(name: str, path: str, run: Any, who: str, summary: str, **more: Any) -> Operation:
    return Operation(name=name, method="GET", path=path, run=run, who=who, summary=summary, **more)


OPERATIONS: Final = (
    _op("ledger", "/v1/ledger", show, "anyone", "Show the logs and their keys", gives=wire.LedgerShown),
    _op("log_get", "/log/{log:text}/{path:rest}", get, "anyone",
        "Get a log's checkpoint, a tile or a bundle (C2SP tlog-tiles)", gives=bytes, media=_TILE,
        refuses={"checkpoint-unsigned": 404, "tile-unknown": 404}),
    _op("activity", "/v1/activity", activity, "session", "Get what was recorded about oneself, with proofs",
        query=wire.ActivityQuery, gives=wire.ActivityPage),
)  # fmt: skip
