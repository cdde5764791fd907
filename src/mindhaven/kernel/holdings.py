"""The kernel's own holdings. No I/O."""

from typing import Final

from mindhaven.kernel.holding import STRUCTURAL, Holding

HOLDINGS: Final = (
    Holding(
        table="event",
        person="subject",
        columns={
            "id": STRUCTURAL,
            "subject": "access-log",
            "seq": STRUCTURAL,
            "name": "access-log",
            "version": STRUCTURAL,
            "at": "access-log",
            "salt": "access-log",
            "commitment": "access-log",
            "body": "access-log",
            "position": STRUCTURAL,
        },
        why="The evidence of what happened to a person's data; opening by each event's own retention rule.",
        keep="event-keep",
    ),
    Holding(
        table="event_subject",
        person="subject",
        columns={"subject": "access-log", "seq": STRUCTURAL, "commitment": STRUCTURAL},
        why="The end of each subject's chain of events.",
        keep="account",
    ),
    Holding(
        table="event_sequence",
        person=None,
        columns={"name": STRUCTURAL, "next": STRUCTURAL},
        why="The next position.",
        keep="always",
    ),
    Holding(
        table="cursor",
        person=None,
        columns={"reader": STRUCTURAL, "position": STRUCTURAL, "stopped_at": STRUCTURAL, "error": STRUCTURAL},
        why="How far each reader came.",
        keep="always",
    ),
    Holding(
        table="lease",
        person=None,
        columns=dict.fromkeys(("name", "holder", "fence", "expires_at", "done_at"), STRUCTURAL),
        why="Which process runs what.",
        keep="always",
    ),
    Holding(
        table="outbox",
        person=None,
        columns={
            "id": STRUCTURAL,
            "topic": STRUCTURAL,
            "body": "notices",
            "due_at": STRUCTURAL,
            "attempts": STRUCTURAL,
            "error": STRUCTURAL,
        },
        why="Messages on their way out; deleted once sent.",
        keep="until-sent",
    ),
    Holding(
        table="kernel_data_key",
        person=None,
        columns=dict.fromkeys(("id", "purpose", "wrapped", "created_at", "retired_at"), STRUCTURAL),
        why="Data keys, wrapped by the master key that lies outside the database.",
        keep="always",
    ),
    Holding(
        table="kernel_migration",
        person=None,
        columns=dict.fromkeys(("slice", "name", "sha256", "at"), STRUCTURAL),
        why="Which migrations ran.",
        keep="always",
    ),
)
