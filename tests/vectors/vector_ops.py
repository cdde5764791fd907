"""How each operation of vectors/*.json runs through mindhaven. No test in here."""

import base64
import io

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.padding import MAX_CONTENT_BYTES, pad
from mindhaven.crypto.seal import SEALED_CHUNK_BYTES
from mindhaven.crypto.secrets import EpochKey, FileKey, RootKey, SealKey, Seed, SlotSecret
from mindhaven.crypto.sign import SessionSigner, Signer, VerifyKeys, verify
from mindhaven.crypto.wrap import UnwrapKey, Wrapped, wrap_info
from mindhaven.errors import MindhavenError
from mindhaven.protocol import (
    archive,
    card,
    choice,
    collection,
    consent,
    envelope,
    epoch,
    event,
    lock,
    login,
    pairing,
    recovery,
    slots,
)
from mindhaven.protocol.account import Identity, authority, verify_chain
from mindhaven.protocol.attachment import AttachmentRef, blob_hash, open_file, padded_size, seal_file
from mindhaven.protocol.collection import Member
from mindhaven.protocol.encoding import Signed
from mindhaven.vault.api import parse_push, verify_items

FRAME = {"name", "step", "op", "comment", "expect"}
ACCEPTED = {"accepted": True}


class Inputs:
    """The inputs of one case: `x.key` gives the value as written, `x["key"]` gives it as bytes."""

    def __init__(self, case, values):
        self.given = {key: value for key, value in case.items() if key not in FRAME}
        self.values, self.read = values, set()

    def __getattr__(self, key):
        self.read.add(key)
        return self.given[key]

    def __getitem__(self, key):
        return self.raw(getattr(self, key))

    def raw(self, text):
        return base64.b64decode(self.values[text[1:]]) if text.startswith("=") else bytes.fromhex(text)

    def all(self, given):
        """Every string of a nested list is bytes."""
        return [self.all(item) for item in given] if isinstance(given, list) else (
            self.raw(given) if isinstance(given, str) else given)  # fmt: skip

    def signed_of(self, given):
        return Signed(self.raw(given["body"]), tuple(map(self.raw, given["signatures"])))

    def account(self):
        return verify_chain(self["uid"], [self.signed_of(statement) for statement in self.chain])

    def reader(self):
        return Identity(self.identity["generation"], *(Seed(self.raw(seed)) for seed in self.identity["seeds"]))


def shown(value, *, text=()):
    """As vectors write it: bytes in hex, tuples as lists."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    return {key: shown(item) for key, item in value.items()} if isinstance(value, dict) else value


def _text(units):
    """A text of UTF-16 units, halves of pairs included, which JSON could not be trusted to keep."""
    return bytes.fromhex(units).decode("utf-16-be", "surrogatepass")


def plain(value):
    """The value that a vector writes as JSON."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        ((kind, content),) = value.items()
        return {"hex": bytes.fromhex, "int": int, "float": float, "map": dict, "utf16": _text}[kind](content)
    return value


# -- encoding, recovery, login, event, archive


def do_encode(x):
    value = plain(x.value)
    encoded = encode(value)
    assert decode(encoded) == value
    return {"encoded": encoded}


def do_sign_fast(x):
    signer = Signer(Seed(x["seed"]), Seed(bytes(32)))
    (signature,) = signer.sign_fast(x.kind, x["body"])
    single = SessionSigner(Seed(x["seed"]))
    assert (single.sign(x.kind, x["body"]), single.public) == (signature, signer.public.ed25519)
    return {"signature": signature, "public": signer.public.ed25519}


def do_verify(x):
    keys = VerifyKeys(x["ed25519"], x["mldsa65"])
    verify(x.kind, keys, x["body"], list(map(x.raw, x.signatures)), hybrid=x.hybrid)
    return ACCEPTED


def do_signed(x):
    signed = Signed.decode(x["encoded"])
    assert signed.encode() == x["encoded"]
    return {"body": signed.body, "signatures": signed.signatures, "hash": signed.hash(x.kind)}


def do_read_recovery(x):
    try:
        return {"key": recovery.parse(x.text)}
    except MindhavenError as error:
        if error.reason == "recovery-row":
            error.row = int(error.message.split()[1])
        raise


def claim_of(x, given):
    return login.LoginClaim(given["origin"], given["account"], given["purpose"], x.raw(given["detail"]),
                            x.raw(given["nonce"]), given["time"])  # fmt: skip


