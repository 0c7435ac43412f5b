"""Orquesta's files, changed in place."""
