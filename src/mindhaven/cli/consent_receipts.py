"""Receipts of choices and of consents to shares, for others: written to a file, checked. I/O: store, files."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.screen import plain
from mindhaven.cli.session import Session
from mindhaven.cli.times import day_text
from mindhaven.errors import InvalidInputError
from mindhaven.protocol.choice import Act, By, Choice
from mindhaven.protocol.consent import Consent
from mindhaven.protocol.ledger import AUDIT
from mindhaven.sdk.consent_receipts import FORMS, Evidence, Verified, render, stated, verify, written
from mindhaven.sdk.consent_receipts.evidence import MOST_BYTES, hour_text
from mindhaven.sdk.consent_receipts.shares import FOR, MAY, since_text, until_text
from mindhaven.tlog.note import VerifierKey

ACTS: Final[Mapping[Act, str]] = {
    Act.GIVEN: "allowed", Act.REFUSED: "said no", Act.DEFERRED: "put off", Act.WITHDRAWN: "took back",
}  # fmt: skip


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    group = adder.group("receipt", "check a receipt of a choice or of a share")
    made = group.add("verify", "check a receipt of a choice or a share; needs no account and no network", check)
    made.add_argument("file", metavar="FILE", help="the receipt, as `choices receipt` or `shares receipt` wrote it")
    made.add_argument(
        "--key",
        metavar="VKEY",
        required=True,
        help="the key of the server's log audit; mindhaven ledger keys URL shows it",
    )
    made.add_argument("--as", dest="form", choices=FORMS, help="write it in this form, too, if it holds")
    made.add_argument("--out", metavar="FILE", help="the file to write, with --as; one that is there stays")


def form_options(made: argparse.ArgumentParser) -> None:
    """Add what a command that writes a receipt takes."""
    made.add_argument("--as", dest="form", choices=FORMS, default=FORMS[0],
                      help="27560: ISO/IEC TS 27560 in JSON-LD; fhir: a FHIR R4 Consent (default: 27560)")  # fmt: skip
    made.add_argument("--out", metavar="FILE", required=True, help="the file to write; one that is there stays")


def write(command: Command, session: Session, evidence: Evidence, *, of: str) -> None:
    """Write a receipt in the form that was asked for; say how others check it. `of`: what it is a receipt of."""
    file, key = command.args.out, str(session.client.logs.known_keys()[AUDIT])
    with Path(file).open("xb") as out:
        out.write(written(render(evidence, command.args.form)))
    command.screen.say(f"receipt of: {of}")
    command.screen.give({"file": file, "key": key, "of": of}, f"mindhaven receipt verify {file} --key {key}")
    command.screen.say(
        "Whoever has the file and the log's key can check it so, without the server. The key they should take from"
        " the server itself: mindhaven ledger keys URL."
    )


def as_told(one: Choice) -> dict[str, Any]:
    """Return a choice as JSON tells it."""
    return {
        "number": one.number + 1, "purpose": one.purpose, "act": one.act.name.lower(), "at": one.at,
        "until": day_text(one.until) if one.until else None, "by": str(one.by), "language": one.language,
        "terms": one.terms, "hash": one.hash.hex(),
    }  # fmt: skip


def check(command: Command) -> None:
    """Verify a receipt; needs neither an account nor the server."""
    key = VerifierKey.parse(command.args.key)
    with Path(command.args.file).open("rb") as file:
        found = verify(file.read(MOST_BYTES + 1), key)
    form, out = command.option("form"), command.option("out")
    if (form is None) != (out is None):
        raise InvalidInputError("A form needs its file, and a file its form.", hint="--as fhir --out FILE", code="form")
    if form is not None:
        with Path(out).open("xb") as file:
            file.write(written(render(found.evidence, form)))
    share = isinstance(found.signed, Consent)
    shown, text = _share(found.signed, found) if isinstance(found.signed, Consent) else _choice(found.signed, found)
    text += (
        f"\n{_calls_itself(found.run_by)}\n"
        f"It stands at index {found.index:,} of the log, which had {found.checkpoint.size:,} entries."
    )
    if not isinstance(found.signed, Consent) and (told := stated(found.signed)):
        text += f"\n{told}"
    more = {
        "form": found.form, "words": found.words, "place": found.place, "run_by": found.run_by or None,
        "index": found.index, "size": found.checkpoint.size,
    }  # fmt: skip
    command.screen.give(shown | more, text)
    command.screen.say(
        "It holds by the key that you gave. Take that key from the server itself (mindhaven ledger keys URL), not from"
        " whoever gave you the file."
    )
    command.screen.say(
        "It is of that consent alone. Whether the share still stands, the person's list of shares tells."
        if share
        else "It is of that choice alone. How things stand now is in the person's chain of choices."
    )


def _choice(choice: Choice, found: Verified) -> tuple[dict[str, Any], str]:
    title = plain(found.words.split("\n", 1)[0])
    until = f", until {day_text(choice.until)}" if choice.until else ""
    by = f" (by {choice.by})" if choice.by is not By.SELF else ""
    text = (
        f"This receipt holds.\nThe account {choice.person.hex()} {ACTS[choice.act]}{by}: {title}{until}.\n"
        f"That was in the hour from {hour_text(choice.at)}, at {plain(found.place)}."
    )
    return {**as_told(choice), "person": choice.person.hex()}, text


def _share(consent: Consent, found: Verified) -> tuple[dict[str, Any], str]:
    what = FOR[consent.purpose]
    text = (
        "This receipt holds.\n"
        f"The account {consent.grantor.hex()} let the account {consent.recipient.hex()} {MAY[consent.role]}, {what}:"
        f" from {since_text(consent)} on, until {until_text(consent)}.\nThese words were agreed to:"
        f" {plain(found.words)}\nThat was in the hour from {hour_text(found.at)}, at {plain(found.place)}."
    )
    told = {
        "person": consent.grantor.hex(), "recipient": consent.recipient.hex(), "for": consent.purpose,
        "role": consent.role.name.lower(), "collection": consent.collection.hex(),
        "from": since_text(consent) if consent.since else None,
        "until": day_text(consent.until) if consent.until else None, "language": consent.language, "at": found.at,
    }  # fmt: skip
    return told, text


def _calls_itself(name: str) -> str:
    if not name:
        return "Who runs that server had not said who they are."
    return f"It calls itself {plain(name)}. That name is the server's own word."
