"""What an expression can see. Everything in it is data: nothing in it is ever evaluated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from segue.values import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """What is known of the latest execution of a task on this branch."""

    status: str
    result: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentItem:
    """The item of a `with` list that is being rendered. With several lists `value` is a mapping."""

    value: JsonValue
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What comes from outside into a decision: it is fetched before, never during it.

    `now` is the time of the decision in seconds since the epoch; `random` a number in [0, 1);
    `env` has the environment variables asked for so far (None: not set), `keys` the values of the
    keys (None: there is no such key). `serial` counts what is to be different each time.
    """

    now: float
    random: float = 0.0
    env: Mapping[str, str | None] = field(default_factory=dict)
    keys: Mapping[str, JsonValue] = field(default_factory=dict)
    serial: Iterator[int] = field(init=False, default_factory=count, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The variables and the circumstances of one evaluation.

    `context` are the variables of the branch. `task`, `status` and `result` are of the task
    that just completed (None: there is none). `tasks` answers `task()` and `task_status()`.
    `visit` and `attempt` are None where there is no task.
    """

    context: Mapping[str, JsonValue]
    facts: Facts
    task: str | None = None
    status: str | None = None
    result: JsonValue = None
    tasks: Mapping[str, TaskRecord] = field(default_factory=dict)
    item: CurrentItem | None = None
    visit: int | None = None
    attempt: int | None = None
