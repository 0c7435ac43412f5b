"""Removing what is over for long: whole trees of executions, and what belongs to them."""

from collections.abc import Collection, Sequence

import psycopg

from segue.core.status import Status
from segue.store.port import Change, CommitResult, Committed, Definition, Tree
from segue.store.postgres import queries
from segue.store.postgres.reading import fetch
from segue.store.rows import execution_of
from segue.store.soundness import referred


async def find_prunable(
    connection: psycopg.AsyncConnection,
    before: float,
    statuses: Collection[Status],
    limit: int | None,
) -> Sequence[Tree]:
    """Return the trees in which nothing lives and nothing has changed since."""
    search = {
        "before": before,
        "statuses": [status.value for status in statuses],
        "limit": limit,
    }
    tops = [execution_of(row) for row in await fetch(connection, queries.FIND_PRUNABLE, search)]
    rows = await fetch(connection, queries.COUNT_TREES, {"tops": [top.id for top in tops]})
    counts = {top: (executions, events) for top, executions, events in rows}
    # One that somebody else has removed in between is left out.
    found = [(top, counts[top.id]) for top in tops if top.id in counts]
    return [
        Tree(top=top, executions=executions, events=events) for top, (executions, events) in found
    ]


async def prune(
    connection: psycopg.AsyncConnection, tops: Collection[str], before: float
) -> Sequence[str]:
    """Remove these trees, as far as they may still go.

    First all of them is held, so that nobody writes to it, and then it is looked at. If the
    connection is lost and this is done again, what went the first time is not among what is
    returned.
    """
    async with connection.transaction():
        held = set(await fetch(connection, queries.HOLD_TREES, {"tops": list(tops)}))
        search = {"tops": list(tops), "before": before}
        old = [row[0] for row in await fetch(connection, queries.ARE_PRUNABLE, search)]
        # What has begun below one of them only now is not held, and is a tree of its own.
        found = await fetch(connection, queries.HOLD_TREES, {"tops": old})
        gone = [row[0] for row in found if row in held]
        for statement in queries.PRUNE:
            await connection.execute(statement, (gone,))
        unused = await fetch(connection, queries.HOLD_UNUSED_DEFINITIONS)
        await connection.execute(queries.PRUNE_DEFINITIONS, ([hash_ for (hash_,) in unused],))
        freed = await fetch(connection, queries.PRUNE_VALUE_USES, (gone,))
        if freed:
            values = ([sha256 for (sha256,) in freed],)
            await connection.execute(queries.HOLD_VALUES, values)
            await connection.execute(queries.PRUNE_VALUES, values)
    return sorted(gone)


async def keep_definitions(
    connection: psycopg.AsyncConnection, definitions: Collection[Definition]
) -> None:
    """Put definitions where they are missing, and hold them until the transaction ends."""
    definitions = sorted(definitions, key=lambda one: one.hash)  # nobody waits crosswise
    hashes = sorted({one.hash for one in definitions})
    while len(await fetch(connection, queries.HOLD_DEFINITIONS, (hashes,))) < len(hashes):
        await connection.execute(
            queries.PUT_DEFINITIONS,
            (
                [one.hash for one in definitions],
                [one.name for one in definitions],
                [one.source for one in definitions],
                [one.file for one in definitions],
            ),
        )


async def keep_values(
    connection: psycopg.AsyncConnection, changes: Sequence[Change], answers: Sequence[CommitResult]
) -> None:
    """Put the values of the changes that were written, and note who refers to which."""
    answered = zip(changes, answers, strict=True)
    written = [change for change, answer in answered if isinstance(answer, Committed)]
    values = {value.sha256: value.data for change in written for value in change.values}
    for sha256 in sorted(values):  # nobody waits crosswise
        await connection.execute(queries.PUT_VALUE, (sha256, values[sha256]))
    uses = [(sha256, change.row.id) for change in written for sha256 in referred(change)]
    if uses:
        columns = [list(column) for column in zip(*uses, strict=True)]
        await connection.execute(queries.PUT_VALUE_USES, columns)
