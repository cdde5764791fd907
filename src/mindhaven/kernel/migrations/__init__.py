"""The kernel's own migrations."""
