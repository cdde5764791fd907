"""The way out: nothing leaves that is not listed."""

import pytest

from mindhaven.errors import DeniedError, UnavailableError
from mindhaven.kernel import AllowList, Call, Reply


async def _reply(call: Call) -> Reply:
    return Reply(status=200, headers={}, body=call.url.encode())


def call(url: str) -> Call:
    return Call(method="GET", url=url, purpose="test")


async def test_nothing_leaves_by_default() -> None:
    with pytest.raises(DeniedError):
        await AllowList(transport=_reply).send(call("https://example.org/"))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org.evil.test/",
        "https://evil.test/example.org",
        "https://example.org@evil.test/",
        "https://user@example.org/",
        "http://example.org/",
        "file:///etc/passwd",
        "https://sub.example.org/",
        "https:///x",
    ],
)
async def test_only_the_very_host_is_permitted(url: str) -> None:
    with pytest.raises(DeniedError):
        await AllowList(["example.org"], transport=_reply).send(call(url))


async def test_a_listed_host_is_called() -> None:
    allowed = AllowList(["Example.org", "other.test:8443"], transport=_reply)
    assert (await allowed.send(call("https://example.org/a"))).status == 200
    assert (await allowed.send(call("https://other.test:8443/a"))).status == 200
    with pytest.raises(DeniedError):
        await allowed.send(call("https://other.test/a"))
    with pytest.raises(UnavailableError):
        await AllowList(["example.org"]).send(call("https://example.org/"))


async def test_what_is_not_declared_for_a_purpose_is_not_sent() -> None:
    allowed = AllowList(["example.org"], sends={"test": ("url", "ttl")}, transport=_reply)
    url = "https://example.org/"
    assert (await allowed.send(Call(method="POST", url=url, purpose="test", headers={"TTL": "60"}))).status == 200
    for stray, told in (
        (Call(method="POST", url=url, purpose="test", headers={"X-Mood": "low"}), "x-mood for test"),
        (Call(method="POST", url=url, purpose="test", body=b"low"), "body for test"),
        (Call(method="POST", url=url, purpose="other"), "url for other"),
    ):
        with pytest.raises(DeniedError) as refused:
            await allowed.send(stray)
        assert refused.value.reason == "outbound-field"
        assert told in refused.value.message
