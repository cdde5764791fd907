"""Whether the web app that a server serves is a known release. I/O: HTTPS to the address that is given."""

from pathlib import Path
from typing import Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.exits import Exit
from mindhaven.sdk.served import Checked, Release, Standing, carried, check_served
from mindhaven.tlog.note import VerifierKey
from mindhaven.tlog.policy import Policy

_STATES: Final = {Standing.SAME: "good", Standing.DIFFERS: "DIFFERS", Standing.UNCHECKED: "not checked"}


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    group = adder.group("web", "check the web app that a server serves")
    made = group.add("verify", "verify that the web app which a server serves is a known release", verify)
    made.add_argument("url", metavar="URL", help="the server's address, such as https://records.example")
    made.add_argument("--release", metavar="FILE", help="a release.json that you trust; default: this installation's")
    made.add_argument(
        "--key", metavar="VKEY", help="the key of its log audit; without it the one that the server names"
    )
    made.add_argument("--policy", metavar="FILE", help="which witnesses must have cosigned (C2SP tlog-policy)")


def verify(command: Command) -> int:
    """Verify what a server serves; needs no account."""
    file, key, policy, screen = (*map(command.option, ("release", "key", "policy")), command.screen)
    known = carried() if file is None else Path(file).read_bytes()
    if known is not None:
        Release.parse(known)
    found = check_served(
        command.args.url,
        known=known,
        key=VerifierKey.parse(key) if key else None,
        policy=Policy.parse(Path(policy).read_bytes()) if policy else None,
        progress=screen.progress("Fetching"),
    )
    _tell(command, found)
    return Exit.OK if found.same else Exit.INTEGRITY


def _tell(command: Command, found: Checked) -> None:
    screen = command.screen
    if screen.as_json:
        checks = [{"what": one.what, "state": str(one.standing), "says": one.says} for one in found.findings]
        screen.json({"url": command.args.url, "release": found.release, "good": found.same, "checks": checks})
    else:
        screen.data(f"release {found.release}")
        screen.table(("WHAT", "STATE", "WHICH MEANS"), [(o.what, _STATES[o.standing], o.says) for o in found.findings])
    if found.same:
        screen.say("What this server served just now is that release.")
    elif any(one.standing is Standing.DIFFERS for one in found.findings):
        screen.warn(
            "What this server served just now is not a known release. Don't unlock anything there. Ask the people who"
            " run it which release it is, and verify with --release and the list from where they got it."
        )
    else:
        screen.warn(
            "Nothing differs, and not everything could be checked: see above. Try again, or give --release FILE."
        )
    screen.say(
        "It was asked twice, as a browser and as a tool, from here and now. That only lowers the odds of a lie: a"
        " server can serve somebody else, or later, something else."
    )
