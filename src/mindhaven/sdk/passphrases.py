"""Which new passphrases are refused: too short, or among the first that anybody would try. No I/O.

Guarantees: only passphrases that are made new are judged, never one that signs in; nothing of one is in a message.
Does not: estimate strength. What it lets pass may still be weak; five words that do not belong together are not.
"""

from typing import Final

from mindhaven.errors import InvalidInputError

MIN_PASSPHRASE_CHARACTERS: Final = 12
"""Five common words are longer than this, most single passwords shorter."""
GOOD_WORDS: Final = "Five words that do not belong together are easy to keep and hard to guess."
FEWEST_LEFT: Final = 5
"""Signs that must be left once everything was taken out that is in the first guesses."""
_FIRST_GUESSES: Final = tuple(sorted((
    "passphrase", "password", "passwort", "contrasena", "motdepasse", "qwertz", "azerty", "letmein", "welcome",
    "iloveyou", "admin", "administrator", "login", "secret", "mindhaven", "changeme", "dragon", "monkey", "football",
    "baseball", "sunshine", "princess", "superman", "batman", "master", "shadow", "trustno", "whatever", "starwars",
    "pokemon", "computer", "internet", "default", "hello", "abc", "test", "user", "pass", "love",
), key=len, reverse=True))  # fmt: skip
_ROWS: Final = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
)  # fmt: skip
_RUN: Final = 3
_LEET: Final = str.maketrans("013457@$!", "oieastasi")


def check_new(passphrase: str) -> None:
    """Raise `InvalidInputError` (passphrase-short, passphrase-easy) for a new passphrase that is easy to guess."""
    if len(passphrase) < MIN_PASSPHRASE_CHARACTERS:
        raise InvalidInputError(
            f"A passphrase has at least {MIN_PASSPHRASE_CHARACTERS} characters.",
            code="passphrase-short",
            hint=GOOD_WORDS,
        )
    if is_easy(passphrase):
        raise InvalidInputError(
            "This passphrase is among the first that anybody would try.", code="passphrase-easy", hint=GOOD_WORDS
        )


def is_easy(passphrase: str) -> bool:
    """Return whether little is left of a passphrase without common passwords, runs, years and repeats."""
    folded = passphrase.casefold()
    return min(_left(folded), _left(folded.translate(_LEET))) < FEWEST_LEFT


def _left(before: str) -> int:
    """Return how many different letters are left; of a text of digits alone, how many different digits."""
    text = before
    for word in _FIRST_GUESSES:
        text = text.replace(word, " ")
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for length in range(len(row), _RUN - 1, -1):
            for start in range(len(row) - length + 1):
                text = text.replace(row[start : start + length], " ")
    letters = {sign for sign in text if sign.isalpha()}
    digits_alone = not any(sign.isalpha() for sign in before)
    return len({sign for sign in text if sign.isdigit()}) if digits_alone else len(letters)
