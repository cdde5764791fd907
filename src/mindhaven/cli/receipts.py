"""Receipts that this device keeps: showing, saving, checking them; and erasing a collection, which gives one.

I/O: the server, the store, files of receipts.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.keytext import key_text
from mindhaven.cli.present import named, people
from mindhaven.cli.screen import plain
from mindhaven.cli.session import Session, ask_passphrase, sync_own
from mindhaven.cli.times import day_text, seconds_text
from mindhaven.crypto.encoding import decode
from mindhaven.errors import IntegrityError, InvalidInputError, NotFoundError, UnavailableError
from mindhaven.protocol import event, recovery, shape
from mindhaven.protocol.ledger import AUDIT, Told
from mindhaven.sdk.activity import LATE_SECONDS
from mindhaven.sdk.receipts import Kept, Standing
from mindhaven.tlog.note import VerifierKey
from mindhaven.tlog.proof import TlogProof

_STATES: Final = {
    Standing.WAITING: "waits for the next public checkpoint",
    Standing.PROVEN: "proven at index",
    Standing.WRONG: "WRONG: the server does not keep it",
}


def register(group: Adder) -> None:
    """Add the commands of this area below `ledger`."""
    made = group.add("receipts", "show what the server promised of your acts, and whether it keeps it", receipts)
    made.add_argument("--save", metavar=("NUMBER", "FILE"), nargs=2, help="write a proven one to a file, for others")
    made.add_argument("--forget", metavar="NUMBER", type=int, help="let one go, also a wrong one")
    made = group.add("check-receipt", "verify a saved receipt; needs no account and no network", check)
    made.add_argument("file", metavar="FILE", help="the receipt, as `receipts --save` or `receipt` wrote it")
    made.add_argument("--key", metavar="VKEY", required=True, help="the log's key")
    made.add_argument("--commitment", metavar="COMMITMENT", help="the entry, 64 signs; only if the file opens none")


def register_erasing(adder: Adder) -> None:
    """Add the command that erases a collection."""
    made = adder.add("erase-collection", "erase one of your collections whole, for everyone", erase)
    made.add_argument("collection", metavar="COLLECTION", help="such as journal")
    made.add_argument("--recovery-file", metavar="PATH", help="use the recovery key instead of the passphrase")
    made.add_argument("--yes", action="store_true", help="do not ask")


def count(session: Session) -> int:
    """Return how many receipts there are, for `say_kept`."""
    return len(session.client.receipts())


def say_kept(command: Command, session: Session, before: int) -> None:
    """Say in one line that receipts were kept since."""
    if more := count(session) - before:
        which = "A receipt was" if more == 1 else f"{more} receipts were"
        command.screen.say(f"{which} kept here: mindhaven ledger receipts")


def receipts(command: Command) -> None:
    """List them with their state, after a look at the log if the server answers; or save one, or let one go."""
    screen = command.screen
    with command.open() as session:
        if command.option("forget") is not None:
            session.client.forget_receipt(command.args.forget)
            screen.say("Forgotten.")
            return
        wrong: IntegrityError | None = None
        if not session.offline:
            try:
                session.call(lambda m: m.check_receipts())
            except UnavailableError:
                screen.say("The server can't be reached: this is how they stood at the last look.")
            except IntegrityError as error:
                wrong = error
        if command.option("save") is not None:
            _save(command, session, *command.args.save)
            return
        _list(command, session, session.client.receipts())
        if wrong is not None:
            raise wrong


def _save(command: Command, session: Session, number: str, file: str) -> None:
    if not number.isdecimal():
        raise InvalidInputError("A receipt is named by its number.", code="receipt-number")
    proof = session.client.receipt_proof(int(number))
    with Path(file).open("xb") as out:
        out.write(proof)
    key = str(session.client.logs.known_keys()[AUDIT])
    command.screen.give({"file": file, "key": key}, f"mindhaven ledger check-receipt {file} --key {key}")
    command.screen.say(
        "Whoever has the file and the log's key can check it so, without the server. It opens that one event to them,"
        " with the ids in it; nothing that you wrote."
    )


def _list(command: Command, session: Session, found: list[Kept]) -> None:
    screen = command.screen
    words = _Words(session)
    if screen.as_json:
        screen.json([
            {"number": one.number, "what": one.receipt.what, "at": one.receipt.at, "state": str(one.standing),
             "position": one.receipt.position, "commitment": one.receipt.commitment.hex(), "words": words.of(one),
             "fault": one.fault or None}
            for one in found
        ])  # fmt: skip
        return
    if not found:
        screen.say("There are none yet. You get one when you share, stop sharing, change keys or erase a collection.")
        return
    for one in found:
        state = _STATES[one.standing]
        if one.standing is Standing.PROVEN:
            state += f" {one.receipt.position:,}"
        screen.data(f"{one.number:>3}  {seconds_text(one.receipt.at)}  {words.of(one)}  [{state}]")
    now = datetime.now(UTC).timestamp()
    waiting = [one for one in found if one.standing is Standing.WAITING]
    if any(now - one.receipt.at > LATE_SECONDS for one in waiting):
        screen.warn(
            "Some of these have waited for more than three hours: the server does not sign its log. Ask the people who"
            " run it. What you did holds all the same."
        )
    elif waiting:
        screen.say("What waits is proven by the log's next checkpoint, at most an hour from then.")


class _Words:
    """What a receipt is for, in plain words."""

    def __init__(self, session: Session) -> None:
        self._me = session.client.me.uid
        self._known = people(session)
        self._collections = {one.id: one.name for one in session.client.index.collections()}

    def of(self, one: Kept) -> str:
        about = one.about
        where = "a collection" if about.collection is None else self._collection(about.collection)
        who = "somebody" if about.person is None else named(self._known, about.person)
        left = about.person == self._me
        return {
            "grant": f"You share {where} with {who}.",
            "revocation": f"You gave up your access to {where}."
            if left
            else f"You stopped sharing {where} with {who}.",
            "consent": f"Your consent for {who} and {where} is recorded.",
            "consent-ended": f"A consent for {where} has ended.",
            "choice": "Your choice of what the server may do is recorded: mindhaven choices history",
            "keys": "Your keys or ways in were changed.",
            "collection": f"You erased {where}.",
            "account": "You erased your account.",
        }[one.receipt.what]

    def _collection(self, collection: bytes) -> str:
        return plain(self._collections.get(collection, f"a collection ({collection.hex()[:8]})"))


def check(command: Command) -> None:
    """Verify a saved receipt; needs neither an account nor the server."""
    args = command.args
    found = TlogProof.parse(Path(args.file).read_bytes())
    told: Told | None = None
    if found.extra is not None:
        salt, body = shape.fields(decode(found.extra), 2, "A receipt's opening")
        told = Told.decode(shape.raw(body, "An event"))
        entry = event.commitment(shape.raw(salt, "A salt", length=event.SALT_BYTES), body)
    elif command.option("commitment") is not None:
        try:
            entry = bytes.fromhex(args.commitment)
        except ValueError:
            raise InvalidInputError(
                "A commitment is written in 64 signs, 0 to 9 and a to f.", code="commitment"
            ) from None
    else:
        raise InvalidInputError(
            "This receipt does not say what stands in the log.", hint="Give --commitment too.", code="commitment"
        )
    checkpoint = found.verify(entry, VerifierKey.parse(args.key))
    shown: dict[str, Any] = {"index": found.index, "size": checkpoint.size, "origin": checkpoint.origin,
                             "commitment": entry.hex()}  # fmt: skip
    if told is not None:
        shown |= {"event": told.name, "subject": told.subject.hex(), "at": told.at}
    text = f"The entry stands at index {found.index:,} of {checkpoint.origin}, which had {checkpoint.size:,} entries."
    if told is not None:
        text += f"\nIt is {told.name}, about {told.subject.hex()}, in the hour from {seconds_text(told.at)}."
    command.screen.give(shown, text)


def erase(command: Command) -> None:
    """Erase a collection whole, at the server and on this device."""
    screen, name = command.screen, command.args.collection
    file = command.option("recovery_file")
    with command.open() as session:
        listed = session.client.index.named(name)
        if listed is None:
            raise NotFoundError(f"You have no collection called {name}.", code="collection-unknown")
        key = None if file is None else recovery.parse(key_text(command, file))
        session.call_online(sync_own)
        entries = sum(1 for one in session.client.entries() if one.collection == listed.id)
        if not command.option("yes"):
            screen.paragraph(
                f"This erases {name} with its {entries:,} entries, for you and for everybody you share it with. Nobody"
                " can bring them back. mindhaven export takes them with you first."
            )
            if screen.ask(f"To go on, type {name}:", instead="Give --yes.") != name:
                screen.say("Nothing was erased.")
                return
        typed = (
            None
            if key is not None
            else (session.passphrase or ask_passphrase(screen, command.option("passphrase_file")))
        )
        before = count(session)
        receipt = session.call_online(lambda m: m.erase_collection(name, passphrase=typed, recovery_key=key))
        until = day_text(receipt.backups_until_day)
        told = {"collection": name, "commitment": receipt.commitment.hex(), "position": receipt.position,
                "backups_until": until, "kept": list(receipt.kept)}  # fmt: skip
        if screen.as_json:
            screen.json(told)
        screen.say(f"{name} is erased. Back-ups of the server can hold sealed copies until {until}. What stays:"
                   f" {'; '.join(receipt.kept)}.")  # fmt: skip
        say_kept(command, session, before)
