"""A backup's sealed files: frames of CBOR inside age, written through a pipe and read back. I/O: files, pipes, threads.

Guarantees: nothing readable reaches the disk; a sealed file is durable, and was read back, opened and compared with
what went in, before `Sealer.done` returns; a file that was cut, changed or put together is refused.
"""

import contextlib
import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from mindhaven.crypto import age
from mindhaven.crypto.derive import passphrase_secret
from mindhaven.crypto.encoding import MAX_ENCODED_BYTES, decode, encode_trusted
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError
from mindhaven.kernel.durable import sync_directory

HEAD: Final = 0
TABLE: Final = 1
ROWS: Final = 2
BLOB: Final = 3
PIECE: Final = 4
KEY: Final = 5
END: Final = 6
FRAME_BYTES: Final = 8 * 1024 * 1024
"""A frame of rows is closed once it is this large; one more row fits: the largest push is twice that."""
MAX_FRAME_BYTES: Final = MAX_ENCODED_BYTES
PASSPHRASE_MEMORY_KIB: Final = 256 * 1024
PASSPHRASE_PASSES: Final = 3
"""A backup lies where others may try guesses for years, and is opened rarely: four times a sign-in's memory."""


def identity_of_passphrase(passphrase: str, salt: bytes) -> str:
    """Return the age identity that a passphrase gives: Argon2id of it seeds the key pair."""
    secret = passphrase_secret(
        passphrase, name="backup", server_salt=salt, memory_kib=PASSPHRASE_MEMORY_KIB, passes=PASSPHRASE_PASSES, lanes=1
    )
    return age.generate_identity(lambda count: bytes(secret)[:count])


class Sealer:
    """A sealed file while it is written. Use as a context; `frame` writes, `done` closes it, verifies it and tells."""

    def __init__(self, path: Path, recipient: str) -> None:
        self._path = path
        # Beside the operator's own recipient one that nobody keeps: with it the file is opened again, here and now.
        self._once = age.generate_identity()
        self._recipients = [recipient, age.recipient_of(self._once)]
        self._plain = hashlib.sha256()
        reader, writer = os.pipe()
        self._source, self._into = os.fdopen(reader, "rb"), os.fdopen(writer, "wb")
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._seal, name="mindhaven-seal", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def frame(self, kind: int, *values: Any) -> None:
        """Write one frame."""
        body = encode_trusted([kind, *values])
        data = len(body).to_bytes(4, "big") + body
        self._plain.update(data)
        try:
            self._into.write(data)
        except BrokenPipeError:
            self._close()
            raise self._failed() from self._error

    def done(self) -> dict[str, Any]:
        """Close the file, read it back, open it, compare; return its bytes and SHA-256."""
        self._close()
        if self._error is not None:
            raise self._failed() from self._error
        sealed, plain = _Hashing(), _Hashing()
        with self._path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # from the disk, not from memory
            age.decrypt(_Tee(file, sealed), plain, self._once)  # type: ignore[arg-type]
        if plain.digest.digest() != self._plain.digest():
            raise IntegrityError(
                "The disk gave back another file than was written.",
                hint="Try another disk. Nothing of the former backup was touched.",
                code="backup-unreadable",
            )
        return {"bytes": sealed.count, "sha256": sealed.digest.hexdigest()}

    def _close(self) -> None:
        if not self._into.closed:
            with contextlib.suppress(BrokenPipeError):
                self._into.close()
        if self._thread.is_alive():
            self._thread.join()

    def _failed(self) -> MindhavenError:
        return InvalidInputError(
            f"{self._path} could not be written: {type(self._error).__name__}.",
            hint="See the free space and the rights of that folder.",
            code="backup-unwritable",
        )

    def _seal(self) -> None:
        try:
            with self._source, os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                age.encrypt(self._source, out, self._recipients)
                out.flush()
                os.fsync(out.fileno())
            sync_directory(self._path.parent)
        except BaseException as error:  # noqa: BLE001 - told to who writes
            self._error = error


def frames(path: Path, identity: str) -> Iterator[list[Any]]:
    """Yield the frames of a sealed file; each was authenticated. Raises if it ends before its last frame."""
    reader, writer = os.pipe()
    source, into = os.fdopen(reader, "rb"), os.fdopen(writer, "wb")
    errors: list[BaseException] = []

    def open_it() -> None:
        try:
            with into, path.open("rb") as file:
                age.decrypt(file, into, identity)
        except BaseException as error:  # noqa: BLE001 - told to who reads
            errors.append(error)

    thread = threading.Thread(target=open_it, name="mindhaven-open", daemon=True)
    thread.start()
    ended = False
    try:
        while (size := source.read(4)) and not errors:
            length = int.from_bytes(size, "big")
            body = source.read(length) if length <= MAX_FRAME_BYTES else b""
            if len(body) != length or ended:
                break
            frame: list[Any] = decode(body)
            ended = frame[0] == END
            yield frame
        else:
            thread.join()
            if ended and not errors:
                return
    finally:
        source.close()
        thread.join()
    for error in errors:
        if isinstance(error, MindhavenError):
            raise error
    raise IntegrityError(f"{path.name} is damaged or cut short.", hint="Use another backup.", code="backup-damaged")


def file_sha256(path: Path) -> tuple[int, str]:
    """Return a file's bytes and SHA-256."""
    found = _Hashing()
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            found.write(piece)
    return found.count, found.digest.hexdigest()


class _Hashing:
    """Counts and hashes what is written to it."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.count = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.count += len(data)
        return len(data)


class _Tee:
    """Reads a file and hands what was read to `seen` too."""

    def __init__(self, file: BinaryIO, seen: _Hashing) -> None:
        self._file, self._seen = file, seen

    def read(self, count: int = -1) -> bytes:
        data = self._file.read(count)
        self._seen.write(data)
        return data

    def readline(self, limit: int = -1) -> bytes:
        data = self._file.readline(limit)
        self._seen.write(data)
        return data
