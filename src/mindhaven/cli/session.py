"""An opened home: the client, its loop, and what a lost session or connection means. I/O: the store and the server.

Guarantees: a session that ended is opened again where the passphrase is at hand; what is written is kept on the device
whether or not the server answers.
"""

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self, TypeVar

from mindhaven.cli.editor import take_leftovers
from mindhaven.cli.home import Home
from mindhaven.cli.screen import Screen, plain
from mindhaven.cli.times import seconds_text
from mindhaven.crypto.secrets import SealKey
from mindhaven.errors import DeniedError, InvalidInputError, MindhavenError, UnavailableError
from mindhaven.sdk import AsyncMindhaven, Synced
from mindhaven.sdk.alerts import Alerts
from mindhaven.sdk.errors import CertificateError, OfflineError, SignedOutError, WrongPassphraseError
from mindhaven.sdk.index import Listed
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.parts import Lacking
from mindhaven.sdk.progress import Progress

T = TypeVar("T")
TRIES: Final = 3
HOW_TO_UNLOCK: Final = "Give --passphrase-file PATH, or use --keyring."
IF_ERASED: Final = (
    "If the account was erased, on another device or by you, nothing signs this one in again: the server can't tell an"
    " erased account from one that never was. mindhaven logout --erase then removes the copy here."
)
DEVICE_META: Final = "device-name"
_NEWS: Final = {
    "device": "A device signed in to your account",
    "keys": "Your keys or ways in were changed on another device",
    "cancelled": "A change of ways in that waited was cancelled, or overtaken by another: it does not count",
    "code": "The code of an authenticator app was turned on or off",
    "passkey-added": "A passkey was added to your account",
    "passkey-removed": "A passkey of your account was removed",
    "passkey-factor": "A passkey is asked for beside your passphrase, or no longer",
    "passkey-noticed": "A passkey of yours may have been copied: mindhaven passkeys tells which",
}


