"""What deploy/ names exists: paths, commands, settings. It is no build and no boot."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from mindhaven.sdk.address import CA_VARIABLE
from mindhaven.server.files import check_files
from mindhaven.server.settings import SERVER, check_shape, load_server
from mindhaven.server.slices import SLICES

ROOT = Path(__file__).resolve().parents[3]
CONTAINER = (ROOT / "deploy" / "Containerfile").read_text()
UNIT = ROOT / "deploy" / "mindhaven.service"
HOWTO = (ROOT / "docs" / "howto" / "run-a-server.md").read_text()
VARIABLES = {one.variable for one in SERVER} | {one.variable for each in SLICES for one in each.settings}


def instructions() -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in CONTAINER.splitlines() if not line.startswith("#")))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word]


def test_the_container_copies_what_is_there() -> None:
    known = {"FROM", "WORKDIR", "ENV", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
             "ENTRYPOINT", "CMD"}  # fmt: skip
    assert {word for word, _ in instructions()} <= known
    for _, rest in [one for one in instructions() if one[0] == "COPY" and "--from" not in one[1]]:
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists(), source
    for name in re.findall(r"-r (requirements/\S+)", CONTAINER):
        assert (ROOT / name).exists(), name
    assert "hatchling" in (ROOT / "requirements" / "dev.txt").read_text()
    assert CONTAINER.startswith("# Untried")


def test_the_container_runs_as_nobody_special_and_serves() -> None:
    order = [word for word, _ in instructions()]
    assert order.count("FROM") == 2
    user = next(rest for word, rest in instructions() if word == "USER")
    assert user == "8440:8440"
    assert order.index("USER") > max(index for index, word in enumerate(order) if word == "RUN")
    assert "mindhaven" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert ("CMD", '["serve"]') in instructions()
    assert "/healthz" in next(rest for word, rest in instructions() if word == "HEALTHCHECK")
    compile("import urllib.request as u; u.urlopen('http://127.0.0.1:8440/healthz', timeout=4)", "health", "exec")


@pytest.mark.parametrize("text", [CONTAINER, UNIT.read_text(), HOWTO], ids=["container", "unit", "howto"])
def test_every_variable_that_is_named_is_a_setting(text: str) -> None:
    assert set(re.findall(r"MINDHAVEN_[A-Z_]+", text)) <= VARIABLES | {"MINDHAVEN_MASTER_KEY", CA_VARIABLE}


def test_every_example_of_the_howto_is_a_sound_shape(tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", HOWTO, flags=re.S)
    assert len(examples) == 5
    for number, text in enumerate(examples):
        file = tmp_path / f"{number}.toml"
        file.write_text(text)
        settings = load_server(SLICES, file=file, overrides={"server.data": str(tmp_path / "data")})
        check_shape(settings)
        if not settings["server.tls-key"]:
            check_files(settings)


def test_every_refusal_of_the_howto_is_one_of_the_code() -> None:
    source = "".join(path.read_text() for path in (ROOT / "src" / "mindhaven").rglob("*.py"))
    table = HOWTO.split("## What a start is refused for")[1]
    codes = re.findall(
        r"`([a-z]+-[a-z-]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line)
    )
    assert len(codes) >= 12
    for code in codes:
        assert f'"{code}"' in source, code


UNITS = {
    UNIT: "serve --data /var/lib/mindhaven --config /etc/mindhaven/server.toml",
    UNIT.with_name("mindhaven-witness.service"): "witness serve --data /var/lib/mindhaven-witness --config "
    "/etc/mindhaven-witness/witness.toml",
}


@pytest.mark.parametrize(("unit", "starts"), UNITS.items(), ids=["server", "witness"])
def test_the_unit_is_hardened_and_starts_what_there_is(unit: Path, starts: str) -> None:
    text = unit.read_text()
    assert f"ExecStart=/opt/mindhaven/bin/mindhaven {starts}\n" in text
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "StateDirectoryMode=0700",
                 "UMask=0077", "PrivateTmp=yes", "ProtectHome=yes", "MemoryDenyWriteExecute=yes"):  # fmt: skip
        assert line in text.splitlines(), line


@pytest.mark.parametrize("given", UNITS, ids=["server", "witness"])
def test_systemd_takes_the_unit(given: Path, tmp_path: Path) -> None:
    """`systemd-analyze verify`, where there is one; the program's path is put to one that exists here."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        assert "ExecStart=" in given.read_text()
        return
    unit = tmp_path / given.name
    unit.write_text(given.read_text().replace("/opt/mindhaven/bin/mindhaven", "/bin/true"))
    done = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if given.name in line]
    assert ours == []
