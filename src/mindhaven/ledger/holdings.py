"""What the tables of the ledger hold. No I/O."""

from typing import Final

from mindhaven.kernel import STRUCTURAL, Holding

HOLDINGS: Final = (
    Holding(
        table="ledger_log",
        person=None,
        columns=dict.fromkeys(("name", "origin", "size"), STRUCTURAL),
        why="The three logs and how long they are.",
        keep="always",
    ),
    Holding(
        table="ledger_tile",
        person=None,
        columns=dict.fromkeys(("log", "level", "number", "data"), STRUCTURAL),
        why="Hashes of the logs' trees; they say nothing about anybody.",
        keep="always",
    ),
    Holding(
        table="ledger_bundle",
        person=None,
        columns=dict.fromkeys(("log", "number", "data"), STRUCTURAL),
        why="Entries of the logs of keys and heads: hashes of random ids, statements and heads.",
        keep="always",
    ),
    Holding(
        table="ledger_checkpoint",
        person=None,
        columns=dict.fromkeys(("log", "size", "root", "note", "signed_at", "public"), STRUCTURAL),
        why="What was signed, and by whom it was cosigned.",
        keep="always",
    ),
    Holding(
        table="ledger_witness",
        person=None,
        columns=dict.fromkeys(("log", "witness", "size", "cosigned_at", "failures", "next_at"), STRUCTURAL),
        why="How far each witness of the logs is, and when it is asked again.",
        keep="always",
    ),
    Holding(
        table="ledger_forget",
        person="subject",
        columns={"subject": "access-log", "authority": STRUCTURAL, "erased": STRUCTURAL},
        why="Whose contents of events are being erased; gone when they are.",
        keep="one-day",
    ),
    Holding(
        table="ledger_moved",
        person=None,
        columns={"collection": "sealed-vault", "head": STRUCTURAL, "day": STRUCTURAL},
        why="Collections that changed today; their heads enter the log when the day is over, and it is known for five"
        " weeks that they did.",
        keep="five-weeks",
    ),
)