def passphrase_from(path: str) -> str:
    """Return the passphrase in the file at `path`: its first line."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            "The passphrase file can't be read.", hint=f"Check the path: {path}", code="passphrase-file"
        ) from error
    if not lines or not lines[0]:
        raise InvalidInputError("The passphrase file is empty.", hint="It holds one line.", code="passphrase-file")
    return lines[0]


class Session:
    """One account on this device, opened for one command."""

    def __init__(self, client: AsyncMindhaven, screen: Screen, *, passphrase: str | None, offline: bool) -> None:
        self.client = client
        self.screen = screen
        self.passphrase = passphrase
        self.offline = offline
        self._runner = asyncio.Runner()

    @classmethod
    def new(cls, home: Home, server: str, screen: Screen, *, passphrase: str) -> Self:
        """Make a new local store."""
        return cls(AsyncMindhaven.create(home.path, server, passphrase=passphrase), screen,
                   passphrase=passphrase, offline=False)  # fmt: skip

    @classmethod
    def open(cls, home: Home, args: Namespace, screen: Screen) -> Self:
        """Open the store of this home by keyring, passphrase file or question."""
        if not LocalStore.exists(home.path):
            raise InvalidInputError(
                "Nobody has signed in on this device yet.",
                hint="mindhaven signup makes an account, mindhaven login HANDLE uses one that you have.",
                code="no-store",
            )
        passphrase, key = None, None
        file = getattr(args, "passphrase_file", None)
        if file is None and home.setting("keyring").value:
            kept = home.keyring_get()
            key = None if kept is None else SealKey(kept)
        given = home.setting("server")
        server = str(given.value) if given.origin == "command line" else None
        for left in reversed(range(TRIES if key is None and file is None else 1)):
            if key is None:
                passphrase = ask_passphrase(screen, file)
            try:
                client = AsyncMindhaven.open(home.path, passphrase=passphrase, key=key, server=server)
                break
            except WrongPassphraseError as error:
                if not left:
                    raise
                screen.warn(error.message)
        if getattr(args, "keyring", False) and key is None:
            home.keyring_put(bytes(client.store.key))
            home.keep_keyring()
        take_leftovers(screen, client.store, home.path)
        return cls(client, screen, passphrase=passphrase, offline=bool(home.setting("offline").value))

    def close(self) -> None:
        """Close everything."""
        self._runner.run(self.client.close())
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- calling

    def call(self, make: Callable[[AsyncMindhaven], Awaitable[T]]) -> T:
        """Run one call; if the session has ended and the passphrase is at hand, sign in again and repeat it once."""
        try:
            return self._run(make)
        except SignedOutError:
            if self.client.access.me is None or self.passphrase is None or not self.client.me.session:
                raise
            self._back_in(self.passphrase)
            return self._run(make)

    def _back_in(self, passphrase: str) -> None:
        try:
            self.log_in_again(passphrase)
        except SignedOutError as error:
            self.screen.say(IF_ERASED)
            raise SignedOutError(
                "This device is signed out, and its passphrase does not sign it in again.",
                hint="mindhaven login, or mindhaven recovery use. Reading and writing go on without it.",
            ) from error

    def _run(self, make: Callable[[AsyncMindhaven], Awaitable[T]]) -> T:
        async def run() -> T:
            return await make(self.client)

        return self._runner.run(run())

    def log_in_again(self, passphrase: str, code: str | None = None) -> None:
        """Sign this device in once more, under the same account."""
        me = self.client.me
        kept = self.client.store.meta(DEVICE_META)
        device = "" if kept is None else kept.decode()

        def log_in(given: str | None) -> None:
            self._run(lambda m: m.access.log_in(handle=me.handle, passphrase=passphrase, device=device, code=given))

        self.with_code(log_in, code)

    def with_code(self, log_in: Callable[[str | None], None], code: str | None) -> None:
        """Sign in; ask for the second factor's code if the server wants one."""
        try:
            log_in(code)
        except MindhavenError as error:
            if error.reason not in {"totp-needed", "totp-or-passkey-needed"} or code is not None:
                raise
            log_in(self.screen.ask("Code from your authenticator app:", instead="Give --code CODE."))

    def call_online(self, make: Callable[[AsyncMindhaven], Awaitable[T]]) -> T:
        """Run a call that only the server can answer."""
        if self.offline:
            raise UnavailableError("This needs the server.", hint="Leave --offline out.", code="offline")
        try:
            return self.call(make)
        except OfflineError as error:
            raise OfflineError(
                "The server can't be reached, so this was not done.",
                hint="Do it again when the server answers. Entries that you wrote wait on this device.",
            ) from error

    # -- syncing

    def try_sync(self) -> Synced | None:
        """Sync if the server answers; say in one line what waits if it does not. Integrity errors are raised."""
        if self.offline:
            self._say_waiting("You asked to stay offline")
            return None
        try:
            return self.call(sync_own)
        except SignedOutError:
            self._say_waiting("This device is signed out", " Sign in again: mindhaven login")
        except CertificateError as error:
            self._say_waiting(error.message.rstrip("."), f" {error.hint}")
        except UnavailableError:
            self._say_waiting("The server can't be reached")
        except DeniedError as error:
            self._say_waiting(error.message.rstrip("."), f" {error.hint}" if error.reason == "origin-differs" else "")
        return None

    def _say_waiting(self, why: str, hint: str = "") -> None:
        count = len(self.client.store.queued())
        what = (
            f"{count} {'entry waits' if count == 1 else 'entries wait'} on this device." if count else "Nothing waits."
        )
        self.screen.say(f"{why}. {what}{hint}")

    def after_write(self) -> None:
        """Send what was written, if the server answers."""
        synced = self.try_sync()
        if synced is not None:
            self.say_synced(synced)

    def device_names(self, wanted: Iterable[bytes]) -> dict[bytes, str]:
        """Return what signed-in devices call themselves, by id; empty where the server does not say."""
        if not set(wanted):
            return {}
        try:
            return {one.id: one.name for one in self.call(lambda m: m.devices()) if one.name}
        except (DeniedError, UnavailableError):
            return {}

    def say_synced(self, synced: Synced) -> None:
        """Say what a sync could not send, what other devices did, and what can be done about it."""
        say_alerts(self.screen, synced.alerts, self.device_names(act.about for act in synced.alerts.acts))
        for held in synced.held:
            self.screen.warn(f"Not sent: {held}")
        for noted in synced.noted:
            self.screen.warn(noted)
        if any(one.movable for one in self.client.held()):
            self.screen.warn("It stays on this device. To move it into your own entries, or drop it: mindhaven held")
        if synced.log_fault is not None:
            self.screen.warn(synced.log_fault.message)
            self.screen.warn(f"{synced.log_fault.hint or ''} To look again: mindhaven ledger".strip())
        given = synced.given_back
        if given.commits or given.records:
            self.screen.say(
                "The server was restored to an earlier day. This device brought back what it lacked:"
                f" {given.commits:,} {'change' if given.commits == 1 else 'changes'}"
                + (f", {given.records:,} {'record' if given.records == 1 else 'records'}." if given.records else ".")
            )
        if synced.lacking:
            say_lacking(self.screen, synced.lacking)
        if synced.behind:
            self.screen.warn(
                f"The server was restored, and still lacks a part of {len(synced.behind)} of your collections. It comes"
                " back when your other devices, and those of the people concerned, have synced. Your entries here stay."
            )
        if synced.split:
            self.screen.warn(
                f"The server was restored, and {len(synced.split)} of your collections"
                f" {'goes' if len(synced.split) == 1 else 'go'} on differently there than on this device. Your entries"
                " here stay. To see what it lacks: mindhaven rejoin"
            )
        if synced.stale_since is not None and synced.log_fault is None:
            self.screen.warn(
                f"The witnesses' newest word is of {seconds_text(synced.stale_since)}, more than a day ago: newer"
                " changes may be held back. Compare safety words before you share with somebody new."
            )
        if synced.offered:
            self.screen.say("Somebody who is not a contact wants to share something with you: mindhaven offers")


