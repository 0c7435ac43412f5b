"""`segue doctor`: what this Segue is made of, and how its database does."""

import asyncio
import platform
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, json_option
from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.reports.holders import engine_words
from segue.cli.reports.warnings import warnings_of
from segue.cli.session import engine_for, is_there
from segue.cli.terminal.amounts import counted, size_text
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.terminal.times import iso_text
from segue.runtime.peers.hearing import Hearing
from segue.runtime.records.surveying import Survey, survey
from segue.store.opening import location, sqlite_path
from segue.store.port import EngineRow, Health, StoreError
from segue.values import JsonObject

_PACKAGES = ("apsw", "yaql", "jinja2", "pyyaml", "msgspec", "jsonschema-rs", "httpx2", "click")
#: Which not everybody has.
_EXTRAS = ("psycopg",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was found. `health` None: there is no database yet, or none that can be read.

    `problems` are wrong; `warnings` are for somebody to look at. `disk_free` is in bytes, None for
    a database that is not on a disk of ours.
    """

    versions: Mapping[str, str]
    config: str | None
    database: str
    health: Health | None
    engines: tuple[EngineRow, ...]
    problems: tuple[str, ...]
    code: ExitCode
    survey: Survey | None = None
    warnings: tuple[str, ...] = ()
    disk_free: int | None = None


@click.command("doctor")
@json_option("Print one JSON document.")
@db_option
def command(
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Look at versions, configuration and the health of the database.

    The exit code is 0 if all is well, 1 if there is a problem, 5 if the database can't be used.
    """
    found = asyncio.run(diagnose(db))
    now = time.time()
    if as_json:
        print_json(diagnosis_document(found))
    else:
        print_lines(_lines(found, now), sys.stdout)
    return found.code


async def diagnose(db: str | None) -> Diagnosis:
    """Look. Raises `ConfigError`, `StoreError` for a URL that means nothing."""
    engine = engine_for(db)
    path = sqlite_path(engine.url)
    database = location(engine.url)
    health: Health | None = None
    seen: Survey | None = None
    warnings: list[str] = []
    disk_free = None if path is None else free_bytes(path)
    problems: list[str] = []
    code = ExitCode.SUCCEEDED
    if path is None or is_there(path):
        try:
            async with engine:
                health = await engine.store.check_health()
                now = time.time()
                seen = await survey(engine.store, Hearing.of(engine.config, now).lives, now)
                warnings = warnings_of(health, seen, disk_free, now)
        except StoreError as error:
            problems.append(str(error))
            code = ExitCode.CANNOT_TELL
    if health is not None and seen is not None:
        problems += health.problems
        problems += [f"execution {one} is going on and has nothing to do" for one in seen.stuck]
        problems += [f"execution {row.execution} can't go on: {row.problem}" for row in seen.parked]
        code = ExitCode.FAILED if problems else ExitCode.SUCCEEDED
    return Diagnosis(
        versions=_versions(),
        config=engine.config.file,
        database=database,
        health=health,
        engines=() if seen is None else tuple(seen.engines),
        problems=tuple(problems),
        code=code,
        survey=seen,
        warnings=tuple(warnings),
        disk_free=disk_free,
    )


def free_bytes(path: Path) -> int | None:
    """Return how many bytes are left where a file is or will be; None: that can't be told."""
    for folder in path.absolute().parents:
        with suppress(OSError):
            return shutil.disk_usage(folder).free
    return None


def _versions() -> Mapping[str, str]:
    import apsw  # noqa: PLC0415 (its library is asked only here)

    found = {
        "segue": version("segue"),
        "python": f"{platform.python_version()} ({sys.executable})",
        "platform": platform.platform(),
        "sqlite": apsw.sqlite_lib_version(),
    }
    found |= {name: version(name) for name in _PACKAGES}
    return found | {name: version(name) for name in _EXTRAS if find_spec(name)}


def diagnosis_document(found: Diagnosis) -> JsonObject:
    """Return what `doctor --json` prints."""
    health, seen = found.health, found.survey
    idle = list(seen.idle) if seen else []
    return {
        "schema_version": SCHEMA_VERSION,
        "well": not found.problems,
        "problems": list(found.problems),
        "warnings": list(found.warnings),
        "versions": dict(found.versions),
        "config": found.config,
        "database": {
            "location": found.database,
            "exists": health is not None or bool(found.problems),
            "backend": health.backend if health else None,
            "version": health.version if health else None,
            "schema": health.schema if health else None,
            "executions": health.executions if health else None,
            "events": health.events if health else None,
            "outstanding": health.outstanding if health else None,
            "size_bytes": health.size_bytes if health else None,
            "free_bytes": health.free_bytes if health else None,
            "disk_free_bytes": found.disk_free,
            "settings": dict(health.settings) if health else {},
        },
        "idle": [row.id for row in idle],
        "idle_since": iso_text(idle[0].updated_at) if idle else None,
        "stuck": list(seen.stuck) if seen else [],
        "parked": [row.execution for row in seen.parked] if seen else [],
        "questions": seen.questions if seen else 0,
        "engines": [_engine_document(row) for row in found.engines],
        "lost_engines": [_engine_document(row) for row in (seen.lost if seen else ())],
    }


def _engine_document(row: EngineRow) -> JsonObject:
    return {
        "id": row.id,
        "host": row.host,
        "pid": row.pid,
        "heartbeat_at": iso_text(row.heartbeat_at),
    }


def _lines(found: Diagnosis, now: float) -> list[Line]:
    lines = [_fact(name, text) for name, text in found.versions.items()]
    lines.append(_fact("config", found.config or "no segue.toml; what holds without one"))
    lines.append(_fact("database", found.database))
    health = found.health
    if health is None and not found.problems:
        lines.append(_fact("", "it does not exist yet: `segue run` makes it"))
    elif health is not None:
        lines += [_fact("", text) for text in _database_texts(health, found.disk_free)]
    lines += [
        _fact("engines" if index == 0 else "", engine_words(row, now))
        for index, row in enumerate(found.engines)
    ] or [_fact("engines", "none is alive")]
    if found.survey is not None:
        lines.append(_fact("questions", f"{found.survey.questions} wait for an answer"))
    lines += [
        line(Part("warning: ", Role.WAITING), printable(warning)) for warning in found.warnings
    ]
    lines += [line(Part("problem: ", Role.BAD), printable(problem)) for problem in found.problems]
    if not found.problems and not found.warnings:
        lines.append(line(Part("all is well", Role.GOOD)))
    return lines


def _database_texts(health: Health, disk_free: int | None) -> list[str]:
    counts = f"{counted(health.executions, 'execution')}, {counted(health.events, 'event')}"
    sizes = size_text(health.size_bytes)
    if health.free_bytes:
        sizes += f", {size_text(health.free_bytes)} of it to be used again"
    texts = [
        f"{health.backend} {health.version}, schema {health.schema}",
        f"{counts}, {health.outstanding} outstanding, {sizes}",
    ]
    if health.settings:
        texts.append(", ".join(f"{name} {value}" for name, value in health.settings.items()))
    if disk_free is not None:
        texts.append(f"{size_text(disk_free)} left on its disk")
    return texts


def _fact(name: str, text: str) -> Line:
    return line(Part(f"{name:<14}", Role.FAINT), printable(text))
