"""The store in one SQLite file.

One thread writes, over one connection; a second thread reads over another. Several processes
may use the same file. The file is in WAL mode and every commit is forced to the disk before it
is answered (`synchronous=FULL`).
"""

from segue.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
