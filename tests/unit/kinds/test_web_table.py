"""What the browser knows of the kinds is what this library knows."""

import pytest
from tools import web_kinds


def test_the_browsers_tables_are_ours() -> None:
    assert web_kinds.stale() == [], "run: python tools/web_kinds.py"


def test_a_table_that_was_changed_by_hand_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    path = next(iter(web_kinds.TABLES))
    monkeypatch.setattr(web_kinds, "TABLES", {path: lambda: {"another": 1}})
    monkeypatch.setattr("sys.argv", ["web_kinds.py", "--check"])
    assert web_kinds.main() == 1
