"""What a page of the web app may hold, attribute by attribute."""

import pytest

from mindhaven.sdk.page import faults_of

HASHES = {"/app/a.js": "sha384-AAAA", "/app/a.css": "sha384-BBBB", "/app/icon.svg": "sha384-CCCC"}
GOOD = (
    '<!doctype html><html><head><meta name="robots" content="noindex"><link rel="icon" href="/app/icon.svg">'
    '<script type="module" crossorigin src="/app/a.js" integrity="sha384-AAAA"></script>'
    '<link rel="stylesheet" href="/app/a.css" integrity="sha384-BBBB"></head>'
    "<body><noscript><p>on=1 src=x</p></noscript>{}</body></html>"
)


def test_the_apps_own_page_has_no_fault() -> None:
    assert faults_of(GOOD.format(""), HASHES) == []
    assert faults_of(GOOD.format("<p onion>x</p>").replace("onion", "title"), HASHES) == []


@pytest.mark.parametrize(
    ("added", "fault"),
    [
        ("<script>x</script>", "a script without an address"),
        ('<script src="/app/a.js" integrity="sha384-AAAA">x</script>', "a script with text in it"),
        ('<SCRIPT SRC="/app/a.js" INTEGRITY="sha384-BBBB"></SCRIPT>', "a script without its hash"),
        ('<script src="/app/a.js"></script>', "a script without its hash"),
        (
            '<script src="//elsewhere.test/a.js" integrity="sha384-AAAA"></script>',
            "a script from //elsewhere.test/a.js",
        ),
        ('<link rel="alternate Stylesheet" href="/app/a.css">', "a link without its hash"),
        ('<link rel="modulepreload" href="/app/a.js">', "a link without its hash"),
        ("<style>p{}</style>", "a style of its own"),
        ('<p style="color:red">', "style on p"),
        ("<p onclick=x>", "onclick on p"),
        ('<meta http-equiv="refresh" content="0">', "http-equiv on meta"),
        ('<iframe srcdoc="x">', "srcdoc on iframe"),
        ('<a href="javascript:x">', "a a from javascript:x"),
        ('<form action="/v1/sessions">', "a form from /v1/sessions"),
        ('<base href="/">', "a base from /"),
        ('<unheard-of src="/app/other.js">', "a unheard-of from /app/other.js"),
        ('<svg><use xlink:href="data:x"/></svg>', "a use from data:x"),
    ],
)
def test_what_it_must_not_have_is_named(added: str, fault: str) -> None:
    assert fault in faults_of(GOOD.format(added), HASHES)


def test_a_page_without_the_apps_script_is_not_the_app() -> None:
    assert faults_of("<!doctype html><title>x</title>", HASHES) == ["no script of the app"]
