"""Running one target: every input under a time limit and an eye on memory; what was found, with the input in hex."""

import contextlib
import random
import re
import resource
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from mindhaven.errors import MindhavenError

HANG_SECONDS = 3.0
"""One input may take so long at most; the largest honest ones take a tenth."""
BALLOON_KIB = 400 * 1024
"""One input may make the process's greatest size grow by so much at most."""
SHOWN_BYTES = 400
_CODE = re.compile(r"[a-z][a-z0-9-]{1,63}")


class HangError(BaseException):
    """An input took too long. Not an `Exception`, so that nothing under test can take it for its own."""


@dataclass(frozen=True)
class Target:
    """`take(data)` decodes; what it returns must be `data` again, or None where a format has many encodings."""

    name: str
    take: Callable[[bytes], bytes | None]
    corpus: tuple[bytes, ...]
    change: Callable[[bytes, random.Random, Sequence[bytes]], bytes]
    files: bool = False
    """Whether it opens a file for each input: too slow to be guided by coverage."""


@dataclass
class Found:
    """What a target showed: how many inputs, how many were taken, the codes of the refusals, the faults."""

    name: str
    inputs: int = 0
    taken: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    slowest_ms: float = 0.0

    def fault(self, what: str, data: bytes) -> None:
        """Keep a fault, one of a kind, with its input."""
        shown = data[:SHOWN_BYTES].hex() + ("..." if len(data) > SHOWN_BYTES else "")
        self.faults.setdefault(what, shown)


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise `HangError` in this thread after so long."""

    def ring(_number: int, _frame: object) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def greatest_kib() -> int:
    """Return the greatest size that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def where(error: BaseException) -> str:
    """Return the kind of an error and the lines of ours that it came through last."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "/mindhaven/" in one.filename][-2:]
    places = " < ".join(f"{one.filename.rsplit('/mindhaven/', 1)[-1]}:{one.lineno}" for one in reversed(frames))
    return f"{type(error).__name__} at {places or 'no line of ours'}"


def stable(error: MindhavenError) -> str | None:
    """Return what is wrong with an error of ours: no code of its own, or no sentence."""
    if not _CODE.fullmatch(error.reason) or error.reason == "error":
        return f"an error without a stable code: {error.reason!r}"
    return None if error.message else "an error without a sentence"


def one(target: Target, data: bytes, found: Found) -> None:
    """Give one input to a target."""
    found.inputs += 1
    size, begun = greatest_kib(), time.perf_counter()
    try:
        with alarm(HANG_SECONDS):
            again = target.take(data)
    except MindhavenError as error:
        found.codes[error.reason] += 1
        if wrong := stable(error):
            found.fault(wrong, data)
    except HangError:
        found.fault(f"takes more than {HANG_SECONDS:.0f} s", data)
    except Exception as error:  # this is what is looked for
        found.fault(where(error), data)
    else:
        found.taken += 1
        if again is not None and again != data:
            found.fault("was taken and encodes to something else", data)
    found.slowest_ms = max(found.slowest_ms, (time.perf_counter() - begun) * 1000)
    if greatest_kib() - size > BALLOON_KIB:
        found.fault("balloons", data)


def fuzz(target: Target, *, seed: int, seconds: float, most: int) -> Found:
    """Give a target its corpus, then changed inputs until its seconds are over."""
    dice = random.Random(f"{seed}/{target.name}")
    found = Found(target.name)
    for data in target.corpus:
        one(target, data, found)
    until = time.monotonic() + seconds
    while time.monotonic() < until and found.inputs < most and target.corpus:
        data = dice.choice(target.corpus)
        for _ in range(dice.choice((1, 1, 2, 3))):
            data = target.change(data, dice, target.corpus)
        one(target, data, found)
    return found
