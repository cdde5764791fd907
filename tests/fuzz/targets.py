"""The decoders, each with a corpus from `vectors/`: what it takes of everything there, and some of what it refuses."""

import base64
import contextlib
import io
import json
import random
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cbor2
from tests.fuzz.guided import kept
from tests.fuzz.mutate import any_of, changed
from tests.fuzz.passkeys import passkey_targets
from tests.fuzz.run import Target
from tests.simulators.chosen import evidence

from mindhaven.accounts import verify as accounts
from mindhaven.crypto import age
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.padding import pad, unpad
from mindhaven.crypto.seal import open_box, seal_box
from mindhaven.crypto.secrets import FileKey
from mindhaven.errors import MindhavenError
from mindhaven.kinds import decode_body, encode_body
from mindhaven.protocol import (
    archive,
    attachment,
    card,
    choice,
    collection,
    consent,
    envelope,
    epoch,
    lock,
    login,
    recovery,
    slots,
)
from mindhaven.protocol.account import Identity, Statement, verify_chain
from mindhaven.protocol.chain import verify_signed
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk import moving
from mindhaven.sdk.consent_receipts import FORMS, Evidence, render
from mindhaven.sdk.content import from_content, to_content
from mindhaven.sdk.imports import Options, detect, importer_named
from mindhaven.vault.api import parse_push, verify_items

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
MOST_BYTES = 200_000
REFUSED = 20
"""Inputs that a target refuses are kept in its corpus too, so many: they are near misses of another format."""

Take = Callable[[bytes], bytes | None]
_READER = Identity.fresh(1)


def pieces() -> list[bytes]:
    """Return every byte string of the vectors, and every byte string inside those that are CBOR."""
    found: dict[bytes, None] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)
        elif isinstance(value, str):
            for read in (bytes.fromhex, lambda text: base64.b64decode(text, validate=True)):
                try:
                    keep(read(value))
                except ValueError:
                    continue
        elif isinstance(value, bytes):
            keep(value)

    def keep(data: bytes) -> None:
        if len(data) > MOST_BYTES or data in found:
            return
        found[data] = None
        try:
            walk(cbor2.loads(data))
        except Exception:
            return

    for path in sorted(VECTORS.glob("*.json")):
        walk(json.loads(path.read_text()))
    return list(found)


def texts() -> list[bytes]:
    """Return every text of the vectors that stands on its own: cards, links, keys."""
    found: dict[bytes, None] = {}
    for name in ("card", "recovery"):
        for case in json.loads((VECTORS / f"{name}.json").read_text())["cases"]:
            for value in [*case.values(), *case["expect"].values()]:
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, str):
                        found[one.encode()] = None
    return list(found)


def _taken(take: Take, given: Iterable[bytes]) -> tuple[bytes, ...]:
    taken, refused = [], []
    for data in given:
        try:
            take(data)
        except MindhavenError:
            refused.append(data)
        except Exception:
            taken.append(data)  # a fault at once: let the run meet it
        else:
            taken.append(data)
    random.Random(1).shuffle(refused)
    return tuple(taken + refused[:REFUSED])


# -- CBOR


def _statement(data: bytes) -> bytes:
    return Statement.decode(data).encode()


def _chain(data: bytes) -> None:
    """Take one statement, or a list of them as the client keeps it."""
    value = decode(data)
    inner = isinstance(value, list) and all(isinstance(one, bytes) for one in value)
    chain = [Signed.decode(one) for one in value] if inner and value else [Signed.of(value)]
    body = Statement.decode(chain[0].body)
    verify_chain(body.uid, chain)
    accounts.chain_states(body.uid, [one.encode() for one in chain])


def _chain_seeds() -> tuple[bytes, ...]:
    """Return the longest chains of the vectors, as the client keeps them."""
    file = json.loads((VECTORS / "account.json").read_text())
    found = []
    for case in file["cases"]:
        if case["op"] == "chain" and isinstance(case["expect"], dict):
            statements = [_signed_of(one, file["values"]).encode() for one in case["chain"]]
            found.append(encode(list(statements)))
    return tuple(found)


