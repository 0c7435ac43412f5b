"""`segue key`: the key store, from which expressions read by `key()` and `st2kv()`."""

import asyncio
import os
import sys
from collections.abc import Sequence

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.inputs import parse_json
from segue.cli.options import db_option, json_option
from segue.cli.problem import Problem
from segue.cli.reports.document import SCHEMA_VERSION, key_document
from segue.cli.session import engine_for, keeps_nothing, opened
from segue.cli.terminal.output import compact_text, print_json, print_lines
from segue.cli.terminal.styled import Part, Role, line, printable
from segue.cli.terminal.table import table_lines
from segue.cli.terminal.terminal import detect
from segue.cli.terminal.times import date_text
from segue.store.port import KeyRow
from segue.values import JsonValue

_HEADS = ("NAME", "SET", "VALUE")
_STDIN = "-"


@click.group("key")
def command() -> None:
    """Set, read and delete the keys that workflows read.

    Values are kept in clear: keep no secrets here.
    """


@command.command("set")
@click.argument("name")
@click.argument("value")
@click.option("--json", "is_json", is_flag=True, help="VALUE is JSON, and not text.")
@db_option
def set_command(
    name: str,
    value: str,
    is_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Set a key. VALUE is text; `-` takes it from stdin, without the end of its last line."""
    text = _from_stdin() if value == _STDIN else value
    hint = "put JSON in quotes: '{\"key\": 1}'; without --json it is text"
    given = parse_json(text, "VALUE", hint) if is_json else text
    return asyncio.run(_set(name, given, db))


@command.command("get")
@click.argument("name")
@json_option("Print one JSON document.")
@db_option
def get_command(
    name: str,
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Print the value of a key: text as it is, anything else as JSON."""
    return asyncio.run(_get(name, db, as_json=as_json))


@command.command("list")
@click.argument("prefix", default="")
@json_option("Print one JSON document.")
@db_option
def list_command(
    prefix: str,
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """List the keys, or those whose names begin with PREFIX."""
    return asyncio.run(_list(prefix, db, as_json=as_json))


@command.command("delete")
@click.argument("name")
@db_option
def delete_command(name: str, db: str | None) -> int:
    """Delete a key. To ask again does nothing more."""
    return asyncio.run(_delete(name, db))


async def _set(name: str, value: JsonValue, db: str | None) -> ExitCode:
    engine = engine_for(db)
    if keeps_nothing(engine):
        raise Problem(
            "this database keeps nothing: the key would be gone at once",
            hint="--db, SEGUE_DB and segue.toml say which one is used",
        )
    async with engine:
        await engine.set_key(name, value)
    _say(f"{printable(name)} is set")
    return ExitCode.SUCCEEDED


async def _get(name: str, db: str | None, *, as_json: bool) -> ExitCode:
    async with opened(db) as engine:
        found = (await engine.store.get_keys([name])).get(name)
    if found is None:
        raise Problem(
            f"there is no key {name!r}",
            hint="`segue key list` shows which there are",
            code=ExitCode.NOT_FOUND,
        )
    if as_json:
        print_json({"schema_version": SCHEMA_VERSION, **key_document(found)})
    elif isinstance(found.value, str):
        # A script gets it as it was set; a terminal nothing that it would take for a command.
        text = printable(found.value) if sys.stdout.isatty() else found.value
        sys.stdout.write(f"{text}\n")
    else:
        print_json(found.value)
    return ExitCode.SUCCEEDED


async def _list(prefix: str, db: str | None, *, as_json: bool) -> ExitCode:
    async with opened(db) as engine:
        keys = await engine.list_keys(prefix)
    if as_json:
        documents: list[JsonValue] = [key_document(key) for key in keys]
        print_json({"schema_version": SCHEMA_VERSION, "keys": documents})
        return ExitCode.SUCCEEDED
    terminal = detect(sys.stdout, os.environ)
    if keys:
        print_lines(table_lines(_HEADS, _cells(keys), terminal), sys.stdout, terminal)
    _say("one key" if len(keys) == 1 else f"{len(keys) or 'no'} keys")
    return ExitCode.SUCCEEDED


async def _delete(name: str, db: str | None) -> ExitCode:
    async with opened(db) as engine:
        deleted = await engine.delete_key(name)
    _say(f"{printable(name)} is deleted" if deleted else f"there is no key {name!r}: nothing to do")
    return ExitCode.SUCCEEDED


def _cells(keys: Sequence[KeyRow]) -> list[tuple[Part, ...]]:
    return [
        (
            Part(printable(key.name), Role.STRONG),
            Part(date_text(key.updated_at)),
            Part(printable(key.value if isinstance(key.value, str) else compact_text(key.value))),
        )
        for key in keys
    ]


def _from_stdin() -> str:
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise Problem("what comes from stdin is not text in UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")


def _say(words: str) -> None:
    print_lines([line(Part(words, Role.FAINT))], sys.stderr)
