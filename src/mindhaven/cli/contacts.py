"""Cards and contacts: whom one may share with, and how one knows that they are who they are. I/O: server and store."""

from dataclasses import replace
from typing import Any

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.session import sync_own
from mindhaven.errors import InvalidInputError
from mindhaven.protocol.card import CARD_PREFIX, Card, safety_number, safety_words
from mindhaven.sdk.index import Contact

CHECKED = {
    "card": "by card",
    "link": "by link",
    "words": "by words",
    "none": "not yet",
}


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    adder.add("card", "show your card, to give to people you want to share with", card)
    contacts = adder.group("contacts", "list people you can share with; add, check and remove them", show)
    made = contacts.add("add", "add someone by their card, or by their handle to be checked first", add)
    made.add_argument("card", metavar="CARD", help=f"their card ({CARD_PREFIX}...), or their handle")
    made.add_argument("--name", metavar="NAME", required=True, help="what you call them; only you see it")
    made = contacts.add("check", "compare safety words with someone", check)
    made.add_argument("name", metavar="NAME", help="the contact's name or handle")
    made.add_argument("--match", action="store_true", help="you compared the words, and they are the same")
    made = contacts.add("remove", "forget a contact, and stop what you share with them if you say so", remove)
    made.add_argument("name", metavar="NAME", help="the contact's name or handle")
    shares = made.add_mutually_exclusive_group()
    shares.add_argument("--stop-shares", action="store_true", help="also stop what you share with them")
    shares.add_argument("--keep-shares", action="store_true", help="what you share with them goes on")
    contacts.add("invite", "make a link for one person, good for 7 days", invite)
    made = contacts.add("accept", "answer someone's link", accept)
    made.add_argument("link", metavar="LINK", help="the whole link")
    made.add_argument("--name", metavar="NAME", required=True, help="what you call them; only you see it")
    made.add_argument("--as", dest="as_name", metavar="NAME", default="", help="how they should see you")
    contacts.add("answers", "take in who answered your links", answers)


def card(command: Command) -> None:
    """Show one's own card."""
    with command.open() as session:
        me = session.client.me
        text = Card(me.handle, me.uid).text()
        command.screen.give({"handle": me.handle, "uid": me.uid.hex(), "card": text}, text)
        command.screen.say("Give this line to someone by hand or by a message that you trust. They can't read anything"
                           " with it; it only shows them that it is you.")  # fmt: skip


def _json(contact: Contact) -> dict[str, Any]:
    return {
        "name": contact.name, "handle": contact.handle, "uid": contact.uid.hex(), "checked": contact.checked
    }  # fmt: skip


def show(command: Command) -> None:
    """List the contacts."""
    with command.open() as session:
        found = sorted(session.client.index.contacts(), key=lambda one: one.name.casefold())
        if command.screen.as_json:
            command.screen.json([_json(one) for one in found])
            return
        if not found:
            command.screen.say("Nobody yet. Ask for someone's card, then: mindhaven contacts add CARD --name NAME")
            return
        rows = [(one.name, one.handle or "-", CHECKED.get(one.checked, one.checked)) for one in found]
        command.screen.table(("NAME", "HANDLE", "CHECKED"), rows)


def add(command: Command) -> None:
    """Add a contact."""
    with command.open() as session:
        text, name = command.args.card.strip(), command.args.name.strip()
        if not name:
            raise InvalidInputError("A contact needs a name.", code="contact-name")
        session.call_online(lambda m: m.vault.listed())  # opens the session before anything is written
        taken = [one for one in session.client.index.contacts() if one.name == name]
        if "-card-" in text or ":" in text:
            asked, checked = Card.parse(text), "card"
        else:
            asked, checked = Card(text, session.call(lambda m: m.people.candidate(text))), "none"
        if taken and taken[0].uid != asked.uid:
            raise InvalidInputError(f"You call someone else {name}.", hint="Choose another name.", code="contact-name")
        session.call(lambda m: m.sharing.add_contact(asked, name=name, checked=checked))
        if command.screen.as_json:
            command.screen.json({"name": name, "handle": asked.handle, "uid": asked.uid.hex(), "checked": checked})
        if checked == "none":
            command.screen.say(f"{name} is a contact, not checked yet. The server named them, and it could name someone"
                               f' else. Compare words before you share: mindhaven contacts check "{name}"')  # fmt: skip
        else:
            command.screen.say(f'{name} is a contact. Next: mindhaven share mood "{name}"')


