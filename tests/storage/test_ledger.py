"""The ledger on both databases: it follows the events, forgets what must go, and stays the same tree."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.world import PASS, SPARE, Time, mood, world

from mindhaven.errors import ConflictError
from mindhaven.kernel import Actor, Recorded, run_once
from mindhaven.ledger import publishing, readers, service
from mindhaven.ledger.jobs import JOBS
from mindhaven.ledger.model import FORGET_AT_ONCE
from mindhaven.protocol import ledger as forms
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.build import Server
from mindhaven.tlog import tiles
from mindhaven.tlog.tiles import Tile
from mindhaven.tlog.tree import Edge, leaf_hash

Homes = Callable[[str], AsyncMindhaven]
JOB = Actor(kind="job")


@asynccontextmanager
async def here(tmp: Path, moment: Time, url: str) -> AsyncIterator[tuple[Server, Homes]]:
    async with world(tmp, moment, **{"server.database": url}) as made:
        yield made


async def follow(server: Server) -> None:
    await server.host.stream.number()
    for reader in readers.READERS:
        while await server.host.stream.read(reader.name):
            pass


async def rows(server: Server, sql: str, *args: Any) -> list[Any]:
    return await server.host.db.look(lambda look: look.rows(sql, *args))


async def log(server: Server, name: str) -> Any:
    return await server.host.db.look(lambda look: service.need(service.Logs(look, service.SCOPE), name))


async def test_the_log_is_the_tree_of_all_commitments_in_their_order(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        ana.add(mood("one"))
        await ana.sync()
        await publishing.begin(server.host)
        for _ in range(3):
            signed = await publishing.publish(server.host, forms.AUDIT, now=True)
            assert signed is not None
            found = await rows(server, "SELECT commitment FROM event WHERE position IS NOT NULL ORDER BY position")
            edge = Edge()
            edge.extend(leaf_hash(row[0]) for row in found[: signed.size])
            assert edge.root() == signed.root
            assert signed.size % 64 == 0
        assert signed.size == 192  # an hour in which nothing happened looks like any other
        await follow(server)
        keys = await log(server, forms.KEYS)
        assert keys.size == 2
        piece = await server.host.db.look(lambda look: service.piece(look, forms.KEYS, 0, 2))
        assert piece is None  # nothing is shown before it was signed
        await publishing.publish(server.host, forms.KEYS)
        piece = await server.host.db.look(lambda look: service.piece(look, forms.KEYS, 0, 2))
        statements = [forms.split(one) for one in tiles.read_bundle(piece or b"", width=2)]
        assert [tag for tag, _ in statements] == [forms.keys_tag(ana.me.uid)] * 2
        assert statements[-1][1] == ana.people.known(ana.me.uid).head  # type: ignore[union-attr]
        assert await server.host.db.look(lambda look: service.piece(look, forms.KEYS, Tile(0, 0), 3)) is None
        assert await server.host.db.look(lambda look: service.piece(look, forms.AUDIT, 0, 193)) is None


async def test_a_log_is_never_written_at_another_place_than_its_readers(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (server, _):
        for at in (1, 7):
            with pytest.raises(ConflictError) as refused:
                await server.host.db.act(
                    JOB,
                    lambda work, at=at: service.grow(work, forms.AUDIT, [b"x" * 32], at=at),  # type: ignore[misc]
                    upkeep="a test",
                )
            assert refused.value.reason == "log-moved"
        assert (await log(server, forms.AUDIT)).size == 0


async def test_bundles_and_tiles_grow_over_their_edges(tmp_path: Path, moment: Time, database_url: str) -> None:
    entries = [number.to_bytes(64, "big") for number in range(600)]
    async with here(tmp_path, moment, database_url) as (server, _):
        size, edge = 0, Edge()
        for step in (1, 254, 1, 1, 255, 88):
            part = entries[size : size + step]
            await server.host.db.act(
                JOB,
                lambda work, part=part: service.grow(work, forms.KEYS, part),  # type: ignore[misc]
                upkeep="a test",
            )
            size += step
            edge.extend(leaf_hash(one) for one in part)
            root = await server.host.db.look(lambda look, size=size: service.root_at(look, forms.KEYS, size))  # type: ignore[misc]
            assert root == edge.root()
        await publishing.begin(server.host)
        await publishing.publish(server.host, forms.KEYS)
        for number, width in ((0, 256), (0, 100), (1, 256), (2, 88), (2, 1)):
            piece = await server.host.db.look(
                lambda look, number=number, width=width: service.piece(look, forms.KEYS, number, width)  # type: ignore[misc]
            )
            assert tiles.read_bundle(piece or b"", width=width) == entries[256 * number : 256 * number + width]


async def test_leaving_takes_the_openings_and_the_tree_stays(
    tmp_path: Path, moment: Time, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_yet(recorded: Sequence[Recorded]) -> list[int | None]:
        return [None for _ in recorded]

    async with here(tmp_path, moment, database_url) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
        ana.add(mood("one"))
        await ana.sync()
        uid = ana.me.uid
        await follow(server)
        before = await rows(server, "SELECT commitment FROM event WHERE subject = $1 ORDER BY seq", uid)
        monkeypatch.setattr(server.host.stream, "positions", not_yet)
        receipt = await ana.delete_account(PASS, recovery_key=SPARE)
        assert receipt.position is None
        forget = next(job for job in JOBS if job.name == "ledger.forget")
        await run_once(server.host, forget)  # what is not numbered yet is not in the log: it waits
        assert await rows(server, "SELECT subject FROM ledger_forget") == [(uid,)]
        await follow(server)
        await run_once(server.host, forget)
        assert await rows(server, "SELECT subject FROM ledger_forget") == []
        left = await rows(server, "SELECT name, salt, body, commitment FROM event WHERE subject = $1 ORDER BY seq", uid)
        assert [row[3] for row in left][: len(before)] == [row[0] for row in before]
        open_ = {row[0] for row in left if row[2] is not None}
        assert open_ == {"vault.collection.erased", "accounts.account.erased", "rights.erasure.done"}
        assert {row[0] for row in left if row[1] is None} >= {"accounts.account.created", "vault.collection.pushed"}
        assert receipt.commitment == left[-1][3]
        gone = await rows(server, "SELECT body FROM event WHERE name = 'ledger.openings.erased'")
        assert len(gone) == 1
        assert uid not in gone[0][0]
        await publishing.begin(server.host)
        signed = await publishing.publish(server.host, forms.AUDIT, now=True)
        assert signed is not None
        edge = Edge()
        found = await rows(server, "SELECT commitment FROM event WHERE position IS NOT NULL ORDER BY position")
        edge.extend(leaf_hash(row[0]) for row in found[: signed.size])
        assert edge.root() == signed.root


async def test_many_openings_go_part_by_part_and_a_return_keeps_its_own(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
        for number in range(FORGET_AT_ONCE // 20):
            ana.add(mood(f"{number}"))
            await ana.sync()
        archive = tmp_path / "archive"
        await ana.export_archive(archive)
        await ana.delete_account(PASS, recovery_key=SPARE)
        from mindhaven.sdk import moving

        back = home("back")
        await moving.read_in(back, archive, passphrase=PASS)
        await follow(server)
        await run_once(server.host, next(job for job in JOBS if job.name == "ledger.forget"))
        await follow(server)
        await publishing.begin(server.host)
        await publishing.publish(server.host, forms.AUDIT, now=True)
        acts = (await back.activity()).acts
        erased = [act.seq for act in acts if not act.name]
        told = [act.name for act in acts if act.name]
        assert erased[0] == 0
        assert len(erased) > 20
        assert told.count("accounts.account.created") <= 1
        assert acts[-1].name
