"""Jinja: which of it is allowed, and how it is compiled and bounded."""
