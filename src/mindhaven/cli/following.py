"""`mindhaven sync --follow`: one calm line for each change, until it is stopped. I/O: the server, the store, output.

Guarantees: Ctrl-C ends it with 0 and loses nothing: what came in is stored, what was not sent waits on this device.
"""

import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

from mindhaven.cli.area import Command
from mindhaven.cli.present import YOU, named, people
from mindhaven.cli.screen import Screen, plain
from mindhaven.cli.session import Session, sync_own
from mindhaven.errors import UnavailableError
from mindhaven.protocol.collection import Commit, Erase, Put
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk import AsyncMindhaven, Synced
from mindhaven.sdk.following import Away, Followed, Following


@dataclass(frozen=True, slots=True)
class Change:
    """What one person did in one collection since the last line."""

    collection: bytes
    name: str
    by: str
    new: int
    changed: int
    erased: int

    def lines(self) -> list[str]:
        """Return what is said of it."""
        whose = "of yours" if self.by == YOU else f"from {plain(self.by)}"
        place = plain(self.name)
        said = [f"{_entries(self.new, 'new ')} {whose} in {place}."] if self.new else []
        said += [f"{_entries(self.changed, 'changed ')} {whose} in {place}."] if self.changed else []
        if self.erased:
            said.append(f"{_entries(self.erased)} in {place} {'was' if self.erased == 1 else 'were'} erased.")
        return said

    def told(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {"id": self.collection.hex(), "collection": self.name, "from": self.by, "new": self.new,
                "changed": self.changed, "erased": self.erased}  # fmt: skip


def _entries(count: int, which: str = "") -> str:
    return f"{count:,} {which}{'entry' if count == 1 else 'entries'}"


class _Steps:
    """The syncs one by one: between two of them nothing runs, so that each can be told in full."""

    def __init__(self, away: Away) -> None:
        self._away = away
        self._going: AsyncGenerator[Followed] | None = None

    async def next(self, client: AsyncMindhaven) -> Followed:
        """Wait for the next; after an error it begins anew."""
        if self._going is None:
            following = Following(client.store, client.transport, lambda: sync_own(client))
            self._going = following.follow(away=self._away)
        try:
            return await anext(self._going)
        except BaseException:
            self._going = None
            raise

    async def stop(self, _client: AsyncMindhaven) -> None:
        """End it."""
        if self._going is not None:
            await self._going.aclose()


def follow(command: Command, told_of: Callable[[Session, Synced], dict[str, Any]]) -> None:
    """Follow until stopped; `told_of` gives what a sync tells programs."""
    screen = command.screen

    def away(error: UnavailableError) -> None:
        screen.say(f"{error.message.rstrip('.')}. This goes on as soon as it answers.")

    with command.open() as session:
        steps = _Steps(away)
        seen = {one: session.client.store.seq(one) for one in session.client.store.collections()}
        said: object = None
        begun = False
        try:
            while True:
                followed = session.call_online(steps.next)
                synced, changes = followed.synced, _changes(session, followed, seen)
                if screen.as_json:
                    more = {"live": followed.live, "changes": [one.told() for one in changes]}
                    screen.json_line(told_of(session, synced) | more)
                else:
                    _say(screen, synced, changes)
                news = (
                    synced.held,
                    synced.offered,
                    synced.alerts.waiting,
                    synced.log_fault and synced.log_fault.reason,
                )
                if synced.alerts.acts or news != said:  # what stays as it was is not said again with every line
                    said = news
                    session.say_synced(synced)
                if not begun:
                    begun = True
                    screen.note("Following: what changes from now on is told here, until you press Ctrl-C.")
        except KeyboardInterrupt:
            session.call(steps.stop)


def _say(screen: Screen, synced: Synced, changes: list[Change]) -> None:
    for line in [text for one in changes for text in one.lines()]:
        screen.data(line, at_once=True)
    if synced.sent:
        screen.data(f"Sent {synced.sent:,}.", at_once=True)
    if synced.shared_with_me:
        screen.data("Something new is shared with you: mindhaven shared", at_once=True)
    sys.stdout.flush()


def _changes(session: Session, followed: Followed, seen: dict[bytes, int]) -> list[Change]:
    """Return what came in since `seen`, by collection and person; what this device sent itself is left out."""
    client, known = session.client, people(session)
    names = {one.id: one.name for one in client.index.collections()}
    found = []
    for collection in followed.changed:
        since, seen[collection] = seen.get(collection, -1), client.store.seq(collection)
        if collection not in names:
            continue
        counts: dict[bytes, Counter[str]] = {}
        for seq, signed in client.store.commits(collection):
            if seq > since:
                commit = Commit.decode(Signed.decode(signed).body)
                counts.setdefault(commit.author, Counter()).update(_kinds(commit))
        if followed.synced.sent:
            counts.pop(client.me.uid, None)
        found += [
            Change(collection, names[collection], named(known, by), each["new"], each["changed"], each["erased"])
            for by, each in counts.items()
            if each.total()
        ]
    return found


def _kinds(commit: Commit) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for change in commit.changes:
        if isinstance(change, Put):
            kinds["new" if change.revision == 1 else "changed"] += 1
        elif isinstance(change, Erase):
            kinds["erased"] += 1
    return kinds
