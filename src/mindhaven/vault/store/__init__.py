"""The queries of vault. I/O: the database, through the work or look they are given."""

from mindhaven.vault.store.changing import VaultChange
from mindhaven.vault.store.reading import Vault
from mindhaven.vault.store.shelf import Everything, Parts, Shelf, ShelfChange
from mindhaven.vault.store.snapshot import AllPieces, Snapshots, SnapshotsChange
from mindhaven.vault.store.turning import Peppers, PeppersChange
from mindhaven.vault.store.window import Gaps, GapsChange, Windows, WindowsChange

__all__ = [
    "AllPieces",
    "Everything",
    "Gaps",
    "GapsChange",
    "Parts",
    "Peppers",
    "PeppersChange",
    "Shelf",
    "ShelfChange",
    "Snapshots",
    "SnapshotsChange",
    "Vault",
    "VaultChange",
    "Windows",
    "WindowsChange",
]
