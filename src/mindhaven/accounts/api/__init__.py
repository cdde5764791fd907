"""The operations of accounts: parse, verify, act, render."""

from collections.abc import Mapping
from typing import Any, Final

from mindhaven.accounts.api.account import (
    cancel,
    candidate,
    chain,
    change_keys,
    introduce,
    recent,
    show,
    totp_off,
    totp_on,
    totp_start,
)
from mindhaven.accounts.api.asking import authenticate, origin_of
from mindhaven.accounts.api.entry import login, login_start, signup, signup_start
from mindhaven.accounts.api.pairing import answer as pairing_answer
from mindhaven.accounts.api.pairing import answered as pairing_answered
from mindhaven.accounts.api.pairing import begin as pairing_begin
from mindhaven.accounts.api.pairing import show as pairing_show
from mindhaven.accounts.api.passkeys import add as passkey_add
from mindhaven.accounts.api.passkeys import login_challenge, slot_challenge
from mindhaven.accounts.api.passkeys import remove as passkey_remove
from mindhaven.accounts.api.passkeys import set_factor as passkey_factor
from mindhaven.accounts.api.passkeys import show as passkeys_show
from mindhaven.accounts.api.passkeys import start as passkey_start
from mindhaven.accounts.api.sessions import (
    end_session,
    name_session,
    renew,
    session_nonce,
    sessions,
    slot_nonce,
    slot_now,
)
from mindhaven.kernel import Operation
from mindhaven.wire import accounts as wire
from mindhaven.wire import passkeys

_LOGIN: Final[Mapping[str, int]] = {
    "login-refused": 401,
    "suspended": 403,
    "totp-needed": 401,
    "totp-refused": 401,
}
_NAMELESS: Final[Mapping[str, int]] = {"passkeys-need-name": 409}
_PASSKEY: Final = ("passkey-refused", "passkey-challenge", "passkey-cross-origin")
_GONE: Final[Mapping[str, int]] = {"account-unknown": 404}


def _op(name: str, method: str, path: str, run: Any, who: str, summary: str, **more: Any) -> Operation:
    return Operation(name=name, method=method, path=path, run=run, who=who, summary=summary, **more)


_BIG: Final = 16 * 1024 * 1024
"""A key set with ten thousand earlier statements does not fit; a year of weekly changes does."""

