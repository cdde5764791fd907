"""Which release of the web app is served stands in the log, and anybody can check it: no account is needed."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import cbor2
import pytest
from tests.http.inline import Inline

from mindhaven import upkeep
from mindhaven.kernel import Look

ONE, TWO = b"\x01" * 32, b"\x02" * 32


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Inline]:
    with Inline(tmp_path) as made:
        yield made


def events(here: Inline) -> list[tuple[bytes, int | None, bytes]]:
    """Return the body, position and commitment of every such event, in order, as the table has them."""

    async def read(look: Look) -> list[tuple[bytes, int | None, bytes]]:
        sql = "SELECT body, position, commitment FROM event WHERE name = 'upkeep.release.served' ORDER BY seq"
        return [(row[0], row[1], row[2]) for row in await look.rows(sql)]

    return here.run(here.server.host.db.look(read))


def serves(here: Inline, *releases: bytes) -> None:
    for one in releases:
        here.run(upkeep.serves(here.server.host, one))


def test_a_server_that_never_served_an_app_says_so(here: Inline) -> None:
    answer = here.send("GET", "/v1/web/release")
    assert (answer.status_code, answer.json()["code"]) == (404, "release-unrecorded")


def test_a_release_is_recorded_once_until_another_is_served(here: Inline) -> None:
    serves(here, ONE, ONE, TWO, TWO, ONE)
    told = [cbor2.loads(body) for body, _, _ in events(here)]
    assert [(one[0], one[2], one[6]) for one in told] == [
        ("upkeep.release.served", bytes(32), [release]) for release in (ONE, TWO, ONE)
    ]


def test_anybody_is_shown_the_newest_release_and_can_open_its_entry(here: Inline) -> None:
    serves(here, ONE, TWO)
    here.run(here.server.host.stream.number())
    answer = here.send("GET", "/v1/web/release")
    assert answer.status_code == 200
    told = answer.json()
    salt, body = (base64.b64decode(told[name]) for name in ("salt", "body"))
    assert base64.b64decode(told["release"]) == TWO
    _, (kept, position, commitment) = events(here)
    assert (body, told["position"]) == (kept, position)
    assert position is not None
    # spec/event.md step 2, written out: the entry is SHA-256(label, 00, salt, body).
    assert hashlib.sha256(b"mindhaven/event/v1\x00" + salt + body).digest() == commitment
    assert "set-cookie" not in answer.headers
