"""What the tables of upkeep hold. No I/O."""

from typing import Final

from mindhaven.kernel import STRUCTURAL, Holding

HOLDINGS: Final = (
    Holding(
        table="upkeep_erasure",
        person="subject",
        columns={
            "id": STRUCTURAL,
            "subject": "upkeep",
            "what": "upkeep",
            "thing": "upkeep",
            "erased_at": "upkeep",
            "generation": STRUCTURAL,
            "faults": STRUCTURAL,
        },
        why="Erasures whose end is still to be measured; the row goes with the event that says it is complete.",
        keep="until-measured",
    ),
    Holding(
        table="upkeep_backup",
        person=None,
        columns=dict.fromkeys(("id", "made_at", "place", "side", "bytes"), STRUCTURAL),
        why="When and where backups were made, to tell that one is overdue.",
        keep="twenty-newest",
    ),
    Holding(
        table="upkeep_release",
        person=None,
        columns=dict.fromkeys(("app", "release", "seq"), STRUCTURAL),
        why="Which release of the web app was recorded last, and where, so that each is recorded once and anybody can"
        " look its entry up.",
        keep="newest",
    ),
)
