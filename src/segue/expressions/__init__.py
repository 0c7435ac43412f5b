"""Jinja and YAQL: compiled once, evaluated in a sandbox with limits."""
