"""What a person allows the host: seen, given, refused, taken back, with receipts for others. I/O: server, store, files.

Guarantees: the words that are signed are those that were shown here. Taking back takes as few steps as giving, asks
less, and goes on where the server no longer shows the words. Choices are counted from 1 here; in the chain, from 0.
"""

import argparse
import time
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.consent_receipts import ACTS, as_told, form_options, write
from mindhaven.cli.receipts import count, say_kept
from mindhaven.cli.screen import plain
from mindhaven.cli.session import Session
from mindhaven.cli.times import day_number, day_of, day_text, seconds_text
from mindhaven.errors import DeniedError, IntegrityError, InvalidInputError, NotFoundError, UnavailableError
from mindhaven.protocol.choice import Act, By, Choice, State
from mindhaven.sdk.choices import Chain, words
from mindhaven.sdk.consent_receipts import read
from mindhaven.wire.consent import Purposes, PurposeShown

_LANGUAGES: Final = ("en", "de", "es")
_ACTING: Final = tuple(str(one) for one in (By.PARENT, By.GUARDIAN, By.ATTORNEY))
_YES: Final = {"en": "yes", "de": "ja", "es": "sí"}
_TYPED: Final = frozenset({*_YES.values(), "si"})
_STATES: Final = {
    State.UNASKED: "not asked yet",
    State.GIVEN: "allowed",
    State.RENEWED: "allowed again",
    State.REFUSED: "you said no",
    State.DEFERRED: "put off",
    State.WITHDRAWN: "taken back",
    State.EXPIRED: "over: its last day has passed",
    State.INVALIDATED: "asked in new words now",
}
_NEVER: Final = "never done here"
_THEN: Final = {"reminders": "You set the times in the web app, with Reminders."}
"""What is left to do where allowing alone does nothing."""
_WHAT: Final = "what it is about, as `mindhaven choices` names it"
_SIGNAL: Final = " (your browser's signal)"


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    group = adder.group("choices", "see what you allow the server, and change it", show)
    group.add("history", "show every choice that you made, the oldest first", history)
    made = group.add("give", "allow something, after you read what it is", give)
    _purpose(made)
    made.add_argument("--until", metavar="DAY", help="the last day, yyyy-mm-dd (default: until you take it back)")
    made.add_argument("--yes", action="store_true", help="do not ask: you have read the words")
    _purpose(group.add("refuse", "say no to something", refuse))
    made = group.add("withdraw", "take back what you allowed; it counts at once", withdraw)
    made.add_argument("purpose", metavar="PURPOSE", help=_WHAT)
    _by(made)
    made = group.add("receipt", "write a receipt of a choice to a file, for others", receipt)
    made.add_argument("number", metavar="NUMBER", type=int, help="which choice, as `choices history` numbers them")
    form_options(made)
    group.add("let-go", "forget what this device knows of choices that the server lost", let_go)


def _by(made: argparse.ArgumentParser) -> None:
    made.add_argument("--by", choices=_ACTING, help="if you act for the account's person by law: as what")


def _purpose(made: argparse.ArgumentParser) -> None:
    _by(made)
    made.add_argument("purpose", metavar="PURPOSE", help=_WHAT)
    made.add_argument("--language", choices=_LANGUAGES, default="en", help="in which language (default: en)")


# -- seeing


def show(command: Command) -> None:
    """Show each purpose, how it stands, and since when."""
    screen = command.screen
    with command.open() as session:
        asked = session.call_online(lambda m: m.choices.asked())
        chain = session.call_online(lambda m: m.choices.chain())
        told = [_told(one, chain) for one in asked.purposes]
        if screen.as_json:
            screen.json({"choices": told, "lost": [as_told(one) for one in chain.lost]})
        else:
            rows = [[one["purpose"], one["title"], one["words"], _hour(one["since"])] for one in told]
            screen.table(["PURPOSE", "WHAT", "HOW IT STANDS", "SINCE"], rows)
        screen.say("The server must not do what is not allowed. To change one: mindhaven choices give, refuse or"
                   " withdraw PURPOSE. All that you chose: mindhaven choices history")  # fmt: skip
        _say_lost(command, chain.lost)


