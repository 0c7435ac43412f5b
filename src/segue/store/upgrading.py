"""What the schema of a database is, without bringing it to ours: opening it does that."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from segue.store.migrations import Migration
from segue.store.opening import is_server, require_psycopg, sqlite_path


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """The names of the migrations that a database has, and of those that it lacks."""

    applied: Sequence[str]
    pending: Sequence[str]


async def read_schema(url: str) -> SchemaState:
    """Look at the schema of a database that is there. Raises `StoreError`."""
    if is_server(url):
        require_psycopg()
        from segue.store.postgres.schema import count_applied  # noqa: PLC0415 - only what is used
        from segue.store.postgres.schema import known as known_to_postgres  # noqa: PLC0415

        return _state(known_to_postgres(), await count_applied(url))
    path = sqlite_path(url)
    assert path is not None, "what keeps nothing has no schema"
    return _read_file(path)


def _read_file(path: Path) -> SchemaState:
    from segue.store.sqlite import schema  # noqa: PLC0415 - as above
    from segue.store.sqlite.connection import BUSY_SECONDS  # noqa: PLC0415
    from segue.store.sqlite.copying import open_old  # noqa: PLC0415
    from segue.store.sqlite.errors import in_words_of_the_port  # noqa: PLC0415

    known = schema.known_migrations()
    with in_words_of_the_port(str(path)), closing(open_old(path, BUSY_SECONDS)) as connection:
        return _state(known, schema.check(connection, known, path))


def _state(known: Sequence[Migration], applied: int) -> SchemaState:
    names = [step.name.removesuffix(".sql") for step in known]
    return SchemaState(applied=names[:applied], pending=names[applied:])
