"""spec/, vectors/ and protocol/ are held together by name, and refusals by their codes."""

import json
import re
from pathlib import Path

from mindhaven.protocol.words import WORDS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "mindhaven"
BROWSER = ROOT / "web" / "packages" / "crypto"

BROWSER_ONLY = {
    "base32": "how card.py writes bytes comes with Python's own library",
    "bundle": "the second half of slots.py",
    "change": "a part of collection.py",
    "identity": "a part of account.py",
    "member": "a part of collection.py",
    "statement": "a part of account.py",
}
"""Modules of the browser's protocol that are parts of another, since no file there is over 300 lines."""

WITHOUT_VECTORS = {
    "index": "ordinary items of kinds; its refusals need a server: tests of the SDK",
    "README": "the table of the pages",
    "passkeys": "bytes of authenticators, made and read by one side each: tests/simulators/authenticator.py",
}
WITHOUT_MODULE = {
    **WITHOUT_VECTORS,
    "transfer": "bodies of requests, parsed by vault/api and sdk/vault.py",
    "fields": "the server's own store: crypto/fields.py and kernel/secrets.py",
}
WITHOUT_PAGE = {
    "__init__": "the package",
    "shape": "step 6 of encoding: how every reader checks its fields",
    "words": "data of card",
}
UNSPECIFIED = {
    "envelope-too-large": "a bound of this implementation, above every valid envelope",
    "slot-kind": "a kind above 4, which no page names",
    "slot-params": "a caller's mistake: params of another length are refused by shape before",
    "bundle-empty": "a root that sealed a bundle of nothing: its owner's own program",
    "key-length": "public keys of another length: shape, said by the crypto layer",
    "key-malformed": "bytes that are no public key, found when somebody wraps to them",
    "secret-length": "secrets of another length: shape, said by the crypto layer",
    "wrap-length": "an enc of another length: shape, said by the crypto layer",
    "wrap-double": "an epoch wrapped to one member twice: shape of epoch step 3",
    "month": "a month that is none: shape of spec/README, conventions",
    "box-shape": "a box that is no list of three byte strings: shape of slots step 9",
    "stream-chunk": "a caller's mistake: only the last chunk may be short",
    "stream-too-long": "more chunks than a u32 counts",
    "event-shape": "a caller's mistake: an event without its subject",
    "consent-grantor": "a consent that another gave: consent step 1 names no code",
    "consent-not-yours": "the reader is neither grantor nor recipient: consent step 3 names no code",
    "change-unknown": "a class that no reader makes: what a reader does not know is client-too-old",
    "chain-rule": "the family of a broken rule; each has its own code",
    "chain-head": "the family of a commit that does not follow; each has its own code",
}
ELSEWHERE = {"age.py", "notes.py", "peppers.py", "vapid.py"}
"""Modules of crypto/ that no page of spec/ describes: formats of others, and the server's own store."""

TICKED = re.compile(r"`([a-z][a-z0-9]*(?:-[a-z0-9]+)+)`")
RAISED = re.compile(r"code=\"([a-z0-9-]+)\"|^    code = \"([a-z0-9-]+)\"", re.MULTILINE)


def stems(folder, pattern):
    return {path.stem for path in folder.glob(pattern)}


def test_every_page_has_its_vectors_and_the_other_way_round():
    assert stems(ROOT / "spec", "*.md") - WITHOUT_VECTORS.keys() == stems(ROOT / "vectors", "*.json")


def test_every_page_has_its_module_and_the_other_way_round():
    pages = stems(ROOT / "spec", "*.md") - WITHOUT_MODULE.keys()
    assert pages == stems(SOURCE / "protocol", "*.py") - WITHOUT_PAGE.keys()


def test_what_the_browser_has_of_the_protocol_is_a_twin_of_ours_and_held_to_the_same_vectors():
    twins = stems(BROWSER / "src" / "protocol", "*.ts") - BROWSER_ONLY.keys()
    assert twins - stems(SOURCE / "protocol", "*.py") == {"transfer"}, "transfer: here it is in vault/api and sdk"
    assert stems(BROWSER / "test" / "vectors", "*.test.ts") == {f"{name}.test" for name in twins - WITHOUT_PAGE.keys()}
    for name in twins - WITHOUT_PAGE.keys():
        page = f"spec/{name}.md"
        assert page in (BROWSER / "src" / "protocol" / f"{name}.ts").read_text("utf-8"), (
            f"{name}.ts does not name {page}"
        )


