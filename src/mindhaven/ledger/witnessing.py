"""Asking witnesses to cosign, and what they remember of this server's logs. I/O: outgoing calls; the database.

Guarantees: a checkpoint is public once the policy's quorum cosigned it; nothing is asked inside a work; a witness that
saw more of a log than this database has stops all signing (log-behind); who does not answer is asked again, later and
later. Does not: keep care waiting: only the public state of the logs waits.
Protocol: C2SP tlog-witness 1.0.0.
"""

import asyncio
import hashlib
import logging
from dataclasses import dataclass, replace
from typing import Final

from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError, UnavailableError
from mindhaven.kernel import Actor, Call, Host, Look, Reply, Work
from mindhaven.ledger import keys, service
from mindhaven.ledger.model import Asked, Signed
from mindhaven.ledger.policy import data, of
from mindhaven.ledger.store import Logs, LogsChange
from mindhaven.tlog import tiles
from mindhaven.tlog.checkpoint import Checkpoint, open_checkpoint
from mindhaven.tlog.cosignature import cosigned_at
from mindhaven.tlog.note import Line, Note
from mindhaven.tlog.policy import Witness
from mindhaven.tlog.tree import EMPTY_ROOT
from mindhaven.tlog.witness import AddCheckpoint

_LOG: Final = logging.getLogger("mindhaven.ledger")
_JOB: Final = Actor(kind="job")
HEARTBEAT_SECONDS: Final = 3300
"""A checkpoint that did not grow is cosigned again after 55 minutes, so that none is older than an hour."""
FIRST_PAUSE_SECONDS: Final = 10
LONGEST_PAUSE_SECONDS: Final = 900
"""A witness that does not answer is asked after 10 s, 20 s ... a quarter of an hour: it never misses two heartbeats."""
TRIES: Final = 3
"""Requests of one round: the first may learn the size that the witness knows, the next proves from there."""
PURPOSE: Final = "access-log"
SIZE_MEDIA: Final = "text/x.tlog.size"
_MAX_DIGITS: Final = 19


class _NotCosignedError(Exception):
    """A witness did not cosign; the text is the reason, fit for a log."""


@dataclass(frozen=True, slots=True)
class _Log:
    """A log as this server has it: its name, origin, length, and the newest checkpoint."""

    name: str
    origin: str
    size: int
    newest: Signed


# -- asking for cosignatures


async def ask(host: Host, name: str) -> None:
    """Ask each witness that is due to cosign the newest checkpoint of a log, then make public what enough cosigned.

    Raises `IntegrityError` (log-behind) if a witness saw more of the log than there is.
    """
    rules = of(host)
    log = await _log(host, name)
    if log is None:
        return
    now = host.clock()
    known = await host.db.look(lambda look: Logs(look, service.SCOPE).asked(name))
    due = []
    for witness in rules.asked:
        row = known.get(str(witness.key), Asked())
        fresh = row.size == log.newest.size and 0 <= now - row.cosigned_at < HEARTBEAT_SECONDS
        if now >= row.next_at and not fresh:
            due.append((witness, row))
    found = await asyncio.gather(*(_ask_one(host, log, witness, row) for witness, row in due))
    lines = [line for line, _ in found if line is not None]
    rows = {str(witness.key): row for (witness, _), (_, row) in zip(due, found, strict=True)}

    async def keep(work: Work) -> None:
        await LogsChange(work, service.SCOPE).put_asked(name, rows)
        await service.keep_cosigned(work, name, log.newest.size, lines, rules.policy)

    if rows or not log.newest.public:
        await host.db.act(_JOB, keep, upkeep="what witnesses said")
    if any(row.size > log.size for row in rows.values()):
        rules.cleared[name].clear()  # from now on nothing is signed: who saw more is asked again before
        raise behind(name)


async def _ask_one(host: Host, log: _Log, witness: Witness, row: Asked) -> tuple[Line | None, Asked]:
    """Ask one witness; return its cosignature and what is known of it now."""
    try:
        line, size = await _cosign(host, log, witness, row.size)
    except (MindhavenError, _NotCosignedError) as error:
        reason = error.reason if isinstance(error, MindhavenError) else str(error)
        _LOG.warning("a witness did not cosign", extra={"code": reason, "name_of": witness.name})
        pause = min(FIRST_PAUSE_SECONDS << min(row.failures, 16), LONGEST_PAUSE_SECONDS)
        return None, replace(row, failures=row.failures + 1, next_at=host.clock() + pause)
    if line is None:  # it saw more than the newest checkpoint has
        return None, replace(row, size=size)
    return line, Asked(size=size, cosigned_at=host.clock())


async def _cosign(host: Host, log: _Log, witness: Witness, old: int) -> tuple[Line | None, int]:
    """Return a witness's cosignature with the size it knows now; None if it knows more than the newest checkpoint."""
    note = _own_lines(log)
    target = log.newest.size
    for _ in range(TRIES):
        if old > target:
            return None, old
        reply = await _add(host, witness, old, await _consistency(host, log.name, old, target), note)
        if reply.status == 200:
            return _line(reply, note, witness), target
        if reply.status != 409:
            raise _NotCosignedError(f"witness-{reply.status}")
        size = _size(reply)
        if size is None or size == old:
            raise _NotCosignedError("witness-409")
        old = size
    raise _NotCosignedError("witness-moves")


def _own_lines(log: _Log) -> Note:
    """Return the newest checkpoint with the log's own signatures only: that is all a witness needs."""
    note = Note.parse(log.newest.note)
    return Note(note.text, tuple(line for line in note.lines if line.name == log.origin))


