"""Holdings: what each table holds, of whom, why, for how long, and in which backup.

Guarantees: `check_declared` fails on any table or column of the live schema that no holding declares, and on any
declared one that does not exist. Does not: erase or export; those read the declarations. I/O: `check_declared` reads
the schema.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from mindhaven.errors import IntegrityError
from mindhaven.kernel.database import Database

STRUCTURAL: Final = "structural"
"""A column that is of no person: numbers, versions, states of the machinery."""


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One table. `person` is the column that names whose row it is; `columns` maps each column to the processing
    entry that explains it, or to `STRUCTURAL`; `keep` names a retention rule, `backup` a backup class.
    """

    table: str
    person: str | None
    columns: Mapping[str, str]
    why: str
    keep: str
    backup: str = "main"


def undeclared(live: Iterable[tuple[str, str]], holdings: Iterable[Holding]) -> list[str]:
    """Return what is live and undeclared, or declared and not live, as sentences; empty when all is declared."""
    there = set(live)
    declared: set[tuple[str, str]] = set()
    faults: list[str] = []
    for holding in holdings:
        for column in holding.columns:
            if (holding.table, column) in declared:
                faults.append(f"{holding.table}.{column} is declared twice")
            declared.add((holding.table, column))
        if holding.person is not None and holding.person not in holding.columns:
            faults.append(f"{holding.table} names {holding.person} as its person, which it does not declare")
    faults += [f"{table}.{column} is in the database and not declared" for table, column in sorted(there - declared)]
    faults += [f"{table}.{column} is declared and not in the database" for table, column in sorted(declared - there)]
    return faults


async def check_declared(db: Database, holdings: Iterable[Holding]) -> None:
    """Raise `IntegrityError` naming every column that is not declared, or declared and missing."""
    faults = undeclared(await db.columns(), holdings)
    if faults:
        raise IntegrityError(
            "Holdings and schema differ: " + "; ".join(faults) + ".",
            hint="Declare each column in the slice's holdings.py.",
            code="holding-undeclared",
        )
