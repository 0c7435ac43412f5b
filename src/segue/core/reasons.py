"""Why something is not finished: one type for each kind of reason.

All instants are seconds since the epoch; None where they are not known.
`segue.core.reasoning` finds the reasons of an execution; what they are called in words is the
business of whoever shows them.
"""

import msgspec

from segue.core.status import Status


class Reason(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What something that is not finished waits for."""


class Turn(Reason, frozen=True, kw_only=True, tag="turn"):
    """It may start: at once, or, where the execution is `held_back`, as soon as that goes on."""

    held_back: bool


class Delay(Reason, frozen=True, kw_only=True, tag="delay"):
    """Its delay passes at `until`."""

    until: float


class Retry(Reason, frozen=True, kw_only=True, tag="retry"):
    """Attempt number `attempt` begins at `until`. `tries`: how many there may be, where known."""

    attempt: int
    tries: int | None
    until: float


class Running(Reason, frozen=True, kw_only=True, tag="running"):
    """Attempt number `attempt` of it runs `action` since then."""

    action: str | None
    attempt: int
    tries: int | None
    since: float | None


class Reported(Reason, frozen=True, kw_only=True, tag="reported"):
    """What it runs has said of itself that it is pending, pausing, paused or resuming."""

    action: str | None
    status: Status
    since: float | None


class Ending(Reason, frozen=True, kw_only=True, tag="ending"):
    """What it runs was asked to end, and has not yet."""

    action: str | None
    since: float | None


class Answer(Reason, frozen=True, kw_only=True, tag="answer"):
    """One of `users` (none named: anybody) is to answer `question`, before `until` if it is set."""

    question: str
    users: tuple[str, ...]
    until: float | None


class Items(Reason, frozen=True, kw_only=True, tag="items"):
    """Of its items `running` have begun and not ended, and `left` have not begun.

    Of the running ones `pending` wait for people; `questions` are the first few to be answered.
    `ending`: what runs was asked to end. `workflows` are the first few that items run.
    """

    total: int
    running: int
    left: int
    pending: int
    ending: bool
    since: float | None
    questions: tuple[str, ...] = ()
    workflows: "tuple[SubWorkflow, ...]" = ()


class SubWorkflow(Reason, frozen=True, kw_only=True, tag="sub_workflow"):
    """An execution that runs for it since then, with its own reasons.

    `status` None: it begins just now. Has it ended, what it runs for learns of it next.
    """

    execution: str
    workflow: str
    status: Status | None
    since: float | None = None
    waits: "tuple[Wait, ...]" = ()


class Arrivals(Reason, frozen=True, kw_only=True, tag="arrivals"):
    """A join has some arrivals, and needs `more` from those that are missing.

    `more` None: the definition is not at hand, and neither is known.
    """

    arrived: tuple[str, ...]
    missing: tuple[str, ...]
    needed: int
    more: int | None


class Begin(Reason, frozen=True, kw_only=True, tag="begin"):
    """The execution was requested and has not begun."""


class Pausing(Reason, frozen=True, kw_only=True, tag="pausing"):
    """It was asked to pause; what runs (`running` tasks) is let finish first."""

    reason: str | None
    since: float | None
    running: int


class Paused(Reason, frozen=True, kw_only=True, tag="paused"):
    """It is paused, until somebody resumes it."""

    reason: str | None
    since: float | None


class Canceling(Reason, frozen=True, kw_only=True, tag="canceling"):
    """It was asked to end, and `running` tasks have not ended yet."""

    reason: str | None
    since: float | None
    running: int


class Finishing(Reason, frozen=True, kw_only=True, tag="finishing"):
    """How it ends is decided (`status`), and what runs (`running` tasks) is let finish."""

    status: Status
    running: int


class Nothing(Reason, frozen=True, kw_only=True, tag="nothing"):
    """It waits for nothing that is kept, which must not be: a defect of Segue, or damage."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A living engine: its process, when it was last heard, and how long it is waited for.

    `late`: it should have been heard since. After `until` others may take what it has.
    """

    engine: str
    process: int
    host: str
    heard_at: float
    until: float
    late: bool


class Parked(Reason, frozen=True, kw_only=True, tag="parked"):
    """An engine could not go on with the execution then, for `problem` hinders it.

    `lease`: that engine lives, and leaves the execution alone until it ends. None: it does not, and
    the next one that takes the execution tries again. `since` None: none has tried yet.
    """

    problem: str
    since: float | None
    lease: Lease | None


class Late(Reason, frozen=True, kw_only=True, tag="late"):
    """As `was`, but the engine that has it has not been heard as often as it should."""

    was: Reason
    lease: Lease


class Unheld(Reason, frozen=True, kw_only=True, tag="unheld"):
    """As `was` was when an engine still had it: no living one has, so that nothing happens."""

    was: Reason


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not finished, and why.

    `task` None: the execution itself. `visit` None: a join in front of the task.
    """

    task: str | None
    visit: int | None
    status: Status | None
    reason: Reason


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why an execution is not finished, or how it ended.

    `failure` is what failed it, where it failed. `waits` has at least one entry unless it is
    settled. `leases` are the living engines that have work of it; there are none where nobody
    goes on with it (or needs to: while it is paused).
    """

    execution: str
    workflow: str
    status: Status
    settled: bool
    started_at: float
    finished_at: float | None
    failure: str | None
    waits: tuple[Wait, ...]
    leases: tuple[Lease, ...]
