"""Whether a server serves a known release of its web app: what anybody can look at from outside. I/O: HTTPS only.

Guarantees: no session and no account is used; every file that the release lists is fetched twice, as a browser and as a
tool, and compared with its hash; the release is compared with one that the caller holds, and its entry with the
server's public log. Does not: prove what somebody else is sent: a server can tell a person from this program, and can
send something else a minute later.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import httpx
import msgspec

import mindhaven
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError, NotFoundError, UnavailableError
from mindhaven.protocol import event
from mindhaven.protocol.ledger import AUDIT, Told
from mindhaven.sdk.address import server_origin, tls_context
from mindhaven.sdk.log_check import receipt
from mindhaven.sdk.page import faults_of
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.transport import TIMEOUT_SECONDS, failed, unreached
from mindhaven.sdk.web import PublicReader
from mindhaven.tlog.note import VerifierKey
from mindhaven.tlog.policy import NONE, Policy
from mindhaven.wire.web import FORMAT, INDEX, LIST, POLICY, ReleaseShown

AGENTS: Final = {
    "a browser": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0"
    " Safari/537.36",
    "a tool": f"mindhaven/{mindhaven.__version__}",
}
"""As whom each file is asked for. That lowers the odds of a lie and no more: a server may tell them apart otherwise."""
MAX_FILES: Final = 500
"""A release has some twenty; a list of thousands would only keep this program busy."""
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
"""The whole app has under one; a file without an end must not fill a device."""
EVENT: Final = "upkeep.release.served"
NAMED: Final = 3
"""Files that one line names; more would hide how many there are."""


class Standing(StrEnum):
    """`same`: as it must be; `differs`: not so; `unchecked`: nothing to compare with, or too early."""

    SAME = "same"
    DIFFERS = "differs"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, how it stands, and what that means in one sentence."""

    what: str
    standing: Standing
    says: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found about the release (hex of its hash) that a server serves."""

    release: str
    findings: tuple[Finding, ...]

    @property
    def same(self) -> bool:
        """Whether everything was checked and is as it must be."""
        return all(one.standing is Standing.SAME for one in self.findings)


class Release(msgspec.Struct, frozen=True):
    """The list of a release: every file with its SHA-256 (hex)."""

    format: str
    files: dict[str, str]

    @classmethod
    def parse(cls, raw: bytes) -> "Release":
        """Read a list; raise `InvalidInputError` (release-list) if it is none."""
        try:
            found = msgspec.json.decode(raw, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _no_list() from error
        sound = all(_is_path(path) and len(digest) == 64 for path, digest in found.files.items())
        if found.format != FORMAT or not sound or INDEX not in found.files or len(found.files) > MAX_FILES:
            raise _no_list()
        return found


@dataclass(frozen=True, slots=True)
class Got:
    """One answer: its body, None if there is no such file, and what a browser is told to let it do."""

    body: bytes | None
    policy: str


def carried() -> bytes | None:
    """Return the list of the release that this installation carries, None if it was installed without the app."""
    file = Path(mindhaven.__file__).parent / "server" / "web" / LIST
    return file.read_bytes() if file.exists() else None


def check_served(
    url: str,
    *,
    known: bytes | None,
    key: VerifierKey | None = None,
    policy: Policy | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Look at what a server serves. `known` is the list of a release that the caller holds, `key` its log's key.

    Raises `NotFoundError` (web-absent) if it serves no web app, `IntegrityError` (release-list) if it serves one and
    no list of it, `UnavailableError` if it can't be reached.
    """
    origin = server_origin(url)
    with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, verify=tls_context(origin)) as client:
        seen = {}
        for number, (name, agent) in enumerate(AGENTS.items()):
            seen[name] = _fetched(_getter(client, origin, agent), _half(progress, number))
        raw, got = seen["a browser"]
        findings = [_twice(seen), _files(seen), _headers(seen), _page(raw, got), _compared(raw, known)]
        asked = _getter(client, origin, AGENTS["a tool"])
        findings.append(_logged(asked, origin, hashlib.sha256(raw).digest(), key, policy or Policy()))
    return Checked(hashlib.sha256(raw).hexdigest(), tuple(findings))


