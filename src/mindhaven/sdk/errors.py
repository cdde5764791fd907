"""What only a client can find out. See `mindhaven.errors` for the tree."""

from mindhaven.errors import ConflictError, DeniedError, IntegrityError, UnavailableError


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
