"""All findings of a definition at once, from its text to the flow of its variables."""

from segue.checking.check import Checked, check, check_loaded
from segue.checking.hosted import HOSTED

__all__ = ["HOSTED", "Checked", "check", "check_loaded"]
