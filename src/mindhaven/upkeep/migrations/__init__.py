"""The migrations of upkeep."""
