"""The whole journey over HTTP against real servers: from an empty device to a receipt. Shown in the README.

Ana signs up, imports a Daylio export, answers PHQ-9, shares check-ups with Dr B by contact card for three months; B
reads; Ana revokes; B is refused and B's old keys open nothing new; Ana recovers on a new device, exports, moves house,
deletes, and gets a receipt.
"""

import asyncio
import json
from pathlib import Path

import pytest
from tests.simulators.server import running_server

from mindhaven.errors import NotFoundError
from mindhaven.kinds.instruments import checkup_body, load
from mindhaven.protocol import recovery
from mindhaven.protocol.card import Card
from mindhaven.sdk import AsyncMindhaven, Record
from mindhaven.sdk.exports import Exported, write_fhir
from mindhaven.sdk.imports import Imported, Options, detect
from mindhaven.sdk.vault import today

DAYLIO = Path(__file__).parents[2] / "vectors" / "imports" / "daylio-csv"
PASS_A = "seven quiet herons at dusk"
PASS_B = "brass kettle under the stairs"


def checkup(answer: int) -> Record:
    instrument = load("phq9")
    answers = {item.link_id: answer for item in instrument.items}
    return Record(
        kind="mindhaven/checkup",
        version=1,
        created_at=1_795_000_000_000,
        zone="Europe/Berlin",
        body=checkup_body(instrument, answers),
    )


def month_of(record: Record) -> int:
    return record.month()


async def the_journey(url: str, second_url: str, tmp: Path) -> None:
    # Ana signs up, and imports what she has.
    ana = AsyncMindhaven.create(tmp / "ana", url, passphrase=PASS_A)
    spare = await ana.sign_up(PASS_A, word="ana", device="phone")
    source = next(path for path in sorted(DAYLIO.iterdir()) if path.suffix == ".csv" and "english" in path.name)
    read = list(detect(source).read(source, Options(zone="Europe/Berlin")))
    moods = [one.record for one in read if isinstance(one, Imported)]
    assert moods
    ana.add_all(moods)
    ana.add(checkup(1))
    assert ana.entries(kind="mindhaven/checkup")[0].waits
    synced = await ana.sync()
    assert synced.sent == len(moods) + 1
    assert synced.held == ()

    # She shares her check-ups with Dr B, whose card she got on paper, for three months.
    b = AsyncMindhaven.create(tmp / "b", url, passphrase=PASS_B)
    await b.sign_up(PASS_B, word="drb", device="practice")
    card = Card.parse(Card(b.me.handle, b.me.uid).text())
    await ana.sharing.add_contact(card, name="Dr B", checked="card")
    await ana.share("checkups", "Dr B", since=month_of(checkup(1)), until=today() + 92)

    # Dr B does not know her yet: it is an offer, and nothing of it is fetched before it is accepted.
    assert len((await b.sync()).offered) == 1
    assert b.entries() == []
    (offer,) = await b.offers()
    assert (offer.owner, offer.name) == (ana.me.uid, "checkups")
    await b.accept_offer(offer.id)
    await b.sync()
    seen = b.entries(kind="mindhaven/checkup")
    assert [entry.record and entry.record.body["score"] for entry in seen] == [9]
    assert b.entries(kind="mindhaven/mood") == []
    (share,) = await b.sharing.shares()
    assert share.grantor == ana.me.uid
    assert share.part is not None
    assert share.part.name == "checkups"

    # She stops. B's next pull is refused, and B's old keys open nothing new.
    collection = share.collection
    old_keys = {n: b.vault.epoch_key(collection, n) for n in b.store.live_epochs(collection)}
    await ana.stop_sharing("checkups", "Dr B")
    with pytest.raises(NotFoundError):
        await b.vault.pull(collection)
    ana.add(checkup(2))
    await ana.sync()
    newest = [
        entry for entry in ana.entries(kind="mindhaven/checkup") if entry.record and entry.record.body["score"] == 18
    ]
    state = ana.store.item_state(collection, newest[0].item)
    assert state is not None
    assert state.epoch not in old_keys
    assert ana.vault.epoch_key(collection, state.epoch) not in old_keys.values()

    # A new device, with nothing but the spare key on paper.
    new = AsyncMindhaven.create(tmp / "new", url, passphrase=PASS_A)
    await new.recover("\n".join(recovery.rows(spare)), device="laptop")
    await new.sync()
    assert len(new.entries()) == len(moods) + 2
    assert {entry.item for entry in new.entries()} == {entry.item for entry in ana.entries()}

    # Everything back: FHIR, and the archive that another server takes.
    exported = [
        Exported(
            record=entry.record,
            item=entry.item,
            revision=entry.revision,
            collection_name=entry.collection_name,
            author=entry.author,
        )
        for entry in new.entries()
        if entry.record is not None
    ]
    with (tmp / "out.json").open("wb") as file:
        write_fhir(exported, file, made_at=1_795_000_000_000)
    bundle = json.loads((tmp / "out.json").read_text())
    responses = [e for e in bundle["entry"] if e["resource"]["resourceType"] == "QuestionnaireResponse"]
    assert len(responses) == 2
    await new.export_archive(tmp / "ana.archive")
    moved = await AsyncMindhaven.move_in(
        tmp / "moved", tmp / "ana.archive", second_url, passphrase=PASS_A, device="laptop"
    )
    await moved.sync()
    assert moved.me.uid == ana.me.uid
    assert {entry.item for entry in moved.entries()} == {entry.item for entry in new.entries()}
    assert [moved.store.commits(c) for c in moved.store.collections()] == [
        new.store.commits(c) for c in moved.store.collections()
    ]
    moved.add(checkup(0))
    await moved.sync()

    # She leaves the first server, with a receipt; nobody can sign in as her there any more.
    receipt = await new.delete_account(PASS_A)
    assert receipt.what == "account"
    assert receipt.subject == ana.me.uid
    assert len(receipt.commitment) == 32
    with pytest.raises(Exception, match="not right"):
        await ana.access.log_in(handle=ana.me.handle, passphrase=PASS_A, device="phone")
    for client in (ana, b, new, moved):
        await client.close()


@pytest.mark.shows("operator-cannot-read", "revoke-ends-access", "leave-whole")
def test_the_journey(tmp_path: Path, database_url: str) -> None:
    database = {"MINDHAVEN_SERVER_DATABASE": database_url}
    with (
        running_server(tmp_path / "one", environment=database) as first,
        running_server(tmp_path / "two") as second,
    ):
        asyncio.run(the_journey(first.url, second.url, tmp_path))
