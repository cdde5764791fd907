"""Events: frozen typed values, each registered under its name and version.

Guarantees: a name and version mean one type for ever; an event's fields go into its body in the order in which its
type declares them. Does not: write anything (`mindhaven.kernel.recording`) nor number it (`.stream`). No I/O.
"""

import dataclasses
import re
from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar, dataclass_transform

from mindhaven.crypto import encoding

EVENTS: Final[dict[tuple[str, int], "type[Event]"]] = {}
"""Every event type by its name and version."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """The base of every event: about one subject, a 32-byte uid or `mindhaven.protocol.event.HOST`."""

    subject: bytes

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 0
    KEEP: ClassVar[str] = ""
    URGENT: ClassVar[bool] = False
    FIELDS: ClassVar[tuple[str, ...]] = ()

    def values(self) -> list[Any]:
        """Return the event's own values in the order of its fields, without the subject."""
        return [getattr(self, field) for field in self.FIELDS]


E = TypeVar("E", bound=Event)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(dataclasses.field,))
def event(name: str, *, version: int, keep: str, urgent: bool = False) -> Callable[[type[E]], type[E]]:
    """Register a frozen keyword-only dataclass as the event `name` (`slice.subject.verb`) in `version`.

    `keep` names the retention rule of its opening; an `urgent` event is numbered at once.
    """

    def register(cls: type[E]) -> type[E]:
        if not _NAME.fullmatch(name) or version < 1:
            raise TypeError(f"The event name {name!r} must read slice.subject.verb, its version be 1 or more.")
        if not issubclass(cls, Event):
            raise TypeError(f"The event {name} must derive from Event.")
        if "__dataclass_params__" not in cls.__dict__:
            cls = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        fields = dataclasses.fields(cls)
        if not cls.__dataclass_params__.frozen or not all(field.kw_only for field in fields):  # type: ignore[attr-defined]
            raise TypeError(f"The event {name} must be a frozen keyword-only dataclass.")
        known = EVENTS.get((name, version))
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"The event {name} version {version} is declared twice.")
        cls.NAME, cls.VERSION, cls.KEEP, cls.URGENT = name, version, keep, urgent
        cls.FIELDS = tuple(field.name for field in fields if field.name != "subject")
        EVENTS[name, version] = cls
        return cls

    return register


def reopen(body: bytes) -> Event | None:
    """Return the event that `body` encodes, or None if no type is registered for its name and version."""
    name, version, subject, _seq, _prev, _at, values = encoding.decode(body)
    cls = EVENTS.get((name, version))
    if cls is None or len(values) != len(cls.FIELDS):
        return None
    return cls(subject=subject, **dict(zip(cls.FIELDS, values, strict=True)))
