"""Driving a use case: it may await its own work and nothing else.

Guarantees: `drive` runs a coroutine to its end without an event loop and refuses any that suspends; `Guarded` runs one
on an event loop and refuses it as soon as it suspends on anything but a statement of its work.
Does not: notice a blocking call. No I/O.
"""

import contextlib
from collections.abc import Coroutine, Generator
from typing import Any, Generic, NoReturn, Protocol, TypeVar

from mindhaven.kernel.work import ForeignAwaitError

T = TypeVar("T")


class _Pending(Protocol):
    pending: int


def _refuse(coroutine: Coroutine[Any, Any, Any]) -> NoReturn:
    with contextlib.suppress(BaseException):
        coroutine.close()
    raise ForeignAwaitError(
        "A use case awaited something other than its work.",
        hint="Do it before or after the act, or record an event that a reader follows.",
    )


def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` to its end with one `send`; raise `ForeignAwaitError` if it suspends."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        value: T = stop.value
        return value
    except RuntimeError as error:
        if str(error).startswith(("no running event loop", "There is no current event loop")):
            raise ForeignAwaitError("A use case asked for an event loop inside a transaction.") from error
        raise
    _refuse(coroutine)


class Guarded(Generic[T]):
    """Await this to run `coroutine` while letting through only the waits that `work.pending` accounts for."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], work: _Pending) -> None:
        self._coroutine = coroutine
        self._work = work

    def __await__(self) -> Generator[Any, Any, T]:
        coroutine, work = self._coroutine, self._work
        thrown: BaseException | None = None
        while True:
            try:
                waits_for = coroutine.send(None) if thrown is None else coroutine.throw(thrown)
            except StopIteration as stop:
                value: T = stop.value
                return value
            if work.pending == 0:
                # A future that was handed out must not stay marked as awaited by this task.
                if hasattr(waits_for, "_asyncio_future_blocking"):
                    waits_for._asyncio_future_blocking = False  # noqa: SLF001 - the protocol of asyncio futures
                _refuse(coroutine)
            thrown = None
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - passed on to the coroutine, cancellation included
                thrown = error
