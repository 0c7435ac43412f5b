"""The workflow as a frozen value: what every front end produces and everything else reads.

Nothing behind the front ends knows which language a file was written in. Where languages mean
different things by the same words, the difference is a field of this model (`match`,
`Semantics`), so that it can be read, tested and set one by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from segue.expressions import Dialect
from segue.language.findings import Span
from segue.values import JsonObject, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A value of the definition that may hold expressions anywhere inside.

    `value` is plain JSON in which strings may contain `{{ }}` or `<% %>`. `places` gives, for
    each string inside (by its path of keys and indices, `()` for the value itself), the place
    of its first character as written, so that an error in an expression can be shown where it is;
    `keys` gives it for each key of a mapping inside, by the path of its entry.
    `prefix` is how many characters the front end put before what was written (the braces that a
    file may leave out); it is negative where it took blanks away. `dialect` says how expressions
    are read; `given` are variables that they see beside those of the branch, templates themselves,
    each seeing those before it.
    """

    value: JsonValue
    span: Span
    places: Mapping[tuple[str | int, ...], Span] = field(default_factory=dict)
    keys: Mapping[tuple[str | int, ...], Span] = field(default_factory=dict)
    prefix: int = 0
    dialect: Dialect = Dialect.MIXED
    given: tuple[tuple[str, JsonValue], ...] = ()

    @property
    def is_literal(self) -> bool:
        """Whether there is no expression in it, and so it is its own value."""
        return not self.places and not self.keys


class Match(StrEnum):
    """Which of the transitions that hold are taken."""

    FIRST = "first"
    ALL = "all"


class EngineCommand(StrEnum):
    """What a transition may name beside tasks. The words are reserved: no task may have them."""

    CONTINUE = "continue"  # the branch ends here; it does not handle a failure
    NOOP = "noop"  # the branch ends here; a failure counts as handled
    FAIL = "fail"  # the execution fails; the tasks named beside it still run


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One name under `do`: a task, or an engine command where `command` is set."""

    name: str
    span: Span
    command: EngineCommand | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """One variable written by a transition."""

    name: str
    value: Template
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One entry of `next`. Without `when` it always holds, after a failure too.

    `when` is always a full expression (`{{ … }}` or `<% … %>`) or plain text: the native front
    end adds the braces that a file may leave out, and keeps the place of what was written.
    `do` is never empty: a transition without `do` goes to `continue`.
    """

    index: int
    when: Template | None
    publish: tuple[Publish, ...]
    do: tuple[Target, ...]
    span: Span


class Backoff(StrEnum):
    """How the delay between attempts grows."""

    CONSTANT = "constant"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """New attempts of the same task execution, with the same context.

    `count` is the number of attempts after the first; `delay` and `max_delay` are in seconds.
    Each template holds a number or an expression that gives one. Without `when` an attempt
    that did not succeed is retried; with it, any attempt for which it holds.
    """

    count: Template
    delay: Template | None = None
    backoff: Backoff = Backoff.CONSTANT
    max_delay: Template | None = None
    jitter: bool = False
    when: Template | None = None
    span: Span


class OnItemFailure(StrEnum):
    """Whether further items start after one has failed."""

    STOP = "stop"  # not once more than `max_failures` of them have
    CONTINUE = "continue"  # all of them are run
    WHILE_ACTIVE = "while_active"  # as long as others run


@dataclass(frozen=True, slots=True, kw_only=True)
class WithItems:
    """`with`: one task execution, an action for each item.

    `items` are the lists, walked in step; `names` the name of each list's item (empty for the
    single anonymous list). With one list and several names each item is itself a list, one
    value per name. `batch`: the items are handed out in lists of so many. The task fails if more
    than `max_failures` (none given: 0) items did.
    """

    items: tuple[Template, ...]
    names: tuple[str, ...]
    concurrency: Template | None
    batch: Template | None = None
    on_failure: OnItemFailure = OnItemFailure.STOP
    max_failures: Template | None = None
    span: Span


