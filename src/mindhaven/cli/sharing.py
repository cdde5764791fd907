"""Sharing, stopping, and reading what others share. I/O: server and store."""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.asking import REQUEST
from mindhaven.cli.entries import table
from mindhaven.cli.present import as_json, full_kind, named, own, people
from mindhaven.cli.receipts import count, say_kept
from mindhaven.cli.screen import terminal
from mindhaven.cli.session import Session, sync_own
from mindhaven.cli.shares import FOR, all_shares, day_when, stands
from mindhaven.cli.times import day_number, day_of, day_text, later_by_months, month_of, month_text
from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import DeniedError, InvalidInputError, NotFoundError, UnavailableError
from mindhaven.protocol.collection import Role
from mindhaven.protocol.consent import Purpose
from mindhaven.sdk import AsyncMindhaven, Entry
from mindhaven.sdk.index import Contact, Listed
from mindhaven.sdk.share_words import agreement
from mindhaven.sdk.vouching import Vouched

ENDED_META: Final = "shares-ended"
DEFAULT_DAYS: Final = 90
"""A share ends by itself; three months is a usual stretch of care."""


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("share", "let someone read one of your collections, until a day", share)
    made.add_argument("collection", metavar="COLLECTION", help="such as mood, checkups, journal, plan")
    made.add_argument("who", metavar="WHO", help="a contact's name or handle")
    made.add_argument(
        "--from", dest="since", metavar="MONTH", help="first month, yyyy-mm, or all (default: this month)"
    )
    until = made.add_mutually_exclusive_group()
    until.add_argument("--until", metavar="DAY", help="last day, yyyy-mm-dd (default: 90 days from now)")
    until.add_argument("--months", metavar="N", type=int, help="end after so many months")
    made.add_argument("--for", dest="purpose", choices=tuple(FOR), default=str(Purpose.CARE),
                      help="what they may use it for; each is agreed to by itself (default: care)")  # fmt: skip
    made.add_argument("--write", action="store_true", help="they may also add entries of their own; yours stay yours")
    made.add_argument("--yes", action="store_true", help="do not ask")
    made.add_argument("--anyway", action="store_true", help="also while the server's logs show something wrong")
    made = adder.add("shared", "read what others share with you", shared)
    made.add_argument("who", nargs="?", metavar="WHO", help="only from this contact")
    made.add_argument("--kind", metavar="KIND", help="only one kind, such as mood")
    made.add_argument("--kept", action="store_true", help="also what this device still has of shares that ended")
    made = adder.add("revoke", "stop sharing a collection with someone, at once", revoke)
    made.add_argument("collection", metavar="COLLECTION", help="such as mood")
    made.add_argument("who", metavar="WHO", help="a contact's name or handle, also a past one's, or the code in shares")
    made = adder.add("leave", "give up your access to what someone shares with you", leave)
    made.add_argument("collection", metavar="COLLECTION", help="such as mood")
    made.add_argument("who", metavar="WHO", help="a contact's name or handle")


def share(command: Command) -> None:
    """Share a collection with a contact."""
    args, screen = command.args, command.screen
    now = datetime.now(UTC).date()
    until = _until(command, now)
    since = month_of(args.since) if args.since else now.year * 100 + now.month
    with command.open() as session:
        contact = session.client.index.contact(args.who)
        if args.collection not in names(session):
            raise NotFoundError(
                f"You have no collection called {args.collection}.",
                hint=f"You have: {', '.join(names(session)) or 'none yet'}.",
                code="collection-unknown",
            )
        role = Role.WRITER if args.write else Role.READER
        _say_standing(command, session, contact)
        if not _consent(command, session, contact.name, since=since, until=until, role=role):
            screen.say("Nothing was shared.")
            return
        synced = session.call_online(sync_own)
        anyway = bool(command.option("anyway"))
        if synced.log_fault is not None and not anyway:
            screen.warn("Nothing was shared, since the server's logs are not sound. --anyway shares all the same.")
        before = count(session)
        session.call(
            lambda m: m.share(
                args.collection,
                args.who,
                since=since,
                until=day_number(until),
                role=role,
                purpose=Purpose(args.purpose),
                anyway=anyway,
            )
        )
        if session.client.vouched(contact.uid) is Vouched.UNVOUCHED:
            screen.warn(
                f"Too few of your witnesses vouch for {contact.name}'s keys now. Compare safety words with them:"
                f' mindhaven contacts check "{contact.name}"'
            )
        told = {"collection": args.collection, "with": contact.name, "from": since, "until": until.isoformat(),
                "write": bool(args.write), "for": args.purpose}  # fmt: skip
        if screen.as_json:
            screen.json(told)
        may = "read and add to" if args.write else "read"
        screen.say(
            f"{contact.name} can now {may} {args.collection} from {month_text(since)} on. This ends by itself on"
            f' {until.isoformat()}. To stop sooner: mindhaven revoke {args.collection} "{contact.name}"'
        )
        say_kept(command, session, before)


