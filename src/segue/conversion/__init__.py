"""Turning files of other languages into native ones: text to text, and notes of what differs.

`segue.conversion.converting` has the way in. Nothing is imported here: whoever only wants to tell
about a note has no need of what reads expressions, which loads slowly.
"""