# -- fetching

_Get = Callable[[str], Got]
_Seen = dict[str, tuple[bytes, dict[str, Got]]]
"""By agent: the list, and every file of it (`INDEX` as it stands at /)."""


def _getter(client: httpx.Client, origin: str, agent: str) -> _Get:
    headers = {"user-agent": agent, "cache-control": "no-cache"}

    def get(path: str) -> Got:
        body = bytearray()
        try:
            with client.stream("GET", origin + path, headers=headers) as answer:
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MAX_FILE_BYTES:
                        raise IntegrityError(
                            f"{path} is larger than any file of the app.", hint=_ASK, code="release-size"
                        )
        except httpx.HTTPError as error:
            raise unreached(origin, error) from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise failed(answer.status_code, bytes(body))
        found = bytes(body) if answer.status_code == 200 else None
        return Got(found, answer.headers.get("content-security-policy", ""))

    return get


def _fetched(get: _Get, progress: Progress | None) -> tuple[bytes, dict[str, Got]]:
    page, listed = get("/"), get(f"/app/{LIST}")
    if listed.body is None:
        if b"<script" in (page.body or b"").lower():
            raise IntegrityError(
                "This server serves a page with scripts and no list of their hashes.", hint=_ASK, code="release-list"
            )
        raise NotFoundError(
            "This server serves no web app.",
            hint="There is nothing to verify: it was installed without it, or the address is of something else.",
            code="web-absent",
        )
    files = {INDEX: page}
    try:
        wanted = Release.parse(listed.body).files
    except InvalidInputError as error:
        raise IntegrityError("The server's list of its app's files is none.", hint=_ASK, code="release-list") from error
    for number, path in enumerate(wanted, 1):
        if path != INDEX:
            files[path] = get(f"/app/{path}")
        if progress is not None:
            progress(number, len(wanted))
    return listed.body, files


def _half(progress: Progress | None, number: int) -> Progress | None:
    """Return the progress of one of the passes."""
    if progress is None:
        return None

    def show(done: int, of: int) -> None:
        progress(number * of + done, len(AGENTS) * of)

    return show


# -- what was found


def _twice(seen: _Seen) -> Finding:
    (one, other), what = seen.values(), "asked twice"
    if one == other:
        return Finding(
            what, Standing.SAME, "A browser and a tool are sent the same, as far as this program can play one."
        )
    names = [path for path in {**one[1], **other[1]} if one[1].get(path) != other[1].get(path)]
    return Finding(what, Standing.DIFFERS, f"A browser and a tool are not sent the same: {_some(names or [LIST])}.")


def _files(seen: _Seen) -> Finding:
    bad: dict[str, None] = {}
    for raw, got in seen.values():
        for path, digest in Release.parse(raw).files.items():
            body = got[path].body
            if body is None or hashlib.sha256(body).hexdigest() != digest:
                bad[path] = None
    if bad:
        return Finding("files", Standing.DIFFERS, f"Not the files that the release lists: {_some(list(bad))}.")
    count = max(len(got) for _, got in seen.values())
    return Finding("files", Standing.SAME, f"Each of the {count} files has the hash that the release lists.")


def _headers(seen: _Seen) -> Finding:
    weak = {path: None for _, got in seen.values() for path, one in got.items() if one.policy != POLICY}
    if weak:
        says = f"The browser is not told to run nothing but this app's own files: {_some(list(weak))}."
        return Finding("headers", Standing.DIFFERS, says)
    says = "The browser is told to run nothing but this app's own files, and to talk to nobody but this server."
    return Finding("headers", Standing.SAME, says)


def _page(raw: bytes, got: dict[str, Got]) -> Finding:
    hashes = {
        f"/app/{path}": f"sha384-{b64encode(hashlib.sha384(one.body or b'').digest()).decode()}"
        for path, one in got.items()
        if path in Release.parse(raw).files
    }
    found = faults_of((got[INDEX].body or b"").decode(errors="replace"), hashes)
    if found:
        return Finding("page", Standing.DIFFERS, f"The page has what it must not have: {_some(found)}.")
    says = "The page names only listed files, each script and style with its hash; no script stands in it."
    return Finding("page", Standing.SAME, says)


