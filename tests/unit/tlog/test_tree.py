"""The tree against RFC 6962 as written, and against published roots."""

import pytest
from tests.unit.tlog import rfc6962

from mindhaven.errors import IntegrityError
from mindhaven.tlog import tree

PUBLISHED = {
    # The eight inputs and roots that implementations of Certificate Transparency share.
    "": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "00": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "10": "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "2021": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "3031": "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "40414243": "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "5051525354555657": "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "606162636465666768696a6b6c6d6e6f": "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
ENTRIES = [number.to_bytes(2, "big") for number in range(70)]


def reason(code: str):
    return pytest.raises(IntegrityError, check=lambda error: error.reason == code)


def test_published_roots() -> None:
    edge = tree.Edge()
    for entry, root in PUBLISHED.items():
        edge.add(tree.leaf_hash(bytes.fromhex(entry)))
        assert edge.root().hex() == root


def test_an_edge_goes_on_from_its_roots() -> None:
    edge = tree.Edge()
    assert edge.root() == rfc6962.mth([])
    for size, entry in enumerate(ENTRIES, 1):
        edge = tree.Edge(edge.size, edge.roots)
        edge.extend([tree.leaf_hash(entry)])
        assert (edge.size, edge.root()) == (size, rfc6962.mth(ENTRIES[:size]))
    with reason("tree-edge"):
        tree.Edge(3, edge.roots[:1])


def test_every_inclusion_proof_verifies_and_no_other() -> None:
    for size in range(1, 34):
        entries = ENTRIES[:size]
        root = rfc6962.mth(entries)
        for index, entry in enumerate(entries):
            proof, leaf = rfc6962.path(index, entries), rfc6962.leaf(entry)
            tree.verify_inclusion(leaf, index, size, proof, root)
            with reason("proof-length"):
                tree.verify_inclusion(leaf, index, size, [*proof, bytes(32)], root)
            with reason("proof-mismatch"):
                tree.verify_inclusion(bytes(32), index, size, proof, root)
            if proof:
                with reason("proof-length"):
                    tree.verify_inclusion(leaf, index, size, proof[:-1], root)
            for at in range(len(proof)):
                with reason("proof-mismatch"):
                    tree.verify_inclusion(leaf, index, size, [*proof[:at], bytes(32), *proof[at + 1 :]], root)
            if size > 1:
                with pytest.raises(IntegrityError):
                    tree.verify_inclusion(leaf, (index + 1) % size, size, proof, root)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, tree.MAX_SIZE + 1)])
def test_an_entry_outside_its_tree(index: int, size: int) -> None:
    with reason("proof-range"):
        tree.verify_inclusion(bytes(32), index, size, [], bytes(32))


def test_the_largest_tree_is_read() -> None:
    with reason("proof-mismatch"):
        tree.verify_inclusion(bytes(32), 0, tree.MAX_SIZE, [bytes(32)] * 62, bytes(32))


def test_every_consistency_proof_verifies_and_no_other() -> None:
    for new in range(34):
        root = rfc6962.mth(ENTRIES[:new])
        for old in range(new + 1):
            before = rfc6962.mth(ENTRIES[:old])
            proof = [] if old in {0, new} else rfc6962.subproof(old, ENTRIES[:new])
            tree.verify_consistency(old, new, before, root, proof)
            with reason("proof-length"):
                tree.verify_consistency(old, new, before, root, [*proof, bytes(32)])
            with reason("log-rewritten"):
                tree.verify_consistency(old, new, bytes(32), root, proof)
            if old:
                with reason("log-rewritten"):
                    tree.verify_consistency(old, new, before, bytes(32), proof)
            if proof:
                with pytest.raises(IntegrityError):
                    tree.verify_consistency(old, new, before, root, proof[:-1])
                with reason("proof-length"):
                    tree.verify_consistency(old, new, before, root, [])
            for at in range(len(proof)):
                with reason("log-rewritten"):
                    tree.verify_consistency(old, new, before, root, [*proof[:at], bytes(32), *proof[at + 1 :]])


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3), (1, tree.MAX_SIZE + 1)])
def test_a_log_that_shrinks(old: int, new: int) -> None:
    with reason("log-shrunk"):
        tree.verify_consistency(old, new, bytes(32), bytes(32), [])
