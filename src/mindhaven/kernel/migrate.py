"""Migrations: numbered SQL files of each slice, forward only.

Guarantees: all pending ones run in one transaction under a lock; each is recorded by name and SHA-256 of its text, and
one that changed after it ran refuses the start by name. Does not: go back (the backup before an upgrade does that).
I/O: package resources, and the database through `Database.upgrade`.
"""

import hashlib
import importlib.resources
from collections.abc import Sequence
from typing import Final, NamedTuple

from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel.database import Database, Schema
from mindhaven.kernel.statements import ddl

KERNEL: Final = ("kernel", "mindhaven.kernel.migrations")
_OWN: Final = (
    "CREATE TABLE IF NOT EXISTS kernel_migration (slice TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " at {BIGINT} NOT NULL, PRIMARY KEY (slice, name)) {STRICT}"
)


class Migration(NamedTuple):
    """One file: its slice, its name (`0001_x`), its text with tokens."""

    slice: str
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """The hash of the text as it stands in the file."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def load(slice_name: str, package: str) -> list[Migration]:
    """Return the migrations in `package` by number; raise `InvalidInputError` on a gap or a doubled number."""
    files = sorted(
        (entry for entry in importlib.resources.files(package).iterdir() if entry.name.endswith(".sql")),
        key=lambda entry: entry.name,
    )
    found = [Migration(slice_name, entry.name.removesuffix(".sql"), entry.read_text("utf-8")) for entry in files]
    for number, migration in enumerate(found, 1):
        if not migration.name.startswith(f"{number:04d}_"):
            raise InvalidInputError(f"The migration {slice_name}/{migration.name} should have number {number:04d}.")
    return found


async def migrate(db: Database, migrations: Sequence[Migration]) -> list[str]:
    """Apply what is pending, in the order given; return `slice/name` of each that ran.

    Raises `IntegrityError` naming a migration whose text changed after it ran, or that ran and is no longer known.
    """

    async def apply(schema: Schema) -> list[str]:
        await schema.script(ddl(_OWN, schema.dialect))
        rows = await schema.rows("SELECT slice, name, sha256 FROM kernel_migration")
        applied = {(slice_name, name): digest for slice_name, name, digest in rows}
        known = {(migration.slice, migration.name) for migration in migrations}
        for slice_name, name in sorted(set(applied) - known):
            raise IntegrityError(
                f"The database was migrated by {slice_name}/{name}, which this version does not know.",
                hint="Start the version that wrote it, or a newer one.",
                code="migration-unknown",
            )
        ran: list[str] = []
        for migration in migrations:
            digest = applied.get((migration.slice, migration.name))
            if digest is None:
                await schema.script(ddl(migration.text, schema.dialect))
                await schema.run(
                    "INSERT INTO kernel_migration (slice, name, sha256, at) VALUES ($1, $2, $3, $4)",
                    migration.slice,
                    migration.name,
                    migration.sha256,
                    schema.now,
                )
                ran.append(f"{migration.slice}/{migration.name}")
            elif digest != migration.sha256:
                raise IntegrityError(
                    f"The migration {migration.slice}/{migration.name} was changed after it ran here.",
                    hint="Put the file back as it was, and write a new migration for the change.",
                    code="migration-changed",
                )
        return ran

    return await db.upgrade(apply)


def kernel_migrations() -> list[Migration]:
    """Return the kernel's own migrations."""
    return load(*KERNEL)
