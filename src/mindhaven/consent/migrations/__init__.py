"""The migrations of consent."""
