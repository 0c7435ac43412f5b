"""Attune's own expressions: their syntax, names, functions and filters."""