class Delivery(StrEnum):
    """What becomes of an attempt whose engine is lost while it may be running."""

    AT_LEAST_ONCE = "at_least_once"  # it is run again
    AT_MOST_ONCE = "at_most_once"  # it has failed: nobody knows how far it came


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A node of the workflow.

    `join` is None (a task runs once for each inbound transition taken) or how many distinct
    source tasks it waits for; `JOIN_ALL` stands for all that have a transition to it, and 0,
    which Orquesta's files may say, counts as 1. `delay`
    and `timeout` are in seconds: a number or an expression that gives one. `join_span` is where
    the file says how much the join waits for (None: it does not say). A task whose `when` does not
    hold is not run, and nothing follows from it: the branch ends there.
    """

    name: str
    action: Template | None
    input: Template | None
    next: tuple[Transition, ...]
    match: Match
    when: Template | None = None
    join: int | None = None
    join_span: Span | None = None
    delay: Template | None = None
    timeout: Template | None = None
    retry: Retry | None = None
    with_items: WithItems | None = None
    delivery: Delivery = Delivery.AT_LEAST_ONCE
    description: str | None = None
    span: Span


#: `join: all`, as a number that no file can contain.
JOIN_ALL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A declared input. `schema` is a JSON Schema (draft 7) for its value, None for any value."""

    name: str
    required: bool
    default: Template | None
    schema: JsonObject | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One entry of `vars` or of `output`; entries see the ones before them."""

    name: str
    value: Template
    span: Span


class Unlimited(StrEnum):
    """The word that lifts a limit."""

    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one execution. None: the engine's default."""

    duration: float | Unlimited | None = None  # seconds
    visits: int | Unlimited | None = None  # of one task


class Merge(StrEnum):
    """What publishing a variable does to the value it had."""

    REPLACE = "replace"
    DEEP = "deep"  # mappings are merged key by key


class OutputOrder(StrEnum):
    """In which order the ends of the branches are merged for the output."""

    ENDED = "ended"
    STARTED = "started"  # of the ending tasks


class OutputBranches(StrEnum):
    """Which branches the output sees of an execution that ended before all of them did."""

    ALL = "all"  # wherever they stood
    COMPLETED = "completed"  # those that ended with a completed task


class OutputFailure(StrEnum):
    """What an entry of the output does that can't be evaluated; it is left out either way."""

    FAIL = "fail"  # the execution has failed, if nothing else was wrong
    LEAVE_OUT = "leave_out"


class OutputUndefined(StrEnum):
    """What becomes of what is not there inside of a list or mapping that the output makes."""

    ERROR = "error"
    LEFT_TO_HOST = "left_to_host"  # who steps through the execution sees that it is not there


class OutputEntries(StrEnum):
    """What an entry of the output sees beside what the branches left."""

    EARLIER = "earlier"  # the entries before it
    NONE = "none"


class JoinScope(StrEnum):
    """What tells one round of a join from another."""

    ROUND = "round"
    ROUTE = "route"  # a split makes everything after it separate


class LateArrivals(StrEnum):
    """What an arrival does at a join whose task has begun its items, or waits for a retry."""

    NOTHING = "nothing"
    OFFER_AGAIN = "offer_again"  # with what it brings, to a host that steps through


class JoinSources(StrEnum):
    """Which of the tasks that lead to a join it waits for."""

    ALL = "all"
    REACHABLE = "reachable"  # not those to which no path leads from where it all begins


class Conditions(StrEnum):
    """What a `when` may give."""

    BOOLEAN = "boolean"
    TRUTHY = "truthy"


class UnhandledFailure(StrEnum):
    """What a failure that no transition handles does to the other branches."""

    FAIL_FAST = "fail_fast"
    FINISH_BRANCHES = "finish_branches"


class ExpressionFailure(StrEnum):
    """What fails when an expression of a task can't be evaluated."""

    TASK = "task"
    EXECUTION = "execution"  # the task keeps its status, its other transitions are taken


class RetryItems(StrEnum):
    """Which items a new attempt of a task with items runs."""

    UNFINISHED = "unfinished"  # those that did not succeed
    ALL = "all"


class LostJoins(StrEnum):
    """When a join that can't be satisfied any more is an error."""

    AT_ONCE = "at_once"
    AT_END = "at_end"  # when everything else is over


