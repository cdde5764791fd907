"""Being told to end while a person is writing: a closed window, a shutdown. I/O: the process's signals.

Guarantees: inside `ended_softly` a hang-up or a termination becomes an exception, so that what was written can be kept
first; a second one does not break that off.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGHUP, signal.SIGTERM)


class EndedError(KeyboardInterrupt):
    """The process was told to end; `number` is the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def ended_softly() -> Iterator[None]:
    """Raise `EndedError` where a signal would end the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise EndedError(number)

    before = {each: signal.getsignal(each) for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN}
    for each in before:
        signal.signal(each, end)
    ended = False
    try:
        yield
    except EndedError:
        ended = True  # ends the process: a second signal does not break off what is kept meanwhile
        raise
    finally:
        for each, handler in before.items() if not ended else ():
            signal.signal(each, handler)