def test_the_browser_has_the_same_safety_words():
    assert (BROWSER / "src" / "protocol" / "words.ts").read_text("utf-8").split("`")[1].split() == list(WORDS)


def test_every_code_that_the_browser_raises_is_one_of_ours():
    known = set(re.findall(r"\"([a-z0-9-]+)\"", source()))
    for path in (BROWSER / "src").rglob("*.ts"):
        said = set(re.findall(r"code: (?:string = )?\"([a-z0-9-]+)\"", path.read_text("utf-8")))
        assert said - known == set(), path.name


def test_the_table_of_pages_is_complete():
    listed = set(re.findall(r"\]\(([a-z]+)\.md\)", (ROOT / "spec" / "README.md").read_text("utf-8")))
    assert listed == stems(ROOT / "spec", "*.md") - {"README"}


def test_page_vectors_and_module_name_one_version():
    for path in (ROOT / "vectors").glob("*.json"):
        page = (ROOT / "spec" / f"{path.stem}.md").read_text("utf-8")
        stated = re.search(r"^Version: (mindhaven/[a-z]+/v\d+)", page, re.MULTILINE)
        assert stated, path.stem
        assert json.loads(path.read_text("utf-8"))["version"] == stated.group(1)


def test_every_page_names_code_that_exists_and_modules_name_their_page():
    for name in stems(ROOT / "spec", "*.md") - {"README"}:
        page = (ROOT / "spec" / f"{name}.md").read_text("utf-8")
        for code in re.findall(r"`([a-z]+/[a-z_]*\.?p?y?)`", page.split("\n\n")[1]):
            assert (SOURCE / code).exists(), f"spec/{name}.md names {code}"
        if name not in WITHOUT_MODULE:
            assert f"spec/{name}.md" in (SOURCE / "protocol" / f"{name}.py").read_text("utf-8")


def test_every_step_that_a_case_names_is_on_its_page():
    for path in (ROOT / "vectors").glob("*.json"):
        page = (ROOT / "spec" / f"{path.stem}.md").read_text("utf-8")
        numbers = set(re.findall(r"^(\d+)\. ", page, re.MULTILINE))
        for case in json.loads(path.read_text("utf-8"))["cases"]:
            assert set(re.findall(r"\d+", case["step"])) <= numbers, f"{path.stem}/{case['name']}"


def source():
    return "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))


def written_codes():
    """What the pages write as refusals: words in brackets, or after 'refused', between backticks."""
    found = set()
    for path in (ROOT / "spec").glob("*.md"):
        for group in re.findall(r"\(([^()]*)\)", path.read_text("utf-8")):
            found |= set(TICKED.findall(group)) | (set(re.findall(r"`(suite|rejoin|fork|rollback|withheld)`", group)))
    return found - {"pw-salt"}


def test_every_refusal_that_a_page_names_is_raised_somewhere():
    missing = {code for code in written_codes() if f'"{code}"' not in source()}
    assert missing == set()


def raised_codes():
    found = {}
    for folder in ("crypto", "protocol"):
        for path in (SOURCE / folder).glob("*.py"):
            if path.name not in ELSEWHERE:
                for one, other in RAISED.findall(path.read_text("utf-8")):
                    found.setdefault(one or other, path.name)
    return found


def test_every_code_that_the_core_raises_is_on_a_page_or_reasoned():
    pages = "\n".join(path.read_text("utf-8") for path in (ROOT / "spec").glob("*.md"))
    missing = {code for code in raised_codes() if f"`{code}`" not in pages}
    assert missing == set(UNSPECIFIED)


def test_every_code_that_a_page_of_the_core_names_is_refused_by_a_vector():
    shown = {
        case["expect"]["refused"]
        for path in (ROOT / "vectors").glob("*.json")
        for case in json.loads(path.read_text("utf-8"))["cases"]
        if "refused" in case["expect"]
    }
    assert {code for code in raised_codes() if code not in shown} - UNSPECIFIED.keys() == set()
