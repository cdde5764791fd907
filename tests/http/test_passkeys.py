"""Passkeys that the server knows, through HTTP: every operation and every refusal. spec/passkeys.md."""

from pathlib import Path

import pytest
from tests.simulators.authenticator import EDDSA, ES256, RS256, Passkey
from tests.simulators.keyed import add, add_bound, by_passkey, by_passphrase, challenge, keyed, listed
from tests.simulators.world import PASS, Time

from mindhaven.errors import MindhavenError


@pytest.mark.parametrize("alg", [ES256, EDDSA, RS256])
async def test_a_passkey_is_added_shown_used_and_removed(tmp_path: Path, moment: Time, alg: int) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        await phone.access.open_way(passphrase=PASS)
        key = Passkey(alg)
        shown = await add(phone, key, second_factor=True)
        assert (shown.credential, shown.slot, shown.second_factor, shown.alerts) == (key.id, None, True, [])
        other = home("other")
        with pytest.raises(MindhavenError) as needed:
            await by_passphrase(other, phone.me.handle)
        assert needed.value.reason == "passkey-needed"
        given = await by_passphrase(other, phone.me.handle, key.use(await challenge(other)))
        assert given.uid == phone.me.uid


async def test_the_secret_of_a_known_passkey_opens_nothing_without_it(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key = Passkey()
        shown = await add_bound(phone, key)
        other = home("other")
        with pytest.raises(MindhavenError) as needed:
            await by_passkey(other, key)
        assert needed.value.reason == "passkey-needed"
        given = await by_passkey(other, key, key.use(await challenge(other)))
        assert given.slot == shown.slot
        (one,) = (await listed(phone)).passkeys
        assert one.used_at == moment.now // 3600 * 3600
