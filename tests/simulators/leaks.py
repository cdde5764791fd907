"""The search for what must not be found: in every byte, in every form in which it would still be readable."""

import base64
import itertools
import re
import zlib
from collections.abc import Iterator
from pathlib import Path


def forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield every form in which a leak would still be readable."""
    yield "plain", secret
    if secret.isascii():
        yield "utf-16", secret.decode().encode("utf-16-le")
    yield "hex", secret.hex().encode()
    yield "HEX", secret.hex().upper().encode()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + secret)
        start = -(-shift * 4 // 3)
        yield f"base64+{shift}", coded[start + 1 : -4]


def inflated(data: bytes) -> Iterator[bytes]:
    """Yield what inflates anywhere in `data`: zlib, gzip and raw deflate at likely starts."""
    for found in itertools.chain(re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data), re.finditer(rb"\x1f\x8b\x08", data)):
        try:
            yield zlib.decompressobj(47).decompress(data[found.start() : found.start() + 65536])
        except zlib.error:
            continue


def leaks(folder: Path, secrets: list[bytes]) -> list[str]:
    """Return where a form of a secret is found in any file under `folder`."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        for secret in secrets:
            for name, form in forms(secret):
                if form in data:
                    found.append(f"{path.name}: {name} of number {secrets.index(secret)}")
            found += [f"{path.name}: deflated" for text in inflated(data) if secret in text]
    return found
