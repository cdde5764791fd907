"""One device of the soak: a real SDK client that follows its plan and remembers what it was told had landed."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
from tests.soak.plan import Step

from mindhaven.crypto.encoding import decode
from mindhaven.errors import ConflictError, MindhavenError, UnavailableError
from mindhaven.kinds import Record
from mindhaven.protocol.collection import Role
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.client import Entry
from mindhaven.sdk.content import Notes
from mindhaven.sdk.vault import today

T = TypeVar("T")
PASS = "a soak of five quiet words"
SHARED = "journal"
MONTH_SECONDS = 30 * 86_400
PATIENCE_SECONDS = 60.0
"""A call that fails because the server is away is repeated for so long, then it is a fault."""


@dataclass
class Mark:
    """One text that was written: on which item, in whose stead (`base`), whether this device was told it landed."""

    text: str
    item: bytes
    base: str | None = None
    file: bytes | None = None
    acked: bool = False


@dataclass
class Erasure:
    """One erasure: of which item, bearing which text when it was asked for."""

    item: bytes
    text: str
    acked: bool = False


@dataclass
class Told:
    """What all devices together wrote and were told, and what they met on the way."""

    marks: dict[str, Mark] = field(default_factory=dict)
    erasures: list[Erasure] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    away: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    steps: int = 0


class Device:
    """A device of one person. Every fault that it meets goes to `told.faults`; it then goes on with its plan."""

    def __init__(self, name: str, home: Path, url: str, told: Told) -> None:
        self.name = name
        self.told = told
        self._home = home
        self._count = 0
        self._mine: list[Mark] = []
        self._gone: list[Erasure] = []
        http = httpx.AsyncClient(timeout=30, trust_env=False, event_hooks={"response": [self._seen]})
        self.client = AsyncMindhaven.create(home, url, passphrase=PASS, http=http)
        self.collection: bytes | None = None
        """Where a guest writes what is meant for the shared collection."""

    async def _seen(self, response: httpx.Response) -> None:
        status = str(response.status_code)
        if response.status_code >= 500:
            body = await response.aread()
            code = body.partition(b'"code":"')[2].partition(b'"')[0].decode("ascii", "replace")
            status = f"{status} {code or body[:60]!r}"
        self.told.statuses[status] += 1

    # -- calls while the server comes and goes

    async def insist(self, call: Callable[[], Awaitable[T]], what: str) -> T | None:
        """Make a call until it goes through; a fault, and None, if it fails otherwise or for too long."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return await call()
            except (UnavailableError, ConflictError) as error:
                if error.reason == "not-shared":
                    return None
                if error.reason not in {"offline", "overtaken"} and isinstance(error, ConflictError):
                    self._fault(what, error)
                    return None
                if time.monotonic() > until:
                    self._fault(what, error)
                    return None
                self.told.away[error.reason] += 1
                await asyncio.sleep(0.2)
            except MindhavenError as error:
                self._fault(what, error)
                return None
            finally:
                self._settle()

    def _fault(self, what: str, error: Exception) -> None:
        reason = error.reason if isinstance(error, MindhavenError) else type(error).__name__
        self.told.faults.append(f"{self.name}: {what}: {reason}: {error}")

    def _settle(self) -> None:
        """Take as told whatever has left this device's queue."""
        waiting = Counter(decode(value)[1] for _, value in self.client.store.queued())
        for mark in self._mine:
            if not mark.acked and not waiting[mark.item]:
                mark.acked = True
        for erasure in self._gone:
            if not erasure.acked and not waiting[erasure.item]:
                erasure.acked = True

    # -- the plan

    async def live(self, steps: tuple[Step, ...]) -> None:
        """Do every step of the plan, then sync until nothing waits."""
        for step in steps:
            self.told.steps += 1
            try:
                await self._do(step)
            except MindhavenError as error:
                self._fault(step.act, error)
            self.told.done[step.act] += 1
            await asyncio.sleep(0)
        await self.settle()

    async def settle(self) -> None:
        """Sync until nothing waits, a bounded number of times."""
        for _ in range(5):
            await self.insist(self.client.sync, "last sync")
            if not self.client.store.queued():
                return

    async def _do(self, step: Step) -> None:
        match step.act:
            case "write":
                self.write(step)
            case "write-many":
                with self.client.store.batch():
                    for _ in range(step.count):
                        self.write(step)
            case "revise" | "erase":
                entry = self._pick(step)
                if entry is not None:
                    self._change(step, entry)
            case "attach":
                await self._attach(step)
            case "sync":
                await self.insist(self.client.sync, "sync")
            case "read":
                self._read()
            case "share":
                since = 0 if step.since_back is None else _month(step.since_back)
                role = Role.WRITER if step.guest == "ben" else Role.READER

                async def share() -> None:
                    await self.client.share(SHARED, step.guest, since=since, until=today() + 30, role=role)

                await self.insist(share, "share")
            case "revoke":

                async def revoke() -> None:
                    await self.client.stop_sharing(SHARED, step.guest)

                await self.insist(revoke, "revoke")

    def _record(self, text: str, month_back: int) -> Record:
        at = int(time.time()) - month_back * MONTH_SECONDS
        return Record(
            kind="mindhaven/mood",
            version=1,
            created_at=at * 1000,
            zone="UTC",
            body={"valence": 0.0, "note": text},
        )

    def _text(self) -> str:
        self._count += 1
        return f"{self.name}-{self._count}"

    def _where(self, step: Step | None = None) -> str | bytes:
        """Return where this device writes: Ana's devices into the shared collection, a writer half and half."""
        if self.name.startswith("ana"):
            return SHARED
        if self.name == "ben" and self.collection is not None and (step is None or step.pick < 0.5):
            return self.collection
        return "mood"

    def write(self, step: Step | None = None, *, notes: Notes | None = None, file: bytes | None = None) -> None:
        """Write one entry on this device."""
        text = self._text()
        where = "mood" if notes is not None and not self.name.startswith("ana") else self._where(step)
        item = self.client.add(self._record(text, step.month_back if step else 0), collection=where, notes=notes)
        mark = Mark(text, item, file=file)
        self.told.marks[text] = mark
        self._mine.append(mark)

    def _pick(self, step: Step) -> Entry | None:
        entries = [one for one in self.client.entries(kind="mindhaven/mood") if one.record is not None and one.mine]
        return entries[int(step.pick * len(entries))] if entries else None

    def _change(self, step: Step, entry: Entry) -> None:
        assert entry.record is not None
        before = str(entry.record.body["note"])
        if step.act == "erase":
            erasure = Erasure(entry.item, before)
            self.told.erasures.append(erasure)
            self._gone.append(erasure)
            self.client.erase(entry)
            return
        self._change_of_mind(entry.item)
        text = self._text()
        body = dict(entry.record.body) | {"note": text}
        old = entry.record
        record = Record(kind=old.kind, version=1, created_at=old.created_at, zone=old.zone, body=body)
        self.client.revise(entry, record)
        kept = self.told.marks.get(before)
        mark = Mark(text, entry.item, base=before, file=kept.file if kept else None)
        self.told.marks[text] = mark
        self._mine.append(mark)

    def _change_of_mind(self, item: bytes) -> None:
        """Forget an erasure that is held and was never sent: its entry shows again, and is revised after all."""
        for erasure in [one for one in self._gone if one.item == item and not one.acked]:
            self._gone.remove(erasure)
            self.told.erasures.remove(erasure)

    async def _attach(self, step: Step) -> None:
        content = os.urandom(1000 * step.count)
        path = self._home / f"file-{self._count}"
        path.write_bytes(content)
        name = SHARED if self.name.startswith("ana") else "mood"

        async def send() -> Notes:
            return Notes(files=(await self.client.attach(name, path, media_type="application/octet-stream"),))

        notes = await self.insist(send, "attach")
        if notes is not None:
            self.write(step, notes=notes, file=content)

    def _read(self) -> None:
        entries = self.client.entries()
        texts = Counter(str(one.record.body["note"]) for one in entries if one.record and "note" in one.record.body)
        for text, count in texts.items():
            if count > 1:
                self.told.faults.append(f"{self.name}: reads {text} {count} times")


def _month(back: int) -> int:
    at = time.gmtime(time.time() - back * MONTH_SECONDS)
    return at.tm_year * 100 + at.tm_mon
