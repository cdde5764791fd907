"""Tiles: where they lie, how a log grows by them, proofs from them."""

import random

import pytest
from tests.unit.tlog import rfc6962

from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.tlog import tiles
from mindhaven.tlog.tiles import Tile

ENTRIES = [number.to_bytes(3, "big") for number in range(66_000)]
LEAVES = [rfc6962.leaf(entry) for entry in ENTRIES]


def grown(size: int) -> dict[Tile, bytes]:
    return tiles.grow(0, {}, LEAVES[:size])


def test_a_log_that_grows_in_any_steps_has_the_same_tiles_and_proofs() -> None:
    shuffled = random.Random(1)
    kept: dict[Tile, bytes] = {}
    size = 0
    while size < 1100:
        step = shuffled.choice([1, 2, 3, 7, 100, 255, 256, 257])
        edge = {tile: kept[tile] for tile in tiles.edge_tiles(size)}
        kept |= tiles.grow(size, edge, LEAVES[size : size + step])
        size += step
        assert kept == grown(size)
        root = tiles.root(size)
        assert root.value({tile: kept[tile] for tile in root.tiles}) == rfc6962.mth(ENTRIES[:size])
        for _ in range(6):
            index, old = shuffled.randrange(size), shuffled.randrange(1, size)
            proof = tiles.inclusion(index, size)
            assert proof.hashes({one: kept[one] for one in proof.tiles}) == rfc6962.path(index, ENTRIES[:size])
            proof = tiles.consistency(old, size)
            assert proof.hashes({one: kept[one] for one in proof.tiles}) == rfc6962.subproof(old, ENTRIES[:size])


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 65_793, 66_000])
def test_large_logs_have_a_third_level(size: int) -> None:
    kept = grown(size)
    assert {tile: len(data) // 32 for tile, data in kept.items()} == {
        Tile(level, number): min(256, (size >> 8 * level) - 256 * number)
        for level in range(3)
        for number in range(((size >> 8 * level) + 255) // 256)
    }
    edge = tiles.edge_tiles(size)
    assert {tile for tile, data in kept.items() if len(data) < 8192} == set(edge)
    assert tiles.root(size).value(kept) == rfc6962.mth(ENTRIES[:size])
    # A proof for an earlier size is made from the widest tiles.
    proof = tiles.inclusion(300, 1000)
    assert proof.hashes(kept) == rfc6962.path(300, ENTRIES[:1000])
    assert tiles.consistency(65_000, size).hashes(kept) == rfc6962.subproof(65_000, ENTRIES[:size])


def test_nothing_grows_from_nothing() -> None:
    assert tiles.grow(5, {}, []) == {}
    assert tiles.edge_tiles(0) == []
    assert tiles.root(0).value({}) == rfc6962.mth([])
    assert tiles.consistency(0, 9).hashes({}) == []
    assert tiles.consistency(9, 9).hashes({}) == []
    assert tiles.inclusion(0, 1).hashes({}) == []


def test_a_missing_tile_is_named() -> None:
    for call in (lambda: tiles.grow(5, {}, LEAVES[:1]), lambda: tiles.inclusion(0, 5).hashes({Tile(0, 0): bytes(64)})):
        with pytest.raises(IntegrityError) as missing:
            call()
        assert missing.value.reason == "tile-missing"


@pytest.mark.parametrize("call", [lambda: tiles.inclusion(3, 3), lambda: tiles.inclusion(-1, 3)])
def test_no_proof_of_what_is_not_there(call) -> None:
    with pytest.raises(InvalidInputError) as refused:
        call()
    assert refused.value.reason == "proof-range"


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_no_proof_of_a_log_that_shrinks(old: int, new: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        tiles.consistency(old, new)
    assert refused.value.reason == "proof-range"


def test_paths() -> None:
    told = {
        "tile/0/x001/x234/067": (Tile(0, 1_234_067), 256),
        "tile/63/000": (Tile(63, 0), 256),
        "tile/3/999.p/255": (Tile(3, 999), 255),
        "tile/0/x001/000.p/1": (Tile(0, 1000), 1),
        "tile/entries/x001/x234/067.p/8": (1_234_067, 8),
        "tile/entries/000": (0, 256),
    }
    for path, (named, width) in told.items():
        assert tiles.parse_path(path) == (named, width)
        again = tiles.bundle_path(named, width) if isinstance(named, int) else tiles.tile_path(named, width)
        assert again == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/1",
        "tile/0/0001",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/entries/",
        "tile/entries/x000/000",
        "tile/0/x000/001",
        "tile/0/001/x002",
        "tile/0/x001/02",
        "tile/0/abc",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/0/000.p/01",
        "tile/0/000.p/1.p/1",
        "tile/x/000",
        "tile/0/000/",
        "0/000",
        "tile/0/٠٠٠",
        "tile/٠/000",
        "tile/0/000.p/٣",
        "tile/0/" + "x999/" * 6 + "999",
        "tile/0/x018/x014/x398/x509/x481/984",  # 2 to the power of 54
        "tile/entries/x018/x014/x398/x509/x481/984",
    ],
)
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        tiles.parse_path(path)
    assert refused.value.reason == "tile-path"


def test_widths() -> None:
    assert [tiles.width_at(Tile(0, 1), size) for size in (0, 256, 257, 511, 512, 9999)] == [0, 0, 1, 255, 256, 256]
    assert [tiles.width_at(Tile(1, 0), size) for size in (255, 256, 511, 65_536, 65_792)] == [0, 1, 1, 256, 256]


def test_bundles() -> None:
    entries = [b"", b"a", bytes(65_535)]
    packed = tiles.pack_bundle(entries)
    assert packed[:5] == b"\x00\x00\x00\x01a"
    assert tiles.read_bundle(packed, width=3) == entries
    assert tiles.read_bundle(packed, width=2) == entries[:2]
    for cut in (packed[:-1], packed[:4], packed[:3], b""):
        with pytest.raises(IntegrityError) as found:
            tiles.read_bundle(cut, width=3)
        assert found.value.reason == "bundle-cut"
    with pytest.raises(InvalidInputError) as long:
        tiles.pack_bundle([bytes(65_536)])
    assert long.value.reason == "entry-length"


def test_an_empty_entry_at_the_end_of_a_bundle_is_an_entry() -> None:
    assert tiles.read_bundle(b"\0\0", width=1) == [b""]
    assert tiles.read_bundle(b"\0\1x\0\0", width=2) == [b"x", b""]
    with pytest.raises(IntegrityError):
        tiles.read_bundle(b"\0", width=1)
