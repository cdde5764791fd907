"""Crisis lines by country, from the dated file crisis.toml. I/O: that file; nothing is stored or sent.

Guarantees: works without account, passphrase, server or network.
"""

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Final

import msgspec

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.screen import Screen
from mindhaven.errors import InvalidInputError

ANYWHERE: Final = "112"
UNKNOWN: Final = (
    "112 reaches help in many countries, from most mobile phones also without a SIM card. Mindhaven has no checked line"
    " for this country. Your local emergency number, a doctor, or a person near you can help now."
)
RIGHT_NOW: Final = (
    "Move away from what could hurt you.",
    "Be near someone, or call someone you trust.",
    "Breathe: in while you count to 4, out while you count to 6.",
)


class _Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table: frozen, and an unknown key is an error."""


class Country(_Data, frozen=True):
    """A country and its confirmed emergency numbers."""

    code: str
    name: str
    emergency: tuple[str, ...]


class Line(_Data, frozen=True):
    """One line that helps: by which channels, for whom, when."""

    country: str
    name: str
    number: str
    channels: tuple[str, ...]
    audience: str
    hours: str = ""
    languages: tuple[str, ...] = ()
    url: str = ""


class Lines(_Data, frozen=True):
    """The whole file."""

    checked_on: str
    checked_by: str
    country: tuple[Country, ...]
    line: tuple[Line, ...]

    def of(self, code: str) -> tuple[Country | None, list[Line]]:
        """Return a country, if it is known, and its lines."""
        found = next((one for one in self.country if one.code == code), None)
        return found, [one for one in self.line if one.country == code]


@cache
def load() -> Lines:
    """Return the file's content."""
    return msgspec.convert(
        tomllib.loads(resources.files(__package__).joinpath("crisis.toml").read_text("utf-8")), Lines
    )


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("crisis", "show where to turn in a crisis; needs no account", show)
    country_option(made)


def country_option(made: Any) -> None:
    """Add --country."""
    made.add_argument("--country", metavar="CODE", help="country of the lines, two letters (default: this machine's)")


def country_of(command: Command) -> str:
    """Return the country that was asked for, else this machine's; raise `InvalidInputError` (country)."""
    code = command.home.country
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise InvalidInputError("A country is two letters.", hint="Such as DE, GB or US.", code="country")
    return code


def emergency_of(code: str) -> str:
    """Return the emergency number to show first."""
    country, _ = load().of(code)
    return country.emergency[0] if country is not None and country.emergency else ANYWHERE


def lines_text(code: str) -> list[str]:
    """Return the lines of a country as text, the date of checking last."""
    data = load()
    country, lines = data.of(code)
    told = []
    for one in lines:
        told.append(f"{one.name}: {one.number} ({', '.join(one.channels)})")
        more = [one.audience if one.audience != "everyone" else "", one.hours, ", ".join(one.languages), one.url]
        if any(more):
            told.append("    " + "; ".join(part for part in more if part))
    if country is None or not lines:
        told.append(UNKNOWN)
    where = country.name if country is not None else (code or "Unknown country")
    told.append(f"{where}. Checked on {data.checked_on}. Other country: mindhaven crisis --country CODE")
    return told


def show(command: Command) -> None:
    """Show the lines."""
    code, screen = country_of(command), command.screen
    country, lines = load().of(code)
    if screen.as_json:
        screen.json({
            "country": code or None,
            "known": country is not None,
            "emergency": list(country.emergency) if country is not None and country.emergency else [ANYWHERE],
            "lines": [msgspec.to_builtins(one) for one in lines],
            "checked_on": load().checked_on,
        })  # fmt: skip
        return
    numbers = country.emergency if country is not None and country.emergency else (ANYWHERE,)
    screen.data(screen.bold(f"If you are in danger now, call {' or '.join(numbers)}."))
    screen.data()
    screen.data("Talk to someone")
    write(screen, lines_text(code))
    screen.data()
    screen.data("Right now")
    for text in RIGHT_NOW:
        screen.data(f"  {text}")
    screen.data()
    screen.data("Your own plan: mindhaven plan show")
    screen.say("This records nothing. A call may stay in your phone's list of calls.")


def write(screen: Screen, told: list[str]) -> None:
    """Write lines to standard output, wrapped."""
    import textwrap

    for text in told:
        inside = len(text) - len(text.lstrip()) + 2
        for line in textwrap.wrap(text.strip(), screen.width - inside):
            screen.data(" " * inside + line)
