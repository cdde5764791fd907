"""Asking somebody for a check-up: a sealed note that only they can read. I/O: server, store.

Does not: bring an answer. Whoever is asked sends one, or does not.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.receipts import count, say_kept
from mindhaven.cli.session import sync_own
from mindhaven.cli.times import day_number, day_of
from mindhaven.cli.writing import record_of
from mindhaven.errors import InvalidInputError
from mindhaven.kinds import JsonValue
from mindhaven.kinds.instruments import load, load_all, serve

REQUEST: Final = "mindhaven/request"
ASKED: Final = "asked/"
"""Collections of what one person is asked begin like this: nobody else can read them or count what is in them."""
DEFAULT_READS_DAYS: Final = 7
"""Safer said too late than too early: somebody may wait for it."""
SHARED_DAYS: Final = 90
"""How long what was asked can be read: as long as any other share."""


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("ask", "ask someone for a check-up", ask)
    made.add_argument("who", metavar="WHO", help="a contact's name or handle")
    made.add_argument("instrument", metavar="INSTRUMENT", choices=[one.id for one in load_all()], help="the check-up")
    made.add_argument(
        "--reads-from", metavar="DAY",
        help="you may not read the answers before this day, yyyy-mm-dd (default: in 7 days); the person is told",
    )  # fmt: skip
    made.add_argument("--until", metavar="DAY", help="the last day on which an answer helps, yyyy-mm-dd")


def ask(command: Command) -> None:
    """Ask a contact for a check-up."""
    args, screen = command.args, command.screen
    today = datetime.now(UTC).date()
    instrument = serve(load(args.instrument), use="free-of-charge")
    reads_from = _day(command.option("reads_from"), today) or today + timedelta(days=DEFAULT_READS_DAYS)
    until = _day(command.option("until"), today)
    with command.open() as session:
        contact = session.client.index.contact(args.who)
        session.call_online(sync_own)
        body: dict[str, JsonValue] = {"instrument": instrument.id, "reads_from": reads_from.isoformat()}
        if until is not None:
            body["until"] = until.isoformat()
        name = f"{ASKED}{contact.uid.hex()[:12]}"
        item = session.client.add(record_of(command, REQUEST, body), collection=name)
        before = count(session)
        if name not in session.client.shared_with(contact.uid):
            last = day_number(today + timedelta(days=SHARED_DAYS))
            session.call(lambda m: m.share(name, args.who, until=last))
        session.call_online(sync_own)
        if screen.as_json:
            screen.json({"id": item.hex(), "who": contact.name, "instrument": instrument.id,
                         "reads_from": reads_from.isoformat(), "until": body.get("until")})  # fmt: skip
        screen.say(
            f"Asked. {contact.name} is told that you get all answers if they send them, and that you may not read them"
            f" before {reads_from.isoformat()}. They can say no; you can't tell that from no answer yet. To take it"
            f" back: mindhaven erase {item.hex()[:8]}"
        )
        if instrument.risk is not None:
            screen.say(
                "One question is about thoughts of death. Nobody tells you of its answer: you see it when you read."
            )
        say_kept(command, session, before)


def _day(text: str | None, today: date) -> date | None:
    if text is None:
        return None
    day = day_of(text)
    if day < today:
        raise InvalidInputError("This day has passed.", hint="Choose a day from today on.", code="day")
    return day
