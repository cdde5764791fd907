"""The Python SDK: `AsyncMindhaven`, and `Mindhaven` for code without `await`. See docs/howto/sdk.md.

Guarantees: records are sealed before they leave this process; every integrity failure is a named error that leaves the
local copy as it was. Does not: import anything of the server.
"""

from mindhaven.kinds import Record
from mindhaven.protocol.collection import Role
from mindhaven.protocol.recovery import rows as recovery_rows
from mindhaven.sdk.blocking import Mindhaven
from mindhaven.sdk.client import AsyncMindhaven, Entry, Synced
from mindhaven.sdk.content import Notes

__all__ = ["AsyncMindhaven", "Entry", "Mindhaven", "Notes", "Record", "Role", "Synced", "recovery_rows"]
