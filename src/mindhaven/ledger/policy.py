"""Which witnesses this server asks: its policy file, and what this process learned of them. I/O: the file, once.

Guarantees: a policy that no witness could ever meet, or whose witnesses may not be called, is refused at the start.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Host
from mindhaven.ledger import keys
from mindhaven.tlog.note import MAX_SIGNATURES, VerifierKey
from mindhaven.tlog.policy import Policy, Witness

GUARD_PAUSE_SECONDS: Final = 30
"""How long a witness that did not say what it saw is left alone."""


MAX_ASKED: Final = MAX_SIGNATURES - 2
"""Signatures of witnesses in one note, beside the log's own, and one more while its key changes."""


@dataclass(slots=True)
class Rules:
    """A policy, its text, the witnesses that can be asked; and, for each log, who has cleared this start."""

    policy: Policy
    text: bytes
    asked: tuple[Witness, ...]
    cleared: dict[str, set[VerifierKey]] = field(default_factory=lambda: defaultdict(set))
    _later: dict[tuple[str, VerifierKey], int] = field(default_factory=dict)

    def failed(self, log: str, witness: VerifierKey, now: int) -> None:
        """Leave a witness alone for a while."""
        self._later[log, witness] = now + GUARD_PAUSE_SECONDS

    def due(self, log: str, witness: VerifierKey, now: int) -> bool:
        """Tell whether a witness may be asked about a log now."""
        return now >= self._later.get((log, witness), 0)


_RULES: Final[WeakKeyDictionary[Host, Rules]] = WeakKeyDictionary()


def data(host: Host) -> Path:
    """Return the folder in which the logs' key lies."""
    return Path(host.settings["server.data"])


def of(host: Host) -> Rules:
    """Return a host's policy, read when it started."""
    found = _RULES.get(host)
    if found is None:
        found = _RULES[host] = _read(str(host.settings["ledger.policy"]), host.settings["server.outbound-hosts"])
    return found


async def opened(host: Host) -> None:
    """Draw the logs' key, read the policy; raise `InvalidInputError` (ledger-policy, policy) if it can't be kept."""
    await asyncio.to_thread(keys.draw, data(host))
    of(host)


def _read(file: str, hosts: tuple[str, ...]) -> Rules:
    if not file:
        return Rules(Policy(), b"", ())
    try:
        text = Path(file).read_bytes()
    except OSError as error:
        raise _refused(f"{file} can't be read.", "It is a C2SP tlog-policy file.") from error
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise _refused(f"{file} is not UTF-8 text, and people are to read it.", "Save it as UTF-8.") from error
    policy = Policy.parse(text)
    able = {name: one for name, one in policy.witnesses.items() if one.url}
    if not policy.met(frozenset(able)):
        raise _refused(
            "too few of its witnesses have an address, so its quorum could never be met.",
            "Write each as: witness NAME VKEY https://address",
        )
    if len(able) > MAX_ASKED:
        raise _refused(f"it names more than {MAX_ASKED} witnesses, which no note has room for.", "Name fewer.")
    permitted = {one.lower() for one in hosts}
    for one in able.values():
        parts = urlsplit(one.url)
        host = (parts.hostname or "").lower()
        if not {host, f"{host}:{parts.port}"} & permitted:
            raise _refused(
                f"the server may not call {host}, where its witness {one.name} is.",
                f'Add it: server.outbound-hosts = ["{parts.netloc.lower()}"].',
            )
    return Rules(policy, text, tuple(able.values()))


def _refused(why: str, hint: str) -> InvalidInputError:
    return InvalidInputError(f"ledger.policy: {why}", hint=hint, code="ledger-policy")
