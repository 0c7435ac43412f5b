"""Attune's files, as values that can be written anew."""
