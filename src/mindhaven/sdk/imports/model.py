"""What every importer gives back, and what it may be told.

Guarantees: reading is a stream; a row that cannot be read becomes a `Problem` with its line and the rest go
on; the same row gives the same key in every run, so a client that remembers keys imports nothing twice.
Does not: write anything, guess a mood that it does not know, or use the clock or the network.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final, Protocol

from mindhaven.errors import InvalidInputError
from mindhaven.kinds import JsonValue, Record, check

FIRST_ROWS: Final = 5
"""Rows that a preview shows: enough to see whether days and moods came out right."""

MAX_PROBLEMS_SHOWN: Final = 100
"""Problems that a preview keeps; all are counted, and a wrong file would otherwise list every row."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What the person adds to a file.

    `zone`: where entries without a time zone were made, an IANA name or `+hh:mm`; `moods`: own mood names to
    1 (worst) .. 5 (best); `columns`: the column map of `csv_map`.
    """

    zone: str = "UTC"
    moods: Mapping[str, int] = field(default_factory=dict)
    columns: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """One record, and the key (64 hex digits) by which it is recognised when the file is read again."""

    record: Record
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One row that was not taken: its line in the file (1 is the first; None: the whole file), field and
    reason."""

    line: int | None
    field: str
    message: str
    code: str = "import-row"


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What reading the file would give. `unknown_moods` must be mapped by `Options.moods` before `read`.

    `asked_count` of the `problem_count` rows can be read once that is done.
    """

    importer: str
    by_kind: Mapping[str, int]
    first: tuple[Imported, ...]
    first_day: date | None
    last_day: date | None
    unknown_moods: tuple[str, ...]
    problem_count: int
    problems: tuple[Problem, ...]
    asked_count: int = 0


NO_NUMBER: Final = "import-mood-name"
"""A row whose own mood name has no number yet."""


class NeedsMoodNames(InvalidInputError):  # noqa: N818 - it asks a question, the answer is `Options.moods`
    """The file uses mood names that are not the app's own; `names` lists them, the message does not.

    They are asked for and never guessed: one person's "fine" is another's worst.
    """

    code = "import-mood-names"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"This file uses {len(names)} mood name(s) of your own. Say what each means, from 1 (worst) to 5 (best).",
            hint='For example --mood "so-so=3", once for each name.',
        )
        self.names = tuple(names)


class Importer(Protocol):
    """One file format. `name` is also the app in every key, so it never changes."""

    name: str
    title: str

    def detects(self, path: Path, head: bytes) -> bool:
        """Return whether the file at `path`, which begins with `head`, looks like this format."""

    def preview(self, source: Path, options: Options | None = None) -> Preview:
        """Return what `read` would give; raise `InvalidInputError` if the file is not this format."""

    def read(self, source: Path, options: Options | None = None) -> Iterator[Imported | Problem]:
        """Yield records and problems in the order of the file; raise `NeedsMoodNames`, or as `preview`."""


class Keys:
    """Makes import keys: SHA-256 over the app and what identifies a row; equal rows of one file get an
    ordinal."""

    def __init__(self, app: str) -> None:
        self._app = app
        self._seen: Counter[bytes] = Counter()

    def key(self, *identity: str | int | None) -> str:
        """Return the key of the row that `identity` describes."""
        plain = hashlib.sha256(json.dumps([self._app, *identity], ensure_ascii=False).encode("utf-8", "surrogatepass"))
        seen = plain.digest()[:16]
        ordinal = self._seen[seen]
        self._seen[seen] += 1
        if ordinal:
            plain.update(f"#{ordinal}".encode())
        return plain.hexdigest()


def imported(app: str, key: str, line: int | None, record: Record) -> Imported | Problem:
    """Return `record` with its origin written into it, or the problem that makes it no valid record."""
    body: dict[str, JsonValue] = {**record.body, "source": {"app": app, "key": key}}
    whole = Record(kind=record.kind, version=record.version, created_at=record.created_at, zone=record.zone, body=body)
    try:
        check(whole)
    except InvalidInputError as error:
        return Problem(line=line, field=record.kind, message=error.message, code=error.reason)
    return Imported(record=whole, key=key)


def preview_of(name: str, rows: Iterator[Imported | Problem], unknown_moods: Sequence[str] = ()) -> Preview:
    """Return the preview of `rows`, read to the end in flat memory."""
    by_kind: Counter[str] = Counter()
    first: list[Imported] = []
    problems: list[Problem] = []
    problem_count = asked_count = 0
    days: list[date] = []
    for row in rows:
        if isinstance(row, Problem):
            problem_count += 1
            asked_count += row.code == NO_NUMBER
            if len(problems) < MAX_PROBLEMS_SHOWN:
                problems.append(row)
            continue
        by_kind[row.record.kind] += 1
        if len(first) < FIRST_ROWS:
            first.append(row)
        day = row.record.local_day()
        days = [min(chain(days, [day])), max(chain(days, [day]))]
    return Preview(
        importer=name,
        by_kind=dict(by_kind),
        first=tuple(first),
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        unknown_moods=tuple(unknown_moods),
        problem_count=problem_count,
        problems=tuple(problems),
        asked_count=asked_count,
    )


def wrong_header(title: str, header: Sequence[str], known: Sequence[str]) -> InvalidInputError:
    """Return the refusal of a file whose columns are not those of `title`."""
    shown = ", ".join(name[:40] for name in header[:30]) or "(empty)"
    return InvalidInputError(
        f"This is no {title} that Mindhaven knows. Its first line is: {shown}.",
        code="import-header",
        hint=f"Known columns: {', '.join(known)}. Any other table can be read with a column map.",
    )
