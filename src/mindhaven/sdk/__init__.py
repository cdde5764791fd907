"""The Python SDK: `AsyncMindhaven`, and `Mindhaven` for code without `await`. See docs/howto/sdk.md.

Guarantees: records are sealed before they leave this process; every integrity failure is a named error that leaves the
local copy as it was. Does not: import anything of the server.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mindhaven.kinds import Record
    from mindhaven.protocol.collection import Role
    from mindhaven.protocol.recovery import rows as recovery_rows
    from mindhaven.sdk.blocking import Mindhaven
    from mindhaven.sdk.client import AsyncMindhaven, Entry, Synced
    from mindhaven.sdk.content import Notes

__all__ = ["AsyncMindhaven", "Entry", "Mindhaven", "Notes", "Record", "Role", "Synced", "recovery_rows"]

_FROM: Final = {
    "AsyncMindhaven": "mindhaven.sdk.client",
    "Entry": "mindhaven.sdk.client",
    "Mindhaven": "mindhaven.sdk.blocking",
    "Notes": "mindhaven.sdk.content",
    "Record": "mindhaven.kinds",
    "Role": "mindhaven.protocol.collection",
    "Synced": "mindhaven.sdk.client",
    "recovery_rows": "mindhaven.protocol.recovery",
}
"""Loaded once they are asked for: who needs one module of this package does not wait for all of it."""


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_FROM[name]), "rows" if name == "recovery_rows" else name)
    globals()[name] = found
    return found
