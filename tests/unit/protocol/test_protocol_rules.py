import contextlib

from mindhaven.crypto.wrap import Wrapped
from mindhaven.protocol import chain
from mindhaven.protocol.collection import Commit, Erase, Member, Open, Role, Settings
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.epoch import Wrap

ADA, BOB = b"a" * 32, b"b" * 32


class Facts:
    def item(self, item):
        return chain.ItemState(1, 1, ADA, 0)

    def live_epochs(self):
        return []

    def key_stated(self, uid, key_id):
        return key_id < 1000

    def commit_hash(self, seq):
        return None


def judged(state, who, *changes):
    commit = Commit(state.collection, state.seq + 1, state.head, who, 1, 20000, changes)
    return chain.judge(state, Signed(commit.encode(), ()), commit, Facts()).state


def test_a_writer_cannot_shut_the_owner_out_by_a_made_up_key_id():
    members = {ADA: Member(ADA, Role.OWNER, 0, 0), BOB: Member(BOB, Role.WRITER, 0, 0)}
    state = chain.ChainState(b"c" * 32, 0, b"h" * 32, members, Settings(), {}, {ADA: 1, BOB: 1}, {ADA: 1, BOB: 1})
    bad = tuple(Wrap(uid, key_id, Wrapped(bytes(1120), bytes(48))) for uid, key_id in ((ADA, 10**15), (BOB, 1)))
    with contextlib.suppress(chain.RuleError):
        state = judged(state, BOB, Open(1, 0, bytes(32), bad))
    judged(state, ADA, Erase(b"i" * 16))
