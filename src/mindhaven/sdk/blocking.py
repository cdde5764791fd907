"""`Mindhaven`: the client without `await`. Each call runs on one private event loop, not inside another."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from mindhaven.crypto.secrets import SealKey, SlotSecret
from mindhaven.kinds import Record
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role
from mindhaven.sdk.client import AsyncMindhaven, Entry, Synced
from mindhaven.sdk.content import Notes
from mindhaven.sdk.devices import Device
from mindhaven.sdk.index import Contact
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.sharing import Share
from mindhaven.wire.accounts import PendingShown, Receipt

T = TypeVar("T")


class Mindhaven:
    """One account on one device. The same as `AsyncMindhaven`, call by call."""

    def __init__(self, client: AsyncMindhaven, runner: asyncio.Runner) -> None:
        self.client = client
        self._runner = runner

    @classmethod
    def _with(cls, make: Callable[[], AsyncMindhaven]) -> Self:
        async def build() -> AsyncMindhaven:
            return make()

        runner = asyncio.Runner()
        return cls(runner.run(build()), runner)

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(call)

    @classmethod
    def create(cls, home: Path, server: str, *, passphrase: str | None, key: SealKey | None = None) -> Self:
        """Make a local store in `home` for an account at `server`."""
        return cls._with(lambda: AsyncMindhaven.create(home, server, passphrase=passphrase, key=key))

    @classmethod
    def open(cls, home: Path, *, passphrase: str | None = None, key: SealKey | None = None) -> Self:
        """Open the local store in `home`."""
        return cls._with(lambda: AsyncMindhaven.open(home, passphrase=passphrase, key=key))

    def close(self) -> None:
        """Close connections, store and loop."""
        self._run(self.client.close())
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def card(self) -> Card:
        """One's own card, to give to people."""
        return Card(self.client.me.handle, self.client.me.uid)

    def sign_up(
        self, passphrase: str, *, word: str | None = None, device: str = "", recovery_key: SlotSecret | None = None
    ) -> SlotSecret:
        """Make an account with two ways in; return the recovery key."""
        return self._run(self.client.sign_up(passphrase, word=word, device=device, recovery_key=recovery_key))

    def log_in(self, handle: str, passphrase: str, *, device: str = "", code: str | None = None) -> None:
        """Sign this device in."""
        self._run(self.client.log_in(handle, passphrase, device=device, code=code))

    def recover(self, text: str, *, device: str = "", code: str | None = None) -> None:
        """Sign this device in by the recovery key alone."""
        self._run(self.client.recover(text, device=device, code=code))

    def change_passphrase(self, old: str, new: str) -> None:
        """Replace the passphrase in one act."""
        self._run(self.client.change_passphrase(old, new))

    def add(self, record: Record, *, collection: str | bytes | None = None, notes: Notes | None = None) -> bytes:
        """Write a record on this device; `sync` sends it."""
        return self.client.add(record, collection=collection, notes=notes)

    def add_all(self, records: Sequence[Record], *, collection: str | None = None) -> list[bytes]:
        """Write many records as one batch on this device."""
        return self.client.add_all(records, collection=collection)

    def revise(self, entry: Entry, record: Record) -> None:
        """Write a next revision of one's own entry."""
        self.client.revise(entry, record)

    def erase(self, entry: Entry) -> None:
        """Erase an entry."""
        self.client.erase(entry)

    def entries(self, *, collection: str | None = None, kind: str | None = None) -> list[Entry]:
        """Return the entries on this device, oldest first."""
        return self.client.entries(collection=collection, kind=kind)

    def sync(self, *, progress: Progress | None = None) -> Synced:
        """Send what waits, then pull and verify everything."""
        return self._run(self.client.sync(progress=progress))

    def add_contact(self, card: Card, *, name: str, checked: str = "card") -> Contact:
        """Keep a contact whose card this person got from them."""
        return self._run(self.client.sharing.add_contact(card, name=name, checked=checked))

    def share(self, name: str, who: str, *, since: int = 0, until: int = 0, role: Role = Role.READER) -> None:
        """Share one's collection with a checked contact."""
        self._run(self.client.share(name, who, since=since, until=until, role=role))

    def stop_sharing(self, name: str, who: str) -> None:
        """Stop sharing one's collection with a contact."""
        self._run(self.client.stop_sharing(name, who))

    def shares(self) -> list[Share]:
        """Return every share that one gave or received."""
        return self._run(self.client.sharing.shares())

    def devices(self) -> list[Device]:
        """Return the signed-in devices."""
        return self._run(self.client.devices())

    def pending(self) -> list[PendingShown]:
        """Return the changes of ways in that wait."""
        return self._run(self.client.pending())

    def export_archive(self, path: Path, *, progress: Progress | None = None) -> int:
        """Write everything, with history, chains and signatures, to one file."""
        return self._run(self.client.export_archive(path, progress=progress))

    def delete_account(self, passphrase: str) -> Receipt:
        """Erase the account at the server; return its receipt."""
        return self._run(self.client.delete_account(passphrase))
