"""What the fuzz found in the SDK, each once: what a co-writer, a server or an archive may send is refused by name."""

import json

import httpx
import msgspec
import pytest

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import Seed
from mindhaven.errors import ConflictError, IntegrityError, InvalidInputError, MindhavenError, UnavailableError
from mindhaven.protocol.archive import ArchiveWriter, RecordType
from mindhaven.protocol.envelope import Content
from mindhaven.protocol.slots import Bundle
from mindhaven.sdk import moving
from mindhaven.sdk.content import from_content
from mindhaven.sdk.transport import Conflict, Transport
from mindhaven.wire import accounts as wire

FILE = {"name": "f", "type": "a/b", "size": 5, "key": "AA==", "blobs": []}


@pytest.mark.parametrize(
    "extra",
    [
        {"files": 5}, {"files": [5]}, {"files": [{}]},
        {"files": [FILE | {"key": "!"}]}, {"files": [FILE | {"blobs": 1}]},
        {"files": [FILE | {"size": "x"}]}, {"files": [FILE | {"size": 1e300 * 10}]}, {"files": [FILE | {"key": "AAA"}]},
        {"conflict_of": "no hex"},
    ],
)  # fmt: skip
def test_what_a_co_writer_notes_beside_a_record_cant_stop_the_others_reading(extra):
    body = json.dumps({"valence": 0.0, "$": extra}).replace("Infinity", "1e308").encode()
    with pytest.raises(InvalidInputError) as caught:
        from_content(Content("mindhaven/mood", 1, 0, "UTC", body))
    assert caught.value.reason in {"notes-shape", "secret-length"}


# -- answers


def answering(status, content, **headers):
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    mock = httpx.MockTransport(lambda _: httpx.Response(status, headers=given, content=content))
    return Transport("https://mindhaven.test", http=httpx.AsyncClient(transport=mock))


@pytest.mark.parametrize("content", [b"5", b"[]", b'"x"', b"\xff", b'{"code":"\xf0"}', b"[" * 100_000, b"", b"null"])
@pytest.mark.parametrize("status", [400, 404, 500])
async def test_a_refusal_that_is_no_problem_is_still_an_error_of_ours(status, content):
    with pytest.raises(MindhavenError) as caught:
        await answering(status, content).call("GET", "/x", wire.NonceGiven, open_=True)
    assert caught.value.reason == f"http-{status}"


async def test_a_refusals_text_can_be_printed_and_its_code_is_one():
    content = msgspec.json.encode({"code": "A\x1b[31m", "detail": "no\x1b[2J\nfor you", "hint": 5})
    with pytest.raises(MindhavenError) as caught:
        await answering(403, content).call("GET", "/x", wire.NonceGiven, open_=True)
    assert (caught.value.reason, caught.value.message, caught.value.hint) == ("http-403", "no[2Jfor you", None)


@pytest.mark.parametrize("wait", ["soon", "Wed, 21 Oct 2015 07:28:00 GMT", "1.5", "-1", "9" * 40, "\u0663"])
async def test_a_time_to_wait_that_is_no_number_is_not_waited(wait):
    with pytest.raises(UnavailableError):
        await answering(503, b"{}", retry_after=wait).call("GET", "/x", open_=True)


@pytest.mark.parametrize("content", [b"\xff", b'{"\xa0":1}', b"[" * 100_000])
async def test_an_answer_that_is_no_json_has_the_wrong_shape(content):
    with pytest.raises(IntegrityError) as caught:
        await answering(200, content).call("GET", "/x", wire.NonceGiven, open_=True)
    assert caught.value.reason == "answer-shape"


async def test_a_page_of_commits_answers_pushes_only():
    transport = answering(409, b"\x80", content_type="application/cbor")
    transport.use_token("t", 2**40)
    calls = [transport.call("GET", "/x", wire.NonceGiven, open_=True), transport.blob("GET", "/x")]
    for call in [*calls, transport.cbor("GET", "/x"), transport.cbor("POST", "/v1/collections", b"")]:
        with pytest.raises(ConflictError) as caught:
            await call
        assert caught.value.reason == "http-409"
    with pytest.raises(Conflict):
        await transport.cbor("POST", "/x", b"", pushes=True)


@pytest.mark.parametrize("token", ["", "a b", "ä", "a\nb: c", "x" * 600])
def test_a_token_that_no_header_can_bear_is_refused(token):
    with pytest.raises(IntegrityError) as caught:
        answering(200, b"").use_token(token, 2**40)
    assert caught.value.reason == "answer-shape"


# -- archives


UID = bytes(32)
ACCOUNT, KEYS = (RecordType.ACCOUNT, [UID, "ana", "o"]), (RecordType.KEYS, [b"s", b"[]", b"b"])
CHAIN = (RecordType.CHAIN, [UID, [b"x"]])
BROKEN = {
    "an account of two fields": [(RecordType.ACCOUNT, [UID, "ana"]), KEYS, CHAIN],
    "a uid of another length": [(RecordType.ACCOUNT, [b"u", "ana", "o"]), KEYS, CHAIN],
    "ways in that are no JSON": [ACCOUNT, (RecordType.KEYS, [b"s", b"[" * 100_000, b"b"]), CHAIN],
    "ways in of another shape": [ACCOUNT, (RecordType.KEYS, [b"s", b"[5]", b"b"]), CHAIN],
    "an empty chain": [ACCOUNT, KEYS, (RecordType.CHAIN, [UID, []])],
    "a chain of numbers": [ACCOUNT, KEYS, (RecordType.CHAIN, [UID, [5]])],
    "a chain without statements": [ACCOUNT, KEYS, (RecordType.CHAIN, [UID])],
    "a commit of one field": [ACCOUNT, KEYS, CHAIN, (RecordType.COMMIT, [UID])],
    "a blob of one field": [ACCOUNT, KEYS, CHAIN, (RecordType.BLOB, [UID])],
}


def written(path, records):
    with path.open("wb") as file:
        writer = ArchiveWriter(file)
        for kind, fields in records:
            writer.write(kind, fields)
        writer.finish()
    return path


@pytest.mark.parametrize("broken", BROKEN)
def test_a_malformed_archive_is_refused_before_anything_is_sent(broken, tmp_path):
    with pytest.raises(InvalidInputError) as caught:
        moving._first_pass(written(tmp_path / "a", BROKEN[broken]))
    assert caught.value.reason in {"shape", "archive-record"}


def test_a_whole_archive_is_read(tmp_path):
    archived = moving._first_pass(written(tmp_path / "a", [ACCOUNT, KEYS, CHAIN]))
    assert (archived.uid, archived.handle, archived.chains) == (UID, "ana", {UID: [b"x"]})


# -- encodings


@pytest.mark.parametrize("given", [None, 5, "text", [b"x"]])
def test_what_is_no_byte_string_is_not_decoded(given):
    with pytest.raises(InvalidInputError) as caught:
        decode(given)
    assert caught.value.reason == "encoding-malformed"


@pytest.mark.parametrize("order", [(2, 1), (1, 1)])
def test_a_bundles_generations_ascend(order):
    seeds = [bytes(Seed.fresh()) for _ in range(3)]
    with pytest.raises(InvalidInputError) as caught:
        Bundle.decode(encode([[[number, *seeds] for number in order], UID]))
    assert caught.value.reason == "shape"
