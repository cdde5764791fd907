"""The operations of vault. Bodies are CBOR; see spec/collection.md and spec/transfer.md."""

from typing import Any, Final

from mindhaven.kernel import CBOR, Body, Operation
from mindhaven.protocol.attachment import BLOB_BYTES
from mindhaven.vault.api.asking import open_salt_keys, salt_keys
from mindhaven.vault.api.blobs import drop_blobs, erase, get_blob, note_erased, put_blob
from mindhaven.vault.api.offering import Offered, give_back, give_part_back, missing, missing_parts, take_offer
from mindhaven.vault.api.pulling import collections, opened, pull
from mindhaven.vault.api.pushing import answer, create, move_in, parse_push, push, take_push, verify_items
from mindhaven.vault.api.snapshots import get_piece, named, newest, put_piece
from mindhaven.vault.model import MAX_PUSH_BYTES
from mindhaven.wire import vault as wire
from mindhaven.wire.receipts import ErasureReceipt


def _op(name: str, method: str, path: str, run: Any, summary: str, **more: Any) -> Operation:
    who = more.pop("who", "session")
    return Operation(name=name, method=method, path=path, run=run, who=who, summary=summary, **more)


OPERATIONS: Final = (
    _op("collections", "GET", "/v1/collections", collections, "List collections and their heads",
        gives=wire.Collections),
    _op("collection_create", "POST", "/v1/collections", create, "Begin a collection", takes=Body, gives=bytes,
        max_body_bytes=MAX_PUSH_BYTES, refuses=wire.PUSH_REFUSES),
    _op("collection_erase", "DELETE", "/v1/collections/{collection}", erase, "Erase a collection whole", who="slot-now",
        gives=ErasureReceipt, refuses={"collection-unknown": 404, "on-hold": 403}),
    _op("commits_push", "POST", "/v1/collections/{collection}/commits", push, "Push one commit", takes=Body,
        gives=bytes, max_body_bytes=MAX_PUSH_BYTES, refuses=wire.PUSH_REFUSES, answers={409: CBOR}),
    _op("commits_pull", "GET", "/v1/collections/{collection}/commits", pull, "Pull the commits after a seq",
        query=wire.PullQuery, gives=bytes, refuses={"collection-unknown": 404, "share-ended": 403}),
    _op("collection_opened", "POST", "/v1/collections/{collection}/opened", opened,
        "Report that one's app showed what another shares", refuses={"collection-unknown": 404, "share-ended": 403}),
    _op("collection_move_in", "POST", "/v1/moving/{collection}", move_in, "Bring a collection that moves house",
        takes=Body, gives=bytes, max_body_bytes=MAX_PUSH_BYTES,
        refuses={**wire.PUSH_REFUSES, "author-unknown": 409, "moving-order": 409, "moving-empty": 400,
                 "not-moving": 409}),
    _op("snapshot", "GET", "/v1/collections/{collection}/snapshot", newest, "Show the newest snapshot", gives=bytes,
        refuses={"collection-unknown": 404, "snapshot-unknown": 404, "share-ended": 403}),
    _op("snapshot_piece_put", "PUT", "/v1/collections/{collection}/snapshots/{piece}", put_piece,
        "Send a piece of a snapshot", takes=Body, media="application/octet-stream", max_body_bytes=BLOB_BYTES,
        refuses={"collection-unknown": 404, "not-the-owner": 403, "share-ended": 403, "collection-full": 409}),
    _op("snapshot_piece", "GET", "/v1/collections/{collection}/snapshots/{piece}", get_piece,
        "Get a piece of a snapshot", gives=bytes,
        refuses={"collection-unknown": 404, "snapshot-unknown": 404, "share-ended": 403}),
    _op("commits_named", "POST", "/v1/collections/{collection}/commits/named", named, "Get commits by their places",
        takes=Body, gives=bytes, refuses={"collection-unknown": 404, "share-ended": 403}),
    _op("missing", "GET", "/v1/collections/{collection}/missing", missing, "List what a restore lost of live records",
        query=wire.MissingQuery, gives=bytes, refuses={"collection-unknown": 404, "offer-closed": 409}),
    _op("give_back", "POST", "/v1/collections/{collection}/given-back", give_back,
        "Give back what a restore lost of live records", takes=Body, gives=bytes, max_body_bytes=MAX_PUSH_BYTES,
        refuses={"collection-unknown": 404, "offer-closed": 409, "account-unfinished": 403}),
    _op("missing_parts", "GET", "/v1/collections/{collection}/missing-parts", missing_parts,
        "List which parts of attachments a restore lost", query=wire.MissingQuery, gives=bytes,
        refuses={"collection-unknown": 404, "offer-closed": 409}),
    _op("part_give_back", "PUT", "/v1/collections/{collection}/given-back/{blob}", give_part_back,
        "Give back a part of an attachment that a restore lost", takes=Body, media="application/octet-stream",
        max_body_bytes=BLOB_BYTES,
        refuses={"collection-unknown": 404, "offer-closed": 409, "share-ended": 403, "account-unfinished": 403,
                 "blob-unwanted": 409}),
    _op("blob_put", "PUT", "/v1/collections/{collection}/blobs/{blob}", put_blob, "Send a part of an attachment",
        takes=Body, media="application/octet-stream", max_body_bytes=BLOB_BYTES,
        refuses={"collection-unknown": 404, "reader-writes": 403, "share-ended": 403, "collection-full": 409}),
    _op("blob_get", "GET", "/v1/collections/{collection}/blobs/{blob}", get_blob, "Get a part of an attachment",
        gives=bytes, media="application/octet-stream",
        refuses={"collection-unknown": 404, "blob-unknown": 404, "share-ended": 403}),
)  # fmt: skip

__all__ = [
    "OPERATIONS",
    "Offered",
    "answer",
    "drop_blobs",
    "note_erased",
    "open_salt_keys",
    "parse_push",
    "salt_keys",
    "take_offer",
    "take_push",
    "verify_items",
]
