"""What a member who works together with the server can make: any commit, signed by that member's own keys."""

from dataclasses import dataclass
from typing import Any

import httpx
from tests.simulators.scenes import Three
from tests.simulators.world import DAY, mood

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import EpochKey
from mindhaven.protocol.collection import Change, Commit, Put
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import Header, seal_item
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes, to_content
from mindhaven.wire.ids import to_text


@dataclass
class Made:
    """Changes with their items, and under whose or which key."""

    changes: tuple[Change, ...]
    items: list[list[bytes]]
    key_id: int = 0
    signer: Any = None


def newest(s: Three, client: AsyncMindhaven) -> int:
    """Return the newest epoch that a device knows."""
    return max(s.state(client).epochs)


def put(
    s: Three,
    client: AsyncMindhaven,
    note: str,
    epoch: int,
    *,
    item: bytes = b"",
    revision: int = 1,
    author: bytes = b"",
    key: EpochKey | None = None,
) -> Made:
    """Seal a record as `client`, in whatever epoch, under whatever id, in whoever's name."""
    raw = key or client.store.epoch_key(s.mood, epoch)
    assert raw is not None
    item = item or client.vault.fresh_item()
    header = Header(s.mood, item, revision, epoch, author or client.me.uid)
    sealed = seal_item(EpochKey(raw), header, to_content(mood(note, at=s.moment.now), Notes()), b"s" * 32)
    change = Put(item, revision, epoch, sealed.envelope_hash, sealed.salt_hash, ())
    return Made((change,), [[sealed.envelope, sealed.salt]])


def show(s: Three, client: AsyncMindhaven, made: Made, *, sign: str = "commit", suite: int | None = None) -> Signed:
    """Sign as `client`, and let the server show it to Ana as the head."""
    at = s.state(s.ana)
    me, day = client.me, s.moment.now // DAY
    commit = Commit(s.mood, at.seq + 1, at.head, me.uid, made.key_id or me.identity.generation, day, made.changes)
    body = commit.encode()
    if suite is not None:
        body = encode([suite, *decode(body)[1:]])
    signer = (made.signer or me).identity.signer
    signed = Signed(body, tuple(signer.sign_fast(sign, body) if commit.fast else signer.sign(sign, body)))

    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        if not (to_text(s.mood) in request.url.path and request.url.path.endswith("/commits")):
            return None
        shown = [*decode(content)[2], [[signed.body, list(signed.signatures)], made.items]]
        return encode([commit.seq, signed.hash("commit"), shown])

    s.lies.change = hook
    return signed
