"""What the table of sharing holds. No I/O."""

from typing import Final

from mindhaven.kernel import STRUCTURAL, Holding

HOLDINGS: Final = (
    Holding(
        table="sharing_invitation",
        person="inviter",
        columns={"id": "sharing", "inviter": "sharing", "answer": "sharing", "expires_at": STRUCTURAL},
        why="So that somebody with a link can answer, sealed to the inviter.",
        keep="seven-days",
    ),
)
