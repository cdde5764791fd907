"""A new device and the one that lets it in: fresh keys each time, and only the one whose link was read."""

import pytest

from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol.account import Identity
from mindhaven.protocol.pairing import (
    MAX_ANSWER_BYTES,
    MAX_BOX_BYTES,
    Device,
    NewDevice,
    PairingLink,
    let_in,
    open_answer,
)
from mindhaven.protocol.slots import Bundle

UID = b"\x05" * 32


def bundle() -> Bundle:
    return Bundle({1: Identity.fresh(1)}, b"\x00" * 32)


def test_no_two_devices_share_a_secret():
    one, other = NewDevice.fresh(), NewDevice.fresh()
    for mine, theirs in zip(
        (one.id, bytes(one.secret), one.device.xwing, one.device.session_key),
        (other.id, bytes(other.secret), other.device.xwing, other.device.session_key),
        strict=True,
    ):
        assert mine != theirs


def test_a_device_is_let_in_by_its_link_and_by_no_other():
    new, other = NewDevice.fresh(), NewDevice.fresh()
    link = PairingLink.parse(new.link.text("https://mindhaven.example/"))
    given = bundle()
    answer = let_in(link, Device.decode(new.device.encode()), UID, given)
    uid, opened = open_answer(new, answer)
    assert (uid, opened.encode()) == (UID, given.encode())
    with pytest.raises(IntegrityError) as refused:
        let_in(link, other.device, UID, given)
    assert refused.value.reason == "pairing-device"
    with pytest.raises(IntegrityError) as foreign:
        open_answer(other, answer)
    assert foreign.value.reason == "pairing-mac"


def test_a_link_with_its_mark_twice_is_no_link():
    text = NewDevice.fresh().link.text("https://mindhaven.example/")
    PairingLink.parse(text)
    with pytest.raises(InvalidInputError):
        PairingLink.parse(text + "#pair=")


def test_an_answer_has_two_kib_more_room_than_the_bundle_in_it():
    assert MAX_ANSWER_BYTES - MAX_BOX_BYTES == 2048