def _hour(since: str | None) -> str:
    return "-" if since is None else f"the hour from {since}"


def _told(about: PurposeShown, chain: Chain) -> dict[str, Any]:
    newest = next((one for one in reversed(chain.choices) if one.purpose == about.id), None)
    state = chain.state(about.id, terms=about.terms)
    said = about.says.get("en") or next(iter(about.says.values()))
    until = newest.until if newest is not None else 0
    text = _STATES[state] + (f" until {day_text(until)}" if until and state.allows else "")
    if not about.offered:
        text = _NEVER if state is State.UNASKED else f"{_NEVER}; {text}"
    return {
        "purpose": about.id, "title": said.title, "state": str(state), "allows": state.allows, "words": text,
        "since": None if newest is None else seconds_text(newest.at), "until": day_text(until) if until else None,
        "number": None if newest is None else newest.number + 1, "offered": about.offered,
    }  # fmt: skip


def history(command: Command) -> None:
    """Show every choice, with the receipts that can be written of it."""
    screen = command.screen
    with command.open() as session:
        chain = session.call_online(lambda m: m.choices.chain())
        if screen.as_json:
            screen.json(
                {"choices": [as_told(one) for one in chain.choices], "lost": [as_told(one) for one in chain.lost]}
            )
        elif not chain.made:
            screen.say("You have chosen nothing yet. What is asked: mindhaven choices")
        else:
            for one in chain.choices:
                screen.data(_line(one))
            screen.say("A receipt of one, for others: mindhaven choices receipt NUMBER --out FILE")
        _say_lost(command, chain.lost)


def _line(one: Choice) -> str:
    until = f" until {day_text(one.until)}" if one.until else ""
    by = _SIGNAL if one.by is By.SIGNAL else "" if one.by is By.SELF else f" (by {one.by})"
    when = f"in the hour from {seconds_text(one.at)}"
    return f"{one.number + 1:>3}  {when}  {plain(one.purpose)}: {ACTS[one.act]}{until}{by}"


def _say_lost(command: Command, lost: Sequence[Choice]) -> None:
    """Say plainly which choices of this device the server does not have."""
    if not lost:
        return
    screen = command.screen
    screen.warn(
        f"The server no longer has {len(lost):,} of the choices of yours that this device has seen. It may have"
        " been put back to an earlier day. It acts by what it has:"
    )
    for one in lost:
        screen.warn(f"  {_line(one)}")
    screen.warn(
        "Choose again what you want. Ask the people who run it what happened. Once that is settled: mindhaven choices"
        " let-go"
    )


def let_go(command: Command) -> None:
    """Forget what this device has seen of choices that the server lost."""
    with command.open() as session:
        session.client.choices.let_go()
        command.screen.say("Forgotten. From now on this device goes by what the server has.")


# -- choosing


def give(command: Command) -> None:
    """Show the words, ask, and sign."""
    until = _last_day(command.option("until"))
    with command.open() as session:
        asked, about = _asked(session, command.args.purpose)
        if not about.offered:
            raise DeniedError(
                "Nobody can allow this here.", hint="This server does not do it. You can say no.", code="purpose-never"
            )
        before = _before(command, session)
        shown_at = _show(command, about)
        if not command.option("yes"):
            answer = command.screen.ask(f"To allow this, type {_YES[command.args.language]}:", instead="Give --yes.")
            if unicodedata.normalize("NFC", answer).lower() not in _TYPED:
                command.screen.say("Nothing was changed.")
                return
        _choose(command, session, Act.GIVEN, asked, shown_at, until=until)
        command.screen.say(f"Allowed. To take it back: mindhaven choices withdraw {about.id}")
        if about.id in _THEN:
            command.screen.say(_THEN[about.id])
        _after(command, session, before)


def refuse(command: Command) -> None:
    """Show the words and sign a no."""
    with command.open() as session:
        asked, about = _asked(session, command.args.purpose)
        before = _before(command, session)
        _choose(command, session, Act.REFUSED, asked, _show(command, about))
        command.screen.say("Your no is kept. What it was about has ended, if it went on.")
        _after(command, session, before)


