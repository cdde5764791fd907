"""When a device is due, whatever the clock does, and which addresses are a push service's."""

import pytest

from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Denied, fits
from mindhaven.reminders.rules import Due, Endpoint, check_services, due, endpoint, next_at

MIDNIGHT = 1_795_392_000
"""2026-11-23 00:00:00 UTC."""
DAY = 86_400
REAL = ("fcm.googleapis.com", "updates.push.services.mozilla.com", "*.notify.windows.com", "*.push.apple.com")


@pytest.mark.parametrize(
    ("minutes", "now", "expected"),
    [
        ((480,), MIDNIGHT, MIDNIGHT + 8 * 3600),
        ((480,), MIDNIGHT + 8 * 3600 - 1, MIDNIGHT + 8 * 3600),
        ((480,), MIDNIGHT + 8 * 3600, MIDNIGHT + DAY + 8 * 3600),  # the minute that has begun is over
        ((480,), MIDNIGHT + 8 * 3600 + 59, MIDNIGHT + DAY + 8 * 3600),
        ((480, 1200), MIDNIGHT + 9 * 3600, MIDNIGHT + 20 * 3600),
        ((0,), MIDNIGHT - 1, MIDNIGHT),
        ((0,), MIDNIGHT, MIDNIGHT + DAY),
        ((1439,), MIDNIGHT + 5, MIDNIGHT + DAY - 60),
        ((1439, 0), MIDNIGHT + DAY - 60, MIDNIGHT + DAY),  # over midnight
        ((1439, 0), MIDNIGHT + DAY - 61, MIDNIGHT + DAY - 60),
    ],
)
def test_the_next_one_is_the_first_minute_that_has_not_begun(minutes: tuple[int, ...], now: int, expected: int) -> None:
    assert next_at(minutes, now) == expected


@pytest.mark.parametrize(
    ("at", "last", "now", "expected"),
    [
        (1000, 0, 999, Due.WAIT),
        (1000, 0, 1000, Due.SEND),
        (1000, 0, 1600, Due.SEND),  # ten minutes late, as after a restart
        (1000, 0, 1601, Due.LEAVE_OUT),
        (1000, 0, 1000 + DAY, Due.LEAVE_OUT),  # the server slept
        (1000, 1000, 1010, Due.LEAVE_OUT),  # sent already: the clock was put back meanwhile
        (1000, 1000 - DAY, 1010, Due.SEND),
        (1000 + DAY + 60, 0, 1000, Due.WAIT),
        (1000 + DAY + 61, 0, 1000, Due.LEAVE_OUT),  # reckoned before the clock was put back
    ],
)
def test_what_is_too_late_or_was_sent_is_left_out(at: int, last: int, now: int, expected: Due) -> None:
    assert due(at, last, now) is expected


def test_a_server_that_slept_for_a_day_sends_one_and_no_burst() -> None:
    minutes = (480, 485, 490, 1200)
    at, last, sent = next_at(minutes, MIDNIGHT), 0, []
    now = MIDNIGHT + DAY + 8 * 3600 + 12 * 60  # 8:12 of the next day
    for _ in range(10):
        if due(at, last, now) is Due.SEND:
            sent.append(at)
            last = at
        if at <= now:
            at = next_at(minutes, now)
        now += 20
    assert sent == []
    assert at == MIDNIGHT + DAY + 20 * 3600


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://fcm.googleapis.com/fcm/send/dRk:APA91bH_x-y", "fcm.googleapis.com"),
        ("https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk", "updates.push.services.mozilla.com"),
        ("https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%2f%2b8", "wns2-par02p.notify.windows.com"),
        ("https://web.push.apple.com/QMxyz", "web.push.apple.com"),
    ],
)
def test_addresses_as_browsers_give_them_are_taken(url: str, host: str) -> None:
    found = endpoint(url, REAL)
    assert found == Endpoint(url=url, origin=f"https://{host}", host=host)


