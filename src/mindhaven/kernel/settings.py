"""Settings: one TOML file and the environment, each value with its origin.

Guarantees: an unknown key, in the file or in a MINDHAVEN_ variable, is an error; every value tells where it came from;
a secret's value is not shown. Does not: know what settings exist; the server and the slices declare them.
I/O: `load` reads the file.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mindhaven.errors import InvalidInputError, NotFoundError

PREFIX: Final = "MINDHAVEN_"
OTHERS: Final = frozenset(
    PREFIX + name
    for name in (
        "MASTER_KEY",
        "TEST_DSN",
        "PEERS",
        "CA_FILE",
        "HOME",
        "SERVER",
        "ZONE",
        "COUNTRY",
        "KEYRING",
        "OFFLINE",
        "PASSPHRASE",
        "PASSPHRASE_FILE",
        "RECOVERY_KEY_FILE",
    )
)
"""Variables that are no settings of the server: the master key (`mindhaven.kernel.secrets`), the tests' database and
peers, and the client's, which may stand in the shell that a server is started from."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting: `name` is dotted (`server.bind`), in the environment MINDHAVEN_SERVER_BIND.

    `default` fixes the type: str, int, float, bool or a tuple of str (separated by commas in the environment).
    """

    name: str
    default: str | int | float | bool | tuple[str, ...]
    help: str
    secret: bool = False
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The name of its environment variable."""
        return PREFIX + self.name.upper().replace(".", "_").replace("-", "_")


@dataclass(frozen=True, kw_only=True)
class Value:
    """A setting's value and where it came from: default, file or environment."""

    setting: Setting
    value: Any
    origin: str


class Settings:
    """The values of all declared settings; `settings["server.bind"]`."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:
        try:
            return self._values[name].value
        except KeyError:
            raise NotFoundError(f"No setting is called {name}.", code="setting-unknown") from None

    def show(self) -> list[tuple[str, str, str]]:
        """Return (name, value, origin) of each, secrets hidden, by name."""
        return [
            (name, "(hidden)" if one.setting.secret and one.value else str(one.value), one.origin)
            for name, one in sorted(self._values.items())
        ]


def load(
    declared: Iterable[Setting],
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings: defaults, then the file, then the environment, then `overrides` (a command line's).

    Raises `InvalidInputError` naming an unknown key, a value of the wrong type, or an unreadable file.
    The variables in `OTHERS` are not settings and are left alone.
    """
    settings = {setting.name: setting for setting in declared}
    values = {name: Value(setting=one, value=one.default, origin="default") for name, one in settings.items()}
    if file is not None:
        for name, raw in _flat(_read(file)):
            if name not in settings:
                raise _unknown(name, str(file.name))
            values[name] = Value(setting=settings[name], value=_typed(settings[name], raw), origin="file")
    variables = {one.variable: one for one in settings.values()}
    for variable, text in sorted((environment or {}).items()):
        if not variable.startswith(PREFIX) or variable in OTHERS:
            continue
        if variable not in variables:
            raise _unknown(variable, "the environment")
        one = variables[variable]
        values[one.name] = Value(setting=one, value=_parsed(one, text), origin="environment")
    for name, raw in (overrides or {}).items():
        if name not in settings:
            raise _unknown(name, "the command line")
        values[name] = Value(setting=settings[name], value=_typed(settings[name], raw), origin="command line")
    return Settings(values)


def _read(file: Path) -> dict[str, Any]:
    hint: str | None = None
    cause: Exception
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        why, cause = f"can't be read: {error.strerror or 'the disk refuses'}", error
    except UnicodeDecodeError as error:
        why, cause = f"is not UTF-8 text (byte {error.start})", error
    except ValueError as error:  # TOMLDecodeError: it names the line and the column
        why, cause = f"is not TOML: {error}", error
        hint = 'Texts stand in quotes, sections in brackets: [server] on one line, bind = "127.0.0.1:8440" on the next.'
    raise InvalidInputError(f"The settings file {file} {why}.", hint=hint, code="settings-file") from cause


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _unknown(name: str, where: str) -> InvalidInputError:
    return InvalidInputError(
        f"The setting {name} in {where} is unknown.",
        hint="`mindhaven settings` lists them all.",
        code="setting-unknown",
    )


def _typed(setting: Setting, raw: Any) -> Any:
    wanted = type(setting.default)
    if wanted is tuple and isinstance(raw, list | tuple) and all(isinstance(item, str) for item in raw):
        return tuple(raw)
    if wanted is float and type(raw) is int:
        raw = float(raw)
    if type(raw) is not wanted or (setting.choices and raw not in setting.choices):
        raise _wrong(setting)
    return raw


def _parsed(setting: Setting, text: str) -> Any:
    wanted = type(setting.default)
    try:
        if wanted is tuple:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        if wanted is bool:
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        value = wanted(text)
    except (ValueError, KeyError):
        raise _wrong(setting) from None
    if setting.choices and value not in setting.choices:
        raise _wrong(setting)
    return value


def _wrong(setting: Setting) -> InvalidInputError:
    kind = " or ".join(setting.choices) if setting.choices else type(setting.default).__name__
    return InvalidInputError(f"The setting {setting.name} must be {kind}.", code="setting-type")
