"""A witness's keys, derived from one file. I/O: the file in its folder.

Guarantees: a folder whose memory is lost does not cosign under the old key: it could contradict itself.
"""

import os
from pathlib import Path
from typing import Final

from mindhaven.crypto.derive import derive
from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import keep_once
from mindhaven.tlog.cosignature import Cosigner
from mindhaven.tlog.note import Algorithm, check_name
from mindhaven.witness.store import Store

KEY_FILE: Final = "witness.key"
SEED_BYTES: Final = 32


def cosigners(data: Path, store: Store, name: str, *, post_quantum: bool) -> list[Cosigner]:
    """Return what cosigns: Ed25519, and ML-DSA-44 if wanted. The first start draws the key and binds it to `name`.

    Raises `InvalidInputError` (witness-name, note-name, witness-key), `IntegrityError` (witness-memory).
    """
    path, known = data / KEY_FILE, store.who()
    if known is None and path.exists():
        raise IntegrityError(
            f"{path} is there, but not what it cosigned: under this key nothing may be signed any more.",
            hint="Never restore a witness from a backup. Move the folder away, start anew with a new name, and tell the"
            " logs' people the new key.",
            code="witness-memory",
        )
    if known is not None and not path.exists():
        raise IntegrityError(f"{path} is missing.", hint="Put the key back beside its memory.", code="witness-memory")
    if not (name or known):
        raise InvalidInputError(
            "A witness needs a name at its first start.",
            hint="A name that only you use, such as --name witness.example/practice",
            code="witness-name",
        )
    if known is not None and name and name != known[0]:
        raise InvalidInputError(
            f"This witness is called {known[0]}.",
            hint="Its name is part of its key: leave --name away.",
            code="witness-name",
        )
    called = known[0] if known else check_name(name)
    seed = keep_once(path, lambda: os.urandom(SEED_BYTES))
    if len(seed) != SEED_BYTES:
        raise InvalidInputError(f"{path} is no key: it holds {len(seed)} bytes, not 32.", code="witness-key")
    made = [Cosigner(called, Seed(derive(seed, "witness-ed25519")))]
    if known is None:
        store.begin(called, str(made[0].vkey))
    elif known[1] != str(made[0].vkey):
        raise IntegrityError(
            f"{path} is not the key that this witness had.", hint="Put the right key back.", code="witness-memory"
        )
    if post_quantum:
        made.append(Cosigner(called, Seed(derive(seed, "witness-mldsa44")), Algorithm.COSIGNATURE_MLDSA44))
    return made
