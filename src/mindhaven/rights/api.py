"""The operations of rights."""

from typing import Final

from mindhaven import vault
from mindhaven.accounts import MIN_WAYS_IN, Role, SignedIn
from mindhaven.kernel import Denied, Host, Operation, Recorded, Request, Work, receipts
from mindhaven.kernel.journal import account_mark, collection_mark
from mindhaven.rights import service
from mindhaven.wire.receipts import ErasureReceipt, erasure

KEPT: Final = [
    "the public chain of your account's keys, so that others can still check signatures",
    "the proof of consents that you gave, without names",
    "your choices of what this server may do, with your account's id and without your name",
    "a mark of each erased collection, without its id or yours, so that nobody else brings it back",
    "commitments of events, which say nothing without their opening",
]


async def erase_account(host: Host, request: Request) -> ErasureReceipt | Denied:
    """Erase one's own account and give a receipt: keys and salts are gone from the live store."""
    me: SignedIn = request.session

    if me.finished and len(me.slots_now) < MIN_WAYS_IN:
        return Denied(
            "two-ways-needed",
            "Erasing an account takes two of its ways in.",
            "Give your recovery key too. If it is lost, make a new one first: that waits a day, so that you can stop it"
            " if it was not you.",
        )

    async def act(work: Work) -> tuple[service.Erased | Denied, list[Recorded]]:
        return await service.erase_account(work, uid=me.uid, clinician=me.role is Role.CLINICIAN), work.recorded

    erased, recorded = await host.db.act(me.actor, act, upkeep="a refused erasure")
    if isinstance(erased, Denied):
        return erased
    for collection, blobs in erased.collections:
        await vault.drop_blobs(host, collection, blobs)
    await host.erasures.note([*(collection_mark(one) for one, _ in erased.collections), account_mark(me.uid)])
    (receipt,) = await receipts(host, recorded[-1:], subject=me.uid)
    return erasure(receipt, until_day=receipt.at // 86400 + vault.BACKUP_DAYS, kept=list(KEPT), also=[])


OPERATIONS: Final = (
    Operation(
        name="account_erase",
        method="POST",
        path="/v1/account/erasure",
        run=erase_account,
        who="slot-now",
        summary="Erase one's own account",
        gives=ErasureReceipt,
        refuses={"on-hold": 403, "two-ways-needed": 403},
    ),
)
