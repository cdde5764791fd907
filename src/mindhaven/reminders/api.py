"""The operations of reminders: parse, check, seal, act, render."""

from typing import Final

from mindhaven.accounts import SignedIn
from mindhaven.crypto.vapid import text
from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Denied, Host, Operation, PersonScope, Request
from mindhaven.reminders import keys, rules, service
from mindhaven.reminders.jobs import SERVICES
from mindhaven.reminders.model import Put
from mindhaven.reminders.store import OwnReminders
from mindhaven.wire import reminders as wire

_OFF: Final = Denied(
    "reminders-off", "This server sends no reminders.", "The people who run it left push.services empty."
)


async def show_key(host: Host, request: Request) -> wire.ReminderKey | Denied:  # noqa: ARG001 - the shape of an operation
    """Show the server's public key for push services."""
    if not host.settings[SERVICES]:
        return _OFF
    return wire.ReminderKey(key=text((await keys.push_key(host)).public))


async def show(host: Host, request: Request) -> wire.Reminders:
    """Show which of one's own devices have reminders."""
    me: SignedIn = request.session
    devices = await host.db.look(lambda look: OwnReminders(look, PersonScope(uid=me.uid)).all())
    return wire.Reminders(
        devices=[
            wire.ReminderShown(
                session=one.session,
                here=one.session == me.session,
                service=one.service,
                minutes=list(one.minutes),
                left=one.left,
                since=one.since,
            )
            for one in devices
        ]
    )


async def put(host: Host, request: Request) -> None | Denied:
    """Remind this device from now on."""
    me: SignedIn = request.session
    asked: wire.Reminder = request.body
    if len(set(asked.minutes)) != len(asked.minutes):
        raise InvalidInputError("Each minute of the day is named once.", code="reminder-minutes")
    if not host.settings[SERVICES]:
        return _OFF
    at = rules.endpoint(asked.endpoint, host.settings[SERVICES])
    if isinstance(at, Denied):
        return at
    wanted = Put(
        session=me.session,
        uid=me.uid,
        endpoint=keys.seal_endpoint(host, me.session, at.url),
        mark=keys.endpoint_mark(host, at.url),
        service=at.host,
        minutes=tuple(sorted(asked.minutes)),
    )
    return await host.db.act(
        me.actor, lambda work: service.put(work, wanted), upkeep="reminders that were on already, or are not allowed"
    )


async def end(host: Host, request: Request) -> None:
    """Remind this device no more."""
    me: SignedIn = request.session
    await host.db.act(
        me.actor, lambda work: service.end(work, uid=me.uid, session=me.session), upkeep="it had no reminders"
    )


OPERATIONS: Final = (
    Operation(
        name="reminder_key", method="GET", path="/v1/reminder/key", run=show_key, who="session",
        summary="Show the server's public key for push services", gives=wire.ReminderKey,
        refuses={"reminders-off": 404},
    ),
    Operation(
        name="reminder", method="GET", path="/v1/reminder", run=show, who="session",
        summary="Show which of one's own devices have reminders", gives=wire.Reminders,
    ),
    Operation(
        name="reminder_put", method="PUT", path="/v1/reminder", run=put, who="session",
        summary="Remind this device at minutes of the day", takes=wire.Reminder, limit="write",
        refuses={"reminders-off": 404, "push-service": 403, "reminders-not-allowed": 403},
    ),
    Operation(
        name="reminder_end", method="DELETE", path="/v1/reminder", run=end, who="session",
        summary="Remind this device no more",
    ),
)  # fmt: skip
