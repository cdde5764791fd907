"""The list of areas, in the order in which help shows them. An area is loaded when one of its commands is run, or all
of them are shown: loading every area takes longer than most commands."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from mindhaven.cli.area import Adder


@dataclass(frozen=True, slots=True)
class Area:
    """A module of this package, the commands that it adds, and its function that adds them."""

    module: str
    commands: tuple[str, ...]
    adds: str = "register"

    def register(self, adder: Adder) -> None:
        """Load the module and let it add its commands."""
        add: Callable[[Adder], None] = getattr(import_module(f"mindhaven.cli.{self.module}"), self.adds)
        add(adder)


AREAS: Final = (
    Area("writing", ("log", "journal")),
    Area("checkups", ("checkup",)),
    Area("plan", ("plan",)),
    Area("crisis", ("crisis",)),
    Area("entries", ("list", "show", "erase")),
    Area("editing", ("edit",)),
    Area("locking", ("lock",)),
    Area("contacts", ("card", "contacts")),
    Area("sharing", ("share", "shared", "revoke", "leave")),
    Area("shares", ("shares",)),
    Area("asking", ("ask",)),
    Area("offers", ("offers",)),
    Area("ledger", ("activity", "ledger")),
    Area("served", ("web",)),
    Area("policy", ("policy",)),
    Area("choosing", ("choices",)),
    Area("consent_receipts", ("receipt",)),
    Area("law", ("law",)),
    Area("held", ("held",)),
    Area("syncing", ("sync", "devices")),
    Area("rejoining", ("rejoin",)),
    Area("giving", ("give-back",)),
    Area("importing", ("import",)),
    Area("undoing", ("undo-import",)),
    Area("exporting", ("export",)),
    Area("signing", ("signup", "login", "move-in")),
    Area("pairing", ("pair", "let-in")),
    Area("leaving", ("logout",)),
    Area("receipts", ("erase-collection",), "register_erasing"),
    Area("ways", ("recovery", "passphrase", "second-factor", "delete-account")),
    Area("passkeys", ("passkeys",)),
    Area("operating", ("serve", "invite", "suspend", "resume", "keys", "settings", "version")),
    Area("record", ("register",)),
    Area("witness", ("witness",)),
    Area("keeping", ("backup", "restore", "reoffer", "check", "doctor", "backup-key")),
    Area("demo", ("demo",)),
)
