"""Which database a URL means, and how connections to it are made."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from segue.store.port import StoreError

#: The schema of the database that our tables are in, if the URL does not say (`?schema=`).
SCHEMA = "segue"
#: What a connection asks for itself, whatever the database was told to do for others.
_SETTINGS = (
    # Who is stopped within a transaction must not keep others from theirs for ever.
    "SET idle_in_transaction_session_timeout = '30s';"
    # Arrays of bytes and of nulls arrive as they were sent.
    "SET standard_conforming_strings = on; SET array_nulls = on"
)
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}\Z")
_HOST = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(:[0-9]*)?")
#: Seconds. A server that is switched off, or a cut cable, is noticed so soon.
_USUAL = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",  # milliseconds: also for what was sent and never taken
    "application_name": "segue",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A database and a schema in it. `shown` is for messages: it has no password."""

    conninfo: str
    schema: str
    shown: str

    @classmethod
    def of(cls, url: str) -> "Target":
        """Read a URL, `postgresql://user@host:port/database?schema=name`.

        Raises `StoreError` (store_url), whose message does not repeat the URL.
        """
        address, _, query = url.partition(":")[2].partition("?")
        _require_readable(address)
        given = parse_qsl(query, keep_blank_values=True)
        schema = dict(given).get("schema", SCHEMA)
        if not _NAME.match(schema):
            raise StoreError(
                "The schema in the URL of the store is not a name of lower-case letters, digits "
                "and underscores.",
                code="store_url",
            )
        others = [(key, value) for key, value in given if key != "schema"]
        conninfo = f"postgresql:{address}?{urlencode(others, quote_via=quote)}"
        try:
            known = conninfo_to_dict(conninfo)
        except psycopg.ProgrammingError:
            raise StoreError(
                "The URL of the store can't be read. Write it as "
                "postgresql://user@host:5432/database?schema=segue.",
                code="store_url",
            ) from None
        usual = {key: value for key, value in _USUAL.items() if key not in known}
        return cls(
            conninfo=psycopg.conninfo.make_conninfo(conninfo, **usual, client_encoding="UTF8"),
            schema=schema,
            shown=_shown(known, schema),
        )

    async def connect(self) -> psycopg.AsyncConnection:
        """Return a connection on which each statement is a transaction. Raises psycopg's errors."""
        connection = await psycopg.AsyncConnection.connect(self.conninfo, autocommit=True)
        try:
            await connection.execute(
                sql.SQL("SET search_path TO {}").format(sql.Identifier(self.schema))
            )
            # What was answered is durable, whatever the server was told to do for others.
            await connection.execute(
                "SELECT set_config('synchronous_commit', 'on', FALSE) "
                "WHERE current_setting('synchronous_commit') = 'off'"
            )
            await connection.execute(_SETTINGS)
        except BaseException:
            await connection.close()
            raise
        return connection


def _require_readable(address: str) -> None:
    """Refuse an address that libpq would cut elsewhere than whoever wrote it.

    An @, / or : of a password would make the rest of it a host, which is shown.
    """
    authority, _, path = address.removeprefix("//").partition("/")
    user, _, hosts = authority.rpartition("@")
    fit = all(_HOST.fullmatch(host) for host in hosts.split(","))
    if not address.startswith("//") or "@" in path + user or not fit:
        raise StoreError(
            "The URL of the store can't be read. Write it as "
            "postgresql://user@host:5432/database?schema=segue.",
            code="store_url",
            hint="in a user or a password, write @ as %40, / as %2F, : as %3A, ? as %3F, % as %25",
        )


def _shown(known: dict[str, str | int | None], schema: str) -> str:
    user = f"{known['user']}@" if known.get("user") else ""
    host = str(known.get("host") or known.get("hostaddr") or "localhost")
    port = f":{known['port']}" if known.get("port") else ""
    database = known.get("dbname") or known.get("user") or ""
    shown = {} if schema == SCHEMA else {"schema": schema}
    if host.startswith("/"):  # the folder of a socket
        shown, host = {"host": host, **shown}, ""
    query = f"?{urlencode(shown, safe='/')}" if shown else ""
    return f"postgresql://{user}{host}{port}/{database}{query}"
