"""The migrations of reminders."""
