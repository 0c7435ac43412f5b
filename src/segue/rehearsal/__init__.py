"""Tests of workflows: an execution through the core, with mocked actions and a clock that jumps."""

from typing import Final

#: What rehearsal files are called, so that they are found in a folder.
PATTERNS: Final = ("*.rehearsal.yaml", "*.rehearsal.yml", "rehearse_*.yaml", "rehearse_*.yml")
