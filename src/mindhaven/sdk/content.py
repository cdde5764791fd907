"""Records as item contents: the kind's JSON body, and beside it what the client itself notes. No I/O.

The body of an item is the canonical JSON of the record's body. One reserved name, `$`, holds what belongs to the
client and not to the kind: `conflict_of` (hex of an item id) and `files` (attachments with their keys).
"""

import base64
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.secrets import FileKey
from mindhaven.errors import InvalidInputError
from mindhaven.kinds import Record, decode_body, encode_body
from mindhaven.protocol.attachment import AttachmentRef
from mindhaven.protocol.envelope import Content

RESERVED: Final = "$"


@dataclass(frozen=True, slots=True)
class Notes:
    """What the client notes beside a record."""

    conflict_of: bytes | None = None
    files: tuple[AttachmentRef, ...] = ()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def to_content(record: Record, notes: Notes | None = None) -> Content:
    """Return a record as the content to seal."""
    if RESERVED in record.body:
        raise InvalidInputError(f"A record's body has no field named {RESERVED}.", code="kind-field-reserved")
    body: dict[str, Any] = dict(record.body)
    if notes is not None and notes != Notes():
        extra: dict[str, Any] = {}
        if notes.conflict_of is not None:
            extra["conflict_of"] = notes.conflict_of.hex()
        if notes.files:
            extra["files"] = [
                {
                    "name": file.name,
                    "type": file.media_type,
                    "size": file.size,
                    "key": _b64(file.key),
                    "blobs": [_b64(blob) for blob in file.blobs],
                }
                for file in notes.files
            ]
        body[RESERVED] = extra
    return Content(record.kind, record.version, record.created_at, record.zone, encode_body(body))


def from_content(content: Content) -> tuple[Record, Notes]:
    """Return the record and the notes that a content holds; raise `InvalidInputError` for a malformed one."""
    body = decode_body(content.body)
    extra = body.pop(RESERVED, None)
    record = Record(
        kind=content.kind, version=content.version, created_at=content.created_at, zone=content.zone, body=body
    )
    if not isinstance(extra, dict):
        return record, Notes()
    try:
        return record, _notes(extra)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        # Whoever may write to a collection may write this, so it must not keep the others' reading from going on.
        raise InvalidInputError("What a program noted beside this record is malformed.", code="notes-shape") from error


def _notes(extra: dict[str, Any]) -> Notes:
    conflict = extra.get("conflict_of")
    files: list[AttachmentRef] = []
    for file in extra.get("files", []):
        blobs = tuple(base64.b64decode(blob, validate=True) for blob in file["blobs"])
        key = FileKey(base64.b64decode(file["key"], validate=True))
        files.append(AttachmentRef(str(file["name"]), str(file["type"]), int(file["size"]), key, blobs))
    return Notes(bytes.fromhex(conflict) if isinstance(conflict, str) else None, tuple(files))
