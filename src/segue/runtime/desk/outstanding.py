"""Commands as rows of outstanding work, and back: what is in the store is sent again after a crash.

The shape of the rows is read by later releases: fields may be added with a default.
"""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import msgspec

from segue.core.commands import SetTimer, StartAttempt, attempt_name
from segue.core.references import restored
from segue.core.stimuli import DeadlinePassed, DelayPassed, RetryDue, TimerStimulus
from segue.store.port import NewWork, UnreadableError, Work, WorkKind
from segue.transport.port import Job
from segue.values import JsonValue

D = TypeVar("D")

#: The number under which work that an engine makes itself is born.
FIRST_CLAIM = 1


class AttemptData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt to run, as its row keeps it.

    `only_under` is the claim under which it is handed off for the first time: where it may run once
    at most, whoever has another claim must not run it. None: it may be run again.
    """

    task: str
    visit: int
    attempt: int
    action: str | None = None
    input: Mapping[str, JsonValue] = msgspec.field(default_factory=dict)
    timeout: float | None = None
    item: int | None = None
    refers: tuple[str, ...] = ()
    only_under: int | None = None


class TimerData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A timer, as its row keeps it. `kind` is "delay", "retry" or "deadline"."""

    kind: str
    task: str = ""
    visit: int = 0
    attempt: int = 0


_encode = msgspec.json.Encoder().encode
_attempts = msgspec.json.Decoder(AttemptData)
_timers = msgspec.json.Decoder(TimerData)


def read_work(decoder: msgspec.json.Decoder[D], work: NewWork | Work) -> D:
    """Return what the row of a piece of work keeps. Raises `UnreadableError`."""
    try:
        return decoder.decode(work.data)
    except msgspec.MsgspecError as error:
        raise UnreadableError(
            f"The work {work.name} can't be read ({error}). It is damaged, or was written "
            "by a newer release."
        ) from error


def attempt_work(
    command: StartAttempt, *, child: bool, now: float, only_under: int | None = None
) -> NewWork:
    """Return the row of an attempt; `child`: another execution runs for it.

    The timeout of such a one is a time, for it goes on while no engine is there. `only_under` is
    explained with `AttemptData`.
    """
    data = AttemptData(
        task=command.task,
        visit=command.visit,
        attempt=command.attempt,
        action=command.action,
        input=command.input,
        timeout=command.timeout,
        item=command.item,
        refers=command.refers,
        only_under=only_under,
    )
    name = attempt_name(command.task, command.visit, command.attempt, command.item)
    if not child:
        return NewWork(name=name, kind=WorkKind.ATTEMPT, data=_encode(data))
    due = None if command.timeout is None else now + command.timeout
    return NewWork(name=name, kind=WorkKind.CHILD, data=_encode(data), due=due)


def timer_work(command: SetTimer) -> NewWork:
    """Return the row of a timer."""
    match command.stimulus:
        case DelayPassed(task=task, visit=visit):
            data = TimerData(kind="delay", task=task, visit=visit)
        case RetryDue(task=task, visit=visit, attempt=attempt):
            data = TimerData(kind="retry", task=task, visit=visit, attempt=attempt)
        case DeadlinePassed():
            data = TimerData(kind="deadline")
    return NewWork(name=command.name, kind=WorkKind.TIMER, data=_encode(data), due=command.due)


def job_of(execution: str, work: NewWork | Work, claim: int) -> Job:
    """Return the job that the row of an attempt stands for, to be run under `claim`."""
    read = read_work(_attempts, work)
    data = restored(read, read.refers)
    return Job(
        execution=execution,
        name=work.name,
        task=data.task,
        visit=data.visit,
        attempt=data.attempt,
        item=data.item,
        claim=claim,
        action=data.action,
        input=data.input,
        timeout=data.timeout,
        idempotency_key=idempotency_key(execution, data.task, data.visit, data.item),
        redelivered=isinstance(work, Work),
    )


def may_run(work: Work) -> bool:
    """Return whether an attempt may be handed off under the claim that its row is held under."""
    only_under = read_work(_attempts, work).only_under
    return only_under is None or only_under == work.claim


def not_begun(work: Work) -> bytes | None:
    """Return the data of an attempt that never began under the claim that its row is held under.

    None: they stay as they are. Where it may run once at most, it may do so under the next claim.
    """
    data = read_work(_attempts, work)
    if data.only_under != work.claim:
        return None
    return _encode(msgspec.structs.replace(data, only_under=work.claim + 1))


def stimulus_of(work: NewWork | Work) -> TimerStimulus:
    """Return what a timer gives back when it is due."""
    data = read_work(_timers, work)
    match data.kind:
        case "delay":
            return DelayPassed(task=data.task, visit=data.visit)
        case "retry":
            return RetryDue(task=data.task, visit=data.visit, attempt=data.attempt)
        case "deadline":
            return DeadlinePassed()
        case _:
            raise UnreadableError(f"The timer {work.name} is of an unknown kind, {data.kind!r}.")


def idempotency_key(execution: str, task: str, visit: int, item: int | None = None) -> str:
    """Return what names a task execution towards the outside, over retries and redelivery.

    Each item of it has a name of its own.
    """
    name = quote(task, safe="", errors="backslashreplace")
    key = f"{execution}/{name}/{visit}"
    return key if item is None else f"{key}/{item}"
