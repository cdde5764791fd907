"""The queries of accounts: one's own rows, what anyone may know, and what is asked before anyone is known."""

from mindhaven.accounts.store.directory import Directory
from mindhaven.accounts.store.doors import Doors, DoorsChange
from mindhaven.accounts.store.own import OwnAccount, OwnAccountChange
from mindhaven.accounts.store.passkeys import OwnPasskeys, OwnPasskeysChange

__all__ = ["Directory", "Doors", "DoorsChange", "OwnAccount", "OwnAccountChange", "OwnPasskeys", "OwnPasskeysChange"]
