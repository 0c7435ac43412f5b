"""The schema of the database: numbered migrations that are never changed once released.

The table `migrations` says which were applied, with a checksum each. A database with one that
we don't know was written by newer software, and is refused before anything is written.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from segue.store import migrations
from segue.store.migrations import Migration
from segue.store.port import StoreError
from segue.store.sqlite.rows import fetch, fetch_one

APPLICATION_ID = 0x53454755  # "SEGU", in the header of the file; set by the first migration
_APPLIED = "SELECT number, sha256 FROM migrations ORDER BY number"


def known_migrations() -> Sequence[Migration]:
    """Return the migrations that this release brings, in order."""
    return migrations.known_migrations(__package__ or "")


def check(connection: apsw.Connection, known: Sequence[Migration], path: Path) -> int:
    """Return how many migrations were applied; nothing is written.

    Raises `StoreError` for a database that is not ours, is newer, or differs from ours.
    """
    with _one_look(connection):  # or another process may finish its migration between two
        (mark,) = fetch_one(connection, "PRAGMA application_id")
        (tables,) = fetch_one(connection, "SELECT count(*) FROM sqlite_schema")
        applied = fetch(connection, _APPLIED) if mark == APPLICATION_ID else []
    if mark == 0 and tables == 0:
        return 0
    if mark != APPLICATION_ID:
        raise StoreError(
            f"The database {path} belongs to another program. Give Segue a file of its own.",
            code="store_foreign",
        )
    newest = applied[-1][0] if applied else 0
    if newest > len(known):
        raise StoreError(
            f"The database {path} has schema {newest}, this release knows up to {len(known)}. "
            "Use the newer release that made it.",
            code="store_too_new",
        )
    expected = [(step.number, step.sha256) for step in known[: len(applied)]]
    if applied != expected:
        raise StoreError(
            f"The database {path} was made by migrations that differ from those of this release.",
            code="store_mismatch",
        )
    return len(applied)


@contextmanager
def _one_look(connection: apsw.Connection) -> Iterator[None]:
    """See the database as it is at one moment.

    (apsw's own way hides why a read failed when SQLite has left the transaction over it.)
    """
    connection.execute("SAVEPOINT look")
    try:
        yield
    finally:
        with suppress(apsw.Error):
            connection.execute("RELEASE look")


def migrate(connection: apsw.Connection, known: Sequence[Migration], path: Path) -> None:
    """Bring the database to the newest of `known`, in one transaction.

    Who comes second waits, looks again, and finds nothing left to do.
    """
    if check(connection, known, path) == len(known):
        return
    connection.execute("BEGIN EXCLUSIVE")
    try:
        for step in known[check(connection, known, path) :]:
            connection.execute(step.sql)
            connection.execute(
                "INSERT INTO migrations (number, name, sha256) VALUES (?, ?, ?)",
                (step.number, step.name, step.sha256),
            )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
