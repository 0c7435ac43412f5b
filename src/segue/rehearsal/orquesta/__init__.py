"""Orquesta's rehearsal files, read and performed as there."""
