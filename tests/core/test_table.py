"""Illegal events raise, and nothing changes; all that is listed is reached by some test."""

from collections.abc import Callable

import pytest

from segue.core import events as e
from segue.core.codec import decode_state, encode_state
from segue.core.errors import IllegalEventError, InternalError
from segue.core.evolve import evolve, fold
from segue.core.state import NEW, State
from segue.core.status import Status
from segue.core.table import EXECUTION, TASK, WHEN

FAILURE = e.Failure(code="x", message="x")
STARTED = e.ExecutionStarted(workflow="w", definition="d", inputs={}, context={}, start=("a",))
SCHEDULED = e.TaskScheduled(task="a", visit=1)
ATTEMPT = e.AttemptStarted(task="a", visit=1, attempt=1, action="core.noop")
ITEMS = e.ItemsStarted(task="a", visit=1, attempt=1, items=(1, 2))
SUCCEEDED = e.AttemptSucceeded(task="a", visit=1, attempt=1)


def after(*events: e.AnyEvent) -> State:
    return fold(NEW, events)


@pytest.mark.parametrize(
    ("past", "event", "message"),
    [
        ((), SCHEDULED, "task_scheduled can't happen in a requested execution"),
        ((STARTED,), STARTED, "execution_started can't happen in a running execution"),
        ((STARTED,), e.ExecutionCanceled(), "execution_canceled can't happen in a running"),
        ((STARTED,), ATTEMPT, "attempt_started can't happen to a task execution: unknown"),
        ((STARTED, SCHEDULED), SCHEDULED, "no branch has arrived at 'a'"),
        ((STARTED, SCHEDULED), SUCCEEDED, "attempt_succeeded can't happen to a task execution"),
        (
            (STARTED, SCHEDULED, ATTEMPT, SUCCEEDED),
            SUCCEEDED,
            "attempt_succeeded can't happen unless the attempt is open",
        ),
        (
            (STARTED, SCHEDULED, ATTEMPT),
            e.TaskSucceeded(task="a", visit=1),
            "task_succeeded can't happen unless no attempt of it runs",
        ),
        (
            (STARTED, SCHEDULED),
            e.AttemptStarted(task="a", visit=1, attempt=2, action=None),
            "attempt_started can't happen unless the attempts are counted",
        ),
        (
            (STARTED, SCHEDULED),
            e.TransitionTaken(task="a", visit=1, transition=0, do=("b",)),
            "'a'#1 is not the task that completed last",
        ),
        (
            (STARTED, SCHEDULED, ATTEMPT),
            e.ItemSucceeded(task="a", visit=1, attempt=1, item=0),
            "item_succeeded can't happen unless the attempt is open and has items",
        ),
        (
            (STARTED, SCHEDULED, ITEMS),
            e.ItemSucceeded(task="a", visit=1, attempt=2, item=0),
            "item_succeeded can't happen unless the attempt is open and has items",
        ),
        (
            (STARTED, SCHEDULED, ITEMS),
            e.ItemSucceeded(task="a", visit=1, attempt=1, item=0),
            "item_succeeded can't happen unless the item is open",
        ),
        (
            (STARTED, SCHEDULED, ITEMS),
            e.TaskReoffered(task="a", visit=1),
            "task_reoffered can't happen unless a host steps through the execution",
        ),
        (
            (STARTED,),
            e.JoinFired(join="j", key=0, visit=1),
            "nothing has arrived at 'j' in round 0",
        ),
        (
            (STARTED,),
            e.JoinRoundEnded(join="j", key=3, outcome="complete"),
            "'j' has no round 3 to end",
        ),
        (
            (STARTED,),
            e.JoinArrived(join="j", key=0, task="a", visit=1),
            "no branch from 'a' has arrived at 'j'",
        ),
        (
            (STARTED, e.ExecutionFailed(failure=FAILURE), e.ExecutionSettled()),
            e.ExecutionSettled(),
            "execution_settled can't follow the end of an execution",
        ),
    ],
)
def test_an_illegal_event_raises_and_changes_nothing(
    past: tuple[e.AnyEvent, ...], event: e.AnyEvent, message: str
) -> None:
    state = after(*past)
    before = encode_state(state)
    with pytest.raises(IllegalEventError, match=message.replace("(", r"\(")):
        evolve(state, event)
    assert encode_state(state) == before


def test_a_branch_can_not_be_merged_into_a_visit_that_is_handed_off() -> None:
    state = after(
        e.ExecutionStarted(workflow="w", definition="d", inputs={}, context={}, start=("a", "j")),
        SCHEDULED,
        e.TaskScheduled(task="j", visit=1),
        e.AttemptStarted(task="j", visit=1, attempt=1, action=None),
        ATTEMPT,
        SUCCEEDED,
        e.TaskSucceeded(task="a", visit=1),
        e.TransitionTaken(task="a", visit=1, transition=0, do=("j",)),
    )
    with pytest.raises(IllegalEventError, match="visit 1 of 'j' is handed off"):
        evolve(state, e.JoinArrived(join="j", key=0, task="a", visit=1, joined=1))


def test_every_event_has_its_place_in_the_tables() -> None:
    placed = {kind for _, kind in EXECUTION} | set(WHEN)
    assert placed == set(e.AnyEvent.__args__)
    assert {kind for _, kind in TASK} <= set(WHEN)


def test_final_statuses_lead_nowhere_but_to_the_end_and_a_rerun() -> None:
    for (before, kind), status in EXECUTION.items():
        if (before, kind) == (Status.SUCCEEDED, e.ExecutionFailed):
            continue  # the host of a stepwise execution may say so
        if before.is_final and kind is not e.ExecutionRerun:
            assert kind is e.ExecutionSettled
            assert status is before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda _good: b"{}", "can't be read"),
        (lambda good: good.replace(b'"version":2', b'"version":99'), "is of version 99, not 2"),
    ],
)
def test_a_snapshot_that_is_not_ours_is_refused(
    data: Callable[[bytes], bytes], message: str
) -> None:
    with pytest.raises(InternalError, match=message):
        decode_state(data(encode_state(NEW)))


def test_events_are_written_with_their_type_first_and_read_back() -> None:
    data = e.encode(ATTEMPT)
    assert data.decode() == (
        '{"type":"attempt_started","task":"a","visit":1,"attempt":1,"action":"core.noop"}'
    )
    assert e.decode(data) == ATTEMPT
    assert e.type_of(ATTEMPT) == "attempt_started"


def test_a_status_is_known_to_be_final_or_not() -> None:
    assert Status.TIMEOUT.is_final
    assert not Status.CANCELING.is_final