def withdraw(command: Command) -> None:
    """Show what is taken back and sign it."""
    with command.open() as session:
        asked, about = _asked(session, command.args.purpose)
        before = _before(command, session)
        given = next((one for one in reversed(before.choices) if one.purpose == about.id), None)
        if given is not None:
            _say_given(command, session, given)
        _choose(command, session, Act.WITHDRAWN, asked, time.time())
        command.screen.say("Taken back. It counts from now on, and what it allowed has ended.")
        _after(command, session, before)


def _say_given(command: Command, session: Session, given: Choice) -> None:
    """Show the words that were agreed to; without them taking back goes on, for it signs their hash alone."""
    try:
        text = session.call_online(lambda m: m.choices.text(given.text_hash)).text
    except (NotFoundError, IntegrityError):
        command.screen.warn(
            "The server does not show the words that you agreed to. It has to keep them: ask the people who run it."
            " Taking back goes on without them."
        )
    else:
        _say_words(command, text)


def _before(command: Command, session: Session) -> Chain:
    """Return the choices before one more; say which of them the server lost."""
    chain = session.call_online(lambda m: m.choices.chain())
    _say_lost(command, chain.lost)
    return chain


def _after(command: Command, session: Session, before: Chain) -> None:
    """Say which choices the server lacks after one more: those that it lacked before it, and new ones."""
    try:
        chain = session.call_online(lambda m: m.choices.chain())
    except UnavailableError:  # the choice is made: that it can't be looked at now must not read as if it were not
        _say_lost(command, before.lost)
        return
    there = {one.hash for one in chain.choices}
    lost = {one.hash: one for one in (*before.lost, *chain.lost) if one.hash not in there}
    _say_lost(command, tuple(lost.values()))


def _last_day(text: str | None) -> int:
    if text is None:
        return 0
    day = day_of(text)
    if day < datetime.now(UTC).date():
        raise InvalidInputError("This day has passed.", hint="Choose a day from today on.", code="day")
    return day_number(day)


def _asked(session: Session, purpose: str) -> tuple[Purposes, PurposeShown]:
    asked = session.call_online(lambda m: m.choices.asked())
    about = next((one for one in asked.purposes if one.id == purpose), None)
    if about is None:
        raise NotFoundError(
            "Nobody is asked about this here.", hint=f"There are: {_names(asked.purposes)}.", code="purpose-unknown"
        )
    return asked, about


def _names(purposes: Sequence[PurposeShown]) -> str:
    return ", ".join(plain(one.id) for one in purposes)


def _show(command: Command, about: PurposeShown) -> float:
    """Show the exact words; return when."""
    said = about.says.get(command.args.language)
    if said is None:
        raise NotFoundError(
            "This is not asked in this language.", hint=f"There are: {', '.join(about.says)}.", code="purpose-unknown"
        )
    _say_words(command, words(said))
    return time.time()


def _say_words(command: Command, text: str) -> None:
    for line in text.split("\n"):
        command.screen.paragraph(plain(line), indent="  ")


def _choose(command: Command, session: Session, act: Act, asked: Purposes, shown_at: float, *, until: int = 0) -> None:
    purpose, language, before = command.args.purpose, command.option("language") or "en", count(session)
    by = By(command.option("by") or By.SELF)
    made = session.call_online(
        lambda m: m.choices.choose(purpose, act, language=language, until=until, by=by, asked=asked, asked_at=shown_at)
    )
    if command.screen.as_json:
        command.screen.json(as_told(made))
    say_kept(command, session, before)


# -- receipts for others


def receipt(command: Command) -> None:
    """Write a receipt of one choice, and say how others check it."""
    with command.open() as session:
        evidence = session.call_online(lambda m: m.consent_receipts.evidence(command.args.number - 1))
        told = read(evidence)
        write(command, session, evidence, of=f"{ACTS[told.choice.act]}, {plain(told.title)}")
        command.screen.say(
            "The file shows your account's id, what you were asked and what you chose; nothing that you wrote. Whether"
            " it still stands is not in it: your choices tell."
        )
