"""Each migration of a slice on data that the one before it left, on both databases."""

from mindhaven.accounts.store import OwnAccount
from mindhaven.kernel import Actor, Database, MemberScope, Migration, PersonScope, Work, kernel_migrations, migrate
from mindhaven.kernel.migrate import load
from mindhaven.vault.store import VaultChange

JOB = Actor(kind="job")
UID = b"u" * 32


def until(slice_name: str, number: int) -> list[Migration]:
    return load(slice_name, f"mindhaven.{slice_name}.migrations")[:number]


async def test_a_change_that_waited_before_accounts_0002_still_waits(database: Database) -> None:
    await migrate(database, [*kernel_migrations(), *until("accounts", 1)])

    async def wait(work: Work) -> None:
        await work.run(
            "INSERT INTO accounts_pending (id, uid, keys, statement, seq, asked_at, due_at)"
            " VALUES ($1, $2, $3, $4, 3, 5, 7)",
            b"p" * 16,
            UID,
            b"{}",
            b"s" * 32,
        )

    await database.act(JOB, wait, upkeep="a test")
    assert await migrate(database, [*kernel_migrations(), *until("accounts", 2)]) == ["accounts/0002_one_way_in"]
    await migrate(database, [*kernel_migrations(), *until("accounts", 6)])
    (row,) = await database.look(lambda look: OwnAccount(look, PersonScope(uid=UID)).pending())
    assert (row.id, row.seq, row.asked_at, row.due_at, row.asked_by, row.earlier) == (
        b"p" * 16,
        3,
        5,
        7,
        frozenset(),
        (),
    )
    assert await database.look(lambda look: OwnAccount(look, PersonScope(uid=UID)).earlier_bundles()) == []


async def test_before_vault_0002_nothing_was_marked_as_ended(database: Database) -> None:
    await migrate(database, [*kernel_migrations(), *until("vault", 1)])
    assert await migrate(database, [*kernel_migrations(), *until("vault", 2)]) == ["vault/0002_ended"]
    marks = []

    async def look(work: Work) -> None:
        store = VaultChange(work, MemberScope(collection=b"c" * 32, uid=UID))
        marks.append(await store.ended())

    async def erase(work: Work) -> None:
        store = VaultChange(work, MemberScope(collection=b"c" * 32, uid=UID))
        await store.erase(1)
        marks.append(await store.ended())
        marks.append(await VaultChange(work, MemberScope(collection=b"c" * 32, uid=b"v" * 32)).ended())

    await database.act(JOB, look, upkeep="a test")
    await migrate(database, [*kernel_migrations(), *until("vault", 1000)])
    await database.act(JOB, erase, upkeep="a test")
    assert marks == [None, True, False]
