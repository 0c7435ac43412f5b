"""What can be told of the database by looking at all of it."""

from pathlib import Path

import apsw

from segue.store.port import Health
from segue.store.sqlite import queries
from segue.store.sqlite.rows import fetch, fetch_one
from segue.store.sqlite.schema import known_migrations

#: More than this many sentences of one kind tell nothing new.
_MOST_OF_A_KIND = 20
_SYNCHRONOUS = {0: "off", 1: "normal", 2: "full", 3: "extra"}
#: How a sentence begins about what can't be read, in contrast to what contradicts itself.
DAMAGED = "the database is damaged: "


def check_health(connection: apsw.Connection, path: Path) -> Health:
    """Read the whole database and say what is wrong with it. Damage is a finding, not an error."""
    problems: list[str] = []
    schema: int = 0
    counts: tuple[int, ...] = (0, 0, 0)
    free = 0
    try:
        problems += _damage(connection)
        (schema,) = fetch_one(connection, "SELECT max(number) FROM migrations")
        counts = fetch_one(connection, queries.COUNT_ALL)
        (pages,) = fetch_one(connection, "PRAGMA freelist_count")
        (page_bytes,) = fetch_one(connection, "PRAGMA page_size")
        free = pages * page_bytes
        # A copy of an older schema may lack tables: then it is only told whether it is damaged.
        is_ours = schema == len(known_migrations())
        for query in queries.FINDINGS if is_ours else ():
            problems += _findings(connection, query)
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError) as error:
        problems.append(f"{DAMAGED}{error}")
    executions, events, outstanding = counts
    return Health(
        backend="sqlite",
        location=str(path),
        version=apsw.sqlite_lib_version(),
        schema=schema,
        executions=executions,
        events=events,
        outstanding=outstanding,
        size_bytes=sum(_size(path.with_name(path.name + suffix)) for suffix in ("", "-wal")),
        problems=problems,
        free_bytes=free,
    )


def settings_of(connection: apsw.Connection) -> dict[str, str]:
    """Return what durability hangs on, as it is set on this connection."""
    (journal,) = fetch_one(connection, "PRAGMA journal_mode")
    (synchronous,) = fetch_one(connection, "PRAGMA synchronous")
    return {
        "journal_mode": str(journal),
        "synchronous": _SYNCHRONOUS.get(synchronous, str(synchronous)),
    }


def _damage(connection: apsw.Connection) -> list[str]:
    rows = fetch(connection, f"PRAGMA integrity_check({_MOST_OF_A_KIND})")
    return [] if rows == [("ok",)] else [f"{DAMAGED}{text}" for (text,) in rows]


def _findings(connection: apsw.Connection, query: str) -> list[str]:
    rows = fetch(connection, query)
    sentences = [f"execution {execution} {what}" for execution, what in rows[:_MOST_OF_A_KIND]]
    if len(rows) > _MOST_OF_A_KIND:
        sentences.append(f"and {len(rows) - _MOST_OF_A_KIND} more like this")
    return sentences


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