def _signed_of(given: dict[str, Any], values: dict[str, str]) -> Signed:
    def raw(text: str) -> bytes:
        return base64.b64decode(values[text[1:]]) if text.startswith("=") else bytes.fromhex(text)

    return Signed(raw(given["body"]), tuple(raw(one) for one in given["signatures"]))


def _slots(data: bytes) -> bytes:
    listed = slots.SlotList.decode(data)
    accounts.passphrase_name(listed)
    for slot in listed.slots:
        if slot.kind is slots.SlotKind.PASSPHRASE:
            slot.passphrase_params()
            accounts.passphrase_params(slot.params)
    return listed.encode()


def _commit(data: bytes) -> bytes:
    commit = collection.Commit.decode(data)
    _ = commit.wraps, commit.fast
    return commit.encode()


def _push(data: bytes) -> None:
    parsed = parse_push(decode(data))
    with contextlib.suppress(MindhavenError):  # it is not signed by this one; its items are met all the same
        verify_signed(parsed.signed, parsed.commit, _READER.public.signing, statement=bytes(32))
    verify_items(parsed, session=bytes(16))


def _envelope(data: bytes) -> bytes:
    header, head, sealed = envelope.read_header(data)
    return encode([head, sealed.commitment, sealed.ciphertext]) if header.encode() == head else b""


def _content(data: bytes) -> None:
    record, notes = from_content(envelope.Content.decode(data))
    to_content(record, notes)


def _body(data: bytes) -> None:
    body = decode_body(data)
    again = encode_body(body)
    if decode_body(again) != body or encode_body(decode_body(again)) != again:
        raise AssertionError("a body changes on its way")


def _wraps(data: bytes) -> bytes:
    return encode([one.value() for one in epoch.parse_wraps(decode(data))])


def _consent(data: bytes) -> bytes:
    return consent.Consent.decode(data).encode()


def _choice(data: bytes) -> bytes:
    return choice.Choice.decode(data).encode()


def _receipt(data: bytes) -> bytes:
    """Read the evidence of a receipt, and render what can be read of it in both forms."""
    found = Evidence.decode(data)
    with contextlib.suppress(MindhavenError):
        json.dumps([render(found, form) for form in FORMS])
    return found.encode()


def _receipt_seed() -> bytes:
    return evidence().encode()


def _claim(data: bytes) -> bytes:
    return login.LoginClaim.decode(data).encode()


def _part(data: bytes) -> None:
    consent.open_part(data, grantor=bytes(32), collection=bytes(32), uid=bytes(32), identity=_READER)


def _part_seed() -> bytes:
    me = (bytes(32), 1, _READER.public.xwing)
    return consent.seal_part(["name", "handle"], grantor=me, recipient=me, collection=bytes(32))


def _box(data: bytes) -> None:
    open_box(bytes(32), "store", b"", data)


def _bundle(data: bytes) -> bytes:
    return slots.Bundle.decode(data).encode()


def _answer(data: bytes) -> None:
    card.answerer(data)


def _unpad(data: bytes) -> bytes:
    return pad(unpad(data))


# -- archives and attachments


def _archive(data: bytes) -> None:
    for _ in archive.read_archive(io.BytesIO(data)):
        pass


def _archive_seed() -> bytes:
    """Return an archive with one record of each type, its end fitting."""
    body = io.BytesIO()
    writer = archive.ArchiveWriter(body)
    for kind, fields in _records():
        writer.write(kind, fields)
    writer.finish()
    return body.getvalue()


def _records() -> list[tuple[archive.RecordType, list[Any]]]:
    found = []
    for case in json.loads((VECTORS / "archive.json").read_text())["cases"]:
        for kind, data in case["expect"].get("records", []):
            found.append((archive.RecordType(kind), list(decode(bytes.fromhex(data)))))
    return found


def _moving(data: bytes) -> None:
    """Read records, put into a whole archive, as moving house does: both passes, nothing sent."""
    with tempfile.NamedTemporaryFile(dir=_FOLDER) as file:
        writer = archive.ArchiveWriter(file)  # type: ignore[arg-type]
        records = decode(data)
        for record in records if isinstance(records, list) else []:
            if not isinstance(record, list) or not record or type(record[0]) is not int or record[0] not in _TYPES:
                continue
            writer.write(archive.RecordType(record[0]), record[1:])
        writer.finish()
        file.flush()
        path = Path(file.name)
        moving._first_pass(path)
        for _ in moving._batches(path):
            pass


