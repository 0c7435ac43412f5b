"""What an expression can see. Everything in it is data: nothing in it is ever evaluated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from itertools import count
from typing import Self

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
    keys (None: there is no such key). `values` are those that references stand for, by hash, and
    `fetched` is the size of all of them in bytes. `serial` counts what is to be different each
    time.
    """

    now: float
    random: float = 0.0
    env: Mapping[str, str | None] = field(default_factory=dict)
    keys: Mapping[str, JsonValue] = field(default_factory=dict)
    values: Mapping[str, JsonValue] = field(default_factory=dict)
    fetched: int = 0
    serial: Iterator[int] = field(init=False, default_factory=count, compare=False, repr=False)


class References(Enum):
    """What an evaluation does with references to values that are kept beside the log.

    FOLLOWED: expressions see what they stand for. HANDED_ON: so they do, but an expression that
    only names a value gives it as it is. AS_THEY_ARE: nobody looks at what they stand for.
    """

    NONE = auto()  # there are none, so nobody has to look for them
    FOLLOWED = auto()
    HANDED_ON = auto()
    AS_THEY_ARE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The variables and the circumstances of one evaluation.

    `context` are the variables of the branch. `task`, `status` and `result` are of the task
    that just completed (None: there is none). `tasks` answers `task()` and `task_status()`.
    `visit` and `attempt` are None where there is no task. `leaves_undefined`: what is not there is
    no error inside of a list or mapping that an expression makes.
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
    references: References = References.NONE
    leaves_undefined: bool = False

    def with_references(self, references: References) -> Self:
        """Return the scope in which references are dealt with like this, if there are any."""
        if self.references in {References.NONE, references}:
            return self
        return replace(self, references=references)
