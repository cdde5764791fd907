"""Requests and answers of grants and invitations. No I/O."""

from typing import Annotated, Final

import msgspec

from mindhaven.wire.accounts import Bytes32, Wire

MAX_ANSWER_BYTES: Final = 16 * 1024


class ConsentShown(Wire):
    """One consent: the signed open part, the part sealed to both, when it was given (hour) and whether it ended."""

    hash: Bytes32
    signed: bytes
    sealed: bytes
    given_at: int
    generation: int
    ended_at: int | None


class Consents(Wire):
    """The consents that one gave or received."""

    consents: list[ConsentShown]


class Invite(Wire):
    """A new invitation: its id only; the secret stays in the link."""

    id: Bytes32


class InvitationAnswer(Wire):
    """An answer, sealed to the inviter."""

    answer: Annotated[bytes, msgspec.Meta(max_length=MAX_ANSWER_BYTES)]


class InvitationShown(Wire):
    """One of one's own invitations and its answer, if somebody answered."""

    id: Bytes32
    expires_at: int
    answer: bytes | None


class Invitations(Wire):
    """One's own invitations."""

    invitations: list[InvitationShown]
