"""Receipts that this device was given: kept, held against the log, shown to others. I/O: server and local store.

Guarantees: a receipt counts as proven only if its event opens as what was done here and stands at its index in a public
checkpoint that this device trusts; one that the log does not keep is named until the person lets it go.
Does not: stop anything, or count an act as done by its receipt: chains and lists say what stands.
Implements spec/receipt.md steps 3 to 6.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import IntegrityError, NotFoundError, UnavailableError
from mindhaven.protocol import shape
from mindhaven.protocol.ledger import AUDIT
from mindhaven.protocol.receipt import FORMS, About, Receipt
from mindhaven.sdk.access import Access
from mindhaven.sdk.activity import ActivityReader
from mindhaven.sdk.ledger import Logs, Quorum, State
from mindhaven.sdk.local import LocalStore
from mindhaven.tlog.note import Note
from mindhaven.tlog.proof import TlogProof
from mindhaven.wire.ledger import ActivityEntry, ActivityPage

EVERY_SECONDS: Final = 600
"""How often a sync holds waiting receipts against the log: it shows its growth by the hour."""
_COUNT: Final = "receipts"
_ONE: Final = "receipt/"
_DONE: Final = "receipts-checked"
_MOST: Final = 100
"""Receipts of one answer: a collection that is erased ends the consents of all whom it was shared with."""
LOOK: Final = (
    "Keep it: mindhaven ledger receipts shows it. See whether what you did holds (mindhaven shares, mindhaven"
    " recovery), do it again if not, and ask the people who run the server. Once that is settled:"
    " mindhaven ledger receipts --forget NUMBER"
)


class Standing(StrEnum):
    """`waiting`: for the next public checkpoint; `proven`: in the log; `wrong`: the log does not keep it."""

    WAITING = "waiting"
    PROVEN = "proven"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Kept:
    """One receipt on this device: its number here, what was asked for, how it stands, and (`fault`) what is wrong.

    `opening` is the event's salt and body once it was opened, `proof` a tlog-proof once the log has it.
    """

    number: int
    receipt: Receipt
    about: About
    standing: Standing = Standing.WAITING
    fault: str = ""
    opening: tuple[bytes, bytes] | None = None
    proof: bytes = b""

    def encode(self) -> bytes:
        """Return what the local store keeps."""
        opening = None if self.opening is None else list(self.opening)
        return encode([self.receipt.value(), self.about.value(), str(self.standing), self.fault, opening, self.proof])

    @classmethod
    def decode(cls, number: int, data: bytes) -> "Kept":
        """Return the receipt that `encode` gave."""
        receipt, about, standing, fault, opening, proof = decode(data)
        opened = None if opening is None else (opening[0], opening[1])
        return cls(number, Receipt.of(receipt), About(*about), Standing(standing), fault, opened, proof)


class Receipts:
    """The receipts of one account on this device."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store

    def take_answer(self, answer: bytes, about: About) -> None:
        """Keep what a grant or revocation was answered with (`CBOR[seq, head, [receipt, ...]]`)."""
        value = decode(answer)
        given = shape.items(value[2], "The receipts", most=_MOST) if isinstance(value, list) and len(value) > 2 else []
        self.take([Receipt.of(one) for one in given], about)

    def take(self, given: Iterable[Receipt], about: About) -> None:
        """Keep receipts for what was asked; what is not known here is left aside."""
        with self._store.batch():
            count = self._count()
            for receipt in given:
                if receipt.what in FORMS:
                    self._put(Kept(count, receipt, about))
                    count += 1
            self._store.put_meta(_COUNT, encode(count))

    def all(self) -> list[Kept]:
        """Return them, the oldest first. Works offline."""
        rows = ((number, self._store.meta(f"{_ONE}{number}")) for number in range(1, self._count()))
        return [Kept.decode(number, row) for number, row in rows if row is not None]

    def one(self, number: int) -> Kept:
        """Return one by its number; raise `NotFoundError` (receipt-unknown)."""
        row = self._store.meta(f"{_ONE}{number}")
        if row is None:
            raise NotFoundError(
                "There is no receipt of this number here.",
                hint="mindhaven ledger receipts lists them.",
                code="receipt-unknown",
            )
        return Kept.decode(number, row)

    def forget(self, number: int) -> None:
        """Let one go. Raises `NotFoundError` (receipt-unknown)."""
        self._store.drop_meta(f"{_ONE}{self.one(number).number}")

    def shown_to_others(self, number: int) -> bytes:
        """Return a proven receipt as a C2SP tlog-proof with the event's opening, for anybody to verify (step 6).

        Raises `UnavailableError` (receipt-early) while it waits, `NotFoundError` (receipt-unknown).
        """
        found = self.one(number)
        if not found.proof:
            raise UnavailableError(
                "The log has not signed this entry yet, so there is nothing to show.",
                hint="It does so by the hour: try again later.",
                code="receipt-early",
            )
        return found.proof

    def fault(self) -> IntegrityError | None:
        """Return what is wrong with a receipt that was not let go, as an error to tell."""
        found = next((one for one in self.all() if one.standing is Standing.WRONG), None)
        if found is None:
            return None
        return _differs() if found.fault == "receipt-differs" else _broken()

    def _count(self) -> int:
        """Return the number of the next."""
        raw = self._store.meta(_COUNT)
        return 1 if raw is None else int(decode(raw))

    def _put(self, one: Kept) -> None:
        self._store.put_meta(f"{_ONE}{one.number}", one.encode())

    # -- against the log

    def due(self) -> bool:
        """Return whether some wait and the last look is long enough ago; the look is counted from now."""
        raw = self._store.meta(_DONE)
        if raw is not None and time.time() - decode(raw) < EVERY_SECONDS:
            return False
        if all(one.standing is Standing.PROVEN for one in self.all()):
            return False
        self._store.put_meta(_DONE, encode(int(time.time())))
        return True

    def judge(self, one: Kept, standing: Standing, **more: Any) -> None:
        """Write down how one stands now, if it is still here."""
        with self._store.batch():
            if self._store.meta(f"{_ONE}{one.number}") is not None:
                self._put(replace(one, standing=standing, **more))


