"""Accounts: who may sign in, by which way, from which device; and the public chain of each account's keys.

Promises: nothing password-equivalent is ever sent or stored; a known and an unknown name get the same answer; no name,
mail or phone is asked for; keys change in one act or not at all; a waiting change can be cancelled from any device.
Does not: hold any key that opens a record, or reset anything: all ways in lost is all records lost.
The server can see: handle, role, the public chain, kinds of ways in, known passkeys (public key, how they are reached,
when used), when devices were first and last seen (by hour).
"""

from typing import Final

from mindhaven.accounts.api import OPERATIONS, authenticate, origin_of
from mindhaven.accounts.api.offering import OfferedAccount, take_account_offer
from mindhaven.accounts.holdings import HOLDINGS
from mindhaven.accounts.jobs import JOBS
from mindhaven.accounts.model import (
    INVITATION_SECONDS,
    MIN_WAYS_IN,
    AccountCreated,
    AccountErased,
    Role,
    SessionEnded,
    SignedIn,
    Signing,
    StatementAdded,
)
from mindhaven.accounts.rules import Waits
from mindhaven.accounts.service import erase, here, invite, learn_chain, left, standing, suspend, take_offer
from mindhaven.accounts.store import Directory
from mindhaven.accounts.verify import chain_states
from mindhaven.kernel import Setting, Slice

SLICE: Final = Slice(
    name="accounts",
    operations=OPERATIONS,
    jobs=JOBS,
    holdings=HOLDINGS,
    settings=(
        Setting(
            name="accounts.signup",
            default="open",
            help="Who may sign up: open, invitation or closed.",
            choices=("open", "invitation", "closed"),
        ),
    ),
    migrations="mindhaven.accounts.migrations",
)

__all__ = [
    "INVITATION_SECONDS",
    "MIN_WAYS_IN",
    "SLICE",
    "AccountCreated",
    "AccountErased",
    "Directory",
    "OfferedAccount",
    "Role",
    "SessionEnded",
    "SignedIn",
    "Signing",
    "StatementAdded",
    "Waits",
    "authenticate",
    "chain_states",
    "erase",
    "here",
    "invite",
    "learn_chain",
    "left",
    "origin_of",
    "standing",
    "suspend",
    "take_account_offer",
    "take_offer",
]
