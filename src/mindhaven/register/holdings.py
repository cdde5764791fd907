"""What register holds. No I/O."""

from typing import Final

from mindhaven.kernel import STRUCTURAL, Holding

HOLDINGS: Final = (
    Holding(
        table="register_policy",
        person=None,
        columns=dict.fromkeys(("version", "digest", "texts", "published_at", "seq"), STRUCTURAL),
        why="The policies that this server showed, so that each can be read again and compared.",
        keep="always",
    ),
)