def do_claim(x):
    claim, key = claim_of(x, x.claim), SessionSigner(Seed(x["seed"]))
    assert login.LoginClaim.decode(claim.encode()) == claim
    return {"body": claim.encode(), "signature": claim.sign(key), "public": key.public}


def do_verify_claim(x):
    claim, expected = login.LoginClaim.decode(x["body"]), claim_of(x, x.expected)
    login.verify_claim(claim, x["key"], x["signature"], expected=expected, now=x.now)
    return ACCEPTED


def do_event(x):
    body = event.body(name=x.event, version=x.version, subject=x["subject"], seq=x.seq, prev=x["prev"], at=x.at,
                      fields=x.fields)  # fmt: skip
    return {"body": body, "commitment": event.commitment(x["salt"], body)}


def do_archive(x):
    records = list(archive.read_archive(io.BytesIO(x["file"])))
    again = io.BytesIO()
    writer = archive.ArchiveWriter(again)
    for record in records:
        writer.write(record.type, record.fields)
    writer.finish()
    assert again.getvalue() == x["file"]
    return {"records": [[int(record.type), encode(record.fields)] for record in records]}


# -- account, slots


def do_chain(x):
    state = x.account()
    newest = verify_chain(x["uid"], [x.signed_of(statement) for statement in x.chain[:1]])
    assert newest.seq == 0
    assert state.keys_of(state.generation) == state.identity
    return {"generation": state.generation, "seq": state.seq, "head": state.head,
            "root_generation": state.root_generation}  # fmt: skip


def do_authority(x):
    keys = authority(RootKey(x["root"])).public
    return {"ed25519": keys.ed25519, "mldsa65": keys.mldsa65}


def do_passkey(x):
    secret = slots.passkey_secret(x["prf"])
    lookup = slots.lookup_id(secret, slots.SlotKind.PASSKEY)
    return {"salt": slots.PASSKEY_SALT, "secret": bytes(secret), "lookup": lookup}


def do_keys(x):
    keys = slots.SlotKeys.of(SlotSecret(x["secret"]), slots.SlotKind(x.kind))
    return {"xwing": keys.unwrapper.public, "tag_key": keys.tag_key, "login": keys.login.public}


def do_list(x):
    listed = slots.SlotList.decode(x["list"])
    assert listed.encode() == x["list"]
    return {"hash": listed.hash(), "ids": [slot.id for slot in listed.slots]}


def do_tag(x):
    keys = slots.SlotKeys.of(SlotSecret(x["secret"]), slots.SlotKind(x.kind))
    return {"tag": slots.slot_tag(keys, x["uid"], slots.Slot.of(decode(x["slot"])))}


def do_open_slot(x):
    keys = slots.SlotKeys.of(SlotSecret(x["secret"]), slots.SlotKind(x.kind))
    wrapped = Wrapped(*map(x.raw, x.wrap))
    listed = slots.SlotList.decode(x["list"])
    return {"root": slots.open_slot(keys, x.account(), listed, x["slot"], x["tag"], wrapped)}


def do_bundle(x):
    state = x.account()
    newest = x.generation == state.generation
    bundle = slots.open_bundle(RootKey(x["root"]), state, x["box"], generation=None if newest else x.generation)
    assert bundle.newest().generation == max(bundle.identities)
    return {"generations": sorted(bundle.identities), "index": bundle.index}


# -- lock


def do_ring(x):
    ring = lock.Ring.decode(x["ring"])
    assert ring.encode() == x["ring"]
    return {"id": ring.id, "names": [name for name, _ in ring.wraps]}


def do_open_lock(x):
    opened = lock.Ring.decode(x["ring"]).open(x.passphrase)
    return {"key": bytes(opened.key), "check": opened.check()}


def do_open_lock_by_recovery(x):
    opened = lock.Ring.decode(x["ring"]).open_by_recovery(x["uid"], SlotSecret(x["secret"]))
    return {"key": bytes(opened.key)}


def do_open_record(x):
    opened = lock.OpenLock(x["lock"], SealKey(x["key"]))
    kind, version, body = opened.open(x["box"])
    return {"kind": kind, "version": version, "body": body}


# -- pairing


