"""The migrations of vault."""