def _say_standing(command: Command, session: Session, contact: Contact) -> None:
    """Say what this takes the place of; raise `DeniedError` (consent-separate) if that is for another purpose."""
    args = command.args
    found = [
        one for one in all_shares(session)
        if one["given"] and one["stands"] and one["collection"] == args.collection and one["whom"] == contact.uid.hex()
    ]  # fmt: skip
    for one in found:
        until = one["until"] or "you stop it"
        if one["purpose"] != args.purpose:
            raise DeniedError(
                f"You share {args.collection} with {contact.name} for {one['for']} until {until}. Each purpose has a"
                " consent of its own.",
                hint=f'Stop that share first: mindhaven revoke {args.collection} "{contact.name}"',
                code="consent-separate",
            )
        command.screen.say(f"You share {args.collection} with {contact.name} until {until}. This takes its place.")


def _until(command: Command, now: date) -> date:
    if command.option("months") is not None:
        if not 1 <= command.args.months <= 120:
            raise InvalidInputError("--months is a number from 1 to 120.", code="months")
        return later_by_months(now, command.args.months)
    if command.option("until") is None:
        return now + timedelta(days=DEFAULT_DAYS)
    until = day_of(command.args.until)
    if until < now:
        raise InvalidInputError("This day has passed.", hint="Choose a day from today on.", code="day")
    return until


def _consent(command: Command, session: Session, name: str, *, since: int, until: date, role: Role) -> bool:
    """Show the words that are signed, and how much it is now; ask, unless --yes is given."""
    args, screen = command.args, command.screen
    text = agreement(
        name=args.collection, role=role, since=since, until=day_number(until), purpose=Purpose(args.purpose)
    )
    screen.say(f"Share {args.collection} with {name}? You sign these words:")
    screen.paragraph(text, indent="  ")
    entries = [one for one in own(session, collection=args.collection) if one.record is not None]
    count = sum(
        1 for one in entries if one.record is not None and (not one.record.month() or one.record.month() >= since)
    )
    screen.say(f"That is {count:,} of {len(entries):,} entries now, and what you add.")
    if not command.option("yes"):
        if terminal():
            screen.paragraph("Is someone asking you to share this? You can share less. They can't read what you leave"
                             " out.")  # fmt: skip
        return screen.yes("Share it?", instead="Give --yes.")
    return True


def names(session: Session) -> list[str]:
    """Return the names of one's own collections, those that wait to be sent included."""
    me = session.client.me.uid
    listed = {one.name for one in session.client.index.collections() if one.owner == me}
    begun = {one.collection_name for one in session.client.entries() if one.waits and one.collection is None}
    return sorted(listed | begun)


