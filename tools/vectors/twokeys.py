"""One AES-256-GCM ciphertext that opens under two keys: what a commitment is for (reference/crypto.md section 6)."""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

_R = 0xE1 << 120


def _block(key: bytes, data: bytes) -> int:
    return int.from_bytes(Cipher(AES256(key), ECB()).encryptor().update(data), "big")


def _times(x: int, y: int) -> int:
    z = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            z ^= y
        y = y >> 1 ^ (_R if y & 1 else 0)
    return z


def _power(x: int, n: int) -> int:
    result = 1 << 127
    while n:
        if n & 1:
            result = _times(result, x)
        x, n = _times(x, x), n >> 1
    return result


def _tag(key: bytes, nonce: bytes, aad: bytes, blocks: list[int]) -> int:
    h = _block(key, bytes(16))
    padded = aad + bytes(-len(aad) % 16)
    data = [int.from_bytes(padded[at : at + 16], "big") for at in range(0, len(padded), 16)] + blocks
    data.append(len(aad) * 8 << 64 | len(blocks) * 128)
    y = 0
    for block in data:
        y = _times(y ^ block, h)
    return y ^ _block(key, nonce + b"\x00\x00\x00\x01")


def forge(one: tuple[bytes, bytes], other: tuple[bytes, bytes], aad: bytes, first: bytes) -> bytes:
    """Return ciphertext and tag that open under both; under `one` they begin with `first`, whole blocks."""
    begin = AESGCM(one[0]).encrypt(one[1], first, aad)[: len(first)]
    blocks = [int.from_bytes(begin[at : at + 16], "big") for at in range(0, len(begin), 16)] + [0]
    # The last block c is followed by the length block: its weight in both sums is h squared.
    weights = [_power(_block(key, bytes(16)), 2) for key, _ in (one, other)]
    differ = _tag(*one, aad, blocks) ^ _tag(*other, aad, blocks)
    blocks[-1] = _times(differ, _power(weights[0] ^ weights[1], 2**128 - 2))
    sealed = b"".join(block.to_bytes(16, "big") for block in blocks) + _tag(*one, aad, blocks).to_bytes(16, "big")
    assert AESGCM(one[0]).decrypt(one[1], sealed, aad) != AESGCM(other[0]).decrypt(other[1], sealed, aad)
    return sealed
