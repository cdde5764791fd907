"""The second factor: turned on in a terminal with a real code, asked for at the next sign-in, turned off again."""

import base64
import re
import time
from pathlib import Path

from tests.cli.conftest import PASSPHRASE, Person
from tests.cli.terminal import Terminal

from mindhaven.crypto import totp


def code_of(secret: str, *, ahead: int = 0) -> str:
    """Return the code that an authenticator app shows, `ahead` steps of 30 seconds from now."""
    raw = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return totp.code(raw, int(time.time()) // totp.STEP_SECONDS + ahead)


def test_on_asked_for_and_off(somebody: Person, tmp_path: Path) -> None:
    somebody.sign_up("factor")
    assert "Run this in a terminal" in somebody("second-factor", "on", code=2).err
    terminal = Terminal("--home", str(somebody.home), "--passphrase-file", str(somebody.file), "second-factor", "on")
    try:
        terminal.until("Add this secret to your authenticator app:")
        terminal.until("otpauth://totp/")
        terminal.until("Code that the app shows:")
        (secret,) = set(re.findall(r"\b[A-Z2-7]{32}\b", terminal.seen))
        assert f"?secret={secret}" in terminal.seen
        terminal.type(code_of(secret))
        assert terminal.ends() == 0, terminal.seen
    finally:
        terminal.close()
    assert "Signing in with your passphrase now also asks for a code from your app." in " ".join(terminal.seen.split())

    def login(name: str, *more: str, code: int) -> str:
        other = Person(tmp_path / name, PASSPHRASE, somebody.url)
        return " ".join(other("login", somebody.handle, "--server", other.url, *more, code=code).err.split())

    assert "Give --code CODE." in login("without", code=2)
    wrong = f"{(int(code_of(secret, ahead=1)) + 1) % 1_000_000:06d}"
    login("wrong", "--code", wrong, code=3)
    assert not list((tmp_path / "wrong").glob("store*"))
    # The next step's code: the one that turned it on has been used.
    login("right", "--code", code_of(secret, ahead=1), code=0)
    assert "asks for no code" in somebody("second-factor", "off").err
    login("after", code=0)


def test_a_wrong_first_code_turns_nothing_on(somebody: Person, tmp_path: Path) -> None:
    somebody.sign_up("factor")
    terminal = Terminal("--home", str(somebody.home), "--passphrase-file", str(somebody.file), "second-factor", "on")
    try:
        terminal.until("Code that the app shows:")
        terminal.type("12345")
        assert terminal.ends() == 2, terminal.seen
    finally:
        terminal.close()
    assert "A code has six digits." in " ".join(terminal.seen.split())
    other = Person(tmp_path / "other", PASSPHRASE, somebody.url)
    other("login", somebody.handle, "--server", other.url)
