"""Which consents and choices are taken, and what they allow. Pure; the chain itself is protocol/choice.py."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from mindhaven.consent.model import DAY, DRIFT_SECONDS, Purpose
from mindhaven.errors import IntegrityError
from mindhaven.kernel import Denied
from mindhaven.protocol.choice import Act, Choice, State, state_of
from mindhaven.protocol.consent import UNPUBLISHED, Consent, check_taken

UNKNOWN: Final = Denied("purpose-unknown", "Nobody is asked about this here.")
NEVER: Final = Denied("purpose-never", "Nobody can allow this here.", "This server does not do it. You can say no.")
CLOCK: Final = Denied("choice-clock", "This device's clock is off by more than two hours.", "Set it, and try again.")
TEXT: Final = Denied(
    "choice-text", "What was shown is not what this server asks.", "Look at it again, and choose then."
)
POLICY: Final = Denied("choice-policy", "The policy changed since it was shown.", "Look at it again, and choose then.")
STANDS: Final = Denied("choice-stands", "This no stands already.")
LENGTH: Final = Denied("choice-length", "This can be allowed for a shorter time only.")


SHOWN: Final = Denied("consent-policy", "The policy changed since it was shown.", "Look at it again, and share then.")


def refuse_share(
    consent: Consent, standing: Collection[str], *, policies: Collection[bytes], day: int | None
) -> Denied | None:
    """Return why a consent to a share is not taken, or None (spec/consent.md steps 7 and 8).

    `standing`: the purposes of the consents that stand between the two over this collection. `policies`: the hashes
    that it may name; none: that none was published. `day`: on which it is given, None for what is given back.
    """
    named = {one.hex() for one in policies} or {UNPUBLISHED}
    if consent.register_version not in named:
        return SHOWN
    try:
        check_taken(consent, standing, day=day)
    except IntegrityError as error:
        return Denied(error.reason, error.message, error.hint)
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Newest:
    """The newest choice of a person for a purpose, as it is stored; `again`: something was given before it."""

    act: Act
    until: int
    terms: int
    again: bool


def refuse(choice: Choice, purpose: Purpose | None, *, policy: bytes | None, now: int) -> Denied | None:
    """Return why a choice is not taken, or None. `policy`: the hash of the policy that stands, None if none does.

    A withdrawal and a refusal are taken under any words and any policy, also of what is asked no more: no is never too
    late, nor in the wrong form. Only a no from tomorrow is not taken: nothing could follow it today.
    """
    if choice.act in {Act.REFUSED, Act.WITHDRAWN}:
        return CLOCK if choice.at - now > DRIFT_SECONDS else None
    if purpose is None:
        return UNKNOWN
    if abs(now - choice.at) > DRIFT_SECONDS:
        return CLOCK
    if not purpose.offered:
        return NEVER
    if purpose.hashes().get(choice.text_hash) != choice.language or choice.terms != purpose.terms:
        return TEXT
    if choice.policy != policy:
        return POLICY
    if purpose.days and not 0 < choice.until <= now // DAY + purpose.days:
        return LENGTH
    return None


def state(newest: Newest | None, purpose: Purpose, *, now: int) -> State:
    """Return how a purpose stands."""
    if newest is None:
        return State.UNASKED
    return state_of(
        newest.act, until=newest.until, agreed=newest.terms, terms=purpose.terms, day=now // DAY, again=newest.again
    )
