"""Which new passphrases are refused."""

import pytest

from mindhaven.errors import InvalidInputError
from mindhaven.sdk.passphrases import check_new


@pytest.mark.parametrize(
    "passphrase",
    ["password1234", "Password1234!", "P@ssw0rd2024!!", "qwertyuiop12", "123456789012", "abcdefghijklm",
     "letmeinletmein", "iloveyou19870412", "aaaaaaaaaaaa", "abababababab", "mindhaven2026", "111111111111",
     "admin admin admin", "zxcvbnmasdfghjkl", "welcome123456"],
)  # fmt: skip
def test_the_first_guesses_are_refused(passphrase: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        check_new(passphrase)
    assert raised.value.reason == "passphrase-easy"
    assert "Five words" in (raised.value.hint or "")
    assert passphrase not in raised.value.diagnostics()


@pytest.mark.parametrize(
    "passphrase",
    ["seven quiet herons at dusk", "correct horse battery staple", "brass kettle under the stairs",
     "mGv7Qx2pLr9z", "my password is a long walk home", "839201748265", "ein grüner Hund im Garten",
     "五つの言葉は似ていないものが良い"],
)  # fmt: skip
def test_others_pass(passphrase: str) -> None:
    check_new(passphrase)


def test_a_short_one_is_told_apart() -> None:
    with pytest.raises(InvalidInputError) as raised:
        check_new("password")
    assert raised.value.reason == "passphrase-short"
