"""The event log and what must be found again."""
