"""A server asks real witnesses, on both databases: what is public, what is asked again, what is learned and merged."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.witness import Running, witness
from tests.simulators.world import Time

from mindhaven.errors import InvalidInputError, UnavailableError
from mindhaven.kernel import Actor, Host
from mindhaven.ledger import api, publishing, service, witnessing
from mindhaven.ledger.model import Asked, Signed
from mindhaven.ledger.store import Logs
from mindhaven.protocol.ledger import KEYS, LOGS
from mindhaven.server.build import build
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.tlog.cosignature import cosigned_at
from mindhaven.tlog.note import Note, VerifierKey
from mindhaven.tlog.tiles import bundle_path


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Running]]:
    """Two witnesses for all tests: each test's server has logs of its own name."""
    tmp = tmp_path_factory.mktemp("witnesses")
    with witness(tmp / "w1", name="w.test/1") as one, witness(tmp / "w2", name="w.test/2") as other:
        yield [one, other]


@pytest.fixture
def two(pair: list[Running]) -> list[Running]:
    for one in pair:
        one.resume()
    return pair


def policy(witnesses: list[Running], needs: str = "all") -> str:
    lines = [f"witness w{n} {one.key} {one.url}" for n, one in enumerate(witnesses)]
    members = " ".join(f"w{n}" for n in range(len(witnesses)))
    return "\n".join([*lines, f"group g {needs} {members}", "quorum g", ""])


@asynccontextmanager
async def served(tmp: Path, url: str, moment: Time, witnesses: list[Running], **more: Any) -> AsyncIterator[Host]:
    (tmp / "policy").write_text(policy(witnesses, more.pop("needs", "all")))
    overrides = {
        "server.data": str(tmp / "data"),
        "server.database": url,
        "server.outbound-hosts": [one.host for one in witnesses],
        "ledger.policy": str(tmp / "policy"),
        **more,
    }
    server = await build(load_server(SLICES, overrides=overrides), environment={}, clock=moment)
    try:
        yield server.host
    finally:
        await server.close()


async def vkeys(host: Host) -> list[VerifierKey]:
    return [VerifierKey.parse(one.vkey) for one in (await api.show(host, None)).logs]  # type: ignore[arg-type]


async def grow(host: Host, *entries: bytes) -> None:
    await host.db.act(Actor("job"), lambda work: service.grow(work, KEYS, entries), upkeep="a test")


async def newest(host: Host, *, public: bool) -> Signed | None:
    return await host.db.look(lambda look: Logs(look, service.SCOPE).newest(KEYS, public=public))


async def size_of(host: Host, *, public: bool = True) -> int | None:
    found = await newest(host, public=public)
    return None if found is None else found.size


async def asked(host: Host, one: Running) -> Asked:
    return (await host.db.look(lambda look: Logs(look, service.SCOPE).asked(KEYS)))[str(one.key)]


async def round_(host: Host) -> None:
    await publishing.publish(host, KEYS)
    await witnessing.ask(host, KEYS)


ENTRY = [bytes([n]) * 64 for n in range(9)]


async def test_public_is_what_the_quorum_cosigned(
    tmp_path: Path, database_url: str, moment: Time, two: list[Running]
) -> None:
    one, other = two
    async with served(tmp_path, database_url, moment, two) as host:
        assert (await api.show(host, None)).policy == policy(two)  # type: ignore[arg-type]
        for each in two:
            each.add(*await vkeys(host))
        await grow(host, *ENTRY[:3])
        await publishing.publish(host, KEYS)
        assert (await size_of(host), await size_of(host, public=False)) == (None, 3)
        await witnessing.ask(host, KEYS)
        assert await size_of(host) == 3
        found = await newest(host, public=True)
        assert found is not None
        note = Note.parse(found.note)
        assert all(abs((cosigned_at(note, each.key) or 0) - time.time()) < 60 for each in two)
        # One is away: what grew is signed, and not shown.
        other.stop()
        await grow(host, *ENTRY[3:5])
        await round_(host)
        assert (await size_of(host), await size_of(host, public=False)) == (3, 5)
        first, second = await asked(host, one), await asked(host, other)
        assert (first.size, first.failures) == (5, 0)
        assert (second.size, second.failures, second.next_at) == (3, 1, moment.now + 10)
        assert await service_piece(host, 5) is None
        # Asked again later and later, and no sooner.
        moment.now += 9
        await witnessing.ask(host, KEYS)
        assert (await asked(host, other)).failures == 1
        moment.now += 1
        await witnessing.ask(host, KEYS)
        assert (await asked(host, other)).next_at == moment.now + 20
        # Back: from where it was, without the other being asked again.
        moment.now += 20
        other.resume()
        await witnessing.ask(host, KEYS)
        assert await size_of(host) == 5
        assert await service_piece(host, 5) is not None
        assert await asked(host, other) == Asked(size=5, cosigned_at=moment.now)
        assert await asked(host, one) == first


async def service_piece(host: Host, width: int) -> bytes | None:
    from mindhaven.tlog.tiles import parse_path

    named, wide = parse_path(bundle_path(0, width))
    return await host.db.look(lambda look: service.piece(look, KEYS, named, wide))


