"""The five faces of a mood: their words and where each stands between -1 and 1. No I/O.

Guarantees: one scale wherever a mood is typed; a word means one face, the one that it has in Daylio's five too.
"""

import re
from typing import Final

FACES: Final = ("very low", "low", "so-so", "good", "very good")
"""The five faces, from 1; the same words as in the app."""
VALENCES: Final = (-1, -0.5, 0, 0.5, 1)
_ALSO: Final = (
    ("awful", "terrible", "horrible", "very bad", "very unpleasant", "worst"),
    ("bad", "down", "unpleasant", "poor"),
    ("ok", "okay", "soso", "meh", "neutral", "in between", "alright", "all right"),
    ("well", "pleasant", "nice"),
    ("great", "rad", "super", "excellent", "amazing", "wonderful", "very well", "very pleasant", "best"),
)
"""Other words that people use, by face."""
_PLAIN: Final = re.compile(r"[^a-z]+")


def _word(text: str) -> str:
    return _PLAIN.sub(" ", text.lower()).strip()


_NUMBERS: Final = {
    _word(word): number
    for number, (face, also) in enumerate(zip(FACES, _ALSO, strict=True), 1)
    for word in (face, *also)
}


def face_of(text: str) -> int | None:
    """Return the face, 1 to 5, that a word or number says; None for anything else."""
    clean = text.strip()
    return int(clean) if clean in {"1", "2", "3", "4", "5"} else _NUMBERS.get(_word(text))
