"""What the tables of vault hold. No I/O."""

from typing import Final

from mindhaven.kernel import STRUCTURAL, Holding

_VAULT: Final = "sealed-vault"


def _of(table: str, person: str | None, columns: str, why: str, *, backup: str = "main") -> Holding:
    return Holding(
        table=table,
        person=person,
        columns=dict.fromkeys(columns.split(), _VAULT),
        why=why,
        keep="until-erased",
        backup=backup,
    )


HOLDINGS: Final = (
    _of(
        "vault_collection",
        "owner",
        "no id owner seq head state pepper next_envelope stored_bytes moving pepper_due",
        "Where each collection stands: members, epochs and settings, no names and no kinds.",
    ),
    _of("vault_member", "uid", "uid collection role since until", "Who may pull which collection."),
    _of(
        "vault_commit",
        None,
        "collection seq hash signed first_envelope envelopes",
        "The signed chain that every device verifies.",
    ),
    _of("vault_envelope", None, "id envelope", "The sealed records."),
    _of("vault_salt", None, "id pepper masked", "Without its salt a record opens for nobody.", backup="salts"),
    _of(
        "vault_item",
        "author",
        "collection item revision epoch author month erased envelope",
        "The newest revision of each record, to judge the next one.",
    ),
    _of(
        "vault_pepper",
        None,
        "collection number wrapped generation swept",
        "What the salts are encrypted under.",
        backup="salts",
    ),
    Holding(
        table="vault_salt_key",
        person=None,
        columns=dict.fromkeys(("generation", "begun_at", "retired_at", "destroyed_at"), STRUCTURAL),
        why="When each salt key began and was destroyed; the keys themselves lie outside the database.",
        keep="always",
        backup="salts",
    ),
    _of("vault_blob", "uploader", "collection hash size uploader uploaded_hour", "Parts of sealed attachments."),
    _of(
        "vault_snapshot_piece",
        None,
        "collection hash data came_at",
        "The owner's signed list of what lives in a collection, as the chain tells it, for a new device to begin with.",
    ),
    _of("vault_snapshot", None, "collection seq root", "Which commit bears the newest such list."),
    _of("vault_item_blob", None, "collection hash item", "Which record holds which part of an attachment."),
    Holding(
        table="vault_ended",
        person=None,
        columns={"id_hash": _VAULT, "owner_hash": _VAULT},
        why="A mark of each erased collection, without its id or its owner's, so that nobody else brings it back.",
        keep="always",
    ),
    Holding(
        table="vault_window",
        person=None,
        columns=dict.fromkeys(("id", "opened_at", "until"), STRUCTURAL),
        why="Since when and until when devices may offer what a restore lost.",
        keep="always",
    ),
    Holding(
        table="vault_pulled",
        person=None,
        columns={"collection": _VAULT, "session": _VAULT, "day": STRUCTURAL},
        why="So that an owner's own pulls, and what readers' apps report, are recorded once a device and day.",
        keep="one-day",
    ),
)