async def test_a_log_that_stands_still_is_cosigned_again_within_the_hour(
    tmp_path: Path, database_url: str, moment: Time, two: list[Running]
) -> None:
    one = two[0]
    async with served(tmp_path, database_url, moment, two[:1]) as host:
        one.add(*await vkeys(host))
        await grow(host, ENTRY[0])
        await round_(host)
        first = await newest(host, public=True)
        assert first is not None
        begun = moment.now
        time.sleep(1.1)
        moment.now += 3299
        await round_(host)
        assert (await newest(host, public=True)) == first
        moment.now += 1
        await round_(host)
        second = await newest(host, public=True)
        assert second is not None
        assert (second.size, len(Note.parse(second.note).lines)) == (1, 2)
        times = [cosigned_at(Note.parse(each.note), one.key) for each in (first, second)]
        assert times[0] is not None
        assert times[1] is not None
        assert times[0] < times[1]
        assert (await asked(host, one)).cosigned_at == moment.now == begun + 3300


async def test_a_size_that_was_forgotten_is_learned_from_the_witness(
    tmp_path: Path, database_url: str, moment: Time, two: list[Running]
) -> None:
    """Also all three logs, one of them empty."""
    one = two[0]
    async with served(tmp_path, database_url, moment, two[:1]) as host:
        one.add(*await vkeys(host))
        await grow(host, *ENTRY[:4])
        await round_(host)
        await host.db.act(Actor("job"), lambda work: work.run("DELETE FROM ledger_witness"), upkeep="lost")
        await grow(host, *ENTRY[4:])
        await round_(host)
        assert (await size_of(host), (await asked(host, one)).size) == (9, 9)
        for name in LOGS:
            await publishing.publish(host, name, now=True)
            await witnessing.ask(host, name)
            found = await host.db.look(lambda look, name=name: Logs(look, service.SCOPE).newest(name, public=True))
            assert found is not None


async def test_one_of_two_is_enough_where_the_policy_says_so(
    tmp_path: Path, database_url: str, moment: Time, two: list[Running]
) -> None:
    one, other = two
    other.stop()
    async with served(tmp_path, database_url, moment, two, needs="any") as host:
        one.add(*await vkeys(host))
        await grow(host, ENTRY[0])
        await round_(host)
        assert await size_of(host) == 1


async def test_nothing_more_is_signed_while_no_witness_says_what_it_saw(
    tmp_path: Path, database_url: str, moment: Time, two: list[Running]
) -> None:
    one = two[0]
    async with served(tmp_path, database_url, moment, two[:1]) as host:
        one.add(*await vkeys(host))
        await grow(host, ENTRY[0])
        await round_(host)
    one.stop()
    async with served(tmp_path, database_url, moment, two[:1]) as host:
        await grow(host, ENTRY[1])
        with pytest.raises(UnavailableError, check=lambda error: error.reason == "witnesses-away"):
            await publishing.publish(host, KEYS)
        before = await host.db.look(lambda look: service.need(Logs(look, service.SCOPE), "audit"))
        with pytest.raises(UnavailableError, check=lambda error: error.reason == "witnesses-away"):
            await publishing.publish(host, "audit", now=True)
        after = await host.db.look(lambda look: service.need(Logs(look, service.SCOPE), "audit"))
        assert after.size == before.size  # no cover entries for what is not signed
        assert await size_of(host) == 1
        one.resume()
        moment.now += 30
        await round_(host)
        assert await size_of(host) == 2


async def test_without_a_policy_all_that_is_signed_is_public(tmp_path: Path, database_url: str, moment: Time) -> None:
    settings = load_server(SLICES, overrides={"server.data": str(tmp_path), "server.database": database_url})
    server = await build(settings, environment={}, clock=moment)
    await publishing.begin(server.host)
    await grow(server.host, ENTRY[0])
    await publishing.publish(server.host, KEYS)
    assert await size_of(server.host) == 1
    assert (await api.show(server.host, None)).policy == ""  # type: ignore[arg-type]
    await server.close()


@pytest.mark.parametrize(
    ("text", "hosts", "code"),
    [
        (None, [], "ledger-policy"),
        (b"quorum w\n", [], "policy"),
        (b"# \xff\nquorum none\n", [], "ledger-policy"),
        (b"witness w {key}\nquorum w\n", [], "ledger-policy"),
        (b"witness w {key} https://w.test:8450\nquorum w\n", [], "ledger-policy"),
        (b"witness w {key} https://w.test:8450\nquorum w\n", ["w.test:8451"], "ledger-policy"),
    ],
)
async def test_a_policy_that_cant_be_kept_is_refused_at_the_start(
    text: bytes | None, hosts: list[str], code: str, tmp_path: Path, sqlite_url: str
) -> None:
    from mindhaven.crypto.secrets import Seed
    from mindhaven.tlog.cosignature import Cosigner

    key = str(Cosigner("w.test", Seed(bytes(32))).vkey).encode()
    if text is not None:
        (tmp_path / "policy").write_bytes(text.replace(b"{key}", key))
    overrides = {
        "server.data": str(tmp_path),
        "server.database": sqlite_url,
        "ledger.policy": str(tmp_path / "policy"),
        "server.outbound-hosts": hosts,
    }
    with pytest.raises(InvalidInputError, check=lambda error: error.reason == code):
        await build(load_server(SLICES, overrides=overrides), environment={})
