"""Vault: collections, their chains, sealed records, salts, epochs, members; who may, by key.

Promises: a commit and its envelopes land all or nothing, in one order for everyone; what a rule of spec/chain.md
forbids is refused; another member's pull is recorded before its first byte leaves; erasing deletes envelope and salt.
Does not: know a kind, a name or a content, or why somebody was granted access (`sharing`, `consent`).
The server can see: ids of collections and items, months, revision counts, sizes, members, roles, days.
"""

from typing import Final

from mindhaven.crypto.peppers import Pepper
from mindhaven.kernel import Slice
from mindhaven.kernel.journal import SENDER
from mindhaven.vault.api import (
    OPERATIONS,
    Offered,
    answer,
    drop_blobs,
    note_erased,
    open_salt_keys,
    salt_keys,
    take_offer,
    take_push,
)
from mindhaven.vault.checking import Checked, Fault, check_all, left, orphans, parts_missing, salt_generations
from mindhaven.vault.holdings import HOLDINGS
from mindhaven.vault.jobs import JOBS, Turned, turn_now
from mindhaven.vault.mending import erase_again, fit_salts
from mindhaven.vault.model import (
    BACKUP_DAYS,
    MAX_PUSH_BYTES,
    MAX_WINDOW_DAYS,
    SALT_KEY_KEPT_SECONDS,
    WINDOW_DAYS,
    CollectionCreated,
    CollectionErased,
    CollectionPushed,
    CollectionRekeyed,
    Landed,
    Overtaken,
    Pushed,
    SaltKeyRow,
    Window,
)
from mindhaven.vault.offering import set_window, window
from mindhaven.vault.offering import take as take_offered
from mindhaven.vault.peppers import SaltKeys, salt_key_file
from mindhaven.vault.service import erase_owned, forget_member, heads, held, members, push

SLICE: Final = Slice(
    name="vault",
    operations=OPERATIONS,
    jobs=JOBS,
    senders=(SENDER,),
    holdings=HOLDINGS,
    migrations="mindhaven.vault.migrations",
    opens=open_salt_keys,
)

__all__ = [
    "BACKUP_DAYS",
    "MAX_PUSH_BYTES",
    "MAX_WINDOW_DAYS",
    "SALT_KEY_KEPT_SECONDS",
    "SLICE",
    "WINDOW_DAYS",
    "Checked",
    "CollectionCreated",
    "CollectionErased",
    "CollectionPushed",
    "CollectionRekeyed",
    "Fault",
    "Landed",
    "Offered",
    "Overtaken",
    "Pepper",
    "Pushed",
    "SaltKeyRow",
    "SaltKeys",
    "Turned",
    "Window",
    "answer",
    "check_all",
    "drop_blobs",
    "erase_again",
    "erase_owned",
    "fit_salts",
    "forget_member",
    "heads",
    "held",
    "left",
    "members",
    "note_erased",
    "orphans",
    "parts_missing",
    "push",
    "salt_generations",
    "salt_key_file",
    "salt_keys",
    "set_window",
    "take_offer",
    "take_offered",
    "take_push",
    "turn_now",
    "window",
]
