"""Which store a URL means, and how it is opened.

:memory:              nothing is kept
PATH                  a SQLite file: runs.db, ./runs.db, ~/runs.db, /var/lib/segue/runs.db
sqlite:PATH           the same
sqlite:///PATH        the same, relative to the working directory
sqlite:////PATH       the same, absolute: the fourth slash begins the path
postgresql://...      a PostgreSQL database: postgresql://user@host:5432/database?schema=segue
"""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from segue.store.port import Store, StoreError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_FORMS = (
    'Write a path such as "runs.db", "sqlite:////var/lib/segue/runs.db", '
    '"postgresql://user@host/database", or ":memory:".'
)


async def open_store(url: str) -> Store:
    """Open the store that the URL names; a SQLite file is made where there is none.

    Raises `StoreError`: `store_url` where the URL means nothing, others where the store can't be
    used. A URL may hold a password, so messages never repeat it.
    """
    # Only what is used is loaded.
    if is_server(url):
        require_psycopg()
        from segue.store.postgres import PostgresStore  # noqa: PLC0415

        return await PostgresStore.open(url)
    path = sqlite_path(url)
    if path is None:
        from segue.store.memory import MemoryStore  # noqa: PLC0415

        return MemoryStore()
    from segue.store.sqlite import SqliteStore  # noqa: PLC0415

    return await SqliteStore.open(path)


def is_server(url: str) -> bool:
    """Return whether the URL names a database of a server."""
    match = _SCHEME.fullmatch(url)
    return match is not None and match[1].lower() in {"postgresql", "postgres"}


def location(url: str) -> str:
    """Return what the URL names, for people: a password is not in it. Raises `StoreError`."""
    if is_server(url):
        require_psycopg()
        from segue.store.postgres.target import Target  # noqa: PLC0415 - as above

        return Target.of(url).shown
    path = sqlite_path(url)
    return url if path is None else str(path)


def sqlite_path(url: str) -> Path | None:
    """Return the file that the URL names, None where it names none. Raises `StoreError`."""
    if is_server(url):
        return None
    match = _SCHEME.fullmatch(url)
    text = url
    if match is not None:
        scheme, rest = match[1].lower(), match[2]
        if scheme != "sqlite":
            raise StoreError(f"No store is known by {scheme!r}. {_FORMS}", code="store_url")
        text = _after_sqlite(rest)
    if text == ":memory:":
        return None
    if not text or text.endswith("/") or "\0" in text:
        raise StoreError(f"The URL of the store names no file. {_FORMS}", code="store_url")
    try:
        text.encode()
    except UnicodeEncodeError:
        message = f"The URL of the store is not text in UTF-8. {_FORMS}"
        raise StoreError(message, code="store_url") from None
    return Path(text).expanduser()


def _after_sqlite(rest: str) -> str:
    if rest.startswith("//"):
        if not rest.startswith("///"):
            raise StoreError(
                f"A SQLite file has no host: there are three slashes or none. {_FORMS}",
                code="store_url",
            )
        rest = rest.removeprefix("///")
    if "?" in rest or "#" in rest:
        raise StoreError(
            f"The URL of a SQLite file takes no parameters. {_FORMS}", code="store_url"
        )
    return rest


def require_psycopg() -> None:
    """Raise `StoreError` where what PostgreSQL needs is not installed."""
    if find_spec("psycopg") is not None:
        try:
            import_module("psycopg")
        except ImportError as error:
            raise StoreError(
                f"PostgreSQL can't be used: psycopg is installed and does not work ({error}).",
                code="store_library",
                hint="pip install 'segue[postgres]' brings one that does",
            ) from error
        return
    raise StoreError(
        "PostgreSQL needs psycopg, a package that is not installed: pip install 'segue[postgres]'.",
        code="store_library",
        hint="segue[postgres] is Segue with what it needs for PostgreSQL",
    )
