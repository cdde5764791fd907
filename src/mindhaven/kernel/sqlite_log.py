"""The copying of SQLite's write-ahead log into the database, off the writer's path.

Guarantees: no commit waits for a checkpoint's sync, unless the log grew past `MOST_PAGES`; what is committed is durable
in the log either way. Does not: promise that the log is empty at any time. I/O: the database file, on a thread of its
own named mindhaven-checkpoints.
"""

import contextlib
import threading
from collections.abc import Callable
from typing import Final

import apsw

COPY_PAGES: Final = 1_000
"""The log is copied each time it grew by this many pages (4 MiB)."""
MOST_PAGES: Final = 8_000
"""A log this long (32 MiB) is copied by the writer itself, between groups: under writes without a pause the other
thread never quite catches up, and only a log that is copied whole begins anew."""


class LogCopier:
    """Copies the log of one database; `follow` the writer's connection, `start` it, and `stop` it after the writer."""

    def __init__(self, connect: Callable[[], apsw.Connection]) -> None:
        self._connect = connect
        self._pages = 0
        self._copied = 0
        self._due = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="mindhaven-checkpoints", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait for it."""
        self._ending = True
        self._due.set()
        self._thread.join()

    def follow(self, writer: apsw.Connection) -> None:
        """Stand in for the checkpoint that SQLite itself would make inside a commit."""
        writer.set_wal_hook(self._committed)

    def keep_short(self, writer: apsw.Connection) -> None:
        """Copy a log that grew too long, on the writer's thread; call it between transactions."""
        if self._pages >= MOST_PAGES:
            self._pages = 0
            with contextlib.suppress(apsw.Error):
                writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def _committed(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        if pages < self._pages:  # the log began anew
            self._copied = 0
        self._pages = pages
        if pages - self._copied >= COPY_PAGES:
            self._due.set()
        return apsw.SQLITE_OK

    def _run(self) -> None:
        connection: apsw.Connection | None = None
        try:
            while True:
                self._due.wait()
                self._due.clear()
                if self._ending:
                    return
                # Whatever fails here (a full disk, a lock), the log stays whole and the next commit asks again.
                with contextlib.suppress(apsw.Error):
                    connection = connection or self._connect()
                    _, copied = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                    self._copied = max(copied, 0)
        finally:
            if connection is not None:
                connection.close()
