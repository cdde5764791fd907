"""What crosses HTTP about policies. No I/O."""

from mindhaven.wire.accounts import Bytes32, Wire


class PolicyShown(Wire):
    """A policy, and the opening of the event that says that it was published.

    `texts` are the bytes that were hashed: a JSON object of language to Markdown, and `register`: the entries and what
    the host says of itself, as JSON, of which the texts are made. `body` is the event's canonical bytes and `salt` its
    salt; `position` is its index in the log `audit`, null while it is not numbered.
    `published_at` is in seconds since 1970 UTC.
    """

    version: int
    digest: Bytes32
    texts: bytes
    published_at: int
    salt: Bytes32
    body: bytes
    position: int | None