def _moving_seed() -> bytes:
    """Return the records of a whole account, as moving house takes them."""
    uid, collection_id, statement = bytes(32), bytes(range(32)), decode(_chain_seeds()[0])[0]
    raw = base64.b64encode
    entry = {"id": raw(bytes(16)), "tag": raw(bytes(32)), "enc": raw(bytes(1120)), "ciphertext": raw(bytes(48)),
             "login_key": raw(bytes(32)), "lookup": None}  # fmt: skip
    entries = json.dumps([{name: one and one.decode() for name, one in entry.items()}]).encode()
    put = collection.Put(bytes(16), 1, 1, bytes(32), bytes(32))
    commit = collection.Commit(collection_id, 1, bytes(32), uid, 1, 20_000, (put,))
    return encode(
        [
            [1, uid, "ana-123456", "https://haven.example"],
            [2, b"slots", entries, b"bundle"],
            [4, collection_id],
            [5, collection_id, [commit.encode(), [bytes(64)]], [[b"envelope", bytes(32)]]],
            [6, collection_id, bytes(32), b"blob"],
            [3, uid, [statement]],
        ]
    )


_TYPES = {int(kind) for kind in archive.RecordType if kind is not archive.RecordType.END}
_FOLDER = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())


def _file(data: bytes) -> None:
    reference = attachment.AttachmentRef("f", "a/b", 5000, FileKey(bytes(32)), (attachment.blob_hash(data),))
    for _ in attachment.open_file(reference, [data]):
        pass


# -- texts


def _text(parse: Callable[[str], Any]) -> Take:
    def take(data: bytes) -> None:
        parse(data.decode("utf-8", "replace"))

    return take


def _card(text: str) -> None:
    found = card.Card.parse(text)
    if card.Card.parse(found.text()) != found:
        raise AssertionError("a card changes on its way")


# -- files


def _age(data: bytes) -> None:
    age.decrypt(io.BytesIO(data), io.BytesIO(), _AGE)


_AGE = age.generate_identity(lambda count: bytes(range(count)))


def _age_seeds() -> tuple[bytes, ...]:
    seeds = []
    for content in (b"", b"hello", bytes(70_000)):
        out = io.BytesIO()
        age.encrypt(io.BytesIO(content), out, [age.recipient_of(_AGE)], random=lambda count: bytes(count))
        seeds.append(out.getvalue())
    return tuple(seeds)


def _import(name: str, options: Options, *, wrap: Callable[[bytes], bytes] | None = None) -> Take:
    def take(data: bytes) -> None:
        with tempfile.NamedTemporaryFile(dir=_FOLDER) as file:
            file.write(wrap(data) if wrap else data)
            file.flush()
            path = Path(file.name)
            with contextlib.suppress(MindhavenError):
                detect(path)
            importer = importer_named(name)
            importer.preview(path, options)
            for _ in importer.read(path, options):
                pass

    return take