def say_lacking(screen: Screen, lacking: Sequence[Lacking]) -> None:
    """Say by name of which files a restored server lacks parts, and what to do."""
    if not lacking:
        return
    screen.warn("The server was restored, and lacks parts of attached files:")
    for one in lacking:
        screen.warn(f"  {parts_of(one)}")
    screen.warn("Whoever still has such a file, unchanged, can give it back: mindhaven give-back FILE")


def parts_of(one: Lacking) -> str:
    """Return how many parts of which file are meant."""
    return f"{len(one.parts):,} of {len(one.file.blobs):,} parts of {plain(one.file.name)} (entry {one.item.hex()[:8]})"


def say_alerts(screen: Screen, alerts: Alerts, names: Mapping[bytes, str]) -> None:
    """Say which changes of ways in wait, and what other devices did, each with what to do if it was not this person."""
    for one in alerts.waiting:
        screen.warn(
            f"A change of your ways in was asked for on another device. It counts from {seconds_text(one.due_at)} on."
            f" If that was not you: mindhaven recovery cancel {one.id.hex()[:8]}"
        )
    for act in alerts.acts:
        name = plain(names.get(act.about, ""))
        news = _NEWS[act.what] + (f": it calls itself {name}" if name else "")
        lost = f" and mindhaven devices lost {act.about.hex()[:8]}" if name else ""  # by id: a name can lie
        screen.warn(f"{news} (about {seconds_text(act.at)}). If that was not you: mindhaven recovery{lost}")


async def own_first(client: AsyncMindhaven, names: set[str]) -> None:
    """Begin one's own collection of each name, where there is none yet.

    The SDK would otherwise take a collection of that name that another shares; one's own entries never go there by a
    mere name.
    """
    me = client.me.uid

    def lacking() -> set[str]:
        return names - {one.name for one in client.index.collections() if one.owner == me}

    if not lacking() or client.index.id is None:
        return
    await client.vault.pull(client.index.id)  # another device may have begun it
    for name in sorted(lacking()):
        await client.index.add(Listed(await client.vault.create(), name, me))


async def sync_own(
    client: AsyncMindhaven, progress: Progress | None = None, shown_first: Callable[[int], None] | None = None
) -> Synced:
    """Sync; what waits goes into one's own collections."""
    await own_first(client, {one.collection_name for one in client.entries() if one.waits and one.collection is None})
    return await client.sync(progress=progress, shown_first=shown_first)


def ask_passphrase(screen: Screen, file: str | None, question: str = "Passphrase:") -> str:
    """Return the passphrase, from a file or the terminal."""
    if file is not None:
        return passphrase_from(file)
    try:
        return screen.secret(question, instead=HOW_TO_UNLOCK)
    except InvalidInputError as error:
        raise WrongPassphraseError("Your entries are locked.", hint=HOW_TO_UNLOCK) from error
