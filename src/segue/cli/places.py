"""Where Segue keeps things of the user."""

import os
from pathlib import Path


def state_directory() -> Path:
    """Return the directory for the database and for what is kept of bugs."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "segue"
