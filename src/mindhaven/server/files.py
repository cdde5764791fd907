"""The files that a start depends on: who may read them, and whether the certificate is one.

Guarantees: each refusal names the file and how to mend it; nothing is changed. I/O: reads modes, and TLS files.
"""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Settings
from mindhaven.upkeep import UNFINISHED

KEYS: Final = ("master.key", "salt.key", "log.key")
CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2; TLS 1.3 has none but good ones."""


def check_files(settings: Settings) -> None:
    """Raise `InvalidInputError` naming a file that others may read, or a certificate that is none."""
    check_folder(Path(settings["server.data"]), KEYS)
    check_tls(settings)


def check_folder(data: Path, keys: Sequence[str], setting: str = "server.data") -> None:
    """Raise `InvalidInputError` if `data` is no directory, or others may enter it or read one of its keys."""
    if data.exists():
        if not data.is_dir():
            raise InvalidInputError(
                f"{setting} {data} is no directory.",
                hint="Name a directory, or one to be made.",
                code="data-directory",
            )
        if (data / UNFINISHED).exists():
            raise InvalidInputError(
                f"A restore into {data} was cut short.",
                hint="Remove that directory and its database, and restore anew into a fresh place.",
                code="restore-unfinished",
            )
        if data.stat().st_mode & 0o007:
            raise InvalidInputError(
                f"The data directory {data} is open to everybody on this machine.",
                hint=f"chmod 700 {data}",
                code="data-mode",
            )
        for path in sorted({*(data / name for name in keys), *data.glob("*.key")}):
            _ours_only(path, "key-mode")


def check_tls(settings: Settings, role: str = "server") -> None:
    """Raise `InvalidInputError` if certificate and key are set and can't be used."""
    if settings[f"{role}.tls-key"]:
        _ours_only(Path(settings[f"{role}.tls-key"]), "tls-key-mode", group=True)
        fault = tls_fault(settings, role)
        if fault is not None:
            raise InvalidInputError(
                f"{role}.tls-certificate and {role}.tls-key can't be used: {fault}.",
                hint="Both are PEM files; the certificate's whole chain, and its key without a passphrase.",
                code="tls-files",
            )


def _ours_only(path: Path, code: str, *, group: bool = False) -> None:
    """Refuse a file that others may read; its group may, if `group` (keys of certificates are often kept so)."""
    if path.is_file() and path.stat().st_mode & (0o007 if group else 0o077):
        raise InvalidInputError(f"Others may read {path}.", hint=f"chmod 600 {path}", code=code)


def tls_fault(settings: Settings, role: str = "server") -> str | None:
    """Return why certificate and key can't be used, in words of ours; None if they can."""
    try:
        load_tls(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), settings, role)
    except FileNotFoundError:
        return "one of the files is not there"
    except PermissionError:
        return "one of the files may not be read"
    except ssl.SSLError as error:
        return "the key is not the certificate's" if error.reason == "KEY_VALUES_MISMATCH" else "they are not PEM"
    except (OSError, ValueError):
        return "they can't be read"
    return None


def load_tls(context: ssl.SSLContext, settings: Settings, role: str = "server") -> None:
    """Load certificate and key; a key with a passphrase is refused rather than asked about."""
    context.load_cert_chain(settings[f"{role}.tls-certificate"], settings[f"{role}.tls-key"], password="")
