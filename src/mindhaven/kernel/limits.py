"""Rate limits: a token bucket per key, in this process.

Guarantees: memory is bounded; keys are keyed hashes under a random key that dies with the process, so no address is
kept. Does not: count over several processes; each has its own buckets. No I/O; time comes from `monotonic`.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.fields import keyed_hash
from mindhaven.errors import NotFoundError
from mindhaven.kernel.sources import Random

KEYS_MOST: Final = 50_000
"""Buckets of one limit: about 8 MB. Each limit has its own, so that a flood of names at one door empties no bucket of
another; who floods a door out of its own buckets has to make this many requests for one more burst."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `burst` at once, refilled by `per_minute`."""

    burst: int
    per_minute: float


DEFAULT_LIMITS: Final[Mapping[str, Limit]] = {
    "sign-in": Limit(burst=20, per_minute=20),
    "sign-up": Limit(burst=100, per_minute=30),
    "nonce": Limit(burst=300, per_minute=120),
    "slot-now": Limit(burst=20, per_minute=20),
    "second-factor": Limit(burst=10, per_minute=5),
    # With one way in: more often than a careful person changes keys, too seldom to wear a chain or its bundles out.
    "key-change": Limit(burst=8, per_minute=8 / (24 * 60)),
    # With two ways in nobody else is locked out by it; but each change is verified along the whole chain.
    "key-change-sure": Limit(burst=40, per_minute=40 / (24 * 60)),
    # Chains of accounts that live elsewhere: a share of a collection that moved in brings its members', no more.
    "introduce": Limit(burst=500, per_minute=500 / (24 * 60)),
    "lookup": Limit(burst=60, per_minute=60),
    # Answers are a few a year; each reader verifies the whole chain of them, so nobody may make it long.
    "choose": Limit(burst=100, per_minute=6),
    "write": Limit(burst=6000, per_minute=60_000),
    # A device opens a stream every ten minutes, and again whenever its network changes.
    "live": Limit(burst=120, per_minute=60),
    "heavy": Limit(burst=20, per_minute=10),
}


class Limits:
    """The buckets of one process."""

    def __init__(
        self,
        limits: Mapping[str, Limit],
        random: Random,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        keys_most: int = KEYS_MOST,
    ) -> None:
        self._limits = dict(limits)
        self._key = random(32)
        self._monotonic = monotonic
        self._keys_most = keys_most
        self._buckets: dict[str, OrderedDict[bytes, tuple[float, float]]] = {name: OrderedDict() for name in limits}

    def wait(self, name: str, who: bytes) -> float:
        """Take one token of `who` (an address, a uid); return 0.0, or the seconds until there is one."""
        try:
            limit = self._limits[name]
        except KeyError:
            raise NotFoundError(f"No rate limit is called {name}.", code="limit-unknown") from None
        buckets = self._buckets[name]
        key = keyed_hash(self._key, name.encode() + b"\x00" + who)
        now = self._monotonic()
        tokens, then = buckets.pop(key, (float(limit.burst), now))
        rate = limit.per_minute / 60
        tokens = min(limit.burst, tokens + (now - then) * rate)
        allowed = tokens >= 1
        buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(buckets) > self._keys_most:
            buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / rate

    def __len__(self) -> int:
        return sum(len(buckets) for buckets in self._buckets.values())