class CanceledTasks(StrEnum):
    """What follows a task that was canceled."""

    NOTHING = "nothing"
    TRANSITIONS = "transitions"  # those that hold are taken, as after any other end


class TaskRecords(StrEnum):
    """Which executions of tasks `task()` and its kin know of."""

    BRANCH = "branch"  # those in the past of the branch that asks
    ROUTE = "route"  # the latest on its route or one before, finished or not


class Absent(StrEnum):
    """What `result()` and `item()` give, and `succeeded()` and its kin ask, where there is none."""

    ERROR = "error"
    NULL = "null"


class Retries(StrEnum):
    """In which executions an attempt that ends is followed by another."""

    WHILE_LIVE = "while_live"  # running, pausing or paused
    WHILE_ACTIVE = "while_active"  # running, pausing or canceling: it waits there for a rerun


class Rerun(StrEnum):
    """What running a task again does to what followed from it."""

    SUPERSEDES = "supersedes"  # it counts no more
    RESTARTS = "restarts"  # it stays, and what it reached goes on; only joins fire again


class OnCancel(StrEnum):
    """What happens to running actions when the execution is canceled."""

    END = "end"
    FINISH = "finish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Semantics:
    """The points in which the languages differ."""

    merge: Merge = Merge.REPLACE
    output_order: OutputOrder = OutputOrder.ENDED
    output_branches: OutputBranches = OutputBranches.ALL
    output_failure: OutputFailure = OutputFailure.FAIL
    output_undefined: OutputUndefined = OutputUndefined.ERROR
    output_entries: OutputEntries = OutputEntries.EARLIER
    join_scope: JoinScope = JoinScope.ROUND
    late_arrivals: LateArrivals = LateArrivals.NOTHING
    join_sources: JoinSources = JoinSources.ALL
    conditions: Conditions = Conditions.BOOLEAN
    unhandled_failure: UnhandledFailure = UnhandledFailure.FAIL_FAST
    expression_failure: ExpressionFailure = ExpressionFailure.TASK
    retry_items: RetryItems = RetryItems.UNFINISHED
    lost_joins: LostJoins = LostJoins.AT_ONCE
    canceled_tasks: CanceledTasks = CanceledTasks.NOTHING
    task_records: TaskRecords = TaskRecords.BRANCH
    absent: Absent = Absent.ERROR
    rerun: Rerun = Rerun.SUPERSEDES
    retries: Retries = Retries.WHILE_LIVE


NATIVE = Semantics()
ORQUESTA = Semantics(
    merge=Merge.DEEP,
    output_order=OutputOrder.STARTED,
    output_branches=OutputBranches.COMPLETED,
    output_undefined=OutputUndefined.LEFT_TO_HOST,
    join_scope=JoinScope.ROUTE,
    late_arrivals=LateArrivals.OFFER_AGAIN,
    join_sources=JoinSources.REACHABLE,
    conditions=Conditions.TRUTHY,
    expression_failure=ExpressionFailure.EXECUTION,
    retry_items=RetryItems.ALL,
    lost_joins=LostJoins.AT_END,
    canceled_tasks=CanceledTasks.TRANSITIONS,
    task_records=TaskRecords.ROUTE,
    absent=Absent.NULL,
    rerun=Rerun.RESTARTS,
    retries=Retries.WHILE_ACTIVE,
)
ATTUNE = Semantics(
    output_failure=OutputFailure.LEAVE_OUT,
    output_entries=OutputEntries.NONE,
    conditions=Conditions.TRUTHY,
    unhandled_failure=UnhandledFailure.FINISH_BRANCHES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A definition. `tasks` keeps the order of the file; `start` is empty unless declared."""

    name: str
    description: str | None
    inputs: tuple[Input, ...]
    vars: tuple[Variable, ...]
    tasks: Mapping[str, Task]
    output: tuple[Variable, ...]
    start: tuple[str, ...]
    limits: Limits
    semantics: Semantics
    on_cancel: OnCancel = OnCancel.END
    tags: tuple[JsonValue, ...] = ()
    span: Span
