"""The operations of consent: reading one's own."""

from typing import Final

from mindhaven.accounts import SignedIn
from mindhaven.consent.store import Consents
from mindhaven.kernel import Host, Operation, PersonScope, Request
from mindhaven.wire import sharing as wire


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


OPERATIONS: Final = (
    Operation(
        name="consents",
        method="GET",
        path="/v1/consents",
        run=consents,
        who="session",
        summary="List the consents that one gave or received",
        gives=wire.Consents,
    ),
)
