"""How commits and chains of vectors/*.json run through mindhaven. No test in here."""

from vector_ops import ACCEPTED

from mindhaven.crypto.encoding import decode
from mindhaven.errors import MindhavenError
from mindhaven.protocol import chain, collection, snapshot
from mindhaven.protocol.collection import Commit, Settings
from mindhaven.protocol.encoding import Signed


def listed(c):
    """A change as spec/collection.md step 2 lists it, field by field."""
    match c:
        case collection.Put():
            return [1, c.item, c.revision, c.epoch, c.envelope_hash, c.salt_hash, c.blobs]
        case collection.Erase():
            return [2, c.item]
        case collection.Open():
            return [3, c.epoch, c.month, c.commitment, [of_wrap(w) for w in c.wraps]]
        case collection.Members():
            wraps = [[number, [of_wrap(w) for w in entries]] for number, entries in c.wraps]
            return [4, [of_member(m) for m in c.members], of_settings(c.settings), c.consent, wraps]
        case collection.Key():
            return [5, c.generation, c.statement]
        case collection.Leave():
            return [6]
        case collection.Owner():
            return [7, c.uid]
        case collection.Snapshot():
            return [8, c.root]
        case collection.Rejoin():
            return [9, c.seq, c.hash]


def of_wrap(w):
    return [w.uid, w.key_id, w.wrapped.enc, w.wrapped.ciphertext]


def of_member(m):
    return [m.uid, int(m.role), m.since, m.until]


def of_settings(s):
    return [int(s.history), s.hold_until, s.processing_entry]


def do_decode_commit(x):
    c = Commit.decode(x["body"])
    assert c.encode() == x["body"]
    return {"collection": c.collection, "seq": c.seq, "prev": c.prev, "author": c.author, "key_id": c.key_id,
            "day": c.day, "changes": [listed(change) for change in c.changes], "fast": c.fast,
            "hash": Signed(x["body"], ()).hash(collection.TYPE)}  # fmt: skip


def do_genesis(x):
    changes = [collection._parse(change) for change in x.all(x.changes)]
    made, signed = collection.genesis(author=x["author"], identity=x.reader(), nonce=x["nonce"], day=x.day,
                                      settings=Settings.of(x.settings), changes=changes)  # fmt: skip
    assert collection.genesis_id(Commit.decode(signed.body)) == made
    return {"id": made, "body": signed.body}


class Facts:
    """The items of a chain as it was judged so far."""

    def __init__(self):
        self.items = {}
        self.hashes = []

    def item(self, item):
        return self.items.get(item)

    def live_epochs(self):
        return {state.epoch for state in self.items.values() if not state.erased}

    def key_stated(self, uid, key_id):
        return key_id < 1000

    def commit_hash(self, seq):
        return self.hashes[seq] if seq < len(self.hashes) else None


def do_judge(x):
    facts, state = Facts(), None
    for number, body in enumerate(x.commits):
        signed = Signed(x.raw(body), ())
        commit = Commit.decode(signed.body)
        try:
            judged = chain.judge(state, signed, commit, facts) if state else chain.begin(signed, commit, facts)
        except MindhavenError:
            assert number == len(x.commits) - 1, "only the last commit is refused"
            raise
        facts.items.update(judged.items)
        facts.hashes.append(signed.hash(collection.TYPE))
        state = judged.state
    assert chain.ChainState.decode(state.encode()) == state
    epochs = [
        [e.number, e.month, e.commitment, e.author, sorted(map(list, e.holders.items()))] for e in state.epochs.values()
    ]
    return {"head": state.head, "seq": state.seq, "members": [of_member(m) for m in state.members.values()],
            "settings": of_settings(state.settings), "epochs": epochs,
            "known_keys": sorted(map(list, state.known_keys.items())),
            "signed_keys": sorted(map(list, state.signed_keys.items()))}  # fmt: skip


def do_author(x):
    signed = x.signed_of(x.commit)
    chain.verify_author(signed, Commit.decode(signed.body), x.account())
    return ACCEPTED


def list_of(x):
    return snapshot.LiveList.decode(x["list"], root=x["root"])


def do_build(x):
    """Built anew from what a reader of the list and its parts finds, it is the same to the byte."""
    data = x.raw(x.list)
    read = snapshot.LiveList.decode(data, root=snapshot.root(data))
    live = [one for number, part in enumerate(x.parts) for one in read.part(number, x.raw(part))]
    built, parts = snapshot.build(read.state, read.wraps_at, live)
    assert built == read
    assert parts == [x.raw(part) for part in x.parts]
    assert all(decode(part) for part in parts)
    return {"root": snapshot.root(built.encode()), "seq": read.state.seq, "head": read.state.head,
            "members": [of_member(m) for m in read.state.members.values()],
            "settings": of_settings(read.state.settings),
            "epochs": [[e.number, e.month, e.commitment, e.author, sorted(map(list, e.holders.items())),
                        list(read.wraps_at[e.number])] for e in read.state.epochs.values()],
            "known_keys": sorted(map(list, read.state.known_keys.items())),
            "signed_keys": sorted(map(list, read.state.signed_keys.items())),
            "live": [[one.item, one.revision, one.epoch, one.author, one.seq, one.envelope_hash, one.salt_hash,
                      list(one.blobs)] for one in live]}  # fmt: skip


def do_list(x):
    return {"records": list_of(x).records}


def do_part(x):
    data = x.raw(x.list)
    return {
        "items": [
            one.item for one in snapshot.LiveList.decode(data, root=snapshot.root(data)).part(x.number, x["part"])
        ]
    }


def do_place(x):
    data = x.raw(x.list)
    snapshot.LiveList.decode(data, root=snapshot.root(data)).check_place(Commit.decode(x["commit"]))
    return ACCEPTED
