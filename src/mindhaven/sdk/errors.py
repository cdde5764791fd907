"""What only a client can find out, and what to do about it. See `mindhaven.errors` for the tree."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from mindhaven.errors import ConflictError, DeniedError, IntegrityError, InvalidInputError, UnavailableError
from mindhaven.protocol.chain import RuleError

P = ParamSpec("P")
T = TypeVar("T")

ASK_THE_HOST: Final = "What is on this device stays as it was. Ask the people who run the server."
ASK_BEFORE_UNLOCKING: Final = (
    "Give this server no passphrase or recovery key again before the people who run it have explained this."
)
A_MEMBER: Final = (
    "What is on this device stays as it was. A member signed this, and the server took it: stop sharing with that"
    " member, and ask the people who run the server."
)
ASK_WHAT_IS_HIDDEN: Final = "Ask the people who run the server what is missing here, and why. Care goes on beside it."
COMPARE_DEVICES: Final = (
    "Nothing here is lost. Tell the people who run the server, and compare with your other devices and contacts."
)


def advised(hint: str) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Say what to do where what a server shows is refused: `hint`, unless the error says it better itself."""

    def around(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        @wraps(function)
        async def told(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return await function(*args, **kwargs)
            except (IntegrityError, InvalidInputError) as error:
                if error.hint is None:
                    error.hint = A_MEMBER if isinstance(error, RuleError) else hint
                raise

        return told

    return around


class WithheldError(IntegrityError):
    """The chain says that a record, salt or collection exists, and the server does not give it."""

    code = "withheld"


class RollbackError(IntegrityError):
    """The server shows an older or another history than this device has already seen."""

    code = "rollback"


class SignedOutError(DeniedError):
    """This device's access has ended; reading and writing go on, syncing needs a way in opened again."""

    code = "signed-out"


class ClosedError(UnavailableError):
    """This client was closed; what it wrote is on this device."""

    code = "client-closed"

    def __init__(self) -> None:
        super().__init__("This client was closed.", hint="Open the store again: Mindhaven.open(home, passphrase=...).")


class OfflineError(UnavailableError):
    """The server can't be reached; nothing is lost, writes wait on this device."""

    code = "offline"


class CertificateError(UnavailableError):
    """The server's certificate is refused; nothing was sent, writes wait on this device."""

    code = "certificate"


class WrongPassphraseError(DeniedError):
    """The local store does not open with this passphrase."""

    code = "wrong-passphrase"


class OvertakenError(ConflictError):
    """Others kept writing first; after the bounded number of tries the write waits in the queue."""

    code = "overtaken"
