"""One server on one SQLite database: a second one is refused by name.

Guarantees: the operating system holds the lock as long as this process lives, and lets it go however it ends, also by
`kill -9`. Does not: keep out the operator's commands (`mindhaven invite` and the like), which write through SQLite's
own locks beside a running server. I/O: a file `NAME.lock` beside the database, with the holder's process id.
"""

import fcntl
import os
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from mindhaven.errors import UnavailableError
from mindhaven.kernel import Settings
from mindhaven.server.settings import database_url


def hold_alone(settings: Settings) -> IO[str] | None:
    """Take the lock of a SQLite database; return what holds it (keep it), None for PostgreSQL.

    Raises `UnavailableError`: server-running if another server has it, database-lock if the disk can't lock.
    """
    parts = urlsplit(database_url(settings))
    if parts.scheme != "sqlite":
        return None
    database = Path("/" + unquote(parts.path).lstrip("/"))
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = database.resolve()  # a link to it is the same database
    lock = name.with_name(name.name + ".lock")
    file = os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii", errors="replace")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = file.read(20).strip()
        file.close()
        raise UnavailableError(
            f"Another server runs on {database} already{f' (process {holder})' if holder.isdigit() else ''}.",
            hint="Stop that one first, or give this one a directory of its own (--data DIR). Several processes on one"
            " database need PostgreSQL (server.database).",
            code="server-running",
        ) from None
    except OSError as error:
        file.close()
        raise UnavailableError(
            f"The disk of {database} can't lock files, so a second server could not be kept out.",
            hint="Keep the data directory on a local disk, or use PostgreSQL (server.database).",
            code="database-lock",
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
