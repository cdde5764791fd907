"""The spare key on paper: what is no sign of it is told at its own row."""

import pytest

from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import InvalidInputError
from mindhaven.protocol import recovery


def test_a_sign_that_is_none_of_the_alphabet_names_its_own_row():
    written = "".join(recovery.rows(SlotSecret(bytes(range(32)))))
    for at in range(64):
        with pytest.raises(InvalidInputError) as caught:
            recovery.parse(written[:at] + "U" + written[at + 1 :])
        assert (caught.value.reason, caught.value.message.split()[1]) == ("recovery-row", str(at // 8 + 1))
