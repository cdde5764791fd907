"""Check-ups: one question at a time, scored on this device. I/O: the terminal, the store, the server if it answers.

Guarantees: an answer above 0 to a risk item opens help at once, before the next question and before any score; whether
somebody says that they are safe is neither stored nor sent. Does not: diagnose, or tell anybody.
"""

import json
from collections.abc import Mapping
from typing import Final

from mindhaven.cli import drafts
from mindhaven.cli.area import Adder, Command
from mindhaven.cli.crisis import country_of, country_option, emergency_of, lines_text
from mindhaven.cli.plan import newest, text_lines
from mindhaven.cli.present import named, own, people
from mindhaven.cli.session import Session
from mindhaven.cli.stopping import EndedError, ended_softly
from mindhaven.cli.writing import destination, moment_options, record_of, save
from mindhaven.errors import InvalidInputError
from mindhaven.kinds import JsonValue
from mindhaven.kinds.instruments import Instrument, Score, checkup_body, load, load_all, score, serve
from mindhaven.kinds.instruments.model import Item
from mindhaven.sdk.sharing import Shared

CHECKUP: Final = "mindhaven/checkup"
REQUEST: Final = "mindhaven/request"
COLLECTION: Final = "checkups"
SECONDS_PER_QUESTION: Final = 12
NONE: Final = ("x", "-")
WARM: Final = "Thank you for being open here. Thoughts like these are a lot to carry alone."
NOBODY: Final = (
    "Nobody is watching these answers. Mindhaven does not call or tell anyone. If you are in danger, call {number} or"
    " one of these lines."
)
BANDS: Final = {
    "minimal": "few or no signs",
    "mild": "mild signs",
    "moderate": "moderate signs",
    "moderately severe": "fairly strong signs",
    "severe": "strong signs",
}
MORE: Final = {"audit_c": "more alcohol, or more often"}
ABOUT: Final = {"phq9": "low mood", "phq8": "low mood", "gad7": "anxiety"}


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    checkup = adder.group("checkup", "answer a questionnaire; scored on this device")
    for instrument in load_all():
        made = checkup.add(
            instrument.id, f"{instrument.title}: {instrument.about[0].lower()}{instrument.about[1:]}", run
        )
        made.set_defaults(instrument=instrument.id)
        made.add_argument("--answers", metavar="LIST", help="answers by number, such as 0,1,2,...; x for no answer")
        if instrument.difficulty is not None:
            made.add_argument("--difficulty", metavar="N", type=int, help="0 to 3: how hard it made things; not scored")
        if instrument.risk is not None:
            country_option(made)
        moment_options(made)


def run(command: Command) -> int | None:
    """Ask or take the answers, score and save them."""
    instrument = serve(load(command.args.instrument), use="free-of-charge")
    listed = command.option("answers")
    if listed is None:
        command.screen.need_terminal("Give --answers 0,1,2,..., one for each question.")
    given = None if listed is None else parse(instrument, listed)
    with command.open() as session:
        into = destination(command, session, CHECKUP)
        _say_asked(command, session, instrument)
        if given is None:
            asked = Asking(command, session, instrument, into).ask()
            if asked is None:
                command.screen.say("Nothing was kept.")
                return None
            answers, difficulty = asked
        else:
            answers, difficulty = given, command.option("difficulty")
            if score(instrument, answers).risk_items:
                support(command, session, asking=False)
        body = checkup_body(instrument, answers, difficulty=difficulty)
        result = score(instrument, answers)
        earlier = None if into is not None else _earlier(session, instrument)
        record = record_of(command, CHECKUP, dict(body))
        if command.screen.as_json:
            command.screen.json({"instrument": instrument.id, "score": result.total, "band": result.band,
                                 "missing": list(result.missing)})  # fmt: skip
        else:
            for line in words(instrument, result, earlier, into):
                command.screen.data(line)
        store, name = session.client.store, draft_name(instrument)
        save(command, session, record, tell=False, into=into,
             landed=lambda: drafts.drop(store, name, draft_text(answers)))  # fmt: skip
    return None


def _say_asked(command: Command, session: Session, instrument: Instrument) -> None:
    """Say who asked for this check-up, before anything is asked."""
    owners = {one.id: one.owner for one in session.client.index.collections()}
    for entry in session.client.entries(kind=REQUEST):
        owner = None if entry.collection is None else owners.get(entry.collection)
        if entry.record is None or owner is None or owner == session.client.me.uid:
            continue
        if entry.record.body.get("instrument") != instrument.id:
            continue
        name, day = named(people(session), owner), entry.record.body.get("reads_from")
        later = f", and may not read it before {day}" if isinstance(day, str) else ""
        command.screen.say(
            f"{name} asked for this check-up{later}. Nothing goes to {name} by itself: to send it, share checkups."
        )