async def _consistency(host: Host, name: str, old: int, new: int) -> list[bytes]:
    proof = tiles.consistency(old, new)
    return proof.hashes(await host.db.look(lambda look: Logs(look, service.SCOPE).tiles(name, proof.tiles)))


async def _add(host: Host, witness: Witness, old: int, proof: list[bytes], note: Note) -> Reply:
    body = AddCheckpoint(old, tuple(proof), note).encode()
    url = f"{witness.url.rstrip('/')}/add-checkpoint"
    return await host.outbound.send(Call(method="POST", url=url, purpose=PURPOSE, body=body))


def _line(reply: Reply, note: Note, witness: Witness) -> Line:
    """Return the newest cosignature of the witness's own key in a reply, verified."""
    try:
        found = [Line.parse(one) for one in reply.body.decode().removesuffix("\n").split("\n")]
        lines = [line for line in found if line.of(witness.key)]
        times = [cosigned_at(Note(note.text, (line,)), witness.key) for line in lines]
    except (MindhavenError, UnicodeDecodeError) as error:
        raise _NotCosignedError("witness-cosignature") from error
    best = max(zip((time or 0 for time in times), range(len(lines)), strict=True), default=None)
    if best is None:
        raise _NotCosignedError("witness-other-key")
    return lines[best[1]]


def _size(reply: Reply) -> int | None:
    media = reply.headers.get("content-type", "").partition(";")[0].strip()
    digits = reply.body.removesuffix(b"\n")
    return int(digits) if media == SIZE_MEDIA and digits.isdigit() and len(digits) <= _MAX_DIGITS else None


async def _log(host: Host, name: str) -> _Log | None:
    async def read(look: Look) -> _Log | None:
        logs = Logs(look, service.SCOPE)
        row, newest = await service.need(logs, name), await logs.newest(name, public=False)
        return None if newest is None else _Log(name, row.origin, row.size, newest)

    return await host.db.look(read)


# -- before the first signing after a start


def behind(name: str) -> IntegrityError:
    """Return why nothing is signed."""
    return IntegrityError(
        f"The log {name} is behind what was signed before: the database was put back to an earlier state.",
        hint="Nothing is signed, so that the log can't fork. See docs/howto/run-a-server.md, restoring.",
        code="log-behind",
    )


async def guard(host: Host, name: str, origin: str) -> None:
    """Ask the witnesses, once a start, how much of a log they saw; return when a quorum of them saw no more than this.

    Raises `IntegrityError` (log-behind), `UnavailableError` (witnesses-away): what can't be public is not signed.
    """
    rules = of(host)
    cleared = rules.cleared[name]
    now = host.clock()
    waiting = [one for one in rules.asked if one.key not in cleared and rules.due(name, one.key, now)]
    found = await asyncio.gather(*(_remembered(host, name, origin, one) for one in waiting), return_exceptions=True)
    for witness, seen in zip(waiting, found, strict=True):
        if isinstance(seen, _NotCosignedError | UnavailableError):
            reason = seen.reason if isinstance(seen, UnavailableError) else str(seen)
            _LOG.warning("a witness does not say what it saw", extra={"code": reason, "name_of": witness.name})
            rules.failed(name, witness.key, now)
        elif isinstance(seen, BaseException):
            raise seen
        else:
            cleared.add(witness.key)
    if not rules.policy.met(frozenset(called for called, one in rules.policy.witnesses.items() if one.key in cleared)):
        raise UnavailableError(
            "Too few witnesses say what they saw of this log, so nothing more is signed yet.", code="witnesses-away"
        )


async def _remembered(host: Host, name: str, origin: str, witness: Witness) -> None:
    """Return if what a witness saw of a log is in this database. Raises `IntegrityError` (log-behind)."""
    path = hashlib.sha256(origin.encode()).hexdigest()
    url = f"{witness.url.rstrip('/')}/{path}/checkpoint"
    reply = await host.outbound.send(Call(method="GET", url=url, purpose=PURPOSE))
    if reply.status == 200:
        await _compare(host, name, origin, reply.body)
        return
    size = await _probe(host, name, origin, witness)
    row = await host.db.look(lambda look: service.need(Logs(look, service.SCOPE), name))
    if size > row.size:
        raise behind(name)


async def _compare(host: Host, name: str, origin: str, data_: bytes) -> None:
    try:
        seen = open_checkpoint(Note.parse(data_), keys.signer(data(host), origin).vkey)
    except (InvalidInputError, IntegrityError) as error:
        raise _NotCosignedError("witness-checkpoint") from error
    row = await host.db.look(lambda look: service.need(Logs(look, service.SCOPE), name))
    if seen.size > row.size:
        raise behind(name)
    if await host.db.look(lambda look: service.root_at(look, name, seen.size)) != seen.root:
        raise behind(name)


async def _probe(host: Host, name: str, origin: str, witness: Witness) -> int:
    """Return the size that a witness knows, learned by asking it to cosign what was signed before.

    Some witnesses answer an empty proof for a stale size with 400, so the proof is one that would hold from size 1.
    Where nothing was signed yet, the empty log is shown: every log continues it, so signing it contradicts nothing.
    """
    log = await _log(host, name)
    if log is None:
        note = Checkpoint(origin, 0, EMPTY_ROOT).sign(keys.signer(data(host), origin))
        old, target = 0, 0
    else:
        note, target = _own_lines(log), log.newest.size
        old = min(1, target)
    reply = await _add(host, witness, old, await _consistency(host, name, old, target), note)
    if reply.status == 200:
        return target
    if reply.status == 404:
        raise _NotCosignedError("witness-404")
    size = _size(reply) if reply.status == 409 else None
    if size is None:
        raise _NotCosignedError(f"witness-{reply.status}")
    return size
