"""The schema of the database: numbered migrations that are never changed once released.

The table `migrations` says which were applied, with a checksum each. A database with one that we
don't know was written by newer software, and is refused before anything is written.
"""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from segue.store.migrations import Migration, known_migrations
from segue.store.port import StoreError
from segue.store.postgres.errors import in_words_of_the_port
from segue.store.postgres.target import Target

#: Whoever migrates holds this lock, on the whole server: any number that nobody else uses.
_LOCK = 0x5345475545
_OLDEST = 140000  # PostgreSQL 14


async def migrate(connection: psycopg.AsyncConnection, target: Target) -> None:
    """Bring the schema to the newest that we know, in one transaction, or refuse it.

    Who comes second waits, looks again, and finds nothing left to do. Raises `StoreError`.
    """
    await _require_fit(connection, target)
    steps = known()
    if await _applied(connection, steps, target) == len(steps):
        return
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        await connection.execute(
            sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(target.schema))
        )
        for step in steps[await _applied(connection, steps, target) :]:
            await connection.execute(step.sql.encode())
            await connection.execute(
                "INSERT INTO migrations (number, name, sha256) VALUES (%s, %s, %s)",
                (step.number, step.name, step.sha256),
            )


def known() -> Sequence[Migration]:
    """Return the migrations that this release brings, in order."""
    return known_migrations(__package__ or "")


async def count_applied(url: str) -> int:
    """Return how many migrations were applied to a database; nothing is written.

    Raises `StoreError` as `migrate` does.
    """
    target = Target.of(url)
    with in_words_of_the_port(target.shown):
        async with await target.connect() as connection:
            await _require_fit(connection, target)
            return await _applied(connection, known(), target)


async def _require_fit(connection: psycopg.AsyncConnection, target: Target) -> None:
    version = connection.info.server_version
    if version < _OLDEST:
        raise StoreError(
            f"The server of {target.shown} is PostgreSQL {version // 10000}; 14 or later is "
            "needed.",
            code="store_library",
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreError(
            f"The database {target.shown} keeps text as {encoding}; Segue needs one in UTF8.",
            code="store_unsupported",
        )


async def _applied(
    connection: psycopg.AsyncConnection, steps: Sequence[Migration], target: Target
) -> int:
    """Return how many migrations were applied. Raises `StoreError` for what is not ours."""
    found = await connection.execute(
        "SELECT relname, relname = 'migrations' FROM pg_class "
        "WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r'",
        (f'"{target.schema}"',),
    )
    tables = await found.fetchall()
    if not tables:
        return 0
    if not any(is_ours for _, is_ours in tables):
        raise StoreError(
            f"The schema {target.schema} of {target.shown} belongs to another program. Name "
            "one of Segue's own: `?schema=name`.",
            code="store_foreign",
        )
    # By its whole name: who may not look into the schema is told so, and not that it is not there.
    found = await connection.execute(
        sql.SQL("SELECT number, sha256 FROM {} ORDER BY number").format(
            sql.Identifier(target.schema, "migrations")
        )
    )
    applied = await found.fetchall()
    newest = applied[-1][0] if applied else 0
    if newest > len(steps):
        raise StoreError(
            f"The database {target.shown} has schema {newest}, this release knows up to "
            f"{len(steps)}. Use the newer release that made it.",
            code="store_too_new",
        )
    if applied != [(step.number, step.sha256) for step in steps[: len(applied)]]:
        raise StoreError(
            f"The database {target.shown} was made by migrations that differ from those of this "
            "release.",
            code="store_mismatch",
        )
    return len(applied)