def draft_name(instrument: Instrument) -> str:
    """Return the name of the drafts of a questionnaire that was broken off."""
    return f"checkup/{instrument.id}"


def draft_text(answers: Mapping[str, int | None]) -> str:
    """Return answers as a draft."""
    return json.dumps(dict(answers), sort_keys=True)


def parse(instrument: Instrument, text: str) -> dict[str, int | None]:
    """Return the answers that `text` lists; raise `InvalidInputError` (answers)."""
    parts = [part.strip() for part in text.split(",")]
    items = instrument.items
    if len(parts) != len(items) or not all(part in NONE or (part.isascii() and part.isdigit()) for part in parts):
        raise InvalidInputError(
            f"{instrument.title} has {len(items)} questions; give as many numbers, with commas between.",
            hint="Use x where there is no answer.",
            code="answers",
        )
    answers = {item.link_id: None if part in NONE else int(part) for item, part in zip(items, parts, strict=True)}
    score(instrument, answers)
    return answers


def _earlier(session: Session, instrument: Instrument) -> tuple[str, int] | None:
    found = [
        (entry.record, entry.record.body.get("score"))
        for entry in own(session, kind=CHECKUP)
        if entry.record is not None and entry.mine and entry.record.body.get("instrument") == instrument.id
    ]
    for record, total in reversed(found):
        if isinstance(total, int):
            return record.local_day().isoformat(), total
    return None


def words(
    instrument: Instrument, result: Score, earlier: tuple[str, int] | None, into: Shared | None = None
) -> list[str]:
    """Return the result: a sentence first, then the number, the last time, and what it is not."""
    if result.total is None:
        return ["Some questions have no answer, so there is no total. What you answered is kept."]
    told = []
    about = ABOUT.get(instrument.id, "")
    if result.band is not None:
        signs = BANDS.get(result.band, result.band)
        told.append(f"For {instrument.recall}, your answers show {signs}{f' of {about}' if about else ''}.")
    ranges = [f" ({band.name}: {band.low} to {band.high})" for band in instrument.bands if band.name == result.band]
    reach = ranges[0] if ranges else ""
    number = f"{result.total} of {instrument.total.high}"
    told.append(f"{instrument.title}: {number}{reach}. Higher means {MORE.get(instrument.id, 'more symptoms')}.")
    told += [f"{cut.about[0].upper()}{cut.about[1:]}." for cut in instrument.cut_offs if result.total >= cut.at]
    if earlier is not None:
        told.append(f"Last time, on {earlier[0]}, it was {earlier[1]}.")
    told.append(f"This is a sign, not a diagnosis. {_who_sees(into)}")
    return told


def _who_sees(into: Shared | None) -> str:
    if into is None:
        return "Only you see it, and the people you share check-ups with."
    return f"You see it, {into.who}, and the people {into.who} shares {into.name} with."


def support(command: Command, session: Session, *, asking: bool) -> None:
    """Show help, on standard error: plan, people, lines. Not silenced by --quiet; nothing about it is kept or sent."""
    screen, code = command.screen, country_of(command)
    number = emergency_of(code)
    screen.note()
    screen.paragraph(WARM)
    screen.note()
    entry = newest(session)
    if entry is None or entry.record is None:
        screen.note("Your plan: you have none here yet. mindhaven plan edit makes one.")
        screen.note("A person you trust: you can call or write to someone now. You need not explain.")
    else:
        body = dict(entry.record.body)
        people: dict[str, JsonValue] = {name: body.pop(name) for name in ("people", "professionals") if name in body}
        screen.note("Your plan")
        for line in [*text_lines(body), *text_lines(people)]:
            screen.note(f"  {line.removeprefix('# ')}")
    screen.note()
    screen.note("Lines")
    for line in lines_text(code):
        inside = "  " + " " * (len(line) - len(line.lstrip()))
        screen.paragraph(line.strip(), indent=inside)
    screen.note()
    screen.paragraph(NOBODY.format(number=number))
    screen.note()
    if asking:
        screen.paragraph("Are you safe right now? Your answer is not stored and not sent.")
        screen.note("  y  Yes, I'm safe    u  I'm not sure    n  No")
        if screen.choose(">", ("y", "u", "n"), instead="") == "n":
            screen.note()
            screen.note(f"  Please call {number} now. The questions wait.")
        screen.ask("Press Enter to carry on.", instead="")


