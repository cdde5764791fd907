"""Sharing: grants and invitations, why and until when; the keys themselves are the vault's.

Promises: a grant is its consent, its wraps and its commit together or none of them; a revocation ends access and
consent in one work; an invitation's answer opens for the inviter alone.
Does not: take back what was read, or know who answered an invitation.
The server can see: who granted what to whom, role, first month, last day.
"""

from typing import Final

from mindhaven.kernel import Slice
from mindhaven.sharing.api import OPERATIONS
from mindhaven.sharing.holdings import HOLDINGS
from mindhaven.sharing.store import OwnInvitationsChange

SLICE: Final = Slice(
    name="sharing", operations=OPERATIONS, holdings=HOLDINGS, migrations="mindhaven.sharing.migrations"
)

__all__ = ["SLICE", "OwnInvitationsChange"]
