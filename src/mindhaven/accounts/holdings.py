"""What the tables of accounts hold. No I/O."""

from typing import Final

from mindhaven.kernel import STRUCTURAL, Holding

_ENTRY: Final = "account"
_ACCESS: Final = "access-log"


def _of(table: str, person: str | None, columns: str, why: str, keep: str, *, entry: str = _ENTRY) -> Holding:
    return Holding(
        table=table, person=person, columns=dict.fromkeys(columns.split(), entry), why=why, keep=keep, backup="main"
    )


HOLDINGS: Final = (
    _of(
        "accounts_account",
        "uid",
        "uid handle role state created_hour seq head generation slots bundle totp totp_last_step failures"
        " failures_hour user_handle",
        "So that a person can sign in and their devices can verify and open the account.",
        "account",
    ),
    _of("accounts_statement", "uid", "uid seq hash signed", "The public chain of the account's keys.", "always"),
    _of(
        "accounts_identity",
        "uid",
        "uid generation xwing ed25519 mldsa65 statement",
        "The public keys by generation, read from the chain, to check signatures.",
        "always",
    ),
    _of(
        "accounts_slot",
        "uid",
        "uid id kind params tag enc ciphertext login_key lookup made_at",
        "The ways in: each wraps the root to a key that only the person can derive.",
        "account",
    ),
    _of(
        "accounts_passkey",
        "uid",
        "uid id credential public_key name transports slot second_factor eligible backed_up counter created_hour"
        " used_hour counter_back_hour eligibility_hour",
        "The passkeys that the person wants asked for; each name sealed to the person's devices.",
        "account",
    ),
    _of(
        "accounts_session",
        "uid",
        "id uid public_key device_name token_hash token_expires_at created_at renewed_at first_hour last_hour"
        " slot_a slot_a_at slot_b slot_b_at",
        "The devices that are signed in, shown to the person.",
        "session",
        entry=_ACCESS,
    ),
    _of(
        "accounts_pending",
        "uid",
        "id uid keys statement seq asked_at due_at asked_by earlier",
        "A change of ways in that waits so that the person can cancel it.",
        "account",
    ),
    _of(
        "accounts_bundle",
        "uid",
        "uid seq generation bundle keep_until",
        "Sealed keys as they were before a change, so that a change by one way in can spoil nothing for the others.",
        "thirty-days",
    ),
    _of(
        "accounts_recent",
        "uid",
        "uid hour what about",
        "New devices and changed ways in of the last thirty days, shown on every device of the account.",
        "thirty-days",
        entry=_ACCESS,
    ),
    Holding(
        table="accounts_reservation",
        person=None,
        columns=dict.fromkeys(["nonce", "handle", "server_salt", "role", "invitation", "expires_at"], _ENTRY),
        why="A handle held for an hour while somebody signs up.",
        keep="one-hour",
    ),
    Holding(
        table="accounts_pairing",
        person=None,
        columns=dict.fromkeys(["id", "device", "answer", "session", "expires_at"], _ACCESS),
        why="A new device that waits to be let in, and the sealed keys that it has not fetched yet.",
        keep="one-hour",
    ),
    Holding(
        table="accounts_challenge",
        person=None,
        columns=dict.fromkeys(["nonce", "purpose", "about", "expires_at"], STRUCTURAL),
        why="Nonces for one signature each.",
        keep="one-hour",
    ),
    Holding(
        table="accounts_invitation",
        person=None,
        columns=dict.fromkeys(["code_hash", "role", "expires_at"], STRUCTURAL),
        why="Invitations that nobody has used yet.",
        keep="seven-days",
    ),
)