def _compared(raw: bytes, known: bytes | None) -> Finding:
    what = "release"
    if known is None:
        says = "This installation carries no web app to compare with: give --release FILE."
        return Finding(what, Standing.UNCHECKED, says)
    if raw == known:
        return Finding(what, Standing.SAME, "It is the release that you compare with.")
    theirs, ours = Release.parse(raw).files, Release.parse(known).files
    names = [path for path in {**ours, **theirs} if ours.get(path) != theirs.get(path)]
    says = f"It is not the release that you compare with: {_some(names or [LIST])}. A newer version differs too."
    return Finding(what, Standing.DIFFERS, says)


def _logged(get: _Get, origin: str, release: bytes, key: VerifierKey | None, policy: Policy) -> Finding:
    try:
        return Finding("ledger", Standing.SAME, _in_log(get, origin, release, key, policy))
    except IntegrityError as error:
        standing = Standing.UNCHECKED if error.reason == "quorum" else Standing.DIFFERS
        return Finding("ledger", standing, error.message)
    except UnavailableError as error:
        return Finding("ledger", Standing.UNCHECKED, f"{error.message} {error.hint or ''}".strip())
    except MindhavenError as error:  # what answers is not of the form that it must have
        return Finding("ledger", Standing.DIFFERS, f"The ledger could not be read: {error.message}")


def _in_log(get: _Get, origin: str, release: bytes, key: VerifierKey | None, policy: Policy) -> str:
    """Return in words what the log shows of a release; raise `IntegrityError` or `UnavailableError` (receipt-early)."""
    answer = get("/v1/web/release").body
    if answer is None:
        raise IntegrityError("The server recorded no release in its ledger.", code="release-unlogged")
    try:
        shown = msgspec.json.decode(answer, type=ReleaseShown)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unlike() from error
    if shown.release != release:
        raise IntegrityError(
            "What it serves is not the release that it recorded in its ledger.", code="release-unlogged"
        )
    told = Told.decode(shown.body)
    if (told.name, told.subject, told.fields[:1]) != (EVENT, event.HOST, (release,)):
        raise _unlike()
    return place_in_log(origin, shown.salt, shown.body, shown.position, key=key, policy=policy)


def place_in_log(
    origin: str, salt: bytes, body: bytes, position: int | None, *, key: VerifierKey | None, policy: Policy
) -> str:
    """Return in words where an event that the server opened stands in its public log, and who says so.

    Raises `IntegrityError`, or `UnavailableError` (receipt-early) while the log has not shown it.
    """
    early = "The log has not shown this entry yet. It does so by the hour: try again later."
    if position is None:
        raise UnavailableError(early, code="receipt-early")
    with PublicReader(f"{origin}/log/{AUDIT}") as reader:
        used = key or VerifierKey.parse(reader.named_key())
        try:
            proof = receipt(reader.get, used, event.commitment(salt, body), position)
        except UnavailableError as error:
            raise UnavailableError(early, code="receipt-early") if error.reason == "receipt-early" else error from error
        times = policy.open(proof.note, used).times
    vouched = "no witness was asked" if policy.quorum == NONE else f"{len(times)} witnesses vouch for it"
    named = "the key that you gave" if key is not None else "the key that the server itself names"
    return f"It stands in the server's log at {position:,}, signed by {named}; {vouched}."


_ASK: Final = "Don't unlock anything at this address before the people who run it explained it."


def _unlike() -> IntegrityError:
    return IntegrityError("The ledger's entry that it shows is not about this release.", code="release-unlogged")


def _no_list() -> InvalidInputError:
    return InvalidInputError(
        "This is not the list of a release.",
        hint="It is the file release.json of the web app, from a release that you trust.",
        code="release-list",
    )


def _is_path(path: str) -> bool:
    parts = path.split("/")
    return path.isascii() and all(part.strip(".") and all(s.isalnum() or s in "._-" for s in part) for part in parts)


def _some(names: list[str]) -> str:
    """Return the first few names, and how many there are more."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
