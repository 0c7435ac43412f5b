"""Attune's workflow files, of all three kinds."""
