"""Receipts as JSON answers carry them: spec/receipt.md. No I/O."""

from mindhaven.protocol import receipt
from mindhaven.wire.accounts import Receipt


class ErasureReceipt(Receipt):
    """The same for an erasure, with the day by which no backup holds it (days since 1970 UTC) and what stays, and why.

    A collection that was erased brings the receipts of the consents that ended with it, too.
    """

    backups_until_day: int
    kept: list[str]
    also: list[Receipt] = []  # noqa: RUF012 - a field of a struct


def shown(one: receipt.Receipt) -> Receipt:
    """Return a receipt as JSON carries it."""
    return Receipt(
        what=one.what,
        subject=one.subject,
        seq=one.seq,
        at=one.at,
        commitment=one.commitment,
        position=one.position,
    )


def erasure(one: receipt.Receipt, *, until_day: int, kept: list[str], also: list[receipt.Receipt]) -> ErasureReceipt:
    """Return the receipt of an erasure."""
    return ErasureReceipt(
        what=one.what,
        subject=one.subject,
        seq=one.seq,
        at=one.at,
        commitment=one.commitment,
        position=one.position,
        backups_until_day=until_day,
        kept=kept,
        also=[shown(each) for each in also],
    )
