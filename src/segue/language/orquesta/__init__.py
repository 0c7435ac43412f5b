"""Orquesta's workflow files."""
