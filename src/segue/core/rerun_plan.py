"""What a rerun will do: made from the log (`segue.core.rerunning`), shown, and then done."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from segue.core.items import Items
from segue.core.state import State
from segue.language.model import Rerun
from segue.values import JsonValue

#: A task execution: its task and its visit.
Visited = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A task to run again: this visit of it, or its latest (None)."""

    task: str
    visit: int | None = None
    reset_items: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunRequest:
    """What somebody wants to have run again, and with what.

    Without targets: what failed, led to `fail` or was canceled, and what had not started.
    `from_start`: all of it, from its beginning. `reset_items`: of every target all items, also
    those that had succeeded.
    `inputs` are given in the place of the former ones, `variables` are written before what is
    run again.
    """

    targets: tuple[Target, ...] = ()
    from_start: bool = False
    reset_items: bool = False
    inputs: Mapping[str, JsonValue] = field(default_factory=dict)
    variables: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunPlan:
    """What will be run again, and what that leaves behind.

    `targets` are the task executions that are run again; `superseded` these and all that followed
    from them; `withheld` the tasks that had been reached but not started, and now will be.
    `items` are those of the targets that keep the results of the items that had succeeded: the
    others are run again, as they were. `state` is the state to go on from. `seq` is how far the log
    went that this was made from.
    `inputs` are those that were given, where some were changed now; `from_start` says to render
    them anew, and what depends on them. `asked` is what was asked for, some of which may follow
    from other targets. `beginning` are the inputs that were given, with which it begins anew (None:
    it does not begin anew), `around` the variables that stood before them. `duration` (seconds) is
    the limit that begins again. `meets_fail`: nothing was asked for by name, and among what had led
    to the failure is the command `fail`, which may be met again.
    """

    seq: int
    targets: tuple[Visited, ...]
    superseded: tuple[Visited, ...]
    withheld: tuple[str, ...]
    state: State
    items: Mapping[Visited, Items] = field(default_factory=dict)
    from_start: bool = False
    inputs: Mapping[str, JsonValue] | None = None
    beginning: Mapping[str, JsonValue] | None = None
    around: Mapping[str, JsonValue] = field(default_factory=dict)
    variables: Mapping[str, JsonValue] = field(default_factory=dict)
    reset_items: tuple[Visited, ...] = ()
    asked: tuple[Visited, ...] = ()
    rerun: Rerun = Rerun.SUPERSEDES
    duration: float | None = None
    meets_fail: bool = False
