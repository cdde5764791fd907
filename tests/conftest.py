"""Fixtures of databases. Every test of storage takes `database` and so runs on SQLite and on PostgreSQL.

Async tests need no marker; they run on uvloop. PostgreSQL is looked for in MINDHAVEN_TEST_DSN, then among the wheel's
binaries, then the system's; without any, its tests fail. One cluster per run, a fresh database per test.
"""

import asyncio
import inspect
import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.simulators.postgres import Cluster

from mindhaven.kernel import Database, kernel_migrations, migrate, open_database

_NAMES = itertools.count(1)


class FakeClock:
    """A clock that a test sets; begins on 2026-11-23 12:34:56 UTC."""

    def __init__(self, now: int = 1_795_437_296) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> None:
    """Let coroutine functions be tests without a marker."""
    if name.startswith("test") and inspect.iscoroutinefunction(obj):
        pytest.mark.anyio(obj)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Run async tests on the loop that the server runs on."""
    return "asyncio", {"use_uvloop": True}


# -- one cluster per run, shared by xdist's workers ---------------------------------------------------------------


_cluster: list[Cluster] = []


def _start() -> str:
    given = os.environ.get("MINDHAVEN_TEST_DSN")
    if given:
        return given
    if not _cluster:
        _cluster.append(Cluster())
    return _cluster[0].dsn()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each xdist worker of the one cluster."""
    node.workerinput["postgres"] = _start()


def pytest_sessionfinish() -> None:
    """Stop the cluster that this process started."""
    while _cluster:
        _cluster.pop().stop()


@pytest.fixture(scope="session")
def postgres_dsn(request: pytest.FixtureRequest) -> str:
    """The URL of the cluster's own database."""
    given = getattr(request.config, "workerinput", {}).get("postgres")
    return given or _start()


# -- databases -----------------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a new SQLite file."""
    return f"sqlite:///{tmp_path}/mindhaven.db"


@pytest.fixture
def postgres_url(postgres_dsn: str) -> Iterator[str]:
    """The URL of a new PostgreSQL database, dropped afterwards."""
    name = f"mh_{os.getpid()}_{next(_NAMES)}"
    _administer(postgres_dsn, f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
    yield _named(postgres_dsn, name)
    _administer(postgres_dsn, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def other_postgres_url(postgres_dsn: str) -> Iterator[str]:
    """The URL of a second new PostgreSQL database, dropped afterwards."""
    name = f"mh_{os.getpid()}_{next(_NAMES)}"
    _administer(postgres_dsn, f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
    yield _named(postgres_dsn, name)
    _administer(postgres_dsn, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(dsn: str, statement: str) -> None:
    """Run one statement on a loop of its own: the fixture serves tests with and without one."""

    async def run() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, run()).result()


def _named(dsn: str, name: str) -> str:
    head, mark, query = dsn.partition("?")
    return head.rpartition("/")[0] + "/" + name + mark + query


@pytest.fixture
async def sqlite_db(sqlite_url: str, clock: FakeClock) -> AsyncIterator[Database]:
    """A new SQLite database with the kernel's tables."""
    db = await open_database(sqlite_url, clock=clock)
    await migrate(db, kernel_migrations())
    yield db
    await db.close()


@pytest.fixture
async def postgres_db(postgres_url: str, clock: FakeClock) -> AsyncIterator[Database]:
    """A new PostgreSQL database with the kernel's tables."""
    db = await open_database(postgres_url, clock=clock)
    await migrate(db, kernel_migrations())
    yield db
    await db.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a new, empty database: each of both kinds in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str, clock: FakeClock) -> AsyncIterator[Database]:
    """A new database with the kernel's tables: each of both kinds in turn."""
    db = await open_database(database_url, clock=clock)
    await migrate(db, kernel_migrations())
    yield db
    await db.close()


@pytest.fixture
def opener(clock: FakeClock) -> Callable[[str], Any]:
    """Open a second handle on the same database, as another process would."""

    def open_again(url: str) -> Any:
        return open_database(url, clock=clock)

    return open_again


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's MINDHAVEN_ variables out of tests."""
    for variable in [name for name in os.environ if name.startswith("MINDHAVEN_") and name != "MINDHAVEN_TEST_DSN"]:
        monkeypatch.delenv(variable)
