"""The migrations of sharing."""
