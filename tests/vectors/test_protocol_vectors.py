"""Every case of vectors/*.json against mindhaven.protocol and mindhaven.crypto. The files are made by tools/vectors."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import vector_chain_ops as chains
import vector_ledger_ops as ledgers
import vector_ops as ops
from vector_ops import FRAME, Inputs, shown

from mindhaven.crypto import fields
from mindhaven.crypto.derive import derive, mac
from mindhaven.crypto.encoding import decode, encode, label, labelled_hash
from mindhaven.crypto.seal import open_box
from mindhaven.crypto.secrets import EpochKey, Seed, SlotSecret
from mindhaven.crypto.wrap import UnwrapKey, Wrapped
from mindhaven.errors import MindhavenError
from mindhaven.protocol import card, choice, consent, epoch, pairing, recovery, shape, slots
from mindhaven.protocol.collection import Member

ROOT = Path(__file__).parents[2]
HEAD = {"spec", "version", "made_by", "source", "values", "cases"}

BUGS: dict[str, str] = {}
"""Cases that fail today, each with its reason; strict, so that a repaired one must leave this list."""

OPS = {
    **ledgers.OPS,
    "fields/wrap": lambda x: {
        "wrapped": fields.wrap_key(x["master"], x["key"], nonce=x["nonce"], purpose=x.purpose, number=x.number)
    },
    "fields/unwrap": lambda x: {
        "key": fields.unwrap_key(x["master"], x["wrapped"], purpose=x.purpose, number=x.number)
    },
    "fields/seal": lambda x: {
        "sealed": fields.seal_field(
            x["key"], x["plain"], nonce=x["nonce"], table=x.table, column=x.column, row=x["row"]
        )
    },
    "fields/open": lambda x: {
        "plain": fields.open_field(x["key"], x["sealed"], table=x.table, column=x.column, row=x["row"])
    },
    "fields/index": lambda x: {"index": fields.blind_index(x["key"], x["value"], table=x.table, column=x.column)},
    "fields/keyed-hash": lambda x: {"hash": fields.keyed_hash(x["key"], x["value"])},
    "fields/check": lambda x: {"check": fields.key_check(x["master"])},
    "encoding/encode": ops.do_encode,
    "encoding/decode": lambda x: decode(x["encoded"]),
    "encoding/decode-zeros": lambda x: decode(bytes(x.count)),
    "encoding/encode-zeros": lambda x: {"bytes": len(encode(bytes(x.count)))},
    "encoding/number": lambda x: {"number": shape.number(decode(x["encoded"]), "A number")},
    "encoding/label": lambda x: {"label": label(x.kind)},
    "encoding/hash": lambda x: {"hash": labelled_hash(x.kind, *map(x.raw, x.parts))},
    "encoding/derive": lambda x: {"okm": derive(x["secret"], x.kind, x["context"], salt=x["salt"], length=x.length)},
    "encoding/mac": lambda x: {"mac": mac(x["key"], x.kind, x["message"])},
    "encoding/sign-fast": ops.do_sign_fast,
    "encoding/verify": ops.do_verify,
    "encoding/signed": ops.do_signed,
    "recovery/write": lambda x: {
        "rows": recovery.rows(SlotSecret(x["key"])),
        "lookup": recovery.lookup_id(SlotSecret(x["key"])),
    },
    "recovery/read": ops.do_read_recovery,
    "recovery/row": lambda x: {"good": recovery.check_row(x.number, x.row)},
    "login/claim": ops.do_claim,
    "login/verify": ops.do_verify_claim,
    "login/decode": lambda x: ops.login.LoginClaim.decode(x["body"]),
    "event/event": ops.do_event,
    "archive/archive": ops.do_archive,
    "account/xwing": lambda x: {"public": UnwrapKey(Seed(x["seed"])).public},
    "account/unwrap": lambda x: {
        "secret": UnwrapKey(Seed(x["seed"])).unwrap(Wrapped(x["enc"], x["ciphertext"]), x["info"])
    },
    "account/authority": ops.do_authority,
    "account/chain": ops.do_chain,
    "slots/passphrase": lambda x: {"secret": slots.PassphraseParams.of(decode(x["params"])).secret(x.passphrase)},
    "slots/passkey": ops.do_passkey,
    "slots/lookup": lambda x: {"lookup": slots.lookup_id(SlotSecret(x["secret"]), slots.SlotKind(x.kind))},
    "slots/keys": ops.do_keys,
    "slots/list": ops.do_list,
    "slots/tag": ops.do_tag,
    "slots/open-slot": ops.do_open_slot,
    "slots/bundle": ops.do_bundle,
    "slots/box": lambda x: {"plaintext": open_box(x["key"], x.kind, x["context"], x["box"])},
    "envelope/seal": ops.do_seal,
    "envelope/seal-zeros": ops.do_seal_zeros,
    "envelope/size": ops.do_size,
    "envelope/open": ops.do_open,
    "epoch/commitment": lambda x: {
        "commitment": epoch.key_commitment(EpochKey(x["key"]), x["collection"], x.number, x.month)
    },
    "epoch/info": ops.do_info,
    "epoch/open-wrap": ops.do_open_wrap,
    "epoch/parse-wraps": lambda x: epoch.parse_wraps(decode(x["wraps"])),
    "epoch/entitled": lambda x: {"entitled": Member.of(x.all(x.member)).entitled(x.month, x.day)},
    "epoch/month": lambda x: {"month": epoch.check_month(x.month)},
    "attachment/seal": ops.do_seal_file,
    "attachment/open": ops.do_open_file,
    "choice/encode": ops.do_choice,
    "choice/text-hash": lambda x: {"hash": choice.text_hash(x.text)},
    "choice/verify": ops.do_verify_choice,
    "choice/chain": lambda x: {"count": len(ops.choices_of(x))},
    "choice/state": ops.do_state,
    "consent/encode": ops.do_consent,
    "consent/text-hash": lambda x: {"hash": consent.text_hash(x.text)},
    "consent/sealed-hash": lambda x: {"hash": consent.sealed_hash(x["sealed"])},
    "consent/verify": ops.do_verify_consent,
    "consent/agrees": ops.do_agrees,
    "consent/open-part": ops.do_open_part,
    "consent/read-part": ops.do_read_part,
    "consent/taken": ops.do_taken,
    "card/card": lambda x: {"text": card.Card(x.handle, x["uid"]).text()},
    "card/read-card": ops.do_read_card,
    "card/safety": lambda x: {
        "number": card.safety_number(x["one"], x["other"]),
        "words": card.safety_words(x["one"], x["other"]),
    },
    "card/link": lambda x: {"link": ops.invitation_of(x).link(x.origin)},
    "card/read-link": ops.do_read_link,
    "card/answer-to": ops.do_answer_to,
    "card/open-answer": ops.do_open_answer,
    "lock/ring": ops.do_ring,
    "lock/open": ops.do_open_lock,
    "lock/open-by-recovery": ops.do_open_lock_by_recovery,
    "lock/open-record": ops.do_open_record,
    "pairing/device": ops.do_device,
    "pairing/read-device": lambda x: pairing.Device.decode(x["device"]),
    "pairing/link": lambda x: {"link": ops.pairing_link_of(x, x.link).text(x.origin)},
    "pairing/read-link": ops.do_read_pairing_link,
    "pairing/let-in": ops.do_let_in,
    "pairing/open-answer": ops.do_open_pairing,
    "transfer/push": ops.do_push,
    "collection/decode": chains.do_decode_commit,
    "collection/genesis": chains.do_genesis,
    "snapshot/build": chains.do_build,
    "snapshot/list": chains.do_list,
    "snapshot/part": chains.do_part,
    "snapshot/place": chains.do_place,
    "chain/judge": chains.do_judge,
    "chain/author": chains.do_author,
}


def load():
    for path in sorted((ROOT / "vectors").glob("*.json")):
        page = json.loads(path.read_text("utf-8"))
        assert set(page) <= HEAD, f"{path.name} holds an unknown key"
        assert page["spec"] == f"spec/{path.stem}.md"
        for case in page["cases"]:
            name = f"{path.stem}/{case['name']}"
            marks = [pytest.mark.xfail(strict=True, reason=BUGS[name])] if name in BUGS else []
            yield pytest.param(f"{path.stem}/{case['op']}", case, page["values"], id=name, marks=marks)


CASES = list(load())


@pytest.mark.parametrize(("op", "case", "values"), CASES)
def test_vector(op, case, values):
    assert {"name", "step", "op", "expect"} <= set(case)
    inputs = Inputs(case, values)
    expected = case["expect"]
    if "refused" not in expected:
        assert shown(OPS[op](inputs)) == in_full(expected, inputs)
        assert inputs.read == set(inputs.given), "a key of this case is unknown"
        return
    with pytest.raises(MindhavenError) as caught:
        OPS[op](inputs)
    assert caught.value.reason == expected["refused"]
    assert getattr(caught.value, "row", None) == expected.get("row")
    assert set(expected) <= {"refused", "row"}


def in_full(value, inputs):
    """An expected value with the long bytes that it names."""
    if isinstance(value, str):
        return inputs.raw(value).hex() if value.startswith("=") else value
    if isinstance(value, list):
        return [in_full(item, inputs) for item in value]
    return {key: in_full(item, inputs) for key, item in value.items()} if isinstance(value, dict) else value


def test_a_refused_case_has_the_keys_of_an_accepted_one_of_its_operation():
    known: dict[str, list[set[str]]] = {}
    for case in CASES:
        op, content, _ = case.values
        known.setdefault(op, []).append(set(content) - FRAME)
    assert {op for op, keys in known.items() if any(other != keys[0] for other in keys)} == set()


def test_every_operation_has_cases():
    assert {case.values[0] for case in CASES} == set(OPS)


def test_every_known_bug_is_a_case():
    assert set(BUGS) <= {case.id for case in CASES}


def test_the_stored_files_are_what_the_independent_maker_computes():
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "vectors" / "make.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
