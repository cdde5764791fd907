"""The migrations of register."""