def check(command: Command) -> None:
    """Show safety words and number, and note that they were compared."""
    screen = command.screen
    with command.open() as session:
        contact = session.client.index.contact(command.args.name)
        me = session.client.me.uid
        words, number = safety_words(me, contact.uid), safety_number(me, contact.uid)
        screen.give(
            _json(contact) | {"words": words, "number": number},
            f"words   {words}\nnumber  {number}",
        )
        if contact.checked == "words" or (contact.checked in {"card", "link"} and not command.option("match")):
            how = CHECKED[contact.checked]
            screen.say(f"{contact.name} was checked {how}. They should see the same words with your name.")
            return
        matched = command.option("match")
        if not matched:
            screen.say(f"Ask {contact.name}, in person or on the phone, which words they see.")
            if screen.as_json:
                return
            instead = f'If they are the same: mindhaven contacts check "{contact.name}" --match'
            matched = screen.yes("Are they the same, word for word?", instead=instead)
        if not matched:
            screen.warn("Then do not share anything with this contact. It may be somebody else.")
            return
        session.call_online(sync_own)
        known = next((one for one in session.client.contacts() if one.uid == contact.uid), contact)
        kept = replace(known, checked="words")  # another device may have renamed them meanwhile
        session.call(lambda m: m.index.keep_contact(kept))
        screen.say(f"{contact.name} is checked. You can share with them now.")


def remove(command: Command) -> None:
    """Forget a contact; what runs to them is named, and stopped or kept as the person says."""
    screen = command.screen
    with command.open() as session:
        contact = session.client.index.contact(command.args.name)
        session.call_online(sync_own)
        running = session.client.shared_with(contact.uid)
        stop = _stops(command, contact.name, running) if running else False
        if stop is None:
            screen.say(f"{contact.name} is still a contact. Nothing was changed.")
            return
        for name in running if stop else ():
            session.call(lambda m, name=name: m.stop_sharing(name, contact.uid.hex()))  # type: ignore[misc]
        kept = bool(running) and not stop
        session.call_online(lambda m: m.index.drop_contact(contact.uid, remember=kept))
        if screen.as_json:
            screen.json({"name": contact.name, "stopped": running if stop else [], "kept": running if kept else []})
        screen.say(f"{contact.name} is no contact any more.")
        if stop:
            screen.say(f"Stopped: {', '.join(running)}. They may keep what they have already read.")
        for name in running if kept else ():
            screen.say(f'They can still read {name}. To stop that: mindhaven revoke {name} "{contact.name}"')


def _stops(command: Command, name: str, running: list[str]) -> bool | None:
    """Whether to stop what runs to a contact; None: do nothing at all."""
    if command.option("stop_shares") or command.option("keep_shares"):
        return bool(command.option("stop_shares"))
    screen = command.screen
    screen.say(f"You share with {name} now: {', '.join(running)}. Forgetting a contact does not stop that by itself.")
    instead = "Give --stop-shares to stop it too, or --keep-shares to let it go on."
    screen.need_terminal(instead)
    screen.note("  s  stop sharing, then forget    k  keep sharing, and forget    q  do nothing")
    return {"s": True, "k": False, "q": None}[screen.choose(">", ("s", "k", "q"), instead=instead)]


def invite(command: Command) -> None:
    """Make an invitation link."""
    with command.open() as session:
        link = session.call_online(lambda m: m.sharing.invite())
        command.screen.give({"link": link}, link)
        command.screen.say(
            "For one person, once, for 7 days. They accept it with: mindhaven contacts accept LINK --name NAME."
            " When they have: mindhaven contacts answers"
        )


def accept(command: Command) -> None:
    """Answer an invitation link."""
    with command.open() as session:
        me = session.client.me
        shown = command.args.as_name or me.handle
        contact = session.call_online(
            lambda m: m.sharing.accept(command.args.link, name=shown, inviter_name=command.args.name)
        )
        if command.screen.as_json:
            command.screen.json(_json(contact))
        command.screen.say(f"{contact.name} is a contact, and will see you as {shown}.")


def answers(command: Command) -> None:
    """Open the answers to one's links."""
    with command.open() as session:
        found = session.call_online(lambda m: m.sharing.answers())
        if command.screen.as_json:
            command.screen.json([_json(one) for one in found])
            return
        for one in found:
            command.screen.data(f"{one.name}  {one.handle}")
        command.screen.say("They are contacts now." if found else "Nobody has answered yet.")
