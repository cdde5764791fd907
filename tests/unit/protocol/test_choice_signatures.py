"""What of choices no vector can hold: signatures made here, and the choice that a verified one is."""

import pytest

from mindhaven.crypto.secrets import RootKey
from mindhaven.errors import IntegrityError
from mindhaven.protocol.account import Identity, Statement, genesis, verify_chain
from mindhaven.protocol.choice import Act, By, Choice, verify_choice
from mindhaven.protocol.encoding import ZERO32

HOUR = 3600


def test_what_is_signed_is_verified_as_the_same_choice():
    identity = Identity.fresh(1)
    first = genesis(RootKey.fresh(), identity, bytes(32))
    account = verify_chain(Statement.decode(first.body).uid, [first])
    made = Choice(person=account.uid, number=0, previous=ZERO32, purpose="reminders", act=Act.REFUSED, terms=1,
                  text_hash=bytes(32), language="en", policy=bytes(32), asked=HOUR, at=HOUR)  # fmt: skip
    assert (made.until, made.by) == (0, By.SELF)
    assert verify_choice(made.sign(identity), account, generation=1) == made
    with pytest.raises(IntegrityError):
        verify_choice(made.sign(Identity.fresh(1)), account, generation=1)
