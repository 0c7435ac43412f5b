"""The store in a PostgreSQL database.

Any number of engines, on any number of machines, may use one database; none is a leader. A group of
changes is one call of a function of the schema: one round trip and one transaction, durable when
it is answered. Others are told by NOTIFY, outside of the transaction, as a hint and no more.
"""

from segue.store.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
