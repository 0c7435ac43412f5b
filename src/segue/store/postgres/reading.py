"""What is read. Each function sees one state of the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, LiteralString

import psycopg

from segue.store.chosen import Chosen
from segue.store.port import Health, KeyRow, LogChunk, ParkedRow
from segue.store.postgres import queries
from segue.store.postgres.target import Target
from segue.store.postgres.writing import Free
from segue.store.rows import Row, key_of, log_of, parked_of

#: More than this many sentences of one kind tell nothing new.
_MOST_OF_A_KIND = 20


async def fetch(
    connection: psycopg.AsyncConnection,
    query: LiteralString,
    bindings: Sequence[Any] | Mapping[str, Any] = (),
) -> list[Row]:
    """Return all rows that a query gives."""
    found = await connection.execute(query, bindings, binary=True)
    return await found.fetchall()


async def count_executions(connection: psycopg.AsyncConnection, chosen: Chosen) -> int:
    """Return how many executions fit."""
    ((count,),) = await fetch(
        connection, queries.COUNT_EXECUTIONS[chosen.filters], chosen.bindings()
    )
    return int(count)


async def list_executions(
    connection: psycopg.AsyncConnection, chosen: Chosen, limit: int | None, offset: int
) -> list[Row]:
    """Return the rows of the executions that fit, the newest first."""
    bindings = {**chosen.bindings(), "limit": limit, "offset": offset}
    return await fetch(connection, queries.LIST_EXECUTIONS[chosen.filters], bindings)


async def has_free_work(connection: psycopg.AsyncConnection, free: Free) -> bool:
    """Whether there is any: that there is none is the rule, and then nothing is locked."""
    return await fetch(connection, queries.FREE_WORK, asdict(free)) == [(True,)]


async def list_parked(
    connection: psycopg.AsyncConnection, execution: str | None
) -> Sequence[ParkedRow]:
    """Return what can't go on, in order of the execution's id."""
    rows = await fetch(connection, queries.LIST_PARKED, {"execution": execution})
    return [parked_of((*row[:-1], row[-1].decode())) for row in rows]


async def read_log(
    connection: psycopg.AsyncConnection, execution: str, task: str | None, after: int, limit: int
) -> Sequence[tuple[int, LogChunk]]:
    """Return numbered pieces of log in order."""
    bindings = {"execution": execution, "task": task, "after": after, "limit": limit}
    rows = await fetch(connection, queries.READ_LOG, bindings)
    return [log_of((*row[:-1], row[-1].decode())) for row in rows]


async def get_keys(
    connection: psycopg.AsyncConnection, names: Collection[str]
) -> Mapping[str, KeyRow]:
    """Return those of the named keys that there are."""
    found = [key_of(row) for row in await fetch(connection, queries.GET_KEYS, (list(names),))]
    return {key.name: key for key in found}


async def check_health(connection: psycopg.AsyncConnection, target: Target) -> Health:
    """Read the whole database and say what is wrong with it."""
    ((executions, events, outstanding, size, schema, version),) = await fetch(
        connection, queries.COUNT_ALL
    )
    settings = {str(name): str(value) for name, value in await fetch(connection, queries.SETTINGS)}
    problems: list[str] = []
    for query in queries.FINDINGS:
        rows = await fetch(connection, query)
        problems += [f"execution {execution} {what}" for execution, what in rows[:_MOST_OF_A_KIND]]
        if len(rows) > _MOST_OF_A_KIND:
            problems.append("and more like this")
    return Health(
        backend="postgresql",
        location=target.shown,
        version=version,
        schema=schema,
        executions=executions,
        events=events,
        outstanding=outstanding,
        size_bytes=size,
        problems=problems,
        settings=settings,
    )