REFUSED = [
    "http://fcm.googleapis.com/x",
    "https://fcm.googleapis.com",
    "https://fcm.googleapis.com:443/x",
    "https://fcm.googleapis.com:8443/x",
    "https://user@fcm.googleapis.com/x",
    "https://user:pass@fcm.googleapis.com/x",
    "https://fcm.googleapis.com@10.0.0.1/x",
    "https://fcm.googleapis.com\\@10.0.0.1/x",
    "https://10.0.0.1/x",
    "https://[::1]/x",
    "https://127.0.0.1/x",
    "https://2130706433/x",
    "https://169.254.169.254/latest/meta-data",
    "https://localhost/x",
    "http://127.0.0.1:9000/x",
    "https://fcm.googleapis.com.evil.test/x",
    "https://evilfcm.googleapis.com/x",
    "https://notify.windows.com/x",
    "https://.notify.windows.com/x",
    "https://evil.test:443.notify.windows.com/x",
    "https://x@y.notify.windows.com/x",
    "https://evilnotify.windows.com/x",
    "https://FCM.googleapis.com/x",
    "https://fcm.googleapis.com./x",
    "https://fcm.googleapis.com/x#y",
    "https://fcm.googleapis.com/a b",
    "https://fcm.googleapis.com/a\nb",
    "https:fcm.googleapis.com/x",
    "//fcm.googleapis.com/x",
    "ftp://fcm.googleapis.com/x",
    "",
]


@pytest.mark.parametrize("url", REFUSED)
def test_every_other_address_is_refused(url: str) -> None:
    found = endpoint(url, REAL)
    assert isinstance(found, Denied)
    assert found.reason == "push-service"
    assert url == "" or url not in found.message


def test_a_trial_is_the_very_origin_that_the_setting_names() -> None:
    trial = ("http://127.0.0.1:9000",)
    assert endpoint("http://127.0.0.1:9000/x", trial) == Endpoint(
        url="http://127.0.0.1:9000/x", origin="http://127.0.0.1:9000", host="127.0.0.1"
    )
    for url in (
        "http://127.0.0.1:9001/x",
        "http://127.0.0.1/x",
        "https://127.0.0.1:9000/x",
        "http://a@127.0.0.1:9000/x",
    ):
        assert isinstance(endpoint(url, trial), Denied), url
    assert isinstance(endpoint("http://127.0.0.1:9000/x", ()), Denied)


def test_a_port_of_a_name_is_the_one_that_is_named() -> None:
    assert fits("push.example.org:8443", "https://push.example.org:8443/x")
    assert not fits("push.example.org:8443", "https://push.example.org/x")
    assert not fits("*.example.org", "https://a.example.org:8443/x")
    assert fits("*.example.org", "https://a.b.example.org/x")


@pytest.mark.parametrize(
    "services",
    [(), REAL, ("push.example.org:8443",), ("http://127.0.0.1:9000", "http://localhost:9000"), ("*.example.org",)],
)
def test_services_that_can_be_called_are_taken(services: tuple[str, ...]) -> None:
    check_services(services)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("http://push.example.org", "without encryption"),
        ("http://10.0.0.1:9000", "without encryption"),
        ("http://localhost", "without encryption"),
        ("http://127.0.0.1:9000/x", "without encryption"),
        ("https://push.example.org", "no host"),
        ("10.0.0.1", "no host"),
        ("10.0.0.1:8443", "no host"),
        ("[::1]", "no host"),
        ("localhost", "no host"),
        ("*", "no host"),
        ("*.com", "no host"),
        ("*.example.org:8443", "no host"),
        ("Push.example.org", "no host"),
        ("push.example.org/x", "no host"),
        ("a@push.example.org", "no host"),
        ("push.*.org", "no host"),
        ("", "no host"),
    ],
)
def test_others_refuse_the_start_by_name_with_the_mend(entry: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as caught:
        check_services(["fcm.googleapis.com", entry])
    assert caught.value.reason == "push-services"
    assert f"push.services: {entry} is" in caught.value.message
    assert caught.value.hint
