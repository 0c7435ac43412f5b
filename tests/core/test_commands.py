"""What the runtime is told to do, read off the events alone."""

import pytest

from segue.core import commands as c
from segue.core import events as e
from segue.core.commands_of import commands_of
from segue.core.stimuli import DeadlinePassed, DelayPassed, RetryDue

TASK = {"task": "a", "visit": 2}
FAILURE = e.Failure(code="x", message="x")
START = c.StartAttempt(
    task="a", visit=2, attempt=1, action="core.echo", input={"m": 1}, timeout=5.0
)
END = c.EndAttempt(task="a", visit=2, attempt=1)
END_OF_ITEM = c.EndAttempt(task="a", visit=2, attempt=1, item=3)


@pytest.mark.parametrize(
    ("event", "commands"),
    [
        (
            e.AttemptStarted(
                task="a", visit=2, attempt=1, action="core.echo", input={"m": 1}, timeout=5.0
            ),
            [START],
        ),
        (
            e.AttemptStarted(task="a", visit=2, attempt=2, action=None),
            [
                c.ClearTimer(name="retry:a#2"),
                c.StartAttempt(task="a", visit=2, attempt=2, action=None, input={}, timeout=None),
            ],
        ),
        (e.AttemptSucceeded(task="a", visit=2, attempt=1), [END]),
        (e.AttemptFailed(task="a", visit=2, attempt=1, failure=FAILURE), [END]),
        (e.AttemptTimedOut(task="a", visit=2, attempt=1, failure=FAILURE), [END]),
        (e.AttemptCanceled(task="a", visit=2, attempt=1), [END]),
        (
            e.AttemptCancelRequested(task="a", visit=2, attempt=1),
            [c.CancelAttempt(task="a", visit=2, attempt=1)],
        ),
        (
            e.TaskScheduled(task="a", visit=2, due=7.0),
            [c.SetTimer(name="delay:a#2", due=7.0, stimulus=DelayPassed(task="a", visit=2))],
        ),
        (e.TaskScheduled(task="a", visit=2), []),
        (
            e.DelayElapsed(task="a", visit=2),
            [c.ClearTimer(name="delay:a#2"), c.ClearTimer(name="retry:a#2")],
        ),
        (
            e.RetryScheduled(task="a", visit=2, attempt=3, due=7.0),
            [
                c.SetTimer(
                    name="retry:a#2", due=7.0, stimulus=RetryDue(task="a", visit=2, attempt=3)
                )
            ],
        ),
        (e.RetryScheduled(task="a", visit=2, attempt=3), []),
        (
            e.TaskWithdrawn(task="a", visit=2),
            [c.ClearTimer(name="delay:a#2"), c.ClearTimer(name="retry:a#2")],
        ),
        (
            e.ExecutionStarted(
                workflow="w", definition="d", inputs={}, context={}, start=(), deadline=9.0
            ),
            [c.SetTimer(name="deadline", due=9.0, stimulus=DeadlinePassed())],
        ),
        (e.ItemSucceeded(task="a", visit=2, attempt=1, item=3), [END_OF_ITEM]),
        (e.ItemFailed(task="a", visit=2, attempt=1, item=3, failure=FAILURE), [END_OF_ITEM]),
        (e.ItemTimedOut(task="a", visit=2, attempt=1, item=3, failure=FAILURE), [END_OF_ITEM]),
        (e.ItemCanceled(task="a", visit=2, attempt=1, item=3), [END_OF_ITEM]),
        (
            e.ItemCancelRequested(task="a", visit=2, attempt=1, item=3),
            [c.CancelAttempt(task="a", visit=2, attempt=1, item=3)],
        ),
        (e.ItemsStarted(task="a", visit=2, attempt=1, items=(1, 2)), []),
        (
            e.ItemsStarted(task="a", visit=2, attempt=2, items=None),
            [c.ClearTimer(name="retry:a#2")],
        ),
        (e.ExecutionSettled(), [c.ClearTimer(name="deadline")]),
        (e.ExecutionTimedOut(failure=FAILURE), [c.ClearTimer(name="deadline")]),
        (e.ExecutionSucceeded(), []),
    ],
)
def test_an_event_asks_for(event: e.AnyEvent, commands: list[c.Command]) -> None:
    assert list(commands_of(event)) == commands


def test_an_attempt_has_a_name_of_its_own_within_its_execution() -> None:
    assert c.attempt_name("a", 2, 3) == "a#2.3"
