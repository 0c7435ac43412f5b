"""The functions that expressions of both languages can call."""
