"""Cards, safety numbers and invitation links: how people find each other without the server. Implements spec/card.md.

Guarantees: a card names an account by its self-certifying uid; an invitation's answer is vouched for by a secret that
the server never saw. No I/O.
"""

import base64
from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.derive import check_equal, mac
from mindhaven.crypto.encoding import decode, encode, labelled_hash
from mindhaven.crypto.sign import verify
from mindhaven.crypto.wrap import ENC_BYTES, Wrapped, wrap, wrap_info
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol import shape
from mindhaven.protocol.account import AccountState, Identity
from mindhaven.protocol.words import WORDS

CARD_PREFIX: Final = "mindhaven-card-1:"
LINK_MARK: Final = "#invite="
INVITE_SECONDS: Final = 7 * 24 * 3600
"""How long an invitation link works: a week between two appointments."""
ANSWER_TYPE: Final = "invitation-answer"
SAFETY_DIGITS: Final = 30
SAFETY_WORDS: Final = 6
_CHECK_BYTES: Final = 3


def to_base32(data: bytes) -> str:
    """Return `data` in base32 (RFC 4648), lower case, without padding."""
    return base64.b32encode(data).decode().rstrip("=").lower()


def from_base32(text: str) -> bytes:
    """Return what `text` writes in base32; raise `InvalidInputError` (card-malformed) for a slip."""
    slip = InvalidInputError("This card or link has a slip in it.", code="card-malformed", hint="Copy it again, whole.")
    try:
        data = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError as error:
        raise slip from error
    if to_base32(data) != text.lower():
        raise slip
    return data


@dataclass(frozen=True, slots=True)
class Card:
    """A handle and the uid it stands for."""

    handle: str
    uid: bytes

    def text(self) -> str:
        """Return the card as one line: prefix, handle, colon, uid and 3 check bytes in base32."""
        check = labelled_hash("card", self.handle.encode(), b"\x00", self.uid)[:_CHECK_BYTES]
        return f"{CARD_PREFIX}{self.handle}:{to_base32(self.uid + check)}"

    @classmethod
    def parse(cls, text: str) -> "Card":
        """Return the card that `text` writes; raise `InvalidInputError` (card-malformed) for a slip."""
        line = "".join(text.split())
        if not line.startswith(CARD_PREFIX) or line.count(":") != 2:
            raise InvalidInputError(
                "This is not a Mindhaven card.",
                code="card-malformed",
                hint=f"A card is one line that begins with {CARD_PREFIX}",
            )
        _, handle, encoded = line.split(":")
        data = from_base32(encoded)
        card = cls(handle, data[:32])
        if len(data) != 32 + _CHECK_BYTES or card.text() != line.lower():
            raise InvalidInputError("This card has a slip in it.", code="card-malformed", hint="Copy it again, whole.")
        return card


def _pair_hash(one: bytes, other: bytes) -> bytes:
    return labelled_hash("safety-number", *sorted((one, other)))


def safety_number(one: bytes, other: bytes) -> str:
    """Return the number that two people compare: 30 digits in groups of five, the same for both."""
    number = int.from_bytes(_pair_hash(one, other), "big") % 10**SAFETY_DIGITS
    digits = f"{number:0{SAFETY_DIGITS}d}"
    return " ".join(digits[start : start + 5] for start in range(0, SAFETY_DIGITS, 5))


