"""Choices that nobody made, or not so: in the chain that a server shows, and in a receipt. docs/attacks/ledger.md."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.chosen import (
    HOUR_ASKED,
    LOG,
    SHARED,
    choice,
    consent,
    consent_told,
    evidence,
    person,
    proof,
    resigned,
    share_evidence,
    told,
)
from tests.simulators.entry import Play, entry
from tests.simulators.kept import world
from tests.simulators.world import PASS, Hostile, Time

from mindhaven.protocol.choice import HOUR, Act, Choice, State
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk.consent_receipts import FORMS, Evidence, render, verify, written
from mindhaven.wire.consent import Choices, ChoiceShown

Shown = list[ChoiceShown]


def told_again(shown: Shown) -> Shown:
    """The withdrawal of before stands once more, after the new yes."""
    return [*shown, shown[1]]


def kept_back(shown: Shown) -> Shown:
    return [shown[0], shown[2]]


def moved(shown: Shown) -> Shown:
    """The newest yes is about something else."""
    signed = Signed.decode(shown[2].signed)
    body = Choice.decode(signed.body)
    other = Choice(**{name: getattr(body, name) for name in Choice.__slots__} | {"purpose": "sale"})
    return [*shown[:2], ChoiceShown(signed=Signed(other.encode(), signed.signatures).encode(), generation=1)]


LIES: list[Any] = [
    pytest.param(told_again, "reminders", State.WITHDRAWN, id="told-again", marks=entry(
        "a withdrawal played again", "choice-order", off="protocol.choice.check_follows: choice-order",
        then="what the person allowed anew counts as taken back")),
    pytest.param(kept_back, "reminders", State.RENEWED, id="kept-back", marks=entry(
        "a withdrawal left out of the middle", "choice-order", off="protocol.choice.check_follows: choice-order",
        then="the person's own history shows no no")),
    pytest.param(moved, "sale", State.GIVEN, id="moved", marks=entry(
        "a choice moved to another purpose", "signature-invalid", off="protocol.choice.verify_choice: verify",
        then="a yes to one thing counts as a yes to another")),
]  # fmt: skip


@pytest.mark.shows("choices-are-signed")
@pytest.mark.parametrize(("change", "purpose", "state"), LIES)
async def test_a_chain_that_nobody_signed_so_is_refused(
    change: Callable[[Shown], Shown], purpose: str, state: State, tmp_path: Path, moment: Time, play: Play
) -> None:
    made: list[Hostile] = []

    def between(inner: Any) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    async with world(tmp_path, moment, between=between) as (server, home):
        await server.record()
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        for act in (Act.GIVEN, Act.WITHDRAWN, Act.GIVEN):
            await ana.choices.choose("reminders", act)
        with play.honest():
            chain = await ana.choices.chain()
            assert chain.state("reminders", terms=1, now=moment.now) is State.RENEWED
            assert chain.state("sale", terms=1, now=moment.now) is State.UNASKED

        def lie(request: httpx.Request, content: bytes) -> bytes | None:
            if not request.url.path.startswith("/v1/choices/"):
                return None
            page = msgspec.json.decode(content, type=Choices)
            shown = change(page.choices) if request.url.path == "/v1/choices/0" else []
            return msgspec.json.encode(Choices(choices=shown))

        made[0].change = lie
        with play.lie():
            await ana.choices.chain()
        with play.off():
            assert (await ana.choices.chain()).state(purpose, terms=1, now=moment.now) is state
        made[0].change = None
        ana.choices.let_go()  # what was let in while the check was off
        chain = await ana.choices.chain()
        assert (chain.lost, chain.state("reminders", terms=1, now=moment.now)) == ((), State.RENEWED)


HONEST = evidence()
MOVED = choice(person(), purpose="sale")
BACK = choice(person(), asked=HOUR_ASKED - 100 * HOUR, at=HOUR_ASKED - 100 * HOUR)
CHECKS = "sdk.consent_receipts.verifying"


def same(file: bytes) -> bytes:
    return file


def reworded(file: bytes) -> bytes:
    """What can be read says another thing; the evidence is untouched."""
    document = json.loads(file)
    bent = json.loads(file.replace(b"Lime Street Practice", b"Somebody Else Ltd."))
    assert bent != document
    return json.dumps(bent).encode()


RECEIPTS: list[Any] = [
    pytest.param(HONEST, reworded, id="reworded", marks=entry(
        "a receipt of a choice that reads otherwise", "consent-receipt-differs",
        off=f"{CHECKS}._check_same: consent-receipt-differs",
        then="who reads the file sees another host than the one that was named")),
    pytest.param(evidence(made=BACK, proof=proof(told(BACK, at=HOUR_ASKED))), same, id="dated-back", marks=entry(
        "a choice dated back", "consent-receipt-time", off=f"{CHECKS}._check_event: consent-receipt-time",
        then="a yes seems older than the act that it should have allowed")),
    pytest.param(
        evidence(signed=resigned(MOVED, HONEST), proof=proof(told(MOVED))), same, id="moved", marks=entry(
            "a receipt of a choice moved to another purpose", "consent-receipt-signature",
            off=f"{CHECKS}._check_signed: consent-receipt-signature",
            then="a server that logs it shows others a yes that the person never gave")),
]  # fmt: skip


@pytest.mark.shows("choices-are-signed")
@pytest.mark.parametrize(("forged", "change"), RECEIPTS)
def test_a_receipt_that_is_not_what_was_signed_is_refused(
    forged: Evidence, change: Callable[[bytes], bytes], play: Play
) -> None:
    files = [change(written(render(forged, form))) for form in FORMS]
    with play.honest():
        for form in FORMS:
            assert verify(written(render(HONEST, form)), LOG.vkey).signed == choice(person())
    for file in files:
        with play.lie():
            verify(file, LOG.vkey)
    with play.off():
        for file in files:
            verify(file, LOG.vkey)


GIVEN = share_evidence()
FOR_A_CASE = consent(person(), purpose="proceedings")
SHARES: list[Any] = [
    pytest.param(
        share_evidence(
            signed=Signed(FOR_A_CASE.encode(), Signed.decode(GIVEN.signed).signatures).encode(),
            proof=proof(consent_told(FOR_A_CASE)),
        ), id="for-a-case", marks=entry(
            "a receipt of a share for care, shown as one for a case", "consent-receipt-signature",
            off=f"{CHECKS}._check_signed: consent-receipt-signature",
            then="a court is shown a consent that the person never gave")),
    pytest.param(
        share_evidence(words=SHARED.replace("lesen", "weitergeben")), id="other-words", marks=entry(
            "a receipt of a share under other words", "consent-receipt-text",
            off=f"{CHECKS}._check_words: consent-receipt-text",
            then="the person seems to have agreed that it is passed on")),
    pytest.param(
        share_evidence(proof=proof(consent_told(consent(person()), name="consent.record.ended"))), id="ended",
        marks=entry(
            "a share that ended, shown as given then", "consent-receipt-event",
            off=f"{CHECKS}._check_consent_event: consent-receipt-event",
            then="the hour at which a share ended passes for the one at which it was given")),
]  # fmt: skip


@pytest.mark.shows("shares-say-what-for")
@pytest.mark.parametrize("forged", SHARES)
def test_a_receipt_of_a_share_that_is_not_what_was_signed_is_refused(forged: Evidence, play: Play) -> None:
    files = [written(render(forged, form)) for form in FORMS]
    with play.honest():
        for form in FORMS:
            assert verify(written(render(GIVEN, form)), LOG.vkey).signed == consent(person())
    for file in files:
        with play.lie():
            verify(file, LOG.vkey)
    with play.off():
        for file in files:
            verify(file, LOG.vkey)
