"""Event commitments: what the ledger holds of an event. Implements spec/event.md.

Guarantees: a commitment hides its event (32-byte random salt) and binds it (no second event opens it).
Does not: know any event's meaning. No I/O.
"""

from typing import Final

from mindhaven.crypto.encoding import Value, encode, labelled_hash
from mindhaven.errors import InvalidInputError

SALT_BYTES: Final = 32
HOST: Final = bytes(32)
"""The subject of events about no person: the host itself."""
NO_PREVIOUS: Final = bytes(32)
"""`prev` of a subject's first event."""


def body(*, name: str, version: int, subject: bytes, seq: int, prev: bytes, at: int, fields: list[Value]) -> bytes:
    """Return the canonical bytes of an event: spec/event.md step 1.

    `subject` and `prev` are 32 bytes; `at` is in seconds since 1970 UTC, a multiple of 3600 (the hour);
    `fields` are the event's own values in the order in which its type declares them.
    """
    if len(subject) != 32 or len(prev) != 32:
        raise InvalidInputError("An event names its subject and predecessor by 32 bytes each.", code="event-shape")
    if at % 3600:
        raise InvalidInputError("An event's time is a full hour.", code="event-shape")
    return encode([name, version, subject, seq, prev, at, fields])


def commitment(salt: bytes, event_body: bytes) -> bytes:
    """Return the log entry of an event, SHA-256(label, salt, body): 32 bytes. Raises on a salt of another length."""
    if len(salt) != SALT_BYTES:
        raise InvalidInputError("An event's salt is exactly 32 bytes.", code="event-salt")
    return labelled_hash("event", salt, event_body)
