"""The configuration: `segue.toml`, the environment, and what holds without either."""

import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path

from segue.runtime.errors import ConfigError
from segue.values import JsonValue

FILE_NAME = "segue.toml"
#: Names the file to read, in place of the nearest `segue.toml`.
FILE_VARIABLE = "SEGUE_CONFIG"
#: The database that keeps nothing.
MEMORY = ":memory:"

_DAYS_30 = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of an engine. Each is documented in docs/configuration.md by its name.

    Durations are in seconds; None stands for "unlimited". `db` is ":memory:", a URL, or the path
    of a SQLite file. `workflows` is the folder in which workflows are found by name (None: there
    is none). `file` is where the settings were read from. Raises `ConfigError` for numbers that a
    file could not have either.
    """

    db: str = field(default_factory=lambda: str(default_database()))
    workflows: str | None = None
    env: tuple[str, ...] = ()
    max_workflow_duration_seconds: float | None = _DAYS_30
    max_task_iterations_per_workflow: int | None = 10_000
    max_workflow_depth: int = 20
    max_concurrent_actions: int = 100
    heartbeat_seconds: float = 2.0
    lost_after_seconds: float = 10.0
    shutdown_grace_seconds: float = 10.0
    inline_value_bytes: int = 64 * 1024
    max_result_bytes: int = 64 * 1024 * 1024
    file: str | None = None

    def __post_init__(self) -> None:
        problems = []
        for name in _NUMBERS:
            value = getattr(self, name)
            try:
                SETTINGS[name]("unlimited" if value is None else value, Path())
            except _BadValueError as error:
                problems.append(f"{name}: {value!r} is not {error}")
        problems += _between_beats(self.heartbeat_seconds, self.lost_after_seconds)
        if problems:
            raise ConfigError(problems)

    @classmethod
    def load(
        cls,
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> "Config":
        """Read the configuration that holds in a folder (by default the working directory).

        The environment (`SEGUE_` and the name of the setting in capitals) goes before the file.
        Raises `ConfigError`, naming everything that is wrong.
        """
        environment = os.environ if environment is None else environment
        folder = folder or Path.cwd()
        reading = _Reading(environment)
        file = _find_file(folder, environment)
        if file is not None:
            reading.read_file(file)
        reading.read_environment(folder)
        values = reading.finish()
        return cls(**values, file=None if file is None else str(file))  # type: ignore[arg-type]


def default_database(
    environment: Mapping[str, str] | None = None, platform: str = sys.platform
) -> Path:
    """Return where executions are kept if nobody says otherwise: in the user's state directory."""
    environment = os.environ if environment is None else environment
    home = Path(environment.get("HOME") or "~").expanduser()
    if platform == "darwin":
        return home / "Library" / "Application Support" / "segue" / "segue.db"
    state = environment.get("XDG_STATE_HOME", "")
    # The standard says so: a relative path there is to be ignored.
    folder = Path(state) if Path(state).is_absolute() else home / ".local" / "state"
    return folder / "segue" / "segue.db"


def _find_file(folder: Path, environment: Mapping[str, str]) -> Path | None:
    named = environment.get(FILE_VARIABLE)
    if named:
        return folder / named
    for above in (folder, *folder.parents):
        file = above / FILE_NAME
        if os.path.isfile(file):  # noqa: PTH113 - where nobody may look, there is none
            return file
    return None


class _BadValueError(Exception):
    """What a value should have been, as the end of a sentence."""


#: Makes a setting of a value; relative paths begin at the folder. Raises `_BadValueError`.
_Parse = Callable[[JsonValue, Path], JsonValue]


