"""The register, given out by the operator's command: from the settings, to a new file, as JSON."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import run

CONFIG = """
[register]
name = "Lime Street Practice"
contact = "hello@lime.example"

[push]
services = ["fcm.googleapis.com"]
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "server.toml"
    path.write_text(CONFIG)
    return str(path)


def test_each_form_is_written_from_the_settings(config: str) -> None:
    for form, language, said in (
        ("art30", "en", "- Name: Lime Street Practice"),
        ("mhmda", "de", "- Name: Lime Street Practice"),
        ("dpia", "es", "# Borrador de evaluación de impacto (RGPD art. 35)"),
        ("flow", "en", "fcm.googleapis.com"),
    ):
        ran = run("register", "export", "--as", form, "--language", language, "--config", config)
        assert ran.code == 0, ran
        assert said in ran.out
        assert "No lawyer has reviewed it." in ran.err
    told = run("register", "export", "--as", "art30", "--json", "--config", config).told
    assert told["controller"]["contact"] == "hello@lime.example"
    assert told["missing"] == []
    assert "Called by this host: fcm.googleapis.com" in " ".join(
        run("register", "export", "--as", "flow", "--json", "--config", config).told["words"]
    )


def test_a_file_that_is_there_is_left_as_it_is(config: str, tmp_path: Path) -> None:
    out = tmp_path / "record.json"
    ran = run("register", "export", "--as", "art30", "--json", "--out", str(out), "--config", config)
    assert (ran.code, ran.out) == (0, "")
    assert json.loads(out.read_text("utf-8"))["as"] == "art30"
    before = out.read_bytes()
    again = run("register", "export", "--as", "dpia", "--out", str(out), "--config", config)
    assert again.code == 2
    assert "is there already" in " ".join(again.err.split())
    assert out.read_bytes() == before
    assert run("register", "export", "--as", "dpia", "--out", str(tmp_path / "no" / "x"), "--config", config).code == 2
