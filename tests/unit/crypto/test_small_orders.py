"""The keys that no signature may be checked by: every writing of a point of small order on edwards25519, no other."""

from mindhaven.crypto import sign

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def test_the_points_of_small_order_are_listed_in_every_writing() -> None:
    """By RFC 8032: order 1 has y = 1, order 2 y = -1, order 4 y = 0. What doubles to y = 0 has x^2 = -y^2, which on the
    curve is d y^4 + 2 y^2 = 1: order 8. Below 2^255 only 0 and 1 can be written with p added."""
    assert {len(one) for one in sign._SMALL_ORDER} == {32}
    listed = {int.from_bytes(one, "little") for one in sign._SMALL_ORDER}
    plain = {0, 1, P - 1, P, P + 1}
    assert plain < listed
    one, other = listed - plain
    assert one + other == P
    assert (D * pow(one, 4, P) + 2 * one * one - 1) % P == 0
