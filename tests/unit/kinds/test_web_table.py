"""What the browser knows of the kinds is what this library knows."""

from tools.web_kinds import TARGET, written


def test_the_browsers_table_of_kinds_is_ours() -> None:
    assert TARGET.read_text("utf-8") == written(), "run: python tools/web_kinds.py"
