"""What the table of consent holds. No I/O."""

from typing import Final

from mindhaven.kernel import Holding

HOLDINGS: Final = (
    Holding(
        table="consent_record",
        person="grantor",
        columns=dict.fromkeys(
            [
                "hash",
                "grantor",
                "recipient",
                "collection",
                "purpose",
                "since",
                "until",
                "language",
                "register_version",
                "generation",
                "signed",
                "sealed",
                "given_hour",
                "ended_hour",
            ],
            "consent",
        ),
        why="The proof of what a person agreed to, in which words, and when it ended.",
        keep="consent",
    ),
)
