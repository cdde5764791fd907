"""What the table of consent holds. No I/O."""

from typing import Final

from mindhaven.kernel import STRUCTURAL, Holding

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
    Holding(
        table="consent_choice",
        person="person",
        columns=dict.fromkeys(
            ["person", "number", "hash", "purpose", "act", "terms", "until", "generation", "signed"], "consent"
        ),
        why="What a person allowed the host, purpose by purpose, as they signed it.",
        keep="consent",
    ),
    Holding(
        table="consent_text",
        person=None,
        columns=dict.fromkeys(["hash", "purpose", "terms", "language", "text"], STRUCTURAL),
        why="Every text that people were asked by, so that each choice can be shown with its words.",
        keep="always",
    ),
)
