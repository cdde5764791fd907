"""What the ledger follows: every event into `audit`, statements into `keys`, changed collections for `heads`.

Guarantees: a log grows in the same work in which its reader's cursor moves; index in `audit` is the event's position.
"""

from collections.abc import Sequence
from typing import Final

from mindhaven.accounts import AccountCreated, StatementAdded
from mindhaven.kernel import Numbered, Reader, Work
from mindhaven.ledger import service
from mindhaven.ledger.store import LogsChange
from mindhaven.protocol.ledger import AUDIT, KEYS, keys_entry
from mindhaven.vault import CollectionCreated, CollectionErased, CollectionPushed, CollectionRekeyed

BATCH: Final = 1024
SECONDS_A_DAY: Final = 86400
FOREIGN: Final = "foreign"


async def take_audit(work: Work, events: Sequence[Numbered]) -> None:
    """Append the commitments of events, each at the index that is its position."""
    await service.grow(work, AUDIT, [one.commitment for one in events], at=events[0].position)


async def take_keys(work: Work, events: Sequence[Numbered]) -> None:
    """Append the statements of accounts that live here."""
    entries = []
    for one in events:
        told = one.event
        if (isinstance(told, AccountCreated) and told.role != FOREIGN) or isinstance(told, StatementAdded):
            entries.append(keys_entry(told.subject, told.statement))
    if entries:
        await service.grow(work, KEYS, entries)


async def take_moved(work: Work, events: Sequence[Numbered]) -> None:
    """Note the newest head of each collection that changed."""
    store = LogsChange(work, service.SCOPE)
    moved: dict[tuple[bytes, int], bytes] = {}
    for one in events:
        told = one.event
        if isinstance(told, CollectionErased):
            moved = {key: head for key, head in moved.items() if key[0] != told.collection}
            await store.forget(told.collection)
        elif isinstance(told, CollectionCreated | CollectionPushed | CollectionRekeyed):
            moved[told.collection, one.at // SECONDS_A_DAY] = told.head
    await store.moved([(*key, head) for key, head in moved.items()])


READERS: Final = (
    Reader(name="ledger.audit", wants=None, take_all=take_audit, batch=BATCH),
    Reader(
        name="ledger.keys",
        wants=frozenset({AccountCreated.NAME, StatementAdded.NAME}),
        take_all=take_keys,
        batch=BATCH,
    ),
    Reader(
        name="ledger.heads",
        wants=frozenset({CollectionCreated.NAME, CollectionPushed.NAME, CollectionRekeyed.NAME, CollectionErased.NAME}),
        take_all=take_moved,
        batch=BATCH,
    ),
)
