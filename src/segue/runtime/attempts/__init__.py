"""Attempts under way: actions that run, sub-workflows that run for them, and timers."""