def safety_words(one: bytes, other: bytes) -> str:
    """Return the six words that two people compare, the same for both (48 bits)."""
    return " ".join(WORDS[value] for value in _pair_hash(one, other)[-SAFETY_WORDS:])


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link's fragment holds: `[inviter uid, invite id, 32-byte secret]`."""

    inviter: bytes
    id: bytes
    secret: bytes

    def link(self, origin: str) -> str:
        """Return the link; everything after `#` stays out of every request."""
        return f"{origin.rstrip('/')}/{LINK_MARK}{to_base32(encode([self.inviter, self.id, self.secret]))}"

    @classmethod
    def parse(cls, link: str) -> "Invitation":
        """Return the invitation in `link`; raise `InvalidInputError` for anything else."""
        if LINK_MARK not in link:
            raise InvalidInputError("This is not an invitation link.", code="card-malformed")
        inviter, invite, secret = shape.fields(decode(from_base32(link.split(LINK_MARK, 1)[1].strip())), 3, "A link")
        return cls(
            shape.raw(inviter, "An inviter", length=32),
            shape.raw(invite, "An invitation id", length=32),
            shape.raw(secret, "An invitation secret", length=32),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answered an invitation: uid, key id, handle, and the name they wish to be seen under."""

    uid: bytes
    key_id: int
    handle: str
    name: str


def answer(invitation: Invitation, inviter: AccountState, who: Answer, identity: Identity) -> bytes:
    """Return the answer: MACed with the link's secret, hybrid-signed, sealed to the inviter.

    Raises `IntegrityError` (invitation-inviter) if `inviter` is not the one whom the link names.
    """
    if inviter.uid != invitation.inviter:
        raise IntegrityError("This link leads to another person than it names.", code="invitation-inviter")
    body = encode([invitation.inviter, invitation.id, who.uid, who.key_id, who.handle, who.name])
    vouch = mac(invitation.secret, ANSWER_TYPE, body)
    signed = encode([body, vouch, list(identity.signer.sign(ANSWER_TYPE, body))])
    info = wrap_info("invitation-wrap", who.uid, inviter.uid, inviter.generation, [invitation.id])
    wrapped = wrap(inviter.identity.xwing, signed, info)
    return encode([who.uid, inviter.generation, wrapped.enc, wrapped.ciphertext])


def answerer(sealed: bytes) -> tuple[bytes, int]:
    """Return the claimed uid of an answer's sender, and the inviter's key id that it is sealed to."""
    uid, key_id, _, _ = shape.fields(decode(sealed), 4, "An answer")
    return shape.raw(uid, "A uid", length=32), shape.number(key_id, "A key id", least=1)


def _wrapped(enc: object, ciphertext: object) -> Wrapped:
    return Wrapped(shape.raw(enc, "An answer's enc", length=ENC_BYTES), shape.raw(ciphertext, "An answer's ciphertext"))


def open_answer(invitation: Invitation, sealed: bytes, identity: Identity, sender: AccountState) -> Answer:
    """Return who answered, after every check of spec/card.md step 7.

    Raises `IntegrityError`: wrap-does-not-open, invitation-mac, invitation-swapped, signature-invalid.
    """
    uid, key_id, enc, ciphertext = shape.fields(decode(sealed), 4, "An answer")
    shape.raw(uid, "A uid", length=32)
    shape.number(key_id, "A key id", least=1)
    info = wrap_info("invitation-wrap", uid, invitation.inviter, key_id, [invitation.id])
    body, vouch, signatures = shape.fields(
        decode(identity.unwrapper.unwrap(_wrapped(enc, ciphertext), info)), 3, "An answer"
    )
    shape.raw(body, "An answer's body")
    shape.raw(vouch, "An answer's mac", length=32)
    shape.items(signatures, "The signatures", most=2)
    check_equal(
        mac(invitation.secret, ANSWER_TYPE, body),
        vouch,
        "This answer does not come from someone who has your link.",
        code="invitation-mac",
    )
    inviter, invite, who, who_key, handle, name = shape.fields(decode(body), 6, "An answer")
    if (inviter, invite, who) != (invitation.inviter, invitation.id, uid) or sender.uid != who:
        raise IntegrityError("This answer was swapped for another's.", code="invitation-swapped")
    shape.number(who_key, "A key id", least=1)
    signed = [shape.raw(one, "A signature") for one in signatures]
    verify(ANSWER_TYPE, sender.keys_of(who_key).signing, body, signed, hybrid=True)
    return Answer(who, who_key, shape.text(handle, "A handle", most=64), shape.text(name, "A name"))
