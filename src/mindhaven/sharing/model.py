"""Events and limits of sharing. No I/O."""

from typing import Final

from mindhaven.kernel import Event, event

MAX_OPEN_INVITATIONS: Final = 50
"""Invitations of one person that nobody has answered: more is a mailing list, not a circle of care."""


@event("sharing.grant.given", version=1, keep="access-log", urgent=True)
class GrantGiven(Event):
    """Somebody gained access to a collection; recorded for both people."""

    collection: bytes
    grantor: bytes
    recipient: bytes
    role: int
    since: int
    until: int
    consent: bytes


@event("sharing.grant.revoked", version=1, keep="access-log", urgent=True)
class GrantRevoked(Event):
    """Somebody lost access to a collection; recorded for both people."""

    collection: bytes
    grantor: bytes
    recipient: bytes


@event("sharing.invitation.made", version=1, keep="access-log")
class InvitationMade(Event):
    """An invitation link was made."""

    invitation: bytes


@event("sharing.invitation.answered", version=1, keep="access-log")
class InvitationAnswered(Event):
    """Somebody answered an invitation; who, only the inviter can open."""

    invitation: bytes
