"""A rehearsal file as a frozen value: what is to happen, and what is expected to come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from segue.core.rerun_plan import RerunRequest
from segue.language.findings import START_OF_FILE, Span
from segue.language.model import Workflow
from segue.language.workflows import Language
from segue.values import JsonObject, JsonValue

#: When rehearsals begin unless they say otherwise: 2000-01-01T00:00:00Z.
BEGINNING = 946_684_800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """The workflow that a test is of. `path` is how it is called in reports."""

    path: str
    text: str
    workflow: Workflow
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeds:
    """The action succeeds."""

    result: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fails:
    """The action fails."""

    message: str
    code: str = "action_failed"
    result: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesOut:
    """The action is ended by its timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """The action does not end by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Somebody answers the question so."""

    answer: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejects:
    """Somebody refuses to answer."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsReally:
    """The action is run, for it needs nothing of the world."""


Doing: TypeAlias = "Succeeds | Fails | TimesOut | Never | Answers | Rejects | RunsReally"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    """What the action of a task does, and which calls that is for (None: any).

    `times` is how many calls it stands for, None: any number, none included. `takes` is in
    seconds. `action` and `input` are what it is expected to be called with (None: not looked at).
    """

    task: str
    doing: Doing
    span: Span
    takes: float = 0.0
    visit: int | None = None
    attempt: int | None = None
    item: int | None = None
    times: int | None = 1
    action: str | None = None
    input: JsonObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Somebody pauses the execution."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumes:
    """Somebody resumes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancels:
    """Somebody cancels it."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reruns:
    """Somebody runs it again."""

    request: RerunRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of the execution, `at` so many seconds after its start."""

    at: float
    asks: Pauses | Resumes | Cancels | Reruns
    span: Span


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A task as expectations name it: a visit of it, or any (None)."""

    task: str
    visit: int | None = None

    def __str__(self) -> str:
        return self.task if self.visit is None else f"{self.task}#{self.visit}"


@dataclass(frozen=True, slots=True)
class InOrder:
    """These, one after the other."""

    parts: tuple[Sequence, ...]


@dataclass(frozen=True, slots=True)
class InAnyOrder:
    """All of these, each in its own order."""

    parts: tuple[Sequence, ...]


Sequence: TypeAlias = "Named | InOrder | InAnyOrder"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedError:
    """An error; None is not looked at. `message` is part of the message."""

    message: str | None = None
    code: str | None = None
    task: Named | None = None
    handled: bool | None = None
    span: Span = START_OF_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedVisit:
    """One visit of a task. `fields` are the facts that are looked at, by name, as JSON."""

    task: str
    visit: int
    fields: Mapping[str, JsonValue]
    spans: Mapping[str, Span]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is expected of an execution. None and empty: it is not looked at.

    `spans` has the place of each, by its key.
    """

    status: str = "succeeded"
    output: JsonObject | None = None
    looks_at_output: bool = False
    errors: tuple[ExpectedError, ...] | None = None
    tasks: Sequence | None = None
    order: tuple[tuple[Named, ...], ...] = ()
    never: tuple[str, ...] = ()
    visits: tuple[ExpectedVisit, ...] = ()
    duration: float | None = None
    spans: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One native test. `now` is in seconds since the epoch."""

    __test__ = False  # pytest takes it for its own otherwise

    name: str
    rehearsed: Rehearsed
    inputs: JsonObject
    start: tuple[str, ...]
    mocks: tuple[Mock, ...]
    requests: tuple[Request, ...]
    expected: Expected
    span: Span
    now: float = BEGINNING
    random: float = 0.0
    env: Mapping[str, str] = field(default_factory=dict)
    keys: JsonObject = field(default_factory=dict)
