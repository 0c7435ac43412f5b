"""Turning files of other languages into native ones: text to text, and notes of what differs."""

from segue.conversion.changes import CHANGES, Change, Explained
from segue.conversion.converting import Converted, convert

__all__ = ["CHANGES", "Change", "Converted", "Explained", "convert"]
