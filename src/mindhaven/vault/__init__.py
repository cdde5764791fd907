"""Vault: collections, their chains, sealed records, salts, epochs, members; who may, by key.

Promises: a commit and its envelopes land all or nothing, in one order for everyone; what a rule of spec/chain.md
forbids is refused; another member's pull is recorded before its first byte leaves; erasing deletes envelope and salt.
Does not: know a kind, a name or a content, or why somebody was granted access (`sharing`, `consent`).
The server can see: ids of collections and items, months, revision counts, sizes, members, roles, days.
"""

from typing import Final

from mindhaven.kernel import Slice
from mindhaven.kernel.journal import SENDER
from mindhaven.vault.api import OPERATIONS, answer, drop_blobs, open_salt_keys, salt_keys, take_push
from mindhaven.vault.checking import Checked, Fault, check_all, left, orphans, salt_generations
from mindhaven.vault.holdings import HOLDINGS
from mindhaven.vault.jobs import JOBS, Turned, turn_now
from mindhaven.vault.mending import erase_again, fit_salts
from mindhaven.vault.model import (
    MAX_PUSH_BYTES,
    SALT_KEY_KEPT_SECONDS,
    CollectionCreated,
    CollectionErased,
    CollectionPushed,
    CollectionRekeyed,
    Landed,
    Overtaken,
    Pushed,
    SaltKeyRow,
)
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
    "MAX_PUSH_BYTES",
    "SALT_KEY_KEPT_SECONDS",
    "SLICE",
    "Checked",
    "CollectionCreated",
    "CollectionErased",
    "CollectionPushed",
    "CollectionRekeyed",
    "Fault",
    "Landed",
    "Overtaken",
    "Pushed",
    "SaltKeyRow",
    "SaltKeys",
    "Turned",
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
    "orphans",
    "push",
    "salt_generations",
    "salt_key_file",
    "salt_keys",
    "take_push",
    "turn_now",
]
