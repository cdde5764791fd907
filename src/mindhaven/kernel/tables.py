"""Tables as a backup takes them: rows in the order of their key, page by page, of either database.

Guarantees: pages read in one look are of one snapshot; what `page` gave, `Work.run_many` takes on either database.
Does not: know what a table means. I/O: the database, through the look or database it is given.
"""

from collections.abc import Sequence
from typing import Final

from mindhaven.kernel.database import Database, Schema
from mindhaven.kernel.work import Look, Row

OWN: Final = "kernel_migration"
"""Written by `migrate` itself, so no backup puts it back."""


async def primary_keys(look: Look, dialect: str) -> dict[str, list[str]]:
    """Return the columns of each table's primary key, in order."""
    if dialect == "sqlite":
        rows = await look.rows(
            "SELECT m.name, p.name FROM sqlite_schema m, pragma_table_info(m.name) p"
            " WHERE m.type = 'table' AND p.pk > 0 ORDER BY m.name, p.pk"
        )
    else:
        rows = await look.rows(
            "SELECT k.table_name::text, k.column_name::text FROM information_schema.table_constraints t"
            " JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name)"
            " WHERE t.table_schema = current_schema() AND t.constraint_type = 'PRIMARY KEY'"
            " ORDER BY k.table_name, k.ordinal_position"
        )
    keys: dict[str, list[str]] = {}
    for table, column in rows:
        keys.setdefault(table, []).append(column)
    return keys


async def page(
    look: Look, table: str, columns: Sequence[str], key: Sequence[str], after: Row | None, limit: int
) -> list[Row]:
    """Return up to `limit` rows after the one whose key is `after`; all names come from declarations."""
    where = ""
    if after is not None:
        marks = ", ".join(f"${number}" for number in range(1, len(key) + 1))
        where = f" WHERE ({', '.join(key)}) > ({marks})"
    sql = f"SELECT {', '.join(columns)} FROM {table}{where} ORDER BY {', '.join(key)} LIMIT {int(limit)}"  # noqa: S608
    return await look.rows(sql, *(after or ()))


async def clear(db: Database, tables: Sequence[str]) -> None:
    """Delete what the migrations wrote into these tables."""

    async def run(schema: Schema) -> None:
        for table in tables:
            await schema.run(f"DELETE FROM {table}")  # noqa: S608 - names from declarations

    await db.upgrade(run)


async def settle_counters(db: Database) -> None:
    """Let numbers that the database draws itself go on after the largest that is there (SQLite does so by itself)."""

    async def run(schema: Schema) -> None:
        if schema.dialect != "postgres":
            return
        for table, column in await schema.rows(
            "SELECT table_name::text, column_name::text FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND is_identity = 'YES'"
        ):
            await schema.rows(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'),"  # noqa: S608 - names from the schema
                f" (SELECT COALESCE(MAX({column}), 0) + 1 FROM {table}), false)"
            )

    await db.upgrade(run)
