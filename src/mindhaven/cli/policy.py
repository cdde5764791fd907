"""The policy of a server: read, checked against its log, compared with an earlier one. I/O: HTTPS, this home."""

import argparse
import difflib
from datetime import UTC, datetime
from typing import Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.screen import block, plain
from mindhaven.errors import InvalidInputError
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.policies import Policy, policy_of
from mindhaven.sdk.registers import changes, register_of
from mindhaven.tlog.note import VerifierKey

_LANGUAGES: Final = ("en", "de", "es")


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    group = adder.group("policy", "read what a server says it does with data, and what changed")
    made = group.add("show", "show a server's policy, checked against its log", show)
    made.add_argument("url", metavar="URL", nargs="?", help="the server's address (default: that of your own server)")
    made.add_argument("--number", metavar="N", type=int, help="an earlier one, by its number")
    _common(made)
    made = group.add("diff", "show what changed between two policies of a server", diff)
    made.add_argument("url", metavar="URL", help="the server's address")
    made.add_argument("old", metavar="OLD", type=int, help="a policy's number")
    made.add_argument("new", metavar="NEW", type=int, nargs="?", help="another's (default: the newest)")
    _common(made)


def _common(made: argparse.ArgumentParser) -> None:
    made.add_argument("--language", choices=_LANGUAGES, default="en", help="in which language (default: en)")
    made.add_argument("--key", metavar="VKEY", help="the key of its log audit; without it the one that it names")


def _fetched(command: Command, url: str, version: int | None) -> Policy:
    key = command.option("key")
    return policy_of(url, version=version, key=VerifierKey.parse(key) if key else None)


def _own(command: Command) -> str:
    """Return the address of one's own server: MINDHAVEN_SERVER or the settings, else where this home signed in."""
    named = str(command.home.setting("server").value)
    if named:
        return named
    if not LocalStore.exists(command.home.path):
        raise InvalidInputError(
            "Which server?", hint="mindhaven policy show https://..., or set MINDHAVEN_SERVER.", code="server-needed"
        )
    with command.open() as session:
        return session.client.transport.origin


def _text(command: Command, found: Policy) -> str:
    language = command.args.language
    text = found.texts.get(language)
    if text is None:
        raise InvalidInputError(f"This policy has no text in {language}.", code="policy-language")
    return text


def _day(found: Policy) -> str:
    return datetime.fromtimestamp(found.published_at, UTC).date().isoformat()


def show(command: Command) -> None:
    """Show a policy; needs no account."""
    screen, given = command.screen, command.option("url")
    url = given or _own(command)
    found = _fetched(command, url, command.option("number"))
    text = _text(command, found)
    if screen.as_json:
        screen.json({"number": found.version, "published": _day(found), "sha256": found.digest, "text": text,
                     "logged": found.logged, "register": register_of(found.texts)})  # fmt: skip
    else:
        screen.data(block(text.rstrip("\n")))
    whose = "" if given else f"The policy of {plain(url)}. "
    screen.say(f"{whose}Number {found.version}, of {_day(found)}. {found.standing}")


def diff(command: Command) -> None:
    """Show what changed between two policies, line by line, and in their registers; needs no account."""
    screen = command.screen
    old, new = (_fetched(command, command.args.url, one) for one in (command.args.old, command.option("new")))
    before, after = _text(command, old).splitlines(), _text(command, new).splitlines()
    changed = [
        line
        for line in difflib.ndiff(before, after)
        if line[:2] in {"- ", "+ "} and line[2:].strip()
    ]  # fmt: skip
    registers = changes(register_of(old.texts), register_of(new.texts))
    if screen.as_json:
        screen.json({"old": old.version, "new": new.version,
                     "gone": [line[2:] for line in changed if line[0] == "-"],
                     "added": [line[2:] for line in changed if line[0] == "+"],
                     "register": registers})  # fmt: skip
        return
    for line in changed:
        screen.data(block(line))
    for line in registers:
        screen.data(plain(f"~ {line}"))
    if not changed and not registers:
        screen.say("Nothing changed in this language.")
    screen.say(f"Number {old.version}, of {_day(old)}, and number {new.version}, of {_day(new)}.")