OPERATIONS: Final = (
    _op("signup_start", "POST", "/v1/signup/start", signup_start, "anyone", "Reserve a handle",
        takes=wire.SignupStart, gives=wire.SignupStarted,
        refuses={"invitation-over": 403, "signup-closed": 403, "handles-used-up": 409}),
    _op("signup", "POST", "/v1/signup", signup, "anyone", "Create the account",
        takes=wire.Signup, gives=wire.SessionGiven, max_body_bytes=_BIG,
        refuses={"reservation-over": 409, "invitation-over": 403, "account-exists": 409, "chain-differs": 409,
                 "handle-differs": 409, "handle-taken": 409, **_LOGIN}),
    _op("login_start", "POST", "/v1/login/start", login_start, "anyone", "Get a nonce to sign",
        takes=wire.LoginStart, gives=wire.LoginStarted),
    _op("login", "POST", "/v1/login", login, "anyone", "Open a session", takes=wire.Login, gives=wire.SessionGiven,
        refuses={**_LOGIN, **_NAMELESS, **dict.fromkeys(("passkey-needed", "totp-or-passkey-needed", *_PASSKEY), 401)}),
    _op("login_challenge", "POST", "/v1/login/challenge", login_challenge, "anyone", "Get a challenge for a passkey",
        gives=passkeys.PasskeyChallenge, refuses=_NAMELESS),
    _op("session_nonce", "POST", "/v1/sessions/nonce", session_nonce, "anyone", "Get a nonce to renew a session",
        takes=wire.SessionNamed, gives=wire.NonceGiven),
    _op("session_renew", "POST", "/v1/sessions/renew", renew, "anyone", "Renew an access token",
        takes=wire.Renew, gives=wire.TokenGiven,
        refuses={"session-unknown": 401, "nonce-used": 401, "session-over": 401, "suspended": 403}),
    _op("pairing_begin", "POST", "/v1/pairings", pairing_begin, "anyone", "Let a new device wait to be let in",
        takes=wire.PairingBegun, refuses={"pairing-exists": 409}),
    _op("pairing", "GET", "/v1/pairings/{pairing}", pairing_show, "session", "Show the device that waits",
        gives=wire.PairingShown, refuses={"pairing-unknown": 404}),
    _op("pairing_answer", "POST", "/v1/pairings/{pairing}/answer", pairing_answer, "slot-now", "Let it in",
        takes=wire.PairingAnswer, max_body_bytes=2 * 1024 * 1024, refuses={"pairing-unknown": 404}),
    _op("pairing_answered", "GET", "/v1/pairings/{pairing}/answer", pairing_answered, "anyone",
        "Fetch what lets this device in", gives=wire.PairingAnswered, refuses={"pairing-unknown": 404}),
    _op("slot_nonce", "POST", "/v1/slot-now/nonce", slot_nonce, "session", "Get a nonce to open a slot",
        gives=wire.NonceGiven),
    _op("slot_now", "POST", "/v1/slot-now", slot_now, "session", "Count a slot as opened now", takes=wire.SlotNow,
        gives=wire.TokenGiven,
        refuses={"slot-refused": 403, "nonce-used": 403, **_NAMELESS,
                 **dict.fromkeys(("passkey-needed", *_PASSKEY), 403)}),
    _op("slot_challenge", "POST", "/v1/slot-now/challenge", slot_challenge, "session",
        "Get a challenge for a passkey to open a slot", gives=passkeys.PasskeyChallenge, refuses=_NAMELESS),
    _op("passkeys", "GET", "/v1/passkeys", passkeys_show, "session", "List the passkeys", gives=passkeys.Passkeys),
    _op("passkey_start", "POST", "/v1/passkeys/start", passkey_start, "slot-now", "Get a challenge for a new passkey",
        takes=passkeys.PasskeyStart, gives=passkeys.PasskeyStarted, refuses=_NAMELESS),
    _op("passkey_add", "POST", "/v1/passkeys", passkey_add, "slot-now", "Know a passkey", takes=passkeys.PasskeyAdd,
        gives=passkeys.PasskeyShown,
        refuses={**_NAMELESS, **dict.fromkeys(_PASSKEY, 403), "passkey-slot": 403, "account-unfinished": 403,
                 "passkeys-full": 409, "passkey-exists": 409, "passkey-slot-taken": 409}),
    _op("passkey_factor", "PUT", "/v1/passkeys/{passkey:text}/second-factor", passkey_factor, "slot-now",
        "Make a passkey a second factor, or none", takes=passkeys.PasskeyFactor,
        refuses={"passkey-unknown": 404, "account-unfinished": 403}),
    _op("passkey_remove", "DELETE", "/v1/passkeys/{passkey:text}", passkey_remove, "slot-now", "Forget a passkey",
        refuses={"passkey-unknown": 404, "passkey-unlocks": 409}),
    _op("sessions", "GET", "/v1/sessions", sessions, "session", "List the devices", gives=wire.Sessions),
    _op("session_name", "PUT", "/v1/sessions/here/name", name_session, "session", "Name this device",
        takes=wire.SessionRenamed),
    _op("session_end", "DELETE", "/v1/sessions/{session:text}", end_session, "session", "Sign a device out",
        refuses={"session-unknown": 404, "slot-now-needed": 403}),
    _op("account", "GET", "/v1/account", show, "session", "Show one's own account", gives=wire.AccountShown,
        refuses=_GONE),
    _op("account_recent", "GET", "/v1/account/recent", recent, "session",
        "Tell of new devices and changed ways in of the last thirty days", gives=wire.RecentShown),
    _op("account_chain", "GET", "/v1/accounts/{uid}", chain, "session", "Show an account's public chain",
        gives=wire.ChainShown, refuses=_GONE),
    _op("account_introduce", "PUT", "/v1/accounts/{uid}", introduce, "session", "Bring a foreign account's chain",
        takes=wire.ChainShown, max_body_bytes=_BIG),
    _op("account_candidate", "GET", "/v1/handles/{handle:text}", candidate, "session", "Find who may have a handle",
        gives=wire.Candidate, refuses=_GONE),
    _op("account_keys", "POST", "/v1/account/keys", change_keys, "slot-now", "Change ways in or keys",
        takes=wire.ChangeKeys, gives=wire.KeysChanged, max_body_bytes=1024 * 1024,
        refuses={"slot-now-needed": 403, "root-kept": 409, "last-slot": 409, "slot-too-new": 403, "slot-altered": 403,
                 "change-waits": 409, "handle-differs": 409, **_GONE}),
    _op("account_cancel", "DELETE", "/v1/account/pending/{pending:text}", cancel, "session", "Cancel a waiting change",
        refuses={"pending-unknown": 404, "cancel-too-new": 403}),
    _op("totp_start", "POST", "/v1/account/totp/start", totp_start, "slot-now", "Make a second-factor secret",
        gives=wire.TotpStarted),
    _op("totp_on", "POST", "/v1/account/totp", totp_on, "slot-now", "Turn the second factor on", takes=wire.TotpCode,
        refuses={"totp-refused": 403}),
    _op("totp_off", "DELETE", "/v1/account/totp", totp_off, "slot-now", "Turn the second factor off"),
)  # fmt: skip

__all__ = ["OPERATIONS", "authenticate", "origin_of"]
