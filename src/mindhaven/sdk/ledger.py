"""Reading a server's logs: checkpoints that only grow, tiles and entries checked against them. I/O: server, store.

Guarantees: a log's keys are the ones that this device saw first; every checkpoint extends the one before it; what does
not is a named error, and what was kept stays. Does not: say what an entry means (`vouching`, `activity`).
Implements spec/ledger.md steps 1, 5, 8 and 11.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import IntegrityError
from mindhaven.protocol.ledger import LOGS, split
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.transport import Transport
from mindhaven.tlog import tiles
from mindhaven.tlog.checkpoint import Checkpoint, open_checkpoint
from mindhaven.tlog.note import Note, VerifierKey
from mindhaven.tlog.policy import Policy
from mindhaven.tlog.tiles import WIDTH, Tile
from mindhaven.tlog.tree import HASH_BYTES, Edge, leaf_hash, verify_consistency
from mindhaven.wire.ledger import LedgerShown

_KEYS: Final = "ledger/keys"
_POLICY: Final = "ledger/policy"


STALE_SECONDS: Final = 24 * 3600
"""Witnesses say each hour what they saw: a day without means that somebody holds back the newest state of the log."""


class Quorum(StrEnum):
    """Whether others vouch for a checkpoint: nobody is asked to, enough do, or too few."""

    NONE = "none"
    MET = "met"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class State:
    """A log as this device last verified it; `vouched_at` is when a quorum of witnesses saw it (None: no quorum)."""

    checkpoint: Checkpoint
    quorum: Quorum
    vouched_at: int | None


@dataclass(frozen=True, slots=True)
class Scanned:
    """How far a log was read; see `Logs.keep`."""

    name: str
    state: State
    edge: Edge


class Logs:
    """The logs of one server."""

    def __init__(self, store: LocalStore, transport: Transport) -> None:
        self._store = store
        self._transport = transport
        self._keys: dict[str, VerifierKey] = {}

    # -- whom to trust

    async def keys(self) -> dict[str, VerifierKey]:
        """Return the logs' keys: those that this device saw first. Raises `IntegrityError` (log-key-changed)."""
        if self._keys:
            return self._keys
        shown: LedgerShown = await self._transport.call("GET", "/v1/ledger", LedgerShown, open_=True)
        found = {one.name: VerifierKey.parse(one.vkey) for one in shown.logs}
        if set(found) != set(LOGS):
            raise IntegrityError("The server does not show its three logs.", code="log-missing")
        raw = self._store.meta(_KEYS)
        if raw is None:
            self._store.put_meta(_KEYS, encode([[name, str(found[name])] for name in LOGS]))
        elif {name: VerifierKey.parse(text) for name, text in decode(raw)} != found:
            raise IntegrityError(
                "The server's logs have other keys than this device has seen.",
                hint="Ask the people who run the server why. Until then, compare safety words before you share.",
                code="log-key-changed",
            )
        self._keys = found
        return found

    def known_keys(self) -> dict[str, VerifierKey]:
        """Return the logs' keys that this device saw first, none if it saw none. Works offline."""
        raw = self._store.meta(_KEYS)
        return {} if raw is None else {name: VerifierKey.parse(text) for name, text in decode(raw)}

    async def offered_policy(self) -> bytes:
        """Return the policy that the server itself names, empty if it names none. It counts once a person set it."""
        shown: LedgerShown = await self._transport.call("GET", "/v1/ledger", LedgerShown, open_=True)
        return shown.policy.encode()

    def set_policy(self, text: bytes) -> None:
        """Keep which witnesses must vouch for this server's logs (C2SP tlog-policy); empty: nobody."""
        if text:
            Policy.parse(text)
        self._store.put_meta(_POLICY, encode([text]))

    def policy(self) -> Policy:
        """Return the policy that was set."""
        raw = self._store.meta(_POLICY)
        text = b"" if raw is None else decode(raw)[0]
        return Policy.parse(text) if text else Policy()

    # -- checkpoints

    def kept(self, name: str) -> Checkpoint | None:
        """Return the checkpoint that this device verified last."""
        raw = self._store.meta(f"log/{name}")
        return None if raw is None else Checkpoint.parse(Note.parse(decode(raw)[0]).text)

    async def newest(self, name: str) -> State:
        """Fetch a log's checkpoint and verify it against the one kept."""
        return await self.accept(name, await self._transport.public(f"/log/{name}/checkpoint"))

    async def accept(self, name: str, data: bytes) -> State:
        """Verify a checkpoint against the one kept, and keep it. Raises `IntegrityError`: step 11."""
        note = Note.parse(data)
        key = (await self.keys())[name]
        checkpoint = open_checkpoint(note, key)
        before = self.kept(name)
        if before is not None:
            await self._extends(name, before, checkpoint)
        policy = self.policy()
        times = policy.cosigned(note)
        if policy.quorum == "none":
            quorum = Quorum.NONE
        else:
            quorum = Quorum.MET if policy.met(frozenset(times)) else Quorum.MISSING
        self._store.put_meta(f"log/{name}", encode([data]))
        return State(checkpoint, quorum, policy.quorum_time(times))

    async def _extends(self, name: str, before: Checkpoint, after: Checkpoint) -> None:
        if after.size == before.size and after.root != before.root:
            raise IntegrityError(
                "The server signed two different logs of one size: it shows people different things.",
                hint="Keep this device as it is; both signed texts are proof. Tell the people you trust.",
                code="log-fork",
            )
        if after.size <= before.size:
            verify_consistency(before.size, after.size, before.root, after.root, [])
            return
        proof = tiles.consistency(before.size, after.size)
        hashes = proof.hashes(await self.tiles(name, after.size, proof.tiles))
        verify_consistency(before.size, after.size, before.root, after.root, hashes)

    async def tiles(self, name: str, size: int, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
        """Fetch tiles as wide as a log of `size` has them; what they prove is checked by the proof."""
        found = {}
        for tile in sorted(wanted):
            width = tiles.width_at(tile, size)
            data = await self._transport.public(f"/log/{name}/{tiles.tile_path(tile, width)}")
            if len(data) != width * HASH_BYTES:
                raise IntegrityError("A tile of the log is missing or too short.", code="tile-missing")
            found[tile] = data
        return found

    # -- whole logs

    async def scan(self, name: str, take: Callable[[bytes, bytes], None], *, anew: bool = False) -> Scanned:
        """Read a log's entries from where this device stands (`anew`: from the first) and verify them all.

        `take` is called with tag and rest of each; it must keep nothing before this returns without an error. The
        place is kept by `keep`, once what was read has been judged: until then it is read again.
        """
        state = await self.newest(name)
        raw = None if anew else self._store.meta(f"scan/{name}")
        edge = Edge() if raw is None else Edge(*decode(raw))
        size = state.checkpoint.size
        if edge.size > size:
            raise IntegrityError("A log is smaller than it was.", code="log-shrunk")
        while edge.size < size:
            number, skip = divmod(edge.size, WIDTH)
            width = min(WIDTH, size - number * WIDTH)
            data = await self._transport.public(f"/log/{name}/{tiles.bundle_path(number, width)}")
            for entry in tiles.read_bundle(data, width=width)[skip:]:
                take(*split(entry))
                edge.add(leaf_hash(entry))
        if edge.root() != state.checkpoint.root:
            raise IntegrityError("The entries of the log are not those that it signed.", code="log-rewritten")
        return Scanned(name, state, edge)

    def keep(self, scanned: Scanned) -> None:
        """Keep how far a log was read and judged."""
        edge = scanned.edge
        self._store.put_meta(f"scan/{scanned.name}", encode([edge.size, list(edge.roots)]))
