"""The queries of vault. I/O: the database, through the work or look they are given."""

from mindhaven.vault.store.changing import VaultChange
from mindhaven.vault.store.reading import Vault
from mindhaven.vault.store.shelf import Parts, Peppers, Shelf, ShelfChange

__all__ = ["Parts", "Peppers", "Shelf", "ShelfChange", "Vault", "VaultChange"]
