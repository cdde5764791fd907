"""Offers: what people who are not contacts want to share. I/O: the server, and the store once an offer is taken."""

from typing import Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.session import Session
from mindhaven.cli.times import day_text, month_text
from mindhaven.errors import InvalidInputError
from mindhaven.protocol.collection import Role
from mindhaven.sdk.index import Contact
from mindhaven.sdk.offers import Offer

SHOWN: Final = 8


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    offers = adder.group("offers", "list what people who are not your contacts want to share with you", show)
    made = offers.add("accept", "take an offer; then mindhaven shared shows it", accept)
    made.add_argument("id", metavar="ID", help="its id, or how it begins")
    made.add_argument("--name", metavar="NAME", help="also keep the person as a contact; only you see this name")
    made = offers.add("decline", "give back what someone offered; they can see that you did", decline)
    made.add_argument("id", metavar="ID", help="its id, or how it begins")


def show(command: Command) -> None:
    """List the offers."""
    screen = command.screen
    with command.open() as session:
        found = session.call_online(lambda m: m.offers())
        if screen.as_json:
            screen.json([
                {"id": one.id.hex(), "collection": one.name, "owner": one.owner.hex(),
                 "write": one.role is not Role.READER, "from": month_text(one.since) if one.since else None,
                 "until": day_text(one.until) if one.until else None}
                for one in found
            ])  # fmt: skip
            return
        if not found:
            screen.say("Nobody who is not a contact offers you anything.")
            return
        screen.table(
            ("ID", "COLLECTION", "FROM WHOM", "MAY", "UNTIL"),
            [
                (one.id.hex()[:SHOWN], one.name, one.owner.hex()[:SHOWN],
                 "read" if one.role is Role.READER else "read and add",
                 day_text(one.until) if one.until else "they stop it")
                for one in found
            ],
        )  # fmt: skip
        screen.say(
            "These people are not your contacts, so nothing of it is on this device. If you expect it, ask them for"
            " their card or compare safety words. Then: mindhaven offers accept ID --name NAME"
        )


def accept(command: Command) -> None:
    """Take an offer."""
    with command.open() as session:
        offer = _one(command, session)
        name = command.option("name")
        if name is not None:
            if any(one.name == name for one in session.client.contacts()):
                raise InvalidInputError(
                    f"A contact of yours is called {name} already.",
                    hint="Choose another name: it may not be the same person.",
                    code="contact-ambiguous",
                )
            session.call(lambda m: m.index.keep_contact(Contact(offer.owner, "", name, "none")))
        session.call(lambda m: m.accept_offer(offer.id))
        more = "" if name is None else f' To be sure who they are: mindhaven contacts check "{name}"'
        command.screen.say(f"Taken. To read it: mindhaven shared.{more}")


def decline(command: Command) -> None:
    """Give an offer back."""
    with command.open() as session:
        offer = _one(command, session)
        session.call(lambda m: m.decline_offer(offer.id))
        command.screen.say("Given back. Nothing of it is on this device.")


def _one(command: Command, session: Session) -> Offer:
    found = session.call_online(lambda m: m.offers())
    picked = [one for one in found if one.id.hex().startswith(command.args.id.lower())]
    if len(picked) != 1:
        raise InvalidInputError("No single offer has this id.", hint="mindhaven offers lists them.", code="offer")
    return picked[0]
