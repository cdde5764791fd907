"""The recovery key on paper: 8 rows of 7 characters plus one check character. Implements spec/recovery.md.

Guarantees: 31 of 32 slips of the pen are named by their row, the others by the checksum over all rows, before
anything is tried; case, 0/O, 1/I/L and spaces don't matter.
No I/O.
"""

from typing import Final

from mindhaven.crypto.derive import derive
from mindhaven.crypto.encoding import labelled_hash
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import InvalidInputError

VERSION: Final = 1
ROWS: Final = 8
ROW_DATA: Final = 7
LOOKUP_BYTES: Final = 16
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}


def rows(key: SlotSecret) -> list[str]:
    """Return the key as 8 rows of 8 characters."""
    data = bytes([VERSION]) + key
    number = int.from_bytes(data + labelled_hash("recovery-checksum", data)[:2], "big")
    digits = [_ALPHABET[(number >> shift) & 31] for shift in range(275, -1, -5)]
    return [
        "".join(row) + _check("".join(row), index)
        for index in range(ROWS)
        for row in [digits[index * ROW_DATA : (index + 1) * ROW_DATA]]
    ]


def parse(text: str) -> SlotSecret:
    """Return the key that `text` writes, in rows or not.

    Raises `InvalidInputError`: recovery-length, recovery-row (names the row), recovery-checksum, recovery-version.
    """
    found = [_VALUES.get(character) for character in text.upper() if character.isalnum()]
    if len(found) != ROWS * (ROW_DATA + 1):
        raise InvalidInputError(
            f"A recovery key has 64 characters; this has {len(found)}.",
            code="recovery-length",
            hint="It is 8 rows of 8 characters. Spaces and dashes between them do not matter.",
        )
    number = 0
    for index in range(ROWS):
        row = found[index * 8 : index * 8 + 8]
        characters = "".join("?" if value is None else _ALPHABET[value] for value in row)
        if "?" in characters or _check(characters[:ROW_DATA], index) != characters[ROW_DATA]:
            raise InvalidInputError(
                f"Row {index + 1} of this recovery key has a slip in it.",
                code="recovery-row",
                hint=f"Compare row {index + 1} with your paper, and check that the rows are in order.",
            )
        for character in characters[:ROW_DATA]:
            number = number << 5 | _VALUES[character]
    whole = number.to_bytes(35, "big")
    data, checksum = whole[:33], whole[33:]
    if data[0] != VERSION:
        raise InvalidInputError(
            "This recovery key is of a newer kind than this program knows.", code="recovery-version"
        )
    if labelled_hash("recovery-checksum", data)[:2] != checksum:
        raise InvalidInputError("This recovery key has a slip in it.", code="recovery-checksum")
    return SlotSecret(data[1:])


def check_row(index: int, row: str) -> bool:
    """Return whether `row` is well written as row `index` (0..7)."""
    characters = [_VALUES.get(character) for character in row.upper() if character.isalnum()]
    if len(characters) != ROW_DATA + 1 or None in characters:
        return False
    clean = "".join(_ALPHABET[value] for value in characters if value is not None)
    return _check(clean[:ROW_DATA], index) == clean[ROW_DATA]


def lookup_id(key: SlotSecret) -> bytes:
    """Return the 16-byte id by which the key finds its account without a name."""
    return derive(key, "recovery-lookup", length=LOOKUP_BYTES)


def _check(row: str, index: int) -> str:
    return _ALPHABET[labelled_hash("recovery-row", bytes([index]), row.encode("ascii"))[0] & 31]
