"""A server that lies while a device lets another in: a key or an account of its own. docs/attacks/lying-server.md."""

from pathlib import Path
from typing import Any

from tests.simulators.entry import Play, entry
from tests.simulators.kept import world
from tests.simulators.world import PASS, Time, mood

from mindhaven.crypto.encoding import decode
from mindhaven.crypto.seal import open_box
from mindhaven.crypto.wrap import Wrapped, wrap_info
from mindhaven.protocol import pairing
from mindhaven.sdk import AsyncMindhaven
from mindhaven.wire.accounts import PairingAnswered, PairingShown
from mindhaven.wire.ids import to_text


async def waiting(home: Any, name: str) -> tuple[AsyncMindhaven, pairing.NewDevice, str]:
    """Return a new device that waits, with its link."""
    tablet = home(name)
    new = await tablet.begin_pairing()
    return tablet, new, new.link.text(tablet.transport.origin)


def lying(client: AsyncMindhaven, device: pairing.Device) -> None:
    """Let the server show another device than the one that waits."""
    honest = client.transport.call

    async def call(method: str, path: str, gives: Any = None, **more: Any) -> Any:
        answer = await honest(method, path, gives, **more)
        return PairingShown(device=device.encode()) if gives is PairingShown else answer

    client.transport.call = call  # type: ignore[method-assign]


@entry("key of the server's in the place of a new device's", "pairing-device",
       off="protocol.pairing.let_in: pairing-device",
       then="every key of the account is sealed to the server")  # fmt: skip
async def test_a_new_devices_key_is_the_one_that_its_link_names(tmp_path: Path, moment: Time, play: Play) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        with play.honest():
            tablet, new, link = await waiting(home, "tablet")
            await phone.let_in(link, PASS)
            await tablet.wait_for_pairing(new)
            assert tablet.me.uid == phone.me.uid
        _, new, link = await waiting(home, "second")
        theirs = pairing.NewDevice.fresh()
        lying(phone, pairing.Device(new.id, theirs.unwrapper.public, theirs.session_key.public))
        with play.lie():
            await phone.let_in(link, PASS)
        with play.off():
            await phone.let_in(link, PASS)
            path = f"/v1/pairings/{to_text(new.id)}/answer"
            found = await home("server").transport.call("GET", path, PairingAnswered, open_=True)
            _, enc, ciphertext, box, _ = decode(found.answer)
            uid = phone.me.uid
            info = wrap_info("pairing-wrap", uid, uid, new.id, [new.link.device_hash])
            key = theirs.unwrapper.unwrap(Wrapped(enc, ciphertext), info)
            assert open_box(key, "pairing-bundle", new.link.device_hash, box) == phone.me.bundle.encode()


@entry("pairing to a server-made account", "pairing-mac", off="protocol.pairing.open_answer: check_equal",
       then="the new device writes into an account that the server made")  # fmt: skip
async def test_an_account_of_the_servers_making_is_not_paired_with(tmp_path: Path, moment: Time, play: Play) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone, eve = home("phone"), home("eve")
        await phone.sign_up(PASS, word="ana")
        await eve.sign_up(PASS, word="eve")
        with play.honest():
            tablet, new, link = await waiting(home, "tablet")
            await phone.let_in(link, PASS)
            await tablet.wait_for_pairing(new)
        tablet, new, _ = await waiting(home, "second")
        known = pairing.PairingLink(new.id, new.device.hash(), pairing.PairingSecret.fresh())  # all but the secret
        await eve.let_in(known.text("x"), PASS)
        with play.lie():
            await tablet.wait_for_pairing(new)
        assert tablet.access.me is None
        with play.off():
            await tablet.wait_for_pairing(new)
            assert tablet.me.uid == eve.me.uid
            tablet.add(mood("for the server to read"))
            await tablet.sync()
            await eve.sync()
            assert [str(one.record.body["note"]) for one in eve.entries() if one.record] == ["for the server to read"]
