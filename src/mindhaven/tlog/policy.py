"""Policies (C2SP tlog-policy): which log, which witnesses, and how many of them must have cosigned. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.tlog.checkpoint import Checkpoint, open_checkpoint
from mindhaven.tlog.cosignature import cosigned_at
from mindhaven.tlog.note import Algorithm, Note, VerifierKey

MAX_POLICY_BYTES: Final = 256 * 1024
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Witness:
    """One witness: how the policy calls it, its key, and where it takes checkpoints ("" if that is not said)."""

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """At least `needs` of `members` (names of witnesses or earlier groups)."""

    needs: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, groups, and the name (of a witness or a group) that is the quorum; `none`: nobody's."""

    logs: tuple[tuple[VerifierKey, str], ...] = ()
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = NONE

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a policy file; raise `InvalidInputError` (policy), naming the line.

        Names are opaque bytes here (as Latin-1), so that what a policy means depends on no version of Unicode.
        """
        if len(data) > MAX_POLICY_BYTES:
            raise InvalidInputError("This policy is larger than any should be.", code="policy")
        reader = _Reader()
        for number, line in enumerate(data.split(b"\n"), 1):
            if any((sign < 0x20 and sign != 0x09) or sign == 0x7F for sign in line):
                raise _bad_line(number)
            words = line.replace(b"\t", b" ").split(b" ")
            words = [word for word in words if word]
            if not words or words[0].startswith(b"#"):
                continue
            try:
                reader.take(*[word.decode("latin-1") for word in words])  # names are opaque bytes
            except (UnicodeDecodeError, InvalidInputError) as error:
                raise _bad_line(number) from error
        if reader.quorum is None:
            raise InvalidInputError("A policy says its quorum: `quorum NAME`, or `quorum none`.", code="policy")
        return cls(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum)

    def cosigned(self, note: Note) -> dict[str, int]:
        """Return which witnesses cosigned, and when; raise `IntegrityError` (note-signature)."""
        times = {name: cosigned_at(note, one.key) for name, one in self.witnesses.items()}
        return {name: time for name, time in times.items() if time is not None}

    def met(self, names: frozenset[str]) -> bool:
        """Return whether those witnesses are a quorum."""
        return self.quorum == NONE or self._met(self.quorum, names)

    def _met(self, name: str, names: frozenset[str]) -> bool:
        if name in self.witnesses:
            return name in names
        group = self.groups[name]
        return sum(self._met(one, names) for one in group.members) >= group.needs

    def open(self, note: Note, log: VerifierKey | None = None) -> "Cosigned":
        """Return the checkpoint that `log` (None: the log of that origin in the policy) signed and a quorum cosigned.

        Raises what `open_checkpoint` raises, and `IntegrityError` (quorum).
        """
        checkpoint = open_checkpoint(note, log or self._log_of(note))
        times = self.cosigned(note)
        if not self.met(frozenset(times)):
            raise IntegrityError(
                "Too few witnesses vouch for this state of the log.",
                hint="Nothing needs to be wrong: a witness may be away. Do not trust a new key before they are back.",
                code="quorum",
            )
        return Cosigned(checkpoint, times)

    def _log_of(self, note: Note) -> VerifierKey:
        origin = Checkpoint.parse(note.text).origin
        found = next((key for key, _ in self.logs if key.name == origin), None)
        if found is None:
            raise IntegrityError("This checkpoint is of a log that the policy does not name.", code="checkpoint-origin")
        return found

    def quorum_time(self, times: Mapping[str, int]) -> int | None:
        """Return the latest time such that the witnesses which cosigned then or later are a quorum; None without."""
        if self.quorum == NONE:
            return None
        for time in sorted(times.values(), reverse=True):
            if self.met(frozenset(name for name, one in times.items() if one >= time)):
                return time
        return None


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint with when each known witness cosigned it (seconds since 1970 UTC)."""

    checkpoint: Checkpoint
    times: Mapping[str, int]


class _Reader:
    """Takes a policy's lines in their order."""

    def __init__(self) -> None:
        self.logs: list[tuple[VerifierKey, str]] = []
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()

    def take(self, kind: str, *rest: str) -> None:
        """Take one line's words."""
        match kind, rest:
            case "log", (key, *url) if len(url) < 2:
                self.logs.append((self._key(key, {Algorithm.ED25519}), _utf8("".join(url))))
            case "witness", (name, key, *url) if len(url) < 2:
                algorithms = {Algorithm.COSIGNATURE_ED25519, Algorithm.COSIGNATURE_MLDSA44}
                self._fresh(name)
                self.witnesses[name] = Witness(
                    name.encode("latin-1").decode(errors="replace"), self._key(key, algorithms), _utf8("".join(url))
                )
            case "group", (name, needs, *members):
                self._fresh(name)
                self.groups[name] = self._group(needs, members)
            case "quorum", (name,) if self.quorum is None and (name == NONE or self._known(name)):
                self.quorum = name
            case _:
                raise _bad()

    def _known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _fresh(self, name: str) -> None:
        if name == NONE or self._known(name):
            raise _bad()

    def _key(self, text: str, algorithms: set[Algorithm]) -> VerifierKey:
        key = VerifierKey.parse(_utf8(text))
        known = (
            [one for one, _ in self.logs]
            if Algorithm.ED25519 in algorithms
            else [one.key for one in self.witnesses.values()]
        )
        if key.algorithm not in algorithms or key.key in {one.key for one in known}:
            raise _bad()
        return key

    def _group(self, needs: str, members: list[str]) -> Group:
        fresh = len(set(members)) == len(members) and not self._members & set(members)
        if not fresh or not all(map(self._known, members)):
            raise _bad()
        counts = {"all": len(members), "any": 1} | {str(number): number for number in range(1, len(members) + 1)}
        if needs not in counts or not members:
            raise _bad()
        self._members |= set(members)
        return Group(counts[needs], tuple(members))


def _utf8(text: str) -> str:
    """Return what opaque bytes say as UTF-8; raise `UnicodeDecodeError` where they don't."""
    return text.encode("latin-1").decode()


def _bad() -> InvalidInputError:
    return InvalidInputError("This line of a policy is not understood.", code="policy")


def _bad_line(number: int) -> InvalidInputError:
    return InvalidInputError(f"Line {number} of this policy is not understood.", code="policy")
