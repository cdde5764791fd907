"""The two sources that tests replace: the clock and randomness.

Guarantees: nothing in the kernel reads the time or draws randomness by another way. I/O: the system's clock and
generator, in the two functions here.
"""

import os
import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], int]
"""Seconds since 1970 UTC."""
Random: TypeAlias = Callable[[int], bytes]
"""That many unpredictable bytes."""


def system_clock() -> int:
    """Return the seconds since 1970 UTC."""
    return int(time.time())


def system_random(size: int) -> bytes:
    """Return `size` bytes from the operating system's generator."""
    return os.urandom(size)
