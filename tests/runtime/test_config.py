"""The configuration: where it is found, what goes before what, and what is refused."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from segue.runtime.config import SETTINGS, Config, default_database, variable_of
from segue.runtime.errors import ConfigError


def load(folder: Path, text: str | None = None, **environment: str) -> Config:
    if text is not None:
        (folder / "segue.toml").write_text(text)
    return Config.load(folder=folder, environment=environment)


def problems(folder: Path, text: str | None = None, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **environment)
    return [problem.removeprefix(f"{folder}/segue.toml: ") for problem in caught.value.problems]


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert config.max_workflow_duration_seconds == 30 * 24 * 3600
    assert config.max_task_iterations_per_workflow == 10_000
    assert config.heartbeat_seconds == 2
    assert config.lost_after_seconds == 10
    assert config.shutdown_grace_seconds == 10
    assert config.file is None


def test_the_nearest_file_upwards_is_read(tmp_path: Path) -> None:
    (tmp_path / "segue.toml").write_text("max_concurrent_actions = 3")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    config = load(inner)
    assert config.max_concurrent_actions == 3
    assert config.file == str(tmp_path / "segue.toml")


def test_a_variable_names_another_file(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("max_concurrent_actions = 4")
    config = load(tmp_path, "max_concurrent_actions = 3", SEGUE_CONFIG="other.toml")
    assert config.max_concurrent_actions == 4


def test_a_file_that_a_variable_names_must_be_there(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, SEGUE_CONFIG="nowhere.toml")
    assert problem == f"{tmp_path}/nowhere.toml: there is no such file (SEGUE_CONFIG names it)"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    config = load(tmp_path, "heartbeat_seconds = 1", SEGUE_HEARTBEAT_SECONDS="1.5")
    assert config.heartbeat_seconds == 1.5


def test_every_setting_can_come_from_the_environment(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        SEGUE_DB=":memory:",
        SEGUE_WORKFLOWS="flows",
        SEGUE_ENV="HOME, LANG",
        SEGUE_MAX_WORKFLOW_DURATION_SECONDS="unlimited",
        SEGUE_MAX_TASK_ITERATIONS_PER_WORKFLOW="7",
        SEGUE_MAX_WORKFLOW_DEPTH="9",
        SEGUE_MAX_CONCURRENT_ACTIONS="8",
        SEGUE_INLINE_VALUE_BYTES="1024",
        SEGUE_MAX_RESULT_BYTES="2048",
        SEGUE_HEARTBEAT_SECONDS="0.5",
        SEGUE_LOST_AFTER_SECONDS="3",
        SEGUE_SHUTDOWN_GRACE_SECONDS="0",
    )
    assert config == Config(
        db=":memory:",
        workflows=str(tmp_path / "flows"),
        env=("HOME", "LANG"),
        max_workflow_duration_seconds=None,
        max_task_iterations_per_workflow=7,
        max_workflow_depth=9,
        max_concurrent_actions=8,
        inline_value_bytes=1024,
        max_result_bytes=2048,
        heartbeat_seconds=0.5,
        lost_after_seconds=3,
        shutdown_grace_seconds=0,
    )
    defaults = Config()
    same = {name for name in SETTINGS if getattr(config, name) == getattr(defaults, name)}
    assert same == set(), "each was set to something else"
    assert {variable_of(name) for name in SETTINGS} >= {"SEGUE_DB", "SEGUE_ENV"}


def test_there_is_a_reader_for_every_setting() -> None:
    assert set(SETTINGS) == {one.name for one in fields(Config)} - {"file"}


def test_limits_can_be_lifted(tmp_path: Path) -> None:
    text = """
        max_workflow_duration_seconds = "unlimited"
        max_task_iterations_per_workflow = "unlimited"
    """
    config = load(tmp_path, text)
    assert config.max_workflow_duration_seconds is None
    assert config.max_task_iterations_per_workflow is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (":memory:", ":memory:"),
        ("sqlite:////var/lib/segue.db", "sqlite:////var/lib/segue.db"),
        ("/var/lib/segue.db", "/var/lib/segue.db"),
        ("runs.db", "{folder}/runs.db"),
    ],
)
def test_a_path_of_a_database_begins_at_the_file(tmp_path: Path, written: str, meant: str) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "segue.toml").write_text(f'db = "{written}"')
    assert load(inner).db == meant.format(folder=tmp_path)


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = """
        dbs = "x"
        nonsense_without_likeness = 1
        db = 5
        workflows = ""
        env = "HOME"
        max_workflow_duration_seconds = "forever"
        max_task_iterations_per_workflow = 0
        max_concurrent_actions = 1.5
        heartbeat_seconds = true
        lost_after_seconds = -1
        inline_value_bytes = 1023
        max_result_bytes = 1e6
        shutdown_grace_seconds = "long"
    """
    found = problems(tmp_path, text)
    assert found[0] == "there is no setting `dbs`; did you mean `db`?"
    assert found[1].startswith("there is no setting `nonsense_without_likeness` (there are db, ")
    assert found[2:] == [
        'db: 5 is not ":memory:", a URL or the path of a file',
        "workflows: '' is not the path of a folder",
        "env: 'HOME' is not a list of names of environment variables",
        (
            "max_workflow_duration_seconds: 'forever' is not a number of seconds greater than 0, "
            'or "unlimited"'
        ),
        'max_task_iterations_per_workflow: 0 is not a whole number greater than 0, or "unlimited"',
        "max_concurrent_actions: 1.5 is not a whole number greater than 0",
        "heartbeat_seconds: True is not a number of seconds greater than 0",
        "lost_after_seconds: -1 is not a number of seconds greater than 0",
        "inline_value_bytes: 1023 is not a whole number of bytes, 1024 or more",
        "max_result_bytes: 1000000.0 is not a whole number of bytes, 1024 or more",
        "shutdown_grace_seconds: 'long' is not a number of seconds, 0 or more",
    ]


def test_an_engine_must_not_be_lost_between_two_beats(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, "heartbeat_seconds = 6")
    assert problem.startswith("lost_after_seconds (10) must be at least twice heartbeat_seconds")


def test_a_file_that_is_not_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, "env = []\ndb = x\n")
    assert problem.startswith("it is not TOML: ")
    assert "line 2" in problem


def test_a_file_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, SEGUE_CONFIG=".")
    assert problem.startswith(f"{tmp_path}: it can't be read: ")


def test_executions_are_kept_in_the_state_directory_of_the_user() -> None:
    home = {"HOME": "/home/me"}
    assert str(default_database(home, "linux")) == "/home/me/.local/state/segue/segue.db"
    assert str(default_database({**home, "XDG_STATE_HOME": "/state"}, "linux")) == (
        "/state/segue/segue.db"
    )
    assert str(default_database({**home, "XDG_STATE_HOME": "state"}, "linux")) == (
        "/home/me/.local/state/segue/segue.db"
    )
    assert str(default_database(home, "darwin")) == (
        "/home/me/Library/Application Support/segue/segue.db"
    )


def test_a_folder_that_can_not_be_looked_into_has_no_file() -> None:
    assert load(Path("/", "x" * 1000)).file is None


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"max_concurrent_actions": 0}, "max_concurrent_actions: 0 is not a whole number"),
        ({"max_result_bytes": None}, "max_result_bytes: None is not a whole number"),
        ({"shutdown_grace_seconds": float("nan")}, "shutdown_grace_seconds: nan is not"),
        ({"heartbeat_seconds": "2"}, "heartbeat_seconds: '2' is not a number"),
        ({"heartbeat_seconds": 9}, "lost_after_seconds (10) must be at least twice"),
    ],
)
def test_what_no_file_could_say_no_program_can(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config(**given)
    assert caught.value.problems[0].startswith(problem)
    assert len(caught.value.problems) == 1
    assert Config(max_workflow_duration_seconds=None, shutdown_grace_seconds=0).db
