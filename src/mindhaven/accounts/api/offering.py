"""After a restore: an account's own newest keys, brought back by one of its devices. Parse and verify; no writing.

Who may bring them holds the newest identity's keys; whether it is a time for it is the caller's to know.
Implements spec/transfer.md step 13.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from mindhaven.accounts import verify
from mindhaven.accounts.api.account import pack
from mindhaven.accounts.api.asking import origin_of, throttle
from mindhaven.accounts.service import VerifiedKeys
from mindhaven.crypto.sign import verify as verify_signature
from mindhaven.errors import IntegrityError
from mindhaven.kernel import Denied, Host, Request
from mindhaven.protocol.account import AccountState
from mindhaven.protocol.login import CLOCK_TOLERANCE_SECONDS
from mindhaven.wire import accounts as wire

TYPE: Final = "account-offer"


@dataclass(frozen=True, slots=True)
class OfferedAccount:
    """A whole verified chain, each state with the statement that led to it, and the keys of the newest one."""

    states: list[tuple[AccountState, bytes]]
    keys: VerifiedKeys
    handle: str | None
    """The one that a passphrase among the ways in is bound to; None: there is no passphrase."""


async def take_account_offer(host: Host, request: Request) -> OfferedAccount | Denied:
    """Verify what a device offers: the chain, the list and entries of its ways in, and the newest keys' signatures."""
    asked: wire.AccountOffer = request.body
    uid: bytes = request.params["uid"]
    throttle(host, "sign-up", request.network)
    statements = [*asked.earlier, asked.keys.statement]
    states = await asyncio.to_thread(verify.chain_states, uid, statements)
    before = states[-2][0] if len(states) > 1 else None
    keys = await asyncio.to_thread(verify.key_set, before, asked.keys, pack(asked.keys), uid=uid)
    if abs(asked.time - host.clock()) > CLOCK_TOLERANCE_SECONDS:
        raise IntegrityError(
            "This device's clock differs from the server's by more than 5 minutes.",
            code="login-clock",
            hint="Set the device's clock, then try again.",
        )
    body = wire.offer_body(origin_of(host, request), uid, asked.keys, asked.time)
    verify_signature(TYPE, keys.state.identity.signing, body, list(asked.signatures), hybrid=True)
    return OfferedAccount(states, keys, verify.passphrase_name(keys.listed))
