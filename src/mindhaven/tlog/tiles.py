"""Tiles of a log (C2SP tlog-tiles): where they lie, how a log grows by them, and proofs computed from them.

A tile of level `l` holds up to 256 hashes of subtrees of 256^l leaves each; it is stored at its widest, and every
narrower one is a prefix of it. Bundles hold the entries themselves, each with its length.
Guarantees: a proof needs only tiles that `Proof.tiles` names, for the size it is about. No I/O.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.tlog.tree import EMPTY_ROOT, HASH_BYTES, node_hash

WIDTH: Final = 256
HEIGHT: Final = 8
MAX_LEVEL: Final = 63
MAX_ENTRY_BYTES: Final = 65_535
"""An entry's length is two bytes."""


class Tile(NamedTuple):
    """Where a tile lies: its level, and its number there."""

    level: int
    number: int


Tiles = Mapping[Tile, bytes]
"""Tiles at their widest known, each a multiple of 32 bytes."""


# -- paths


def _digits(number: int) -> str:
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def tile_path(tile: Tile, width: int = WIDTH) -> str:
    """Return a tile's path below a log's prefix; `width` 1 to 255 names a partial one."""
    return f"tile/{tile.level}/{_digits(tile.number)}{_partial(width)}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    """Return the path of a bundle of entries."""
    return f"tile/entries/{_digits(number)}{_partial(width)}"


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"


def parse_path(path: str) -> tuple[Tile | int, int]:
    """Return what a path below a log's prefix names: a tile or a bundle's number, and its width.

    Raises `InvalidInputError` (tile-path) unless it is the one spelling of it.
    """
    width = WIDTH
    rest, partial, wide = path.partition(".p/")
    kind, _, spelled = rest.removeprefix("tile/").partition("/")
    number = 0
    if (partial and not wide.isdecimal()) or not spelled:
        raise _bad_path()
    if partial:
        width = int(wide)
    for group in spelled.split("/"):
        digits = group.removeprefix("x")
        if len(digits) != 3 or not digits.isdecimal():
            raise _bad_path()
        number = number * 1000 + int(digits)
    if not path.isascii() or number >= 2**54 or not (kind == "entries" or (kind.isdecimal() and len(kind) < 3)):
        raise _bad_path()
    named: Tile | int = number if kind == "entries" else Tile(int(kind), number)
    again = bundle_path(number, width) if isinstance(named, int) else tile_path(named, width)
    if again != path or not 1 <= width <= WIDTH or (isinstance(named, Tile) and named.level > MAX_LEVEL):
        raise _bad_path()
    return named, width


def _bad_path() -> InvalidInputError:
    return InvalidInputError("This is not the path of a tile.", code="tile-path")


def width_at(tile: Tile, size: int) -> int:
    """Return how many hashes a tile has in a log of `size` entries, 0 to 256."""
    there = (size >> (HEIGHT * tile.level)) - tile.number * WIDTH
    return max(0, min(WIDTH, there))


# -- growing


def grow(size: int, edge: Tiles, leaves: Sequence[bytes]) -> dict[Tile, bytes]:
    """Return the tiles that change when leaves (hashes) are appended to a log of `size`.

    `edge` holds the partial tile at the right of each level that has one; see `edge_tiles`.
    """
    changed: dict[Tile, bytes] = {}
    level, position, fresh = 0, size, list(leaves)
    while fresh:
        number, there = divmod(position, WIDTH)
        data = bytearray(_partial_tile(edge, Tile(level, number), there))
        above: list[bytes] = []
        for one in fresh:
            data += one
            if len(data) == WIDTH * HASH_BYTES:
                changed[Tile(level, number)] = bytes(data)
                above.append(_fold(bytes(data)))
                number, data = number + 1, bytearray()
        if data:
            changed[Tile(level, number)] = bytes(data)
        level, position, fresh = level + 1, position // WIDTH, above
    return changed


def edge_tiles(size: int) -> list[Tile]:
    """Return the partial tiles at the right edge of a log of `size`, lowest level first."""
    found = []
    level = 0
    while size >> (HEIGHT * level):
        there = size >> (HEIGHT * level)
        if there % WIDTH:
            found.append(Tile(level, there // WIDTH))
        level += 1
    return found


def _partial_tile(tiles: Tiles, tile: Tile, width: int) -> bytes:
    data = tiles.get(tile, b"")
    if len(data) < width * HASH_BYTES:
        raise IntegrityError("A tile of the log is missing or too short.", code="tile-missing")
    return data[: width * HASH_BYTES]


def _fold(hashes: bytes) -> bytes:
    """Return the root of the perfect subtree over a power of two of hashes."""
    row = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


# -- proofs


@dataclass(frozen=True, slots=True)
class _Perfect:
    """A perfect subtree: 2^height leaves, the number-th of its kind."""

    height: int
    number: int

    @property
    def tile(self) -> Tile:
        level = self.height // HEIGHT
        return Tile(level, (self.number << (self.height % HEIGHT)) // WIDTH)

    def hash(self, tiles: Tiles) -> bytes:
        count = 1 << (self.height % HEIGHT)
        first = (self.number * count) % WIDTH
        data = _partial_tile(tiles, self.tile, first + count)
        return _fold(data[first * HASH_BYTES :])


def _perfect(low: int, high: int) -> list[_Perfect]:
    """Return the perfect subtrees that make up leaves `low` up to `high`, where `low` is aligned for its range."""
    found = []
    while low < high:
        height = (high - low).bit_length() - 1
        found.append(_Perfect(height, low >> height))
        low += 1 << height
    return found


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof to be computed: fetch `tiles` (at the width of the tree's size), then ask for its `hashes`."""

    parts: tuple[tuple[_Perfect, ...], ...]

    @property
    def tiles(self) -> frozenset[Tile]:
        """The tiles that the proof needs."""
        return frozenset(one.tile for part in self.parts for one in part)

    def hashes(self, tiles: Tiles) -> list[bytes]:
        """Return the proof's hashes; raise `IntegrityError` (tile-missing) if a tile is not there."""
        return [_joined(part, tiles) for part in self.parts]


