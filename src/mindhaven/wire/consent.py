"""Answers about consents and choices. No I/O."""

from typing import Final

from mindhaven.wire.accounts import Bytes32, Wire

CONSENT_REFUSES: Final = {
    "consent-purpose": 400, "consent-form": 400, "consent-day": 400, "consent-policy": 409, "consent-separate": 409,
}  # fmt: skip
"""Why a consent to a share may be refused."""


class PurposeText(Wire):
    """What a person is shown in one language; its hash is that of title, what and then, a line each."""

    title: str
    what: str
    then: str


class PurposeShown(Wire):
    """What may be asked: `terms` counts its versions, `offered` says whether it can be allowed here, `days` for how
    long at most (0: open)."""

    id: str
    entry: str
    terms: int
    offered: bool
    days: int
    says: dict[str, PurposeText]


class Purposes(Wire):
    """What this server asks about, the hash of the policy that stands (null: none is published yet), and its clock:
    `now` in seconds since 1970 UTC."""

    policy: Bytes32 | None
    now: int
    purposes: list[PurposeShown]


class ChoiceShown(Wire):
    """One choice: the signed bytes, and the generation of the keys that signed it."""

    signed: bytes
    generation: int


class Choices(Wire):
    """A page of one's choices in order, from the number that was asked for; an empty one is the end."""

    choices: list[ChoiceShown]


class ChoiceText(Wire):
    """The words of a choice, by their hash."""

    purpose: str
    terms: int
    language: str
    text: str


class SaleSignal(Wire):
    """What /.well-known/gpc.json says: this server takes a browser's signal not to sell or share as a no."""

    gpc: bool
    lastUpdate: str  # noqa: N815 - the name that the signal's specification gives
