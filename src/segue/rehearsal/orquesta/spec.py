"""A rehearsal of Orquesta's, as a frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from segue.core.status import Status
from segue.language.findings import Finding, Span
from segue.rehearsal.spec import Rehearsed
from segue.values import JsonObject, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class OrquestaMock:
    """What an action does. `seq` is the place of the task in the sequence that this is for."""

    task: str
    status: Status = Status.SUCCEEDED
    result: JsonValue = None
    seq: int | None = None
    item: int | None = None
    times: int = 1
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class OrquestaTarget:
    """A task that is run again: the latest one on this route."""

    task: str
    route: int = 0
    reset_items: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrquestaTest:
    """One rehearsal.

    `context` are the variables that are there from outside, such as `st2`. Of `sequence` and
    `ends` each is a task with the number of its route, `task3__r1`. `state` is Orquesta's own
    record of an execution of which something is run again: `rerun`, or what failed (empty).
    `inspection` are the findings that are expected (kind, path); `findings` those that there are.
    Where something is None it is not looked at.
    """

    name: str
    rehearsed: Rehearsed | None
    span: Span
    inputs: JsonObject = field(default_factory=dict)
    context: JsonObject = field(default_factory=dict)
    mocks: tuple[OrquestaMock, ...] = ()
    sequence: tuple[str, ...] = ()
    routes: tuple[tuple[str, ...], ...] = ((),)
    ends: tuple[str, ...] | None = None
    status: Status = Status.SUCCEEDED
    errors: tuple[JsonObject, ...] | None = None
    output: JsonObject | None = None
    inspection: tuple[tuple[str, str | None], ...] = ()
    findings: tuple[Finding, ...] = ()
    state: JsonObject | None = None
    rerun: tuple[OrquestaTarget, ...] = ()
    spans: Mapping[str, Span] = field(default_factory=dict)


def on_route(task: str, route: int) -> str:
    """Return a task with the number of its route, as Orquesta writes it."""
    return f"{task}__r{route}"
