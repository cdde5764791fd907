"""What doctor says of what it finds."""

import os

import pytest

from mindhaven.kernel import ReaderState
from mindhaven.upkeep import rules
from mindhaven.upkeep.model import Backup
from mindhaven.upkeep.rules import Finding, Severity
from mindhaven.vault import SaltKeyRow

NOW = 1_795_437_296
HOUR, DAY = 3600, 86_400


def named(found: list[Finding]) -> list[tuple[str, int]]:
    for one in found:
        assert one.says.endswith(".")
        assert one.mend
    return [(one.name, int(one.severity)) for one in found]


def backup(age: int) -> Backup:
    return Backup(made_at=NOW - age, place="/b/1", side="/s", bytes=1)


@pytest.mark.parametrize(
    ("age", "tested", "expected"),
    [
        (None, None, [("backup-none", 1)]),
        (HOUR, HOUR, []),
        (2 * DAY, HOUR, []),
        (2 * DAY + 1, HOUR, [("backup-stale", 1)]),
        (7 * DAY, HOUR, [("backup-stale", 1)]),
        (7 * DAY + 1, HOUR, [("side-copy-stale", 2)]),
        (HOUR, None, [("backup-untested", 1)]),
        (HOUR, 90 * DAY, []),
        (HOUR, 90 * DAY + 1, [("backup-untested", 1)]),
        (8 * DAY, 100 * DAY, [("side-copy-stale", 2), ("backup-untested", 1)]),
    ],
)
def test_backups(age: int | None, tested: int | None, expected: list[tuple[str, int]]) -> None:
    made = [] if age is None else [backup(age), backup(age + DAY)]
    assert named(rules.backups(made, now=NOW, tested_at=None if tested is None else NOW - tested)) == expected


def key(generation: int, begun: int, retired: int = 0, destroyed: int = 0) -> SaltKeyRow:
    return SaltKeyRow(generation=generation, begun_at=begun, retired_at=retired, destroyed_at=destroyed)


def test_salt_keys() -> None:
    late = [("salt-key-overdue", 2)]
    assert rules.salt_keys([], now=NOW) == []
    assert rules.salt_keys([key(1, 0)], now=NOW) == []  # not dated yet
    assert rules.salt_keys([key(1, NOW - 8 * DAY)], now=NOW) == []
    assert named(rules.salt_keys([key(1, NOW - 8 * DAY - 1)], now=NOW)) == late
    fresh = key(2, NOW - DAY)
    assert rules.salt_keys([key(1, 1, NOW - 8 * DAY), fresh], now=NOW) == []
    assert named(rules.salt_keys([key(1, 1, NOW - 8 * DAY - 1), fresh], now=NOW)) == late
    assert rules.salt_keys([key(1, 1, NOW - 90 * DAY, NOW - 80 * DAY), fresh], now=NOW) == []


def test_erasures_readers_and_clocks() -> None:
    assert rules.erasures(0) == []
    assert named(rules.erasures(2)) == [("erasure-incomplete", 2)]
    states = [
        ReaderState(name="a", position=1, lag=10_000, stopped_at=None, error=None),
        ReaderState(name="b", position=1, lag=10_001, stopped_at=None, error=None),
        ReaderState(name="c", position=1, lag=0, stopped_at=5, error="log-moved"),
    ]
    found = rules.readers(states)
    assert named(found) == [("reader-behind", 1), ("reader-stopped", 2)]
    assert "c stopped (log-moved)" in found[1].says
    assert rules.clock(-5.0) == []
    assert named(rules.clock(5.5)) == [("clock-skew", 1)]
    assert named(rules.clock(-61.0)) == [("clock-skew", 2)]


def test_passwords_keys_and_versions() -> None:
    for weak in ("postgres", "PostgreSQL", "administrator", "short", "mindhaven-user"):
        assert rules.weak_password(weak, "mindhaven-user"), weak
    assert not rules.weak_password("vO3hQ9wz1LrT", "mindhaven")
    assert rules.weak_key(b"0123" * 8)
    assert rules.weak_key(bytes(11) + bytes(range(11)) + bytes(10))
    assert not rules.weak_key(bytes(10) + bytes(range(12)) + bytes(10))
    assert not rules.weak_key(os.urandom(32))
    wanted = {"a": "1", "b": "2", "c": "3"}
    assert rules.dependencies({"a": "1", "b": "2", "c": None}, wanted) == []
    found = rules.dependencies({"a": "1", "b": "2.1"}, wanted)
    assert named(found) == [("dependencies-differ", 1)]
    assert "locked: b." in found[0].says


def test_the_worst_counts() -> None:
    assert [*Severity] == [0, 1, 2]
    assert rules.worst([]) is Severity.NOTE
    assert rules.worst([*rules.erasures(1), *rules.backups([], now=NOW, tested_at=None)]) is Severity.DANGER