class Asking:
    """The questions, one at a time."""

    def __init__(self, command: Command, session: Session, instrument: Instrument, into: Shared | None) -> None:
        self.command = command
        self.into = into
        self.session = session
        self.screen = command.screen
        self.instrument = instrument
        self.answers: dict[str, int | None] = {}

    def ask(self) -> tuple[dict[str, int | None], int | None] | None:
        """Return the answers and the difficulty, or None if they are to be discarded.

        Ctrl-C, or a window that is closed, keeps the answers so far as a draft on this device; nothing of them is sent.
        """
        store, name = self.session.client.store, draft_name(self.instrument)
        draft = drafts.offer(self.screen, store, name, about="answers to some of the questions.")
        over = None if draft is None else draft.text
        if over is not None:
            self.answers = dict(json.loads(over))
        try:
            with ended_softly():
                asked = self._run(begun=over is not None)
                if asked is None:
                    drafts.drop(store, name, over)
                else:
                    drafts.keep(store, name, draft_text(asked[0]), instead_of=over)  # until they are saved
                return asked
        except KeyboardInterrupt as stopped:
            if self.answers:
                drafts.keep(store, name, draft_text(self.answers), instead_of=over)
                if not isinstance(stopped, EndedError):
                    self.screen.note()
                    drafts.say_kept(self.screen, name)
            raise

    def _run(self, *, begun: bool) -> tuple[dict[str, int | None], int | None] | None:
        self._open()
        items, place = self.instrument.items, 0
        if begun:
            if score(self.instrument, self.answers).risk_items:
                support(self.command, self.session, asking=True)
            while place < len(items) and (items[place].link_id in self.answers or self._skipped(items[place])):
                place += 1
        while place < len(items):
            item = items[place]
            if self._skipped(item):
                self.answers.pop(item.link_id, None)
                place += 1
                continue
            answer = self._ask(item, f"{place + 1} of {len(items)}", back=place > 0)
            if answer == "b":
                place = self._before(place)
            elif answer == "q":
                stopped = self._stop()
                if stopped is not None:
                    return (self.answers, None) if stopped else None
            else:
                self.answers[item.link_id] = int(answer)
                if item.link_id in score(self.instrument, self.answers).risk_items:
                    support(self.command, self.session, asking=True)
                place += 1
        return self.answers, self._difficulty()

    def _open(self) -> None:
        instrument, screen = self.instrument, self.screen
        count = len(instrument.items)
        minutes = max(1, round(count * SECONDS_PER_QUESTION / 60))
        screen.note()
        screen.note(f"{instrument.title}: {instrument.about}")
        screen.paragraph(
            f"{count} questions about {instrument.recall}, about {minutes} minute{'' if minutes == 1 else 's'}."
            f" {self._who()} Type the number of your answer. b goes back, q stops."
        )
        screen.paragraph(instrument.licence.attribution)

    def _who(self) -> str:
        if self.into is not None:
            return f"The result goes to {self.into.title}, and whoever can read that."
        listed = self.session.client.index.named(COLLECTION)
        state = None if listed is None else self.session.client.vault.state(listed.id)
        known = people(self.session)
        names = [] if state is None else [named(known, uid) for uid in state.members if uid != state.owner]
        return f"Only you get the result, and with whom you share check-ups: {', '.join(names)}." if names else \
            "Only you get the result."  # fmt: skip

    def _skipped(self, item: Item) -> bool:
        return any(
            item.link_id in skip.then and self.answers.get(skip.item) == skip.code for skip in self.instrument.skips
        )

    def _before(self, place: int) -> int:
        place -= 1
        while place > 0 and self._skipped(self.instrument.items[place]):
            place -= 1
        return max(place, 0)

    def _ask(self, item: Item, where: str, *, back: bool) -> str:
        screen, options = self.screen, self.instrument.options_of(item)
        screen.note()
        if where:
            screen.note(f"{where}")
        if where.startswith("1 of"):
            screen.paragraph(self.instrument.stem, indent="  ")
            screen.note()
        screen.paragraph(item.text, indent="  ")
        for option in options:
            chosen = " (your answer)" if self.answers.get(item.link_id) == option.code else ""
            screen.note(f"    {option.code}  {option.text}{chosen}")
        return screen.choose(">", [*(str(one.code) for one in options), *(["b"] if back else []), "q"], instead="")

    def _stop(self) -> bool | None:
        """True: keep the answers so far; False: discard; None: carry on."""
        self.screen.note("Stop here?  d  discard, nothing is kept    k  keep the answers so far    c  carry on")
        return {"d": False, "k": True, "c": None}[self.screen.choose(">", ("d", "k", "c"), instead="")]

    def _difficulty(self) -> int | None:
        question = self.instrument.difficulty
        given: int | None = self.command.option("difficulty")
        if question is None or given is not None or not any(self.answers.values()):
            return given
        answer = self._ask(question, "One more, which is not counted", back=False)
        return None if answer == "q" else int(answer)
