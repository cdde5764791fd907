"""Death at a chosen place: a process that kills itself, and its group, in the n-th work or statement that fits.

A file says where, and is gone with the death: `PART MOMENT COUNT`. PART is found in the name of a use case
(`mindhaven.vault.`), or is `schema` for the statements of migrations. MOMENT is `inside` (the statements ran, nothing
is committed) or `after` (it is committed, and nobody was told). Does not: run but in processes that tests start.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

VARIABLE = "SOAK_ARM"


class Armed:
    """What this process was armed with, read from the file when it changes."""

    def __init__(self, file: Path, die: Callable[[], None]) -> None:
        self._file = file
        self._die = die
        self._read = 0
        self._part = self._moment = ""
        self._left = 0

    def strike(self, name: str, moment: str) -> None:
        """Count one passage; die if it is the one."""
        try:
            stamp = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if stamp != self._read:
            try:
                self._part, self._moment, count = self._file.read_text().split()
            except (OSError, ValueError):
                return
            self._read, self._left = stamp, int(count)
        if self._part not in name or self._moment != moment:
            return
        self._left -= 1
        if self._left == 0:
            self._file.unlink(missing_ok=True)
            self._die()


def die() -> None:
    """Kill this process and all of its group, as a machine does that stops."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
    signal.pause()


def install(armed: Armed) -> None:
    """Let every work and every statement of a migration in this process pass by `armed`."""
    from mindhaven.kernel.postgres import PostgresDatabase
    from mindhaven.kernel.postgres_work import PostgresSchema
    from mindhaven.kernel.sqlite import SqliteDatabase
    from mindhaven.kernel.sqlite_work import SqliteSchema

    for database in (SqliteDatabase, PostgresDatabase):
        for method in ("act", "act_in_turn"):
            setattr(database, method, _passing(armed, getattr(database, method), turn=method == "act_in_turn"))
    for schema in (SqliteSchema, PostgresSchema):
        schema.script = _in_parts(armed, schema.script)


def _passing(armed: Armed, whole: Any, *, turn: bool) -> Any:
    async def act(self: Any, *args: Any, **more: Any) -> Any:
        *before, use_case = args
        if turn and type(self).dialect == "sqlite":  # it calls `act`, which passes
            return await whole(self, *args, **more)
        name = f"{getattr(use_case, '__module__', '')}.{getattr(use_case, '__qualname__', '')}"

        async def passed(work: Any) -> Any:
            done = await use_case(work)
            armed.strike(name, "inside")
            return done

        passed.__module__, passed.__qualname__ = name.rpartition(".")[0], name.rpartition(".")[2]
        done = await whole(self, *before, passed, **more)
        armed.strike(name, "after")
        return done

    return act


def _in_parts(armed: Armed, whole: Any) -> Any:
    """Run the statements of a script one by one. None of our migrations has a semicolon within a statement."""

    async def script(self: Any, sql: str) -> None:
        bare = "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))
        for part in filter(str.strip, bare.split(";")):
            await whole(self, part)
            armed.strike("schema", "inside")

    return script


def armed_by_environment() -> None:
    """Install what the environment names, if it does."""
    file = os.environ.get(VARIABLE)
    if file:
        install(Armed(Path(file), die))
