"""Running a witness: one process, one folder. I/O: the folder, the socket, signals, standard output.

Guarantees: what makes a start unsound is refused by name, as a server's start is (`mindhaven.server.settings`).
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import uvloop

from mindhaven.kernel import Settings, system_clock, system_random
from mindhaven.server import logs
from mindhaven.server.answering import answer, listen
from mindhaven.server.files import check_folder, check_tls
from mindhaven.server.settings import check_bind
from mindhaven.tlog.cosignature import Cosigner
from mindhaven.witness.app import WitnessApp
from mindhaven.witness.keys import KEY_FILE, cosigners
from mindhaven.witness.settings import ROLE
from mindhaven.witness.store import open_store


def say_started(url: str, keys: list[Cosigner]) -> None:
    """Print where the witness listens, and its keys."""
    sys.stdout.write(f"listening on {url}\n" + "".join(f"{one.vkey}\n" for one in keys))
    sys.stdout.flush()


def serve(settings: Settings, *, started: Callable[[str, list[Cosigner]], None] = say_started) -> int:
    """Witness until told to stop; return the exit code. `started` is called once requests are answered.

    Raises `InvalidInputError` on a shape or a key that is refused, `IntegrityError` (witness-memory), and
    `UnavailableError` (bind, witness-database).
    """
    check_bind(settings, ROLE)
    data = Path(settings["witness.data"])
    check_folder(data, (KEY_FILE,), "witness.data")
    check_tls(settings, ROLE)
    os.umask(0o077)
    logs.configure(settings["witness.log-level"])
    store = open_store(data)
    try:
        keys = cosigners(data, store, settings["witness.name"], post_quantum=settings["witness.post-quantum"])
        listener, url = listen(settings, ROLE)
        app = WitnessApp(
            store, keys, clock=system_clock, random=system_random, proxies=settings["witness.trusted-proxies"]
        )
        try:
            uvloop.run(answer(app, settings, listener, lambda: started(url, keys), role=ROLE))
        finally:
            app.close()
    finally:
        store.close()
    return 0
