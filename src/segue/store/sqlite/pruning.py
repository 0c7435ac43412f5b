"""Removing what is over for long: whole trees of executions, and what belongs to them."""

from collections.abc import Collection, Sequence

import apsw
import msgspec

from segue.core.status import Status
from segue.store.port import Tree
from segue.store.rows import execution_of
from segue.store.sqlite import queries
from segue.store.sqlite.connection import transaction
from segue.store.sqlite.rows import Value, fetch

_NO_LIMIT = -1  # as SQLite has it


def find_prunable(
    connection: apsw.Connection, before: float, statuses: Collection[Status], limit: int | None
) -> Sequence[Tree]:
    """Return the trees in which nothing lives and nothing has changed since."""
    search: dict[str, Value] = {
        "before": before,
        "statuses": msgspec.json.encode([status.value for status in statuses]).decode(),
        "limit": _NO_LIMIT if limit is None else limit,
    }
    with transaction(connection, "DEFERRED"):  # the trees as they were when their tops were found
        tops = [execution_of(row) for row in fetch(connection, queries.FIND_PRUNABLE, search)]
        trees = [fetch(connection, queries.READ_TREE, {"top": top.id}) for top in tops]
    return [
        Tree(top=top, executions=len(tree), events=sum(seq for _, seq in tree))
        for top, tree in zip(tops, trees, strict=True)
    ]


def prune(connection: apsw.Connection, tops: Collection[str], before: float) -> Sequence[str]:
    """Remove these trees, as far as they may still go. Whoever writes meanwhile has waited."""
    gone: list[tuple[str]] = []
    with transaction(connection):
        for top in dict.fromkeys(tops):
            if fetch(connection, queries.IS_PRUNABLE, {"before": before, "id": top}):
                tree = fetch(connection, queries.READ_TREE, {"top": top})
                gone += [(execution,) for execution, _ in tree]
        for statement in queries.PRUNE:
            connection.executemany(statement, gone)
        connection.execute(queries.PRUNE_DEFINITIONS)
        _prune_values(connection, gone)
    return sorted(execution for (execution,) in gone)


def _prune_values(connection: apsw.Connection, gone: Sequence[tuple[str]]) -> None:
    """Remove the values to which only these executions referred."""
    values: set[tuple[str]] = set()
    for execution in gone:
        values.update((sha256,) for (sha256,) in fetch(connection, queries.VALUES_USED, execution))
    connection.executemany(queries.PRUNE_VALUE_USES, gone)
    connection.executemany(queries.PRUNE_VALUE, sorted(values))