def _zipped(inner: str, encode_inner: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def wrap(data: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(inner, encode_inner(data))
        return out.getvalue()

    return wrap


def _vector_files(folder: str, *suffixes: str) -> tuple[bytes, ...]:
    found = sorted((VECTORS / "imports" / folder).iterdir())
    return tuple(one.read_bytes() for one in found if one.suffix in suffixes and not one.name.endswith(".expect.json"))


MOODS = dict.fromkeys(["rad", "good", "meh", "bad", "awful"], 3)
COLUMNS = "date=day"


def _columns() -> str:
    expect = json.loads((VECTORS / "imports" / "csv-map" / "own-table.expect.json").read_text())
    return str(expect.get("options", {}).get("columns", COLUMNS))


def all_targets(*, vectors: bool = True) -> list[Target]:
    """Return every target with its corpus; without `vectors` that is only what does not come from there."""
    given, written = (pieces(), texts()) if vectors else ([], [])
    cbor: list[tuple[str, Take, tuple[bytes, ...]]] = [
        ("encoding", lambda data: encode(decode(data)), ()),
        ("signed", lambda data: Signed.decode(data).encode(), ()),
        ("statement", _statement, ()),
        ("account chain", _chain, _chain_seeds()),
        ("slot list", _slots, ()),
        ("lock's ring", lambda data: lock.Ring.decode(data).encode(), ()),
        ("bundle", _bundle, ()),
        ("commit", _commit, ()),
        ("push", _push, ()),
        ("envelope", _envelope, ()),
        ("content", _content, (_content_seed(),)),
        ("wraps", _wraps, ()),
        ("consent", _consent, ()),
        ("consent's sealed part", _part, (_part_seed(),)),
        ("choice", _choice, ()),
        ("choice's receipt", _receipt, (_receipt_seed(),)),
        ("log-in claim", _claim, ()),
        ("sealed box", _box, (seal_box(bytes(32), "store", b"", b"content"),)),
        ("invitation's answer", _answer, ()),
        ("archive", _archive, (_archive_seed(),)),
        ("archive's records", _moving, (_moving_seed(),)),
        ("attachment", _file, tuple(attachment.seal_file(FileKey(bytes(32)), [bytes(5000)], 5000))),
        ("padding", _unpad, (pad(b"x" * 100),)),
    ]
    targets = [Target(name, take, _taken(take, given) + more + kept(name), any_of) for name, take, more in cbor]
    bodies = tuple(json.dumps(body).encode() for body in ({"valence": 0.5, "note": "x"}, {"a": [1, {"b": None}]}))
    targets.append(Target("record's body", _body, bodies + kept("record's body"), any_of))
    for name, take in (
        ("card", _text(_card)),
        ("invitation link", _text(card.Invitation.parse)),
        ("recovery key", _text(recovery.parse)),
        ("age identity", _text(age.recipient_of)),
    ):
        corpus = _taken(take, [*written, _AGE.encode()]) + kept(name)
        targets.append(Target(name, take, corpus, changed))
    zipped_json = _zipped("backup.daylio", base64.b64encode)
    imports = [
        ("daylio-csv", "daylio-csv", Options(moods=MOODS), None, _vector_files("daylio-csv", ".csv")),
        ("daylio-backup", "daylio-backup", Options(), zipped_json, _vector_files("daylio-backup", ".json")),
        ("apple-health", "apple-health", Options(), None, _vector_files("apple-health", ".xml")),
        ("apple-health zip", "apple-health", Options(), None,
         tuple(_zipped("apple_health_export/export.xml", bytes)(one) for one in _vector_files("apple-health", ".xml"))),
        ("daylio zip", "daylio-backup", Options(), None,
         tuple(zipped_json(one) for one in _vector_files("daylio-backup", ".json"))),
        ("bearable-csv", "bearable-csv", Options(), None, _vector_files("bearable-csv", ".csv")),
        ("csv-map", "csv-map", Options(columns=_columns()), None, _vector_files("csv-map", ".csv")),
    ]  # fmt: skip
    for name, importer, options, wrap, files in imports:
        targets.append(Target(name, _import(importer, options, wrap=wrap), files, any_of, files=True))
    own = _vector_files("csv-map", ".csv")[0]
    targets.append(Target("csv-map's columns", _map(own), (_columns().encode(),), changed, files=True))
    targets.append(Target("age file", _age, _age_seeds() + kept("age file"), changed))
    return targets + passkey_targets()


def _map(table: bytes) -> Take:
    def take(data: bytes) -> None:
        _import("csv-map", Options(columns=data.decode("utf-8", "replace")))(table)

    return take


def _content_seed() -> bytes:
    body = {
        "valence": 0.0,
        "$": {
            "conflict_of": "00" * 16,
            "files": [{"name": "f", "type": "a/b", "size": 5, "key": base64.b64encode(bytes(32)).decode(),
                       "blobs": [base64.b64encode(bytes(32)).decode()]}],
        },
    }  # fmt: skip
    return envelope.Content("mindhaven/mood", 1, 0, "UTC", json.dumps(body).encode()).encode()
