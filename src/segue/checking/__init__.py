"""Findings that need more than the text: expressions, variables, joins, loops."""
