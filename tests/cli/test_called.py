"""How the program names itself in lines to be copied."""

import sys
from pathlib import Path

import pytest

from mindhaven.cli.called import called


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an environment in it, as a clone has one."""
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "mindhaven").touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(binaries / "python"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_not_on_the_path_is_named_by_the_way_to_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert called() == ".venv/bin/mindhaven"
    (here / "deeper").mkdir()
    monkeypatch.chdir(here / "deeper")
    assert called() == f"{here}/.venv/bin/mindhaven"


def test_what_the_path_finds_is_called_by_its_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{here}/.venv/bin")
    assert called() == "mindhaven"
    (here / ".venv" / "bin" / "mindhaven").unlink()
    assert called() == "mindhaven"


def test_another_program_of_that_name_on_the_path_is_not_meant(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "other").mkdir()
    (here / "other" / "mindhaven").touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{here}/other")
    assert called() == ".venv/bin/mindhaven"
