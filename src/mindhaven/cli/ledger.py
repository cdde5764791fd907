"""Who touched one's data, and whether the server's logs are sound. I/O: the server, the store, files of a log."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mindhaven.cli import receipts
from mindhaven.cli.area import Adder, Command
from mindhaven.cli.present import named, people
from mindhaven.cli.screen import Screen, plain
from mindhaven.cli.session import Session, sync_own
from mindhaven.cli.times import seconds_text
from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.protocol.ledger import LOGS
from mindhaven.sdk.activity import LATE_SECONDS, Act, Proof
from mindhaven.sdk.activity_words import words
from mindhaven.sdk.log_check import Get, receipt, verify_log
from mindhaven.sdk.web import PublicReader
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import VerifierKey
from mindhaven.tlog.policy import NONE, Policy

LAST: Final = 30
_SIGNS: Final = {Proof.PROVEN: "proven", Proof.WAITING: "waits", Proof.ERASED: "erased"}


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("activity", "show who touched your data, each entry verified on this device", activity)
    made.add_argument("--last", metavar="N", type=int, default=LAST, help=f"how many entries (default: {LAST}; 0: all)")
    made.add_argument("--all", action="store_true", help="also what your devices wrote into your own list")
    made.add_argument("--others", action="store_true", help="only what others did, and what changed who can read")
    group = adder.group("ledger", "check the logs of this server: is anything hidden or rewritten?", status)
    made = group.add("verify", "verify a whole log, from its address or from files", verify)
    made.add_argument("log", metavar="LOG", help="its address (https://host/log/audit) or a folder with its files")
    made.add_argument("--key", metavar="VKEY", help="the log's key; without it the one that the server names")
    made.add_argument("--policy", metavar="FILE", help="which witnesses must have cosigned (C2SP tlog-policy)")
    made.add_argument("--state", metavar="FILE", help="what was verified last time; compared, then written anew")
    made = group.add("keys", "show the keys of a server's logs, which receipts are checked by", keys)
    made.add_argument("url", metavar="URL", help="the server's address, such as https://records.example")
    made = group.add("receipt", "make a receipt that an entry stands in a log, and verify it", make_receipt)
    made.add_argument("log", metavar="LOG", help="its address (https://host/log/audit) or a folder with its files")
    made.add_argument("index", metavar="INDEX", type=int, help="where the entry stands")
    made.add_argument("commitment", metavar="COMMITMENT", help="the entry, 64 signs")
    made.add_argument("--key", metavar="VKEY", help="the log's key; without it the one that the server names")
    receipts.register(group)
    made = group.add("witnesses", "say which witnesses must vouch for this server's logs", witnesses)
    made.add_argument("file", metavar="FILE", nargs="?", help="a policy file (C2SP tlog-policy); - for nobody")
    made.add_argument(
        "--from-server", action="store_true", help="show the server's own choice, and ask before using it"
    )


class _Names:
    """How this person calls others, collections and devices."""

    def __init__(self, session: Session) -> None:
        self._me = session.client.me.uid
        self._known = people(session)
        self._collections = {one.id: one.name for one in session.client.index.collections()}
        self._index = session.client.index.id
        self._devices: dict[bytes, str] = {}
        if not session.offline:
            self._devices = {one.id: one.name for one in session.call_online(lambda m: m.devices())}

    def person(self, uid: bytes) -> str:
        return "you" if uid == self._me else named(self._known, uid)

    def collection(self, collection: bytes) -> str:
        if collection == self._index:
            return "your own list of collections and contacts"
        return plain(self._collections.get(collection, f"a collection ({collection.hex()[:8]})"))

    def device(self, session: bytes) -> str:
        return plain(self._devices.get(session) or session.hex()[:8])


def activity(command: Command) -> None:
    """Show own events in plain words."""
    screen = command.screen
    with command.open() as session:
        session.call_online(sync_own)
        found = session.call_online(lambda m: m.activity())
        names = _Names(session)
        acts = [act for act in found.acts if not command.option("others") or _of_others(act, session.client.me.uid)]
        if not screen.as_json and not command.option("all"):
            index = session.client.index.id
            acts = [act for act in acts if not _of_own_list(act, session.client.me.uid, index)]
        shown = acts[-command.args.last :] if command.args.last > 0 else acts
        if screen.as_json:
            screen.json([
                {"seq": act.seq, "at": act.at, "name": act.name, "proof": str(act.proof), "position": act.position,
                 "words": words(act, names)}
                for act in shown
            ])  # fmt: skip
            return
        for act in shown:
            when = seconds_text(act.at) if act.at else "-"
            screen.data(f"{when}  {_SIGNS[act.proof]:7}  {words(act, names)}")
        proven = sum(act.proof is Proof.PROVEN for act in found.acts)
        waiting = [act for act in found.acts if act.proof is Proof.WAITING]
        screen.say(
            f"{len(found.acts):,} entries, none missing; {proven:,} proven by the log. Times are rounded to the hour."
            + (" The newest wait for the log's next checkpoint, at most an hour." if waiting else "")
        )
        now = datetime.now(UTC).timestamp()
        if any(act.at and now - act.at > LATE_SECONDS for act in waiting):
            screen.warn(
                "Some of these have waited for more than three hours: the server does not put them into its log. Ask"
                " the people who run it."
            )


def _of_own_list(act: Act, me: bytes, index: bytes | None) -> bool:
    """Return whether a device of this person kept house: heads and names in their own list, at every sync."""
    mine = act.name == "vault.collection.created" or act.values[1:2] == (me,)
    return act.name.startswith("vault.collection.") and act.values[:1] == (index,) and mine


def _of_others(act: Act, me: bytes) -> bool:
    if act.name.startswith("vault."):
        return len(act.values) > 1 and act.values[1] != me and act.name != "vault.collection.created"
    return act.name.startswith(("sharing.grant", "consent.", "accounts.account", "accounts.change", "accounts.login"))


def status(command: Command) -> None:
    """Look at the logs of keys and heads now, and say what they vouch for."""
    screen = command.screen
    with command.open() as session:
        session.call_online(sync_own)
        checked = session.call_online(lambda m: m.check_logs())
        contacts = [(one.name, str(session.client.vouched(one.uid))) for one in session.client.contacts()]
        own = str(session.client.vouched(session.client.me.uid))
        told = {"keys": checked.keys, "heads": checked.heads, "witnesses": str(checked.quorum), "own_keys": own,
                "vouched_at": checked.vouched_at, "stale": checked.stale,
                "contacts": [{"name": name, "keys": state} for name, state in contacts]}  # fmt: skip
        if screen.as_json:
            screen.json(told)
            return
        screen.table(("WHOSE KEYS", "STATE"), [("yours", _STATES[own]), *((n, _STATES[s]) for n, s in contacts)])
        screen.say(
            f"The logs were read whole: {checked.keys:,} entries of keys, {checked.heads:,} of heads. Nothing is hidden"
            " from this device. " + _QUORUM[str(checked.quorum)]
        )
        if checked.stale and checked.vouched_at is not None:
            screen.warn(
                f"The witnesses' newest word is of {seconds_text(checked.vouched_at)}, more than a day ago: newer"
                " changes may be held back. Compare safety words before you share with somebody new."
            )


_STATES: Final = {
    "logged": "in the log",
    "waiting": "new, not in the log yet: compare safety words, or wait",
    "unvouched": "in the log, but too few witnesses vouch for it: compare safety words, or wait",
    "unknown": "not looked up yet",
}
_QUORUM: Final = {
    "none": "No witness is asked to vouch for it. To ask for some: mindhaven ledger witnesses FILE",
    "met": "Enough witnesses vouch for it.",
    "missing": "Too few witnesses vouch for it now. Your care is not affected; do not trust new keys until they do.",
}


def witnesses(command: Command) -> None:
    """Show or keep which witnesses must vouch; the server's own choice only after the person saw it."""
    file, screen = command.option("file"), command.screen
    if file is not None and command.option("from_server"):
        raise InvalidInputError("Give a file or --from-server, not both.", code="arguments")
    with command.open() as session:
        if command.option("from_server"):
            text = session.call_online(lambda m: m.offered_witnesses())
            if not text:
                screen.say("This server names no witnesses; nothing was changed.")
                return
            _table(screen, Policy.parse(text))
            screen.warn(
                "The server chose these. They help only if it does not run them itself: ask who does, and compare their"
                " keys with what those people tell you."
            )
            how = "Save the policy to a file that you checked, and give the file."
            if not screen.yes("Shall this device demand them from now on?", instead=how):
                screen.say("Nothing was changed.")
                return
            session.client.demand_witnesses(text)
        elif file is not None:
            session.client.demand_witnesses(b"" if file == "-" else Path(file).read_bytes())
        found = session.client.logs.policy()
        names = sorted(one.name for one in found.witnesses.values())
        if screen.as_json:
            screen.json({"witnesses": names, "quorum": found.quorum})
        elif found.quorum == NONE:
            screen.say("This device asks no witness.")
        else:
            if not command.option("from_server"):
                _table(screen, found)
            screen.say("Until the logs are read again, no keys are shown as vouched for: mindhaven ledger")