def _joined(part: Sequence[_Perfect], tiles: Tiles) -> bytes:
    hashes = [one.hash(tiles) for one in part]
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root


def _ranges(steps: Iterator[tuple[int, int]]) -> Proof:
    return Proof(tuple(tuple(_perfect(low, high)) for low, high in steps))


def _split(size: int) -> int:
    """Return the largest power of two below `size` (2 or more)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion(index: int, size: int) -> Proof:
    """Return the proof that entry `index` stands in the log of `size`, leaf to root: RFC 6962 section 2.1.1."""
    if not 0 <= index < size:
        raise InvalidInputError("The log has no such entry.", code="proof-range")
    steps: list[tuple[int, int]] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            steps.append((middle, high))
            high = middle
        else:
            steps.append((low, middle))
            low = middle
    return _ranges(reversed(steps))


def consistency(old: int, new: int) -> Proof:
    """Return the proof that the log of `new` extends the one of `old`: RFC 6962 section 2.1.2."""
    if not 0 <= old <= new:
        raise InvalidInputError("A log does not shrink.", code="proof-range")
    if old in {0, new}:
        return Proof(())
    steps: list[tuple[int, int]] = []
    low, high, whole = 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            steps.append((middle, high))
            high = middle
        else:
            steps.append((low, middle))
            low, whole = middle, False
    if not whole:
        steps.append((low, high))
    return _ranges(reversed(steps))


@dataclass(frozen=True, slots=True)
class Root(Proof):
    """A root to be computed: fetch `tiles`, then ask for its `value`."""

    def value(self, tiles: Tiles) -> bytes:
        """Return the root."""
        return self.hashes(tiles)[0] if self.parts else EMPTY_ROOT


def root(size: int) -> Root:
    """Return how to compute the root of the log of `size` from its tiles."""
    return Root((tuple(_perfect(0, size)),) if size else ())


# -- bundles


def pack_bundle(entries: Sequence[bytes]) -> bytes:
    """Return entries as a bundle: for each its length (two bytes, big-endian) and its bytes."""
    if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise InvalidInputError("An entry is longer than a bundle can say.", code="entry-length")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_bundle(data: bytes, *, width: int) -> list[bytes]:
    """Return the first `width` entries of a bundle; raise `IntegrityError` (bundle-cut) if it has fewer."""
    entries: list[bytes] = []
    at = 0
    while len(entries) < width:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if len(data) < at + 2 or len(data) < end:
            raise IntegrityError("A bundle of entries is cut short.", code="bundle-cut")
        entries.append(data[at + 2 : end])
        at = end
    return entries
