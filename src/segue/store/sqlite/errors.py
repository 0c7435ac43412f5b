"""What goes wrong in SQLite, in the words of the port."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from segue.core.errors import InternalError
from segue.store.port import StoreError

# The first that fits counts. Each sentence is completed with the file and SQLite's own words.
_KINDS: tuple[tuple[tuple[type[apsw.Error], ...], str, str], ...] = (
    (
        (apsw.BusyError, apsw.LockedError),
        "store_locked",
        "The database {file} is locked by another process for too long ({detail}).",
    ),
    (
        (apsw.NotADBError,),
        "store_damaged",
        "The file {file} is not a database, or its beginning is damaged ({detail}).",
    ),
    (
        (apsw.CorruptError, apsw.SQLError, apsw.FormatError, apsw.MismatchError),
        "store_damaged",
        "The database {file} is damaged ({detail}). Restore it from a backup.",
    ),
    (
        (apsw.FullError,),
        "store_full",
        "There is no space left for the database {file} ({detail}).",
    ),
    (
        (apsw.ReadOnlyError,),
        "store_read_only",
        "The database {file} can't be written to ({detail}). Its directory has to be writable too.",
    ),
    (
        (apsw.TooBigError,),
        "store_too_big",
        "A value is bigger than the database {file} can keep ({detail}).",
    ),
    (
        (apsw.CantOpenError, apsw.PermissionsError, apsw.AuthError),
        "store_unavailable",
        "The database {file} can't be opened ({detail}).",
    ),
    (
        (apsw.IOError,),
        "store_io",
        "Reading or writing the database {file} failed ({detail}). Is its disk full, or broken?",
    ),
)


def store_error(error: apsw.Error, file: str) -> StoreError:
    """Return the error of the port for one of SQLite's about `file`."""
    for types, code, sentence in _KINDS:
        if isinstance(error, types):
            return StoreError(sentence.format(file=file, detail=error), code=code)
    return StoreError(f"The database {file} can't be used ({error}).")


@contextmanager
def in_words_of_the_port(file: str) -> Iterator[None]:
    """Turn SQLite's errors into `StoreError`, and a breach of a constraint into `InternalError`.

    Constraints only state again what the code has checked: a breach is a mistake of ours.
    """
    try:
        yield
    except apsw.ConstraintError as error:
        raise InternalError(f"{file}: {error}") from error
    except apsw.Error as error:
        raise store_error(error, file) from error