def pairing_link_of(x, given):
    secret = pairing.PairingSecret(x.raw(given["secret"]))
    return pairing.PairingLink(x.raw(given["id"]), x.raw(given["hash"]), secret)


def new_device_of(x, given):
    unwrapper, session = UnwrapKey(Seed(x.raw(given["xwing"]))), SessionSigner(Seed(x.raw(given["session"])))
    return pairing.NewDevice(x.raw(given["id"]), unwrapper, session, pairing.PairingSecret(x.raw(given["secret"])))


def do_device(x):
    unwrapper, session = UnwrapKey(Seed(x["xwing"])), SessionSigner(Seed(x["session"]))
    device = pairing.NewDevice(x["id"], unwrapper, session, pairing.PairingSecret(bytes(32))).device
    assert pairing.Device.decode(device.encode()) == device
    return {"device": device.encode(), "hash": device.hash()}


def do_read_pairing_link(x):
    link = pairing.PairingLink.parse(x.text)
    return {"id": link.id, "hash": link.device_hash, "secret": bytes(link.secret)}


def do_let_in(x):
    bundle = slots.Bundle({1: Identity.fresh(1)}, bytes(32))
    answer = pairing.let_in(pairing_link_of(x, x.link), pairing.Device.decode(x["device"]), bytes(32), bundle)
    assert len(decode(answer)) == 5
    return ACCEPTED


def do_open_pairing(x):
    uid, bundle = pairing.open_answer(new_device_of(x, x.new), x["answer"])
    state = x.account()
    slots.check_bundle(bundle, state, state.generation)
    return {"uid": uid, "generations": sorted(bundle.identities), "index": bundle.index}


# -- envelope, epoch, attachment


def header_of(x, given):
    return envelope.Header(x.raw(given["collection"]), x.raw(given["item"]), given["revision"], given["epoch"],
                           x.raw(given["author"]))  # fmt: skip


def do_seal(x):
    c = x.content
    content = envelope.Content(c["kind"], c["version"], c["created_at"], c["zone"], x.raw(c["body"]))
    header = header_of(x, x.header)
    item = envelope.seal_item(EpochKey(x["key"]), header, content, x["salt"])
    assert envelope.read_header(item.envelope)[0] == header
    assert envelope.open_item(EpochKey(x["key"]), item, expected=header) == content
    return {"envelope": item.envelope, "envelope_hash": item.envelope_hash, "salt_hash": item.salt_hash}


def do_seal_zeros(x):
    content = envelope.Content("k", 1, 0, "UTC", bytes(x.size))
    return envelope.seal_item(EpochKey(x["key"]), header_of(x, x.header), content, x["salt"])


def do_open(x):
    item = envelope.SealedItem(x["envelope"], x["salt"])
    c = envelope.open_item(EpochKey(x["key"]), item, expected=header_of(x, x.expected))
    return {
        "content": {"kind": c.kind, "version": c.version, "created_at": c.created_at, "zone": c.zone, "body": c.body}
    }


def do_size(x):
    assert x.length <= MAX_CONTENT_BYTES
    return {"size": len(pad(bytes(x.length)))}


def do_info(x):
    context = [x["collection"], x.number, x.month, x["commitment"]]
    return {"info": wrap_info("epoch-wrap", x["sender"], x["recipient"], x.key_id, context)}


def do_open_wrap(x):
    entry = epoch.Wrap.of(x.all(x.wrap))
    key = epoch.open_epoch(entry, x["collection"], x.number, x.month, x["commitment"], sender=x["sender"],
                           identity=x.reader())  # fmt: skip
    return {"key": key}


