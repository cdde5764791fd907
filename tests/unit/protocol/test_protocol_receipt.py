"""What is said of what somebody asked for."""

from mindhaven.protocol.receipt import About


def test_what_is_not_said_stands_as_null():
    assert About(collection=b"c" * 32, digest=b"d" * 32).value() == [b"c" * 32, None, b"d" * 32]