class _Reading:
    """Collects settings, and everything that is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._values: dict[str, JsonValue] = {}
        self._problems: list[str] = []

    def read_file(self, file: Path) -> None:
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self._problems.append(f"{file}: there is no such file ({FILE_VARIABLE} names it)")
            return
        except OSError as error:
            self._problems.append(f"{file}: it can't be read: {error.strerror}")
            return
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self._problems.append(f"{file}: it is not TOML: {error}")
            return
        for name, value in content.items():
            if name in SETTINGS:
                self._take(name, value, file.parent.absolute(), f"{file}: {name}")
            else:
                self._problems.append(f"{file}: there is no setting `{name}`{_meant(name)}")

    def read_environment(self, folder: Path) -> None:
        for name in SETTINGS:
            variable = variable_of(name)
            text = self._environment.get(variable)
            if text:
                self._take(name, _from_text(name, text), folder.absolute(), variable)

    def finish(self) -> dict[str, JsonValue]:
        heartbeat = self._values.get("heartbeat_seconds", 2.0)
        lost = self._values.get("lost_after_seconds", 10.0)
        self._problems += _between_beats(heartbeat, lost)
        if self._problems:
            raise ConfigError(self._problems)
        return self._values

    def _take(self, name: str, value: JsonValue, folder: Path, where: str) -> None:
        try:
            self._values[name] = SETTINGS[name](value, folder)
        except _BadValueError as error:
            self._problems.append(f"{where}: {value!r} is not {error}")


def _between_beats(heartbeat: object, lost: object) -> list[str]:
    """Return what is wrong with two times in seconds; nothing of what are no numbers."""
    if not (isinstance(heartbeat, int | float) and isinstance(lost, int | float)):
        return []
    if lost >= 2 * heartbeat:
        return []
    problem = (
        f"lost_after_seconds ({lost:g}) must be at least twice heartbeat_seconds "
        f"({heartbeat:g}): an engine would be taken for lost between two beats"
    )
    return [problem]


def _seconds(value: JsonValue, _folder: Path) -> JsonValue:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        raise _BadValueError("a number of seconds greater than 0")
    return float(value)


def _grace(value: JsonValue, _folder: Path) -> JsonValue:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise _BadValueError("a number of seconds, 0 or more")
    return float(value)


def _count(value: JsonValue, _folder: Path) -> JsonValue:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _BadValueError("a whole number greater than 0")
    return value


def _at_least_1024(value: JsonValue, _folder: Path) -> JsonValue:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1024:
        raise _BadValueError("a whole number of bytes, 1024 or more")
    return value


def _or_unlimited(parse: _Parse) -> _Parse:
    def parse_or_unlimited(value: JsonValue, folder: Path) -> JsonValue:
        if value == "unlimited":
            return None
        try:
            return parse(value, folder)
        except _BadValueError as error:
            raise _BadValueError(f'{error}, or "unlimited"') from error

    return parse_or_unlimited


def _database(value: JsonValue, folder: Path) -> JsonValue:
    if not isinstance(value, str) or not value:
        raise _BadValueError('":memory:", a URL or the path of a file')
    if value == MEMORY or "://" in value:
        return value
    return str(folder / Path(value).expanduser())


def _folder(value: JsonValue, folder: Path) -> JsonValue:
    if not isinstance(value, str) or not value:
        raise _BadValueError("the path of a folder")
    return str(folder / Path(value).expanduser())


def _names(value: JsonValue, _folder: Path) -> JsonValue:
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise _BadValueError("a list of names of environment variables")
    return tuple(value)


#: Every setting, and how its value is read.
SETTINGS: Mapping[str, _Parse] = {
    "db": _database,
    "workflows": _folder,
    "env": _names,
    "max_workflow_duration_seconds": _or_unlimited(_seconds),
    "max_task_iterations_per_workflow": _or_unlimited(_count),
    "max_workflow_depth": _count,
    "max_concurrent_actions": _count,
    "heartbeat_seconds": _seconds,
    "lost_after_seconds": _seconds,
    "shutdown_grace_seconds": _grace,
    "inline_value_bytes": _at_least_1024,
    "max_result_bytes": _at_least_1024,
}
assert set(SETTINGS) == {one.name for one in fields(Config)} - {"file"}

#: Those that an engine would hang or go wrong with; what is kept inline is a matter of speed alone.
_NUMBERS = sorted(set(SETTINGS) - {"db", "workflows", "env", "inline_value_bytes"})


def variable_of(setting: str) -> str:
    """Return the environment variable that goes before a setting of the file."""
    return f"SEGUE_{setting.upper()}"


def _from_text(name: str, text: str) -> JsonValue:
    """Return the value that a text in the environment stands for."""
    if name in {"db", "workflows"}:
        return text
    if name == "env":
        return [part.strip() for part in text.split(",")]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _meant(name: str) -> str:
    close = get_close_matches(name, SETTINGS, n=1)
    return f"; did you mean `{close[0]}`?" if close else f" (there are {', '.join(SETTINGS)})"