class ReceiptChecks:
    """Holds the receipts of one account against the log."""

    def __init__(self, receipts: Receipts, activity: ActivityReader, logs: Logs, access: Access) -> None:
        self._receipts = receipts
        self._activity = activity
        self._logs = logs
        self._access = access

    async def check_if_due(self) -> IntegrityError | None:
        """Check if it is time to; return what is wrong with a receipt, or with the log. Care goes on beside it."""
        if self._receipts.due():
            try:
                await self.check()
            except (NotFoundError, UnavailableError):
                pass
            except IntegrityError as fault:
                return fault
        return self._receipts.fault()

    async def check(self) -> list[Kept]:
        """Check every receipt that is not proven yet; return all. What is wrong is written down first, then raised.

        Raises `IntegrityError`: receipt-broken, receipt-differs, and what `Logs` raises.
        """
        waiting = [one for one in self._receipts.all() if one.standing is not Standing.PROVEN]
        page: ActivityPage | None = None
        state: State | None = None
        for one in sorted(waiting, key=lambda kept: kept.receipt.seq):
            entry = None if page is None else _entry(page, one.receipt.seq)
            if page is None or (entry is None and one.receipt.seq < page.total):
                page = await self._activity.page(one.receipt.seq)
                state = await self._logs.accept(AUDIT, page.checkpoint) if page.checkpoint else None
                entry = _entry(page, one.receipt.seq)
            try:
                self._check(one, entry, state, page.checkpoint)
            except IntegrityError as error:
                self._receipts.judge(one, Standing.WRONG, fault=error.reason)
        if (fault := self._receipts.fault()) is not None:
            raise fault
        return self._receipts.all()

    def _check(self, one: Kept, entry: ActivityEntry | None, state: State | None, note: bytes) -> None:
        receipt = one.receipt
        if receipt.subject != self._access.need_me().uid:
            raise _differs()
        if entry is None or entry.commitment != receipt.commitment:
            raise _broken()
        if receipt.position not in (None, entry.position):
            raise _broken()
        if entry.salt is None or entry.body is None:
            raise _differs()
        receipt.check(one.about, entry.salt, entry.body)
        placed = replace(receipt, position=entry.position)
        opening = (entry.salt, entry.body)
        proof = b""
        if state is not None and state.quorum is not Quorum.MISSING and self._is_in_log(entry, state):
            assert entry.position is not None
            hashes = tuple(entry.proof or ())
            proof = TlogProof(entry.position, hashes, Note.parse(note), encode(list(opening))).encode()
        standing = Standing.PROVEN if proof else Standing.WAITING
        self._receipts.judge(one, standing, receipt=placed, opening=opening, proof=proof, fault="")

    def _is_in_log(self, entry: ActivityEntry, state: State) -> bool:
        """Return whether a checkpoint proves an entry, False if it is too small; what does not lead to its root is
        broken."""
        try:
            return self._activity.proven(entry, state)
        except IntegrityError as error:
            raise _broken() from error


def _entry(page: ActivityPage, seq: int) -> ActivityEntry | None:
    return next((entry for entry in page.entries if entry.seq == seq), None)


def _broken() -> IntegrityError:
    return IntegrityError(
        "The server gave a receipt, and its log does not have the event at the place that it promised.",
        hint=LOOK,
        code="receipt-broken",
    )


def _differs() -> IntegrityError:
    return IntegrityError(
        "A receipt of the server is for something else than was done here.", hint=LOOK, code="receipt-differs"
    )
