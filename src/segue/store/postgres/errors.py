"""What goes wrong in PostgreSQL, in the words of the port."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from segue.core.errors import InternalError
from segue.store.port import StoreError

# The first that fits counts. Each sentence is completed with the database and the server's words.
_KINDS: tuple[tuple[tuple[type[psycopg.Error], ...], str, str], ...] = (
    (
        (errors.InvalidPassword, errors.InvalidAuthorizationSpecification),
        "store_unavailable",
        "The database {database} refuses the user or the password ({detail}).",
    ),
    (
        (errors.InvalidCatalogName,),
        "store_unavailable",
        "The database {database} does not exist ({detail}). `createdb` makes one.",
    ),
    (
        (errors.InsufficientPrivilege,),
        "store_unavailable",
        "The database {database} does not let this user do that ({detail}).",
    ),
    (
        (errors.ReadOnlySqlTransaction,),
        "store_read_only",
        "The database {database} can't be written to ({detail}).",
    ),
    (
        (errors.DiskFull, errors.OutOfMemory),
        "store_full",
        "There is no space left for the database {database} ({detail}).",
    ),
    (
        (errors.DeadlockDetected, errors.LockNotAvailable, errors.QueryCanceled),
        "store_locked",
        "The database {database} was kept waiting for too long ({detail}).",
    ),
    (
        (errors.ProgramLimitExceeded, errors.StatementTooComplex),
        "store_too_big",
        "A value is bigger than the database {database} can keep ({detail}).",
    ),
    (
        (errors.DataError,),
        "store_unsupported",
        "A text can't be kept in the database {database} ({detail}).",
    ),
    (
        (
            errors.DataCorrupted,
            errors.IndexCorrupted,
            errors.UndefinedTable,
            errors.UndefinedColumn,
            errors.UndefinedFunction,
        ),
        "store_damaged",
        "The database {database} is damaged ({detail}). Restore it from a backup.",
    ),
)


def store_error(error: psycopg.Error, database: str) -> StoreError:
    """Return the error of the port for one of PostgreSQL's."""
    detail = _detail(error)
    for types, code, sentence in _KINDS:
        if isinstance(error, types):
            return StoreError(sentence.format(database=database, detail=detail), code=code)
    return StoreError(f"The database {database} can't be used ({detail}).")


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


def _detail(error: psycopg.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
