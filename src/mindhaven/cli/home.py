"""Where a device keeps its things, and the client's own settings. I/O: the environment, settings.toml in the home."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mindhaven.cli.times import country_here, system_zone
from mindhaven.errors import InvalidInputError

DEFAULT_HOME: Final = "~/.mindhaven"
FILE: Final = "settings.toml"
SERVICE: Final = "mindhaven"
"""The name under which the operating system's keyring keeps the store's key."""

CLIENT_VARIABLES: Final = frozenset({"MINDHAVEN_HOME", "MINDHAVEN_SERVER"})
"""Read by this client; a server that starts in the same shell must not take them for its own."""

FROM_MACHINE: Final = {"zone": system_zone, "country": country_here}
NAMES: Final = ("home", "server", "zone", "country", "keyring", "offline")


@dataclass(frozen=True, slots=True)
class Origin:
    """One setting's value and where it came from."""

    value: Any
    origin: str


class Home:
    """A home folder and the settings that hold for it."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given
        name = given.get("home")
        self._home = Origin(name, "command line") if name else self._environment("MINDHAVEN_HOME", DEFAULT_HOME)
        self.path = Path(str(self._home.value)).expanduser()
        self._file = self._read()

    @staticmethod
    def _environment(variable: str, default: str) -> Origin:
        found = os.environ.get(variable)
        return Origin(found, "environment") if found else Origin(default, "default")

    def _read(self) -> dict[str, Any]:
        file = self.path / FILE
        if not file.is_file():
            return {}
        try:
            found = tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidInputError(f"{file} can't be read.", code="settings-file", hint="It is TOML.") from error
        for name, value in found.items():
            wanted = bool if name in {"keyring", "offline"} else str
            if name not in NAMES or name == "home" or not isinstance(value, wanted):
                raise InvalidInputError(
                    f"The setting {name} in {file} is unknown or of the wrong type.",
                    hint=f"There are: {', '.join(NAMES[1:])}.",
                    code="setting-unknown",
                )
        return found

    def setting(self, name: str) -> Origin:
        """Return a setting: the command line, then the environment, then the file, then the default."""
        if name == "home":
            return Origin(str(self.path), self._home.origin)
        given = self._given.get(name)
        if given not in (None, False):
            return Origin(given, "command line")
        if name == "server" and (found := os.environ.get("MINDHAVEN_SERVER")):
            return Origin(found, "environment")
        if name in self._file:
            return Origin(self._file[name], "file")
        if name in FROM_MACHINE:  # found out only where asked for: it reads the system's tables
            return Origin(FROM_MACHINE[name](), "this machine")
        return Origin("" if name == "server" else False, "default")

    @property
    def zone(self) -> str:
        """The time zone of new entries."""
        return str(self.setting("zone").value)

    @property
    def country(self) -> str:
        """The country whose crisis lines are shown first; empty: unknown."""
        return str(self.setting("country").value).upper()

    def keep_keyring(self) -> None:
        """Note in the settings that the store's key is in the operating system's keyring."""
        if self._file.get("keyring"):
            return
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path / FILE).open("a", encoding="utf-8") as file:
            file.write("keyring = true  # the key of this home is in the operating system's keyring\n")

    # -- the operating system's keyring

    def keyring_name(self) -> str:
        """Return the name of this home's entry in the keyring."""
        return str(self.path.absolute())

    @staticmethod
    def keyring_there() -> bool:
        """Return whether this machine has a keyring that keeps what it is given."""
        import keyring  # slow to import, and only used when asked for

        try:
            return bool(keyring.get_keyring().priority >= 1)
        except (RuntimeError, ImportError, AttributeError):
            return False

    def keyring_get(self) -> bytes | None:
        """Return the store's key from the keyring, or None if there is none."""
        import keyring  # slow to import, and only used when asked for
        from keyring.errors import KeyringError

        try:
            found: str | None = keyring.get_password(SERVICE, self.keyring_name())
        except KeyringError:
            return None
        return None if found is None else bytes.fromhex(found)

    def keyring_put(self, key: bytes | None) -> None:
        """Keep the store's key in the keyring (None: take it out); raise `InvalidInputError` (no-keyring)."""
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            if key is None:
                keyring.delete_password(SERVICE, self.keyring_name())
            else:
                keyring.set_password(SERVICE, self.keyring_name(), key.hex())
        except PasswordDeleteError:
            return
        except KeyringError as error:
            raise InvalidInputError(
                "This machine has no keyring that Mindhaven can use.",
                hint="Leave --keyring out: the passphrase opens your entries.",
                code="no-keyring",
            ) from error