def _table(screen: Screen, policy: Policy) -> None:
    if screen.as_json:
        return
    rows = [(one.name, one.url or "-", str(one.key)) for one in policy.witnesses.values()]
    screen.table(("WITNESS", "ADDRESS", "KEY"), rows)
    groups = [f"{name}: {one.needs} of {', '.join(one.members)}" for name, one in policy.groups.items()]
    screen.say("; ".join([*groups, f"it takes {policy.quorum}"]) + ".")


def verify(command: Command) -> None:
    """Verify a whole log; needs no account."""
    args = command.args
    with _source(args.log) as (get, named_key):
        key = VerifierKey.parse(command.option("key") or named_key())
        _verify(command, get, key)


def _verify(command: Command, get: Get, key: VerifierKey) -> None:
    args, screen = command.args, command.screen
    policy = Policy.parse(Path(args.policy).read_bytes()) if command.option("policy") else None
    state = Path(args.state) if command.option("state") else None
    before = _state(state) if state is not None and state.exists() else None
    if before is not None and before.origin != key.name:
        raise InvalidInputError("The state is of another log.", hint=f"{before.origin}", code="state")
    found = verify_log(get, key, policy=policy, before=before, progress=screen.progress("Verifying"))
    checkpoint = found.checkpoint
    if state is not None:
        state.write_text(json.dumps([checkpoint.origin, checkpoint.size, checkpoint.root.hex()]) + "\n")
    told = {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex(), "key": str(key),
            "witnesses": found.witnesses}  # fmt: skip
    if screen.as_json:
        screen.json(told)
        return
    screen.data(f"{checkpoint.origin}: {checkpoint.size:,} entries, root {checkpoint.root.hex()}")
    screen.say(
        f"Every entry was hashed; the root is the one that {key} signed."
        + (f" {len(found.witnesses)} witnesses cosigned it." if policy else "")
        + (" It continues what was verified before." if before is not None else "")
    )
    if not command.option("key"):
        screen.say("The key is the one that the server itself names. Keep it, and give it with --key next time.")


