"""Reading the rows that a query gives. What they are is in `segue.store.rows`."""

from collections.abc import Mapping, Sequence

import apsw

from segue.store.rows import Row

Value = str | int | float | bytes | None
Bindings = Sequence[Value] | Mapping[str, Value]


def fetch(connection: apsw.Connection, query: str, bindings: Bindings = ()) -> list[Row]:
    """Return all rows that a query gives."""
    return connection.execute(query, bindings).fetchall()


def fetch_one(connection: apsw.Connection, query: str, bindings: Bindings = ()) -> Row:
    """Return the row of a query that gives exactly one."""
    (row,) = connection.execute(query, bindings).fetchall()
    return row
