"""What goes wrong in PostgreSQL, in the words of the port."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import errors

from segue.core.errors import InternalError
from segue.store.port import StoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What to say of an error. `sentence` is completed with the database and the server's words."""

    sentence: str
    code: str = "store_unavailable"
    hint: str | None = None


_PASSWORD = _Kind(
    sentence="The database {database} refuses the user or the password ({detail}).",
    hint="give the password in ~/.pgpass, in PGPASSWORD, or in the URL: postgresql://ann:pass@host",
)
_NO_DATABASE = _Kind(
    sentence="The database {database} does not exist ({detail}).",
    hint="`createdb` makes one; Segue makes its tables in it",
)
_NO_RIGHT = _Kind(
    sentence="The database {database} does not let this user do that ({detail}).",
    hint="the user needs a schema of its own, or CREATE on the database: docs/postgresql.md",
)
_OUT_OF_REACH = _Kind(
    sentence="The server of {database} can't be reached ({detail}).",
    hint="is it running, and are the host and the port in the URL right?",
)
_FULL_HOUSE = _Kind(
    sentence="The server of {database} takes no more connections ({detail}).",
    hint="each process of Segue needs three: raise max_connections, or run fewer",
)

# The first that fits counts.
_KINDS: tuple[tuple[tuple[type[psycopg.Error], ...], _Kind], ...] = (
    ((errors.InvalidPassword, errors.InvalidAuthorizationSpecification), _PASSWORD),
    ((errors.InvalidCatalogName,), _NO_DATABASE),
    ((errors.InsufficientPrivilege,), _NO_RIGHT),
    (
        (errors.ReadOnlySqlTransaction,),
        _Kind(
            sentence="The database {database} can't be written to ({detail}).",
            code="store_read_only",
            hint="for a standby, add target_session_attrs=read-write and all hosts to the URL",
        ),
    ),
    (
        (errors.DiskFull, errors.OutOfMemory),
        _Kind(
            sentence="There is no space left for the database {database} ({detail}).",
            code="store_full",
        ),
    ),
    (
        (errors.DeadlockDetected, errors.LockNotAvailable, errors.QueryCanceled),
        _Kind(
            sentence="The database {database} was kept waiting for too long ({detail}).",
            code="store_locked",
        ),
    ),
    (
        (errors.ProgramLimitExceeded, errors.StatementTooComplex),
        _Kind(
            sentence="A value is bigger than the database {database} can keep ({detail}).",
            code="store_too_big",
        ),
    ),
    (
        (errors.DataError,),
        _Kind(
            sentence="A text can't be kept in the database {database} ({detail}).",
            code="store_unsupported",
        ),
    ),
    (
        (
            errors.DataCorrupted,
            errors.IndexCorrupted,
            errors.UndefinedTable,
            errors.UndefinedColumn,
            errors.UndefinedFunction,
        ),
        _Kind(
            sentence="The database {database} is damaged ({detail}).",
            code="store_damaged",
            hint="restore it from a backup",
        ),
    ),
)
# An error while connecting has no code, only words: those of libpq, of the system, and of a server
# that speaks English. What is not known here is told in the words that came.
_WORDS: tuple[tuple[tuple[str, ...], _Kind], ...] = (
    (("too many clients", "connection slots", "too many connections"), _FULL_HOUSE),
    (("permission denied for database",), _NO_RIGHT),
    (("password authentication failed", "no password supplied"), _PASSWORD),
    (('role "', "no pg_hba.conf entry", "authentication failed"), _PASSWORD),
    (('" does not exist',), _NO_DATABASE),
    (
        (
            "Connection refused",
            "No such file or directory",
            "failed to resolve host",
            "could not translate host name",
            "timeout",
            "No route to host",
            "unreachable",
        ),
        _OUT_OF_REACH,
    ),
)
_OTHER = _Kind(sentence="The database {database} can't be used ({detail}).")


def store_error(error: psycopg.Error, database: str) -> StoreError:
    """Return the error of the port for one of PostgreSQL's."""
    detail = _detail(error)
    kind = _kind_of(error, detail)
    message = kind.sentence.format(database=database, detail=detail)
    return StoreError(message, code=kind.code, hint=kind.hint)


@contextmanager
def in_words_of_the_port(database: str) -> Iterator[None]:
    """Turn PostgreSQL's errors into `StoreError`, a breach of a constraint into `InternalError`.

    Constraints only state again what the code has checked: a breach is a mistake of ours.
    """
    try:
        yield
    except errors.IntegrityError as error:
        raise InternalError(f"{database}: {_detail(error)}") from error
    except psycopg.Error as error:
        raise store_error(error, database) from error


def _kind_of(error: psycopg.Error, detail: str) -> _Kind:
    for types, kind in _KINDS:
        if isinstance(error, types):
            return kind
    if isinstance(error, psycopg.OperationalError):
        for words, kind in _WORDS:
            if any(word in detail for word in words):
                return kind
    return _OTHER


def _detail(error: psycopg.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