def keys(command: Command) -> None:
    """Show the log keys as the server names them; needs no account."""
    found: dict[str, str] = {}
    for name in LOGS:
        with PublicReader(f"{command.args.url.rstrip('/')}/log/{name}") as reader:
            found[name] = str(VerifierKey.parse(reader.named_key()))
    if command.screen.as_json:
        command.screen.json(found)
        return
    for name, key in found.items():
        command.screen.data(f"{name:<6} {key}")
    command.screen.say(
        "These are the server's own word. Receipts are checked by that of audit. Compare them with what the people who"
        " run it tell you, or with what somebody else saw earlier."
    )


def make_receipt(command: Command) -> None:
    """Write a receipt to standard output; needs no account."""
    args = command.args
    try:
        commitment = bytes.fromhex(args.commitment)
    except ValueError:
        raise InvalidInputError("A commitment is written in 64 signs, 0 to 9 and a to f.", code="commitment") from None
    with _source(args.log) as (get, named_key):
        key = VerifierKey.parse(command.option("key") or named_key())
        made = receipt(get, key, commitment, args.index)
    command.screen.give({"receipt": made.encode().decode(), "key": str(key)}, made.encode().decode().rstrip("\n"))
    command.screen.say(f"Verified: the entry stands at {args.index:,}, signed by {key}. Keep the text and the key.")


def _state(file: Path) -> Checkpoint:
    try:
        origin, size, root = json.loads(file.read_text())
        return Checkpoint(str(origin), int(size), bytes.fromhex(root))
    except (ValueError, TypeError) as error:
        raise InvalidInputError(f"{file} is not a state that this program wrote.", code="state") from error


@contextmanager
def _source(where: str) -> Iterator[tuple[Get, Callable[[], str]]]:
    """Give how to read a log's files, and how to learn its key."""
    if where.startswith(("http://", "https://")):
        with PublicReader(where.rstrip("/")) as reader:
            yield reader.get, reader.named_key
        return
    folder = Path(where)
    if not folder.is_dir():
        raise NotFoundError(f"{where} is neither an address nor a folder.", code="log-unknown")

    def get(path: str) -> bytes:
        return (folder / path).read_bytes()

    def named_key() -> str:
        file = folder / "key"
        if not file.exists():
            raise InvalidInputError("A folder's log needs --key VKEY, or a file called key.", code="log-key-missing")
        return file.read_text().strip()

    yield get, named_key
