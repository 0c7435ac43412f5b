"""Opening the engine for a command."""

import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from segue.cli.exit_codes import ExitCode
from segue.cli.problem import Problem
from segue.cli.terminal.output import print_lines
from segue.cli.terminal.styled import line, printable
from segue.runtime.config import MEMORY, Config
from segue.runtime.engine import Engine
from segue.store.opening import is_server, location, sqlite_path
from segue.store.port import ExecutionRow


def engine_for(db: str | None) -> Engine:
    """Return an engine that is not open yet. Raises `ConfigError`."""
    if not os.environ.get("SEGUE_DEBUG"):
        # Of what is logged while nothing shows progress: the message, without a traceback.
        logging.lastResort = NoticeHandler(_say)
    config = Config.load()
    return Engine(db or config.db, config)


@asynccontextmanager
async def opened(db: str | None) -> AsyncIterator[Engine]:
    """Open a database in which there are executions already, and give it back at the end.

    Whoever only looks makes no database: where nothing has been run yet, there is nothing to
    see; where a database was named that does not exist, that is a problem.
    """
    engine = engine_for(db)
    path = sqlite_path(engine.url)
    if path is not None and not is_there(path):
        if db is not None or engine.config.db != Config().db:
            raise Problem(
                f"there is no database at {path}",
                hint="`segue run` makes one; --db, SEGUE_DB and segue.toml say where it is",
                code=ExitCode.CANNOT_TELL,
            )
        engine = Engine(MEMORY, engine.config)
    async with engine:
        yield engine


def is_there(path: Path) -> bool:
    """Return whether there is a database; where nobody may look, to open it will tell why."""
    try:
        return path.exists()
    except OSError:
        return True


async def row_of(engine: Engine, execution: str) -> ExecutionRow:
    """Return the row of an execution that was found a moment ago. Raises `StoreError`."""
    row = await engine.store.get_execution(execution)
    assert row is not None, "it was found a moment ago"
    return row


def keeps_nothing(engine: Engine) -> bool:
    """Return whether all is gone when the engine ends."""
    return sqlite_path(engine.url) is None and not is_server(engine.url)


def db_words(db: str | None) -> str:
    """Return what to add to a command that we propose, so that it finds the same database."""
    return "" if db is None else f" --db {_quoted(location(db) if is_server(db) else db)}"


def _quoted(text: str) -> str:
    from shlex import quote  # noqa: PLC0415 (seldom needed)

    return quote(text)


def _say(text: str) -> None:
    print_lines([line(printable(text))], sys.stderr)


class NoticeHandler(logging.Handler):
    """Hands what the engine logs to whoever shows progress, so that nothing is drawn over."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._notice = notice

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record."""
        try:
            self._notice(f"{record.levelname.lower()}: {record.getMessage()}")
        except Exception:  # noqa: BLE001 (as all handlers do)
            self.handleError(record)
