"""Passkeys from the command line, which can't use one: listed, removed, asked for, and what is said where one is."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.cli.conftest import PASSPHRASE, Person
from tests.simulators.authenticator import Lie, Passkey
from tests.simulators.keyed import add

from mindhaven.sdk import AsyncMindhaven


@pytest.fixture
def named(somebody: Person) -> Person:
    """Somebody whose server is reached by a name: a passkey belongs to one."""
    return Person(somebody.home, PASSPHRASE, somebody.url.replace("127.0.0.1", "localhost")).sign_up("keyed")


def in_a_browser(person: Person, does: Callable[[AsyncMindhaven], Awaitable[object]]) -> None:
    """Do what only the app can, on this person's own account."""

    async def run() -> None:
        async with AsyncMindhaven.open(person.home, passphrase=PASSPHRASE) as me:
            await me.access.open_way(passphrase=PASSPHRASE)
            await does(me)

    asyncio.run(run())


def test_listed_asked_for_and_removed(named: Person, tmp_path: Path) -> None:
    assert named("passkeys", "--json").told == []
    assert "knows no passkey of yours" in named("passkeys").err
    key = Passkey()
    in_a_browser(named, lambda me: add(me, key, Lie(origin=named.url)))
    (one,) = named("passkeys", "--json").told
    assert (one["unlocks"], one["second_factor"], one["alerts"], one["used_at"]) == (False, False, [], None)
    assert one["id"][:8] in named("passkeys").out
    assert "A passkey was added" in named("activity").out
    assert "This program can't use one" in " ".join(named("passkeys", "ask", one["id"][:6]).err.split())
    assert "asked for with the passphrase" in named("passkeys").out
    other = Person(tmp_path / "other", PASSPHRASE, named.url)
    needed = " ".join(other("login", named.handle, "--server", named.url, code=3).err.split())
    assert "asks for a passkey" in needed
    assert "recovery key" in needed
    assert "let this device in" in needed
    named("passkeys", "ask-not", one["id"], "--recovery-file", str(named.recovery))
    other("login", named.handle, "--server", named.url)
    assert "No single passkey" in named("passkeys", "remove", "zz", code=2).err
    assert named("passkeys", "remove", one["id"][:8], "--json").told == {"applied": True, "due_at": None}
    assert named("passkeys", "--json").told == []
    told = [act["what"] for act in named("recovery", "--json").told["recent"]]
    assert {"passkey-added", "passkey-factor", "passkey-removed"} <= set(told)
    assert "a passkey was removed" in named("recovery").out