def pattern(size):
    return bytes((i * 7 + i // 256) % 256 for i in range(65536)) * (size // 65536) + bytes(
        (i * 7 + i // 256) % 256 for i in range(size % 65536)
    )


def do_seal_file(x):
    blobs = list(seal_file(FileKey(x["key"]), [pattern(x.size)], x.size))
    return {"padded": padded_size(x.size), "blobs": list(map(blob_hash, blobs)), "lengths": list(map(len, blobs))}


def do_open_file(x):
    blobs = list(seal_file(FileKey(x["key"]), [pattern(x.size)], x.size))
    assert shown(list(map(blob_hash, blobs))) == x.sealed
    whole = b"".join(blobs)
    parts = [whole[at : at + SEALED_CHUNK_BYTES] for at in range(0, len(whole), SEALED_CHUNK_BYTES)]
    change, *at = x.change
    size = at[0] if change == "size" else x.size
    if change == "flip":
        parts[at[0]] = bytes([parts[at[0]][0] ^ 1]) + parts[at[0]][1:]
    elif change == "swap":
        parts[at[0]], parts[at[1]] = parts[at[1]], parts[at[0]]
    elif change == "repeat":
        parts.insert(at[0], parts[at[0]])
    elif change.startswith("drop"):
        parts = [part for i, part in enumerate(parts) if at and i != at[0]]
    blobs = [b"".join(parts)] if parts else []
    names = tuple(map(blob_hash, blobs)) if x.reference == "renamed" else tuple(map(x.raw, x.reference))
    found = b"".join(open_file(AttachmentRef("f", "t", size, FileKey(x["key"]), names), blobs))
    assert found == pattern(x.size)
    return {"opened": True}


# -- consent, card, transfer


def do_consent(x):
    f = x.fields
    made = consent.Consent(x.raw(f["grantor"]), x.raw(f["recipient"]), collection.Role(f["role"]), f["purpose"],
                           x.raw(f["collection"]), f["from"], f["until"], x.raw(f["text_hash"]), f["language"],
                           f["register"], x.raw(f["sealed_hash"]))  # fmt: skip
    assert consent.Consent.decode(made.encode()) == made
    return {"body": made.encode(), "hash": Signed(made.encode(), ()).hash(consent.TYPE)}


def do_verify_consent(x):
    consent.verify_consent(x.signed_of(x.signed), x.account(), generation=x.generation)
    return ACCEPTED


def do_agrees(x):
    consent.check_agrees(consent.Consent.decode(x["body"]), Member.of(x.all(x.member)), x["collection"], x["grantor"])
    return ACCEPTED


def do_open_part(x):
    part = consent.open_part(
        x["sealed"], grantor=x["grantor"], collection=x["collection"], uid=x["uid"], identity=x.reader()
    )
    return {"content": part}


def do_read_part(x):
    content = decode(x["content"])
    part = consent.read_part(content, consent.Consent.decode(x["body"]))
    assert part.content() == content
    return {"name": part.name, "handle": part.handle, "text": part.text}


def do_taken(x):
    consent.check_taken(consent.Consent.decode(x["body"]), x.standing, day=x.day)
    return ACCEPTED


def do_choice(x):
    f = dict(x.fields)
    made = choice.Choice(
        person=x.raw(f["person"]), number=f["number"], previous=x.raw(f["previous"]), purpose=f["purpose"],
        act=choice.Act(f["act"]), terms=f["terms"], text_hash=x.raw(f["text_hash"]), language=f["language"],
        policy=x.raw(f["policy"]), asked=f["asked"], at=f["at"], until=f["until"], by=choice.By(f["by"]),
    )  # fmt: skip
    assert choice.Choice.decode(made.encode()) == made
    return {"body": made.encode(), "hash": made.hash}


def do_verify_choice(x):
    choice.verify_choice(x.signed_of(x.signed), x.account(), generation=x.generation)
    return ACCEPTED


def choices_of(x):
    return choice.check_chain(choice.Choice.decode(x.raw(one)) for one in x.choices)


def do_state(x):
    found = choice.state(choices_of(x), x.purpose, terms=x.terms, day=x.day)
    return {"state": str(found), "allows": found.allows}


def invitation_of(x):
    return card.Invitation(*(x.raw(x.invitation[key]) for key in ("inviter", "id", "secret")))


def do_read_card(x):
    found = card.Card.parse(x.text)
    return {"handle": found.handle, "uid": found.uid}


def do_read_link(x):
    found = card.Invitation.parse(x.text)
    return {"invitation": {"inviter": found.inviter, "id": found.id, "secret": found.secret}}


def do_answer_to(x):
    who = card.Answer(bytes(32), 1, "x", "x")
    return card.answer(invitation_of(x), x.account(), who, Identity.fresh(1))


def do_open_answer(x):
    sealed = x["sealed"]
    assert card.answerer(sealed)[1] == 1
    found = card.open_answer(invitation_of(x), sealed, x.reader(), x.account())
    return {"uid": found.uid, "key_id": found.key_id, "handle": found.handle, "name": found.name}


def do_push(x):
    return {"puts": len(verify_items(parse_push(decode(x["push"])), session=bytes(16)).puts)}