def shared(command: Command) -> None:
    """Read what others share. What has ended is named, and shown only with --kept."""
    screen = command.screen
    with command.open() as session:
        wanted = None if command.args.who is None else session.client.index.contact(command.args.who).uid
        synced = session.try_sync()
        ended = _ended(session, online=synced is not None)
        me = session.client.me.uid
        listed = [one for one in session.client.index.collections() if one.owner != me and wanted in (None, one.owner)]
        kind = None if command.option("kind") is None else full_kind(command.args.kind)
        everything = session.client.entries(kind=kind)
        groups: dict[Listed, list[Entry]] = {
            one: [
                entry
                for entry in everything
                if entry.collection == one.id
                and entry.record is not None
                and (entry.waits or one.id not in ended or command.option("kept"))
            ]
            for one in listed
        }
        known = people(session)
        if synced is not None:
            _report_opened(
                session, [one for one, group in groups.items() if any(_is_content(entry) for entry in group)]
            )
        if screen.as_json:
            screen.json([
                as_json(entry, known, named(known, one.owner)) | {"stands": one.id not in ended}
                for one, group in groups.items() for entry in group
            ])  # fmt: skip
            return
        for one in listed:
            head = f"{named(known, one.owner)}: {one.name}"
            if one.id in ended:
                head += f", no longer shared since {ended[one.id]}"
            screen.data(screen.bold(head))
            if groups.get(one):
                table(command, groups[one], known)
            screen.data()
        if not listed:
            screen.say("Nothing is shared with you now.")
        elif synced is not None:
            screen.say("They can see when your device fetches their entries, and that this command showed them.")


def _is_content(entry: Entry) -> bool:
    """Return whether an entry is more than a question to this person, whose reading nobody is told of."""
    return entry.record is not None and entry.record.kind != REQUEST


def _report_opened(session: Session, shown: list[Listed]) -> None:
    """Tell the owners what is about to be shown; a server that does not take it changes nothing of that."""
    for one in shown:
        with contextlib.suppress(DeniedError, NotFoundError, UnavailableError):
            session.call(_reporting(one.id))


def _reporting(collection: bytes) -> Callable[[AsyncMindhaven], Awaitable[None]]:
    return lambda client: client.sharing.report_opened(collection)


def _ended(session: Session, *, online: bool) -> dict[bytes, str]:
    """Return the received collections whose share has ended, with the day; kept for when the server is out of reach."""
    if not online:
        kept = session.client.store.meta(ENDED_META)
        return {} if kept is None else dict(decode(kept))
    me = session.client.me.uid
    received = [one for one in session.call(lambda m: m.sharing.shares()) if one.recipient == me]
    standing = {one.collection for one in received if stands(one)}
    ended: dict[bytes, str] = {}
    for one in received:
        if one.collection not in standing:
            day = day_text(one.until) if one.ended_at is None else day_when(one.ended_at)
            ended[one.collection] = max(day, ended.get(one.collection, ""))
    session.client.store.put_meta(ENDED_META, encode([[key, day] for key, day in sorted(ended.items())]))
    return ended


def revoke(command: Command) -> None:
    """Stop a share. No question: stopping is easier than giving."""
    args = command.args
    with command.open() as session:
        session.call_online(sync_own)
        before = count(session)
        session.call(lambda m: m.stop_sharing(args.collection, args.who))
        people_known = [*session.client.index.contacts(), *session.client.index.past()]
        known = [one.name for one in people_known if args.who in {one.name, one.handle}]
        name = known[0] if known else args.who
        if command.screen.as_json:
            command.screen.json({"collection": args.collection, "with": name, "stopped": True})
        command.screen.say(f"Stopped. {name} gets nothing new from {args.collection}, and can't fetch what is"
                           " there. They may keep what they have already read.")  # fmt: skip
        say_kept(command, session, before)


def leave(command: Command) -> None:
    """Give up one's own access."""
    args = command.args
    with command.open() as session:
        contact = session.client.index.contact(args.who)
        session.call_online(sync_own)
        found = [
            one for one in session.client.index.collections()
            if one.owner == contact.uid and one.name == args.collection
        ]  # fmt: skip
        if not found:
            raise NotFoundError(
                f"{contact.name} shares nothing called {args.collection} with you.", code="collection-unknown"
            )
        before = count(session)
        session.call(lambda m: m.sharing.leave(found[0].id))
        command.screen.say(f"You have given up your access to {args.collection} of {contact.name}.")
        say_kept(command, session, before)
