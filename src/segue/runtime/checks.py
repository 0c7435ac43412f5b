"""All findings of a definition: those of its text, and those that need more than the text."""

from segue.language.findings import Finding
from segue.language.workflows import Loaded


def findings_of(loaded: Loaded) -> tuple[Finding, ...]:
    """Return the findings of a definition that was loaded, in the order of the file."""
    return loaded.findings
