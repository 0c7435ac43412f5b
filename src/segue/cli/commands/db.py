"""`segue db`: what is done to the database as a whole."""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, json_option
from segue.cli.problem import Problem
from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.session import engine_for, is_there
from segue.cli.terminal.amounts import counted, size_text
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.terminal.times import stamp_text
from segue.runtime.engine import Engine
from segue.runtime.peers.hearing import Hearing
from segue.store.opening import is_server, location, open_store, sqlite_path
from segue.store.port import Health
from segue.store.upgrading import SchemaState, read_schema
from segue.values import JsonObject


@click.group("db")
def command() -> None:
    """Back up, restore, upgrade and compact the database.

    PostgreSQL has tools of its own for all but upgrades.
    """


@command.command("backup")
@click.argument("file")
@json_option("Print one JSON document.")
@db_option
def backup_command(
    file: str,
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Copy the database into FILE, which must not exist. Engines may work meanwhile.

    The copy is of one moment. It is checked, and FILE is there only when it is whole.
    """
    from segue.store.sqlite.copying import back_up  # noqa: PLC0415 (only when needed)

    _, path = _file(db, "pg_dump --format=custom --schema={schema} --file=FILE DATABASE")
    _require_there(path)
    health = back_up(path, Path(file))
    if as_json:
        print_json(backup_document(health))
    else:
        _say([f"{health.location}: {_counted(health)}"], health.problems)
    return ExitCode.SUCCEEDED


@command.command("restore")
@click.argument("file")
@json_option("Print one JSON document.")
@db_option
def restore_command(
    file: str,
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Make the database what it was when FILE was made by `segue db backup`.

    FILE is checked first. What is in the database now is kept in a file beside it. Refused while
    an engine works on it or a process has it open.
    """
    from segue.store.sqlite.restoring import restore  # noqa: PLC0415 (only when needed)

    engine, path = _file(db, "pg_restore --dbname=DATABASE --clean FILE")
    keep = path.with_name(f"{path.name}.before-restore-{stamp_text(time.time())}")
    lives = Hearing.of(engine.config, time.time()).lives
    restored = restore(Path(file), path, keep, lives=lives)
    health, kept = restored.health, restored.kept
    if as_json:
        print_json({**backup_document(health), "kept": None if kept is None else str(kept)})
        return ExitCode.SUCCEEDED
    said = [f"{health.location}: {_counted(health)}"]
    if kept is not None:
        said.append(f"what was there before is in {kept}")
    _say(said, health.problems)
    return ExitCode.SUCCEEDED


@command.command("upgrade")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@json_option("Print one JSON document.")
@db_option
def upgrade_command(
    dry_run: bool,  # noqa: FBT001 (click's)
    as_json: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """Bring the schema of the database to that of this release.

    A SQLite file is backed up beside itself before. Any other command that opens the database does
    the same, without a backup.
    """
    engine = engine_for(db)
    _require_kept(engine)
    path = sqlite_path(engine.url)
    if path is not None:
        path = path.absolute()
        _require_there(path)
    state, backup = asyncio.run(_upgrade(engine.url, path, dry_run=dry_run))
    if as_json:
        print_json(upgrade_document(location(engine.url), state, backup, dry_run=dry_run))
        return ExitCode.SUCCEEDED
    applied, pending = len(state.applied), len(state.pending)
    said = [f"{location(engine.url)}: schema {applied} of {applied + pending}"]
    if not pending:
        said.append("there is nothing to upgrade")
    said += [f"{'would apply' if dry_run else 'applied'} {name}" for name in state.pending]
    if backup is not None:
        said.append(f"what was there before is in {backup}")
    if applied and pending and path is None and dry_run:
        said.append("make a copy with pg_dump first")
    _say(said)
    return ExitCode.SUCCEEDED


@command.command("compact")
@json_option("Print one JSON document.")
@db_option
def compact_command(
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Give the space of what was pruned back to the disk. Needs as much again meanwhile.

    Refused while an engine works on the database or a process has it open.
    """
    from segue.store.sqlite.restoring import compact  # noqa: PLC0415 (only when needed)

    engine, path = _file(db, "VACUUM FULL in psql")
    _require_there(path)
    before, after = compact(path, lives=Hearing.of(engine.config, time.time()).lives)
    if as_json:
        print_json(compaction_document(path, before, after))
    else:
        _say([f"{path}: {size_text(before)} before, {size_text(after)} now"])
    return ExitCode.SUCCEEDED


async def _upgrade(
    url: str, path: Path | None, *, dry_run: bool
) -> tuple[SchemaState, Path | None]:
    state = await read_schema(url)
    if dry_run or not state.pending:
        return state, None
    backup = None
    if path is not None and state.applied:
        from segue.store.sqlite.copying import back_up  # noqa: PLC0415 (only when needed)

        stamp = stamp_text(time.time())
        backup = path.with_name(f"{path.name}.before-upgrade-{stamp}")
        back_up(path, backup)
    store = await open_store(url)
    await store.close()
    return state, backup


def backup_document(health: Health) -> JsonObject:
    """Return what `db backup --json` prints, and `db restore --json` with `kept` beside it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "file": health.location,
        "schema": health.schema,
        "executions": health.executions,
        "events": health.events,
        "outstanding": health.outstanding,
        "size_bytes": health.size_bytes,
        "problems": list(health.problems),
    }


def upgrade_document(
    database: str, state: SchemaState, backup: Path | None, *, dry_run: bool
) -> JsonObject:
    """Return what `db upgrade --json` prints. `pending`: what was, when it was looked at."""
    return {
        "schema_version": SCHEMA_VERSION,
        "database": database,
        "dry_run": dry_run,
        "applied": list(state.applied),
        "pending": list(state.pending),
        "backup": None if backup is None else str(backup),
    }


def compaction_document(path: Path, before: int, after: int) -> JsonObject:
    """Return what `db compact --json` prints."""
    return {
        "schema_version": SCHEMA_VERSION,
        "database": str(path),
        "before_bytes": before,
        "after_bytes": after,
    }


def _file(db: str | None, instead: str) -> tuple[Engine, Path]:
    """Return the file that is meant. `instead` is what PostgreSQL has for it."""
    engine = engine_for(db)
    _require_kept(engine)
    if is_server(engine.url):
        from segue.store.postgres.target import Target  # noqa: PLC0415 (only when needed)

        target = Target.of(engine.url)
        raise Problem(
            f"{target.shown} is a PostgreSQL database, which has its own tools for this",
            hint=f"{instead.format(schema=target.schema)}; see docs/postgresql.md",
        )
    path = sqlite_path(engine.url)
    assert path is not None, "what keeps nothing is refused before"
    return engine, path.absolute()


def _require_kept(engine: Engine) -> None:
    if not is_server(engine.url) and sqlite_path(engine.url) is None:
        raise Problem(
            "this database keeps nothing",
            hint="--db, SEGUE_DB and segue.toml say which one is used",
        )


def _require_there(path: Path) -> None:
    if not is_there(path):
        raise Problem(
            f"there is no database at {path}",
            hint="--db, SEGUE_DB and segue.toml say where it is",
            code=ExitCode.CANNOT_TELL,
        )


def _counted(health: Health) -> str:
    counts = f"{counted(health.executions, 'execution')}, {counted(health.events, 'event')}"
    return f"{counts}, {size_text(health.size_bytes)}"


def _say(said: Sequence[str], problems: Sequence[str] = ()) -> None:
    lines: list[Line] = [line(printable(text)) for text in said]
    lines += [line(Part("problem: ", Role.BAD), printable(problem)) for problem in problems]
    print_lines(lines, sys.stderr)
