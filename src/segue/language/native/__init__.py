"""Segue's own workflow files."""
