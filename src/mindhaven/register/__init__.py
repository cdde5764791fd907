"""Register: what is done with people's data, and the policy that says so.

Promises: the policy is made from the entries that the code's own tables name, and from nothing else but what the host
says of itself; none is shown that is not published, with its hash in the log.
Does not: give legal advice, or let a host edit what the code does.
The server can see: its own entries and policies; nothing of any person.
"""

from typing import Final

from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Host, Setting, Slice
from mindhaven.law import shipped
from mindhaven.register.api import OPERATIONS
from mindhaven.register.bylaw import roles_of
from mindhaven.register.holdings import HOLDINGS
from mindhaven.register.model import LINES, entries
from mindhaven.register.service import ever_published, facts_from, published, publishes

_MOST: Final = 200
"""Characters of a line that a host says of itself: a name, an address."""


async def opened(host: Host) -> None:
    """Raise `InvalidInputError` (setting-register) for what can stand in no line of a policy, and for no role."""
    for name in (*LINES, "hosting"):
        given = host.settings[f"register.{name}"]
        for value in [given] if isinstance(given, str) else given:
            _check_line(name, value)
    known = roles_of(shipped().laws)
    if strange := sorted(set(host.settings["register.roles"]) - known):
        raise InvalidInputError(
            f"register.roles names {', '.join(strange)}, which no law asks about.",
            hint="Roles are " + ", ".join(sorted(known)) + ".",
            code="setting-register",
        )


def _check_line(name: str, value: str) -> None:
    if len(value) > _MOST or not (value.isprintable() and value == value.strip()):
        raise InvalidInputError(
            f"register.{name} must be one line of at most {_MOST} characters.",
            hint="It stands in the policy as you write it.",
            code="setting-register",
        )


SLICE: Final = Slice(
    name="register",
    operations=OPERATIONS,
    holdings=HOLDINGS,
    migrations="mindhaven.register.migrations",
    opens=opened,
    settings=(
        Setting(name="register.name", default="", help="Who runs this server and answers for it, as the policy says."),
        Setting(name="register.contact", default="", help="Where people reach them: an address, or a page."),
        Setting(name="register.address", default="", help="Their postal address."),
        Setting(name="register.officer", default="", help="Whom to ask about one's data, if it is somebody else."),
        Setting(
            name="register.representative",
            default="",
            help="Who speaks for them where they have no seat of their own (GDPR Art. 27), if they must have somebody.",
        ),
        Setting(name="register.seat", default="", help="The country or State in which they are."),
        Setting(
            name="register.hosting",
            default=(),
            help="Who runs machines or keeps backups for them, each with its country, such as 'Example Hosting GmbH,"
            " Germany: the machine and its backups'; empty: the policy does not say.",
        ),
        Setting(
            name="register.roles",
            default=(),
            help="What you are in the eyes of laws (docs/reference/law-data.md), such as eu-controller: the policy"
            " leaves out laws that hold for others only; empty: it shows all.",
        ),
    ),
)

__all__ = ["SLICE", "entries", "ever_published", "facts_from", "published", "publishes"]
