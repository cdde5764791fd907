"""What is shared, given and received: the list, the words of each consent, receipts for others. I/O: server, store."""

from datetime import UTC, datetime
from typing import Any, Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.consent_receipts import form_options, write
from mindhaven.cli.present import named, people
from mindhaven.cli.screen import plain
from mindhaven.cli.session import Session, sync_own
from mindhaven.cli.times import day_text, month_text
from mindhaven.errors import DeniedError, NotFoundError
from mindhaven.protocol.collection import Role
from mindhaven.protocol.consent import Purpose
from mindhaven.sdk.given import Share
from mindhaven.sdk.vault import today

CODE_DIGITS: Final = 8
"""Hex digits of a share's code: of a few hundred shares no two begin alike."""
LEAST_DIGITS: Final = 4
FOR: Final[dict[str, str]] = {Purpose.CARE: "care", Purpose.NOTES: "notes", Purpose.PROCEEDINGS: "a case"}


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    group = adder.group(
        "shares",
        "show what you share and what is shared with you",
        shares,
        options=lambda made: made.add_argument("--all", action="store_true", help="also those that have ended"),
    )
    made = group.add("words", "show the words that you agreed to, or that were agreed to for you", words)
    made.add_argument("share", metavar="CODE", help="which share, as `shares --all` names it")
    made = group.add("receipt", "write a receipt of your consent to a share to a file, for others", receipt)
    made.add_argument("share", metavar="CODE", help="which share, as `shares --all` names it")
    form_options(made)


def shares(command: Command) -> None:
    """Show what stands, given and received."""
    screen = command.screen
    with command.open() as session:
        session.call_online(sync_own)
        told = [one for one in all_shares(session) if command.option("all") or one["stands"]]
        if screen.as_json:
            screen.json(told)
            return
        rows = []
        for one in told:
            ends = f"ended {one['ended']}" if one["ended"] else (one["until"] or "you stop it")
            arrow = "you share" if one["given"] else "you read"
            may = "read and add" if one["write"] else "read"
            since = one["from"] or "the beginning"
            rows.append((one["code"], arrow, one["collection"], one["who"], may, one["for"], since, ends))
        if rows:
            screen.table(("CODE", "SHARE", "COLLECTION", "WHO", "MAY", "FOR", "FROM", "UNTIL"), rows)
            _say_faults(command, told)
        else:
            screen.say("Nothing is shared, by you or with you.")


def all_shares(session: Session) -> list[dict[str, Any]]:
    """Return every share, the newest first, each with its code: how its consent's hash begins, which never changes."""
    found = session.call(lambda m: m.sharing.shares())
    me = session.client.me.uid
    listed = {one.id: one.name for one in session.client.index.collections()}
    return [{"code": one.hash.hex()[:CODE_DIGITS], **_told(session, one, me, listed)} for one in found]


def _one(session: Session, code: str) -> dict[str, Any]:
    found = [one for one in all_shares(session) if one["consent"].startswith(code.lower())]
    if len(found) != 1 or len(code) < LEAST_DIGITS:
        raise NotFoundError("There is no such share.", hint="mindhaven shares --all", code="share-unknown")
    return found[0]


def words(command: Command) -> None:
    """Show the words of one consent, each held against its signature."""
    screen = command.screen
    with command.open() as session:
        one = _one(session, command.args.share)
        if one["words"] is None:
            raise NotFoundError("The words of this share were not kept with it.", code="consent-receipt-words")
        if screen.as_json:
            screen.json(one)
            return
        who = "You agreed" if one["given"] else f"{one['who']} agreed"
        screen.say(f"{who} to this on {one['agreed']} ({one['language']}):")
        screen.data(plain(one["words"]))


def receipt(command: Command) -> None:
    """Write a receipt of one's own consent to a share, and say how others check it."""
    with command.open() as session:
        session.call_online(sync_own)
        one = _one(session, command.args.share)
        if not one["given"]:
            raise DeniedError(
                "Only who gave a consent can write a receipt of it.", hint=f"Ask {one['who']}.", code="share-received"
            )
        digest = bytes.fromhex(one["consent"])
        evidence = session.call_online(lambda m: m.consent_receipts.share(digest))
        of = f"consent to share {plain(one['collection'])} with {plain(one['who'])}, for {plain(one['for'])}"
        write(command, session, evidence, of=of)
        command.screen.say(
            "The file shows the ids of your account and theirs, and the words that you agreed to; no name, and nothing"
            " that you wrote. Whether the share still stands is not in it."
        )


def _say_faults(command: Command, told: list[dict[str, Any]]) -> None:
    for one in told:
        if one["fault"]:
            command.screen.warn(
                f"What {one['who']} sealed with this consent is not what they signed ({one['fault']}): ask them."
            )


def stands(share: Share) -> bool:
    """Return whether a share holds today."""
    return share.ended_at is None and (share.until == 0 or share.until >= today())


def _told(session: Session, share: Share, me: bytes, listed: dict[bytes, str]) -> dict[str, Any]:
    given = share.grantor == me
    name = listed.get(share.collection, "?") if share.part is None else share.part.name
    ended = None if share.ended_at is None else day_when(share.ended_at)
    if ended is None and not stands(share):
        ended = day_text(share.until)
    return {
        "given": given,
        "agreed": day_when(share.given_at),
        "collection": name,
        "collection_id": share.collection.hex(),
        "who": named(people(session), share.recipient if given else share.grantor),
        "write": share.role is not Role.READER,
        "whom": share.recipient.hex() if given else share.grantor.hex(),
        "purpose": share.purpose,
        "for": FOR.get(share.purpose, share.purpose),
        "words": None if share.part is None else share.part.text,
        "language": share.language,
        "consent": share.hash.hex(),
        "fault": share.fault,
        "from": month_text(share.since) if share.since else None,
        "until": day_text(share.until) if share.until else None,
        "stands": stands(share),
        "ended": ended,
    }


def day_when(seconds: int) -> str:
    """Return the day of a moment (seconds since 1970 UTC)."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
