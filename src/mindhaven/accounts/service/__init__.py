"""Use cases of accounts. Each runs in one work; what it takes has been parsed and verified. I/O: the store only."""

from mindhaven.accounts.service.entry import NewSession, let_in, log_in, open_slot_now, renew, sign_up
from mindhaven.accounts.service.keys import VerifiedKeys, cancel_pending, change_keys, enter, take_offer
from mindhaven.accounts.service.own import (
    end_rested,
    end_session,
    erase,
    here,
    invite,
    learn_chain,
    left,
    set_totp,
    standing,
    summarise_refusals,
    suspend,
)
from mindhaven.accounts.service.passkeys import (
    add_passkey,
    remove_passkey,
    set_passkey_factor,
    spend_challenge,
    start_passkey,
)

__all__ = [
    "NewSession",
    "VerifiedKeys",
    "add_passkey",
    "cancel_pending",
    "change_keys",
    "end_rested",
    "end_session",
    "enter",
    "erase",
    "here",
    "invite",
    "learn_chain",
    "left",
    "let_in",
    "log_in",
    "open_slot_now",
    "remove_passkey",
    "renew",
    "set_passkey_factor",
    "set_totp",
    "sign_up",
    "spend_challenge",
    "standing",
    "start_passkey",
    "summarise_refusals",
    "suspend",
    "take_offer",
]
