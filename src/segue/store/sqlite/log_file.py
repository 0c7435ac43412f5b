"""The file of SQLite's log, looked at from outside."""

import time
from pathlib import Path

#: File systems give times in steps of some milliseconds: within such a step a second write
#: looks like the first. After this many seconds there can be none left that we took for another.
_SETTLED_SECONDS = 0.1


class LogFile:
    """Tells cheaply that nobody has written: asking SQLite costs two hops between threads.

    An engine that waits for a long action does nothing else than ask, thirty times a second.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}-wal")
        self._seen: tuple[int, int, int] | None = None

    def is_quiet(self) -> bool:
        """Return whether it is certain that there was no write since the last call."""
        try:
            found = self._path.stat()
        except OSError:  # SQLite is about to make it, or to remove it
            return False
        before, self._seen = self._seen, (found.st_ino, found.st_size, found.st_mtime_ns)
        return before == self._seen and time.time() - found.st_mtime > _SETTLED_SECONDS
