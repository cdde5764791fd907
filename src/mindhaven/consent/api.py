"""The operations of consent: reading one's own, and choosing what the host may do."""

from typing import Final

from mindhaven import register
from mindhaven.accounts import Directory, SignedIn
from mindhaven.consent import service
from mindhaven.consent.model import purposes
from mindhaven.consent.store import Consents
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.sign import verify
from mindhaven.errors import IntegrityError
from mindhaven.kernel import Answer, Body, Denied, Host, Operation, PersonScope, Recorded, Request, Work, receipts
from mindhaven.protocol import shape
from mindhaven.protocol.choice import TYPE, Choice
from mindhaven.protocol.encoding import Signed
from mindhaven.wire import consent as choice_wire
from mindhaven.wire import sharing as wire

GPC_SINCE: Final = "2026-11-29"
"""The day from which this server honours the signal, as its file says."""
_REPLACED: Final = Denied("key-replaced", "This choice is signed with a key that was replaced.", "Open a way in here.")
_UNKNOWN: Final = Denied("text-unknown", "Nobody was asked by these words here.")


async def consents(host: Host, request: Request) -> wire.Consents:
    """List the consents that one gave or received."""
    me: SignedIn = request.session
    rows = await host.db.look(lambda look: Consents(look, PersonScope(uid=me.uid)).all())
    return wire.Consents(
        consents=[
            wire.ConsentShown(
                hash=digest, signed=signed, sealed=sealed, given_at=given, generation=generation, ended_at=ended
            )
            for digest, signed, sealed, given, generation, ended in rows
        ]
    )


async def show_purposes(host: Host, request: Request) -> choice_wire.Purposes:  # noqa: ARG001 - the shape of an operation
    """Show what this server asks about, in every language."""
    policy = await host.db.look(register.published)
    shown = [
        choice_wire.PurposeShown(
            id=one.id, entry=one.entry, terms=one.terms, offered=one.offered, days=one.days,
            says={
                language: choice_wire.PurposeText(title=said.title, what=said.what, then=said.then)
                for language, said in one.says.items()
            },
        )
        for one in purposes().values()
    ]  # fmt: skip
    return choice_wire.Purposes(policy=policy, now=host.clock(), purposes=shown)


async def show_text(host: Host, request: Request) -> choice_wire.ChoiceText | Denied:
    """Show words by their hash, also those that are asked no more."""
    row = await host.db.look(lambda look: service.text(look, request.params["text"]))
    if row is None:
        return _UNKNOWN
    return choice_wire.ChoiceText(purpose=row[0], terms=row[1], language=row[2], text=row[3])


async def choices(host: Host, request: Request) -> choice_wire.Choices:
    """List one's own choices from a number on."""
    me: SignedIn = request.session
    rows = await host.db.look(lambda look: service.page(look, uid=me.uid, since=request.params["since"]))
    return choice_wire.Choices(choices=[choice_wire.ChoiceShown(generation=one, signed=raw) for one, raw in rows])


async def choose(host: Host, request: Request) -> Answer | Denied:
    """Take `[generation, signed choice]`; answer `[number, [receipt, ...]]`."""
    me: SignedIn = request.session
    number, raw = shape.fields(decode(request.body), 2, "A choice's request")
    generation, signed = shape.number(number, "A generation", least=1), Signed.of(raw)
    choice = Choice.decode(signed.body)
    if choice.person != me.uid:
        raise IntegrityError("A choice is another person's.", code="choice-person")
    signing = await host.db.look(lambda look: Directory(look).signing(me.uid, generation))
    if signing is None or signing.newest != generation:
        return _REPLACED
    verify(TYPE, signing.keys.signing, signed.body, list(signed.signatures), hybrid=True)

    async def act(work: Work) -> tuple[Denied | None, list[Recorded]]:
        made = service.choose(work, choice=choice, generation=generation, signed=signed.encode(), stops=host.stops)
        return await made, work.recorded

    refused, recorded = await host.db.act(me.actor, act, upkeep="a repeated or refused choice")
    if refused is not None:
        return refused
    given = await receipts(host, recorded, subject=me.uid)
    return Answer(body=encode([choice.number, [one.value() for one in given]]))


async def sale_signal(host: Host, request: Request) -> choice_wire.SaleSignal:  # noqa: ARG001 - the shape of an operation
    """Say that a browser's signal not to sell or share is taken as a no."""
    return choice_wire.SaleSignal(gpc=True, lastUpdate=GPC_SINCE)


OPERATIONS: Final = (
    Operation(
        name="purposes", method="GET", path="/v1/purposes", run=show_purposes, who="anyone",
        summary="Show what this server asks people about", gives=choice_wire.Purposes,
    ),
    Operation(
        name="choice_text", method="GET", path="/v1/choice-texts/{text}", run=show_text, who="anyone",
        summary="Show words that people were asked by, by their hash", gives=choice_wire.ChoiceText,
        refuses={"text-unknown": 404},
    ),
    Operation(
        name="choices", method="GET", path="/v1/choices/{since:int}", run=choices, who="session",
        summary="List one's own choices from a number on", gives=choice_wire.Choices,
    ),
    Operation(
        name="choose", method="POST", path="/v1/choices", run=choose, who="session", limit="choose",
        summary="Give, refuse, put off or withdraw something for one purpose", takes=Body, gives=bytes,
        refuses={"choice-order": 409, "choice-time": 409, "choice-nothing": 409, "choice-words": 409,
                 "choice-stands": 409, "key-replaced": 403, "choice-text": 409,
                 "choice-policy": 409, "choice-clock": 409, "choice-length": 403, "purpose-unknown": 404,
                 "purpose-never": 403},
    ),
    Operation(
        name="sale_signal", method="GET", path="/.well-known/gpc.json", run=sale_signal, who="anyone",
        summary="Say that the signal not to sell or share is honoured", gives=choice_wire.SaleSignal,
    ),
    Operation(
        name="consents",
        method="GET",
        path="/v1/consents",
        run=consents,
        who="session",
        summary="List the consents that one gave or received",
        gives=wire.Consents,
    ),
)  # fmt: skip
