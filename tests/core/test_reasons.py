"""Why something is not finished: what follows from a view and from who has the work."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec
from tests.support.conducted import T0, Conducted

from segue.core import reasons as r
from segue.core import stimuli as s
from segue.core.reasoning import Known, Outstanding, tries_of, waits_of, why_of
from segue.core.status import Status
from segue.core.view import ExecutionView, JoinView

TASKS = """
segue: 1
name: w
tasks:
  a: {action: test.a, retry: {count: 2, delay: 5}, next: [{do: c}]}
  b: {action: core.ask, input: {users: [ann]}, timeout: 60, next: [{do: c}]}
  c: {join: all, action: test.c}
"""
ITEMS = """
segue: 1
name: w
tasks:
  each: {with: {items: [1, 2, 3], concurrency: 2}, action: test.a}
"""
LEASE = r.Lease(engine="e1", process=1, host="h", heard_at=T0, until=T0 + 10, late=False)
LATE = r.Lease(engine="e2", process=2, host="h", heard_at=T0, until=T0 + 10, late=True)


def reasons(run: Conducted, known: Known | None = None) -> dict[str, r.Reason]:
    return {wait.task or "": wait.reason for wait in waits_of(run.view, known or Known())}


def outstanding(
    holders: Mapping[str, r.Lease | None],
) -> Mapping[tuple[str, int], tuple[Outstanding, ...]]:
    return {
        (task, 1): (Outstanding(name=f"{task}#1.1", holder=holder, asks=task == "b"),)
        for task, holder in holders.items()
    }


def test_each_task_and_each_join_that_is_not_finished_has_its_reason() -> None:
    run = Conducted(TASKS)
    tries = tries_of(run.program.workflow)
    assert reasons(run, Known(tries=tries)) == {
        "a": r.Running(action="test.a", attempt=1, tries=3, since=T0),
        "b": r.Answer(question=f"{run.view.id}/b#1.1", users=("ann",), until=T0 + 60),
    }
    run.fail("a")
    assert reasons(run)["a"] == r.Retry(attempt=2, tries=None, until=T0 + 5)
    run.give(s.RetryDue(task="a", visit=1, attempt=2))
    run.succeed("a")
    arrivals = r.Arrivals(arrived=("a",), missing=("b",), needed=2, more=1)
    assert reasons(run)["c"] == arrivals
    run.succeed("b")
    run.succeed("c")
    assert reasons(run) == {}


def test_work_that_no_living_engine_has_and_that_of_a_late_one_are_told() -> None:
    run = Conducted(TASKS)
    plain = reasons(run)
    known = Known(outstanding=outstanding({"a": None, "b": LATE}))
    assert reasons(run, known) == {
        "a": r.Unheld(was=plain["a"]),
        "b": r.Late(was=plain["b"], lease=LATE),
    }
    assert why_of(run.view, known).leases == (LATE,)
    held = Known(outstanding=outstanding({"a": LEASE, "b": LEASE}))
    assert reasons(run, held) == plain
    assert why_of(run.view, held).leases == (LEASE,)


def test_what_waits_for_work_that_is_not_kept_waits_for_nothing() -> None:
    run = Conducted(TASKS)
    kept = Known(outstanding=outstanding({"a": LEASE}), exact=True)
    assert reasons(run, kept)["b"] == r.Nothing()
    assert reasons(run, replace(kept, exact=False))["b"] != r.Nothing(), "it may have begun since"
    run.fail("a")
    none = Known(outstanding={}, exact=True)
    assert reasons(run, none)["a"] == r.Nothing(), "the time of the retry is not kept"
    run.give(s.Pause())
    run.give(s.RetryDue(task="a", visit=1, attempt=2))
    assert reasons(run, none)["a"] == r.Turn(held_back=True)


def test_items_wait_for_nothing_where_none_that_runs_is_kept() -> None:
    run = Conducted(ITEMS)
    none = Known(outstanding={}, exact=True)
    assert reasons(run, none) == {"each": r.Nothing()}
    run.give(s.Pause())
    for item in (0, 1):
        run.give(
            s.AttemptEnded(
                task="each", visit=1, attempt=1, item=item, outcome=s.Succeeded(result=item)
            )
        )
    assert isinstance(reasons(run, none)["each"], r.Items)


def test_what_keeps_an_execution_from_going_on_is_told_before_all_else() -> None:
    run = Conducted(TASKS)
    parked = r.Parked(problem="it is broken", since=T0, lease=LEASE)
    whole, *tasks = waits_of(run.view, Known(parked=parked))
    assert (whole.task, whole.status, whole.reason) == (None, Status.RUNNING, parked)
    assert tasks == list(waits_of(run.view))
    idle = msgspec.structs.replace(run.view, tasks=(), joins=())
    assert [wait.reason for wait in waits_of(idle, Known(parked=parked))] == [parked]


def test_a_join_that_will_never_fire_because_the_execution_ends_is_not_told() -> None:
    run = Conducted(TASKS.replace("join: all", "join: 2") + "  d: {action: test.d}\n")
    run.succeed("a")
    assert "c" in reasons(run)
    run.fail("d")
    assert set(reasons(run)) == {"", "b"}


def test_a_sub_workflow_is_the_reason_of_the_task_that_it_runs_for() -> None:
    run = Conducted(TASKS)
    child = r.SubWorkflow(execution="x", workflow="below", status=Status.RUNNING)
    assert reasons(run, Known(children={"a#1.1": child}))["a"] == r.SubWorkflow(
        execution="x", workflow="below", status=Status.RUNNING, since=T0
    )


def test_items_have_one_reason_for_all_of_them() -> None:
    run = Conducted(ITEMS)
    asked = Outstanding(name="each#1.1[1]", holder=LEASE, asks=True)
    called = Outstanding(name="each#1.1[0]", holder=LEASE)
    child = r.SubWorkflow(execution="x", workflow="below", status=None)
    known = Known(outstanding={("each", 1): (called, asked)}, children={"each#1.1[0]": child})
    assert reasons(run, known) == {
        "each": r.Items(
            total=3,
            running=2,
            left=1,
            pending=0,
            ending=False,
            since=T0,
            questions=(f"{run.view.id}/each#1.1[1]",),
            workflows=(child,),
        )
    }
    run.cancel()
    told = reasons(run)
    assert isinstance(told["each"], r.Items)
    assert told["each"].ending
    assert told[""] == r.Canceling(reason=None, since=T0, running=1)


def test_what_an_action_says_of_itself_is_the_reason() -> None:
    run = Conducted(TASKS)
    run.now = T0 + 3
    run.give(s.AttemptChanged(task="a", visit=1, attempt=1, status=Status.PAUSED))
    assert reasons(run)["a"] == r.Reported(action="test.a", status=Status.PAUSED, since=T0 + 3)


def test_a_pause_is_told_with_its_reason_until_the_execution_goes_on() -> None:
    run = Conducted(TASKS)
    run.give(s.Pause(reason="lunch"))
    assert reasons(run)[""] == r.Pausing(reason="lunch", since=T0, running=1)
    run.fail("a")
    run.give(s.RetryDue(task="a", visit=1, attempt=2))
    told = reasons(run)
    assert told[""] == r.Paused(reason="lunch", since=T0)
    assert told["a"] == r.Turn(held_back=True)
    run.give(s.Resume())
    assert "" not in reasons(run)


def test_a_pause_waits_for_items_that_run() -> None:
    run = Conducted(ITEMS)
    run.give(s.Pause())
    assert reasons(run)[""] == r.Pausing(reason=None, since=T0, running=1)


def test_what_was_asked_to_end_is_told() -> None:
    run = Conducted(TASKS)
    run.cancel()
    told = reasons(run)
    assert told[""] == r.Canceling(reason=None, since=T0, running=2)
    assert told["a"] == r.Ending(action="test.a", since=T0)


def test_an_execution_whose_end_is_decided_lets_finish_what_runs() -> None:
    run = Conducted(TASKS.replace(", retry: {count: 2, delay: 5}, next: [{do: c}]", ""))
    run.fail("a")
    assert reasons(run)[""] == r.Finishing(status=Status.FAILED, running=1)
    run.succeed("b")
    why = why_of(run.view)
    assert (why.settled, why.waits, why.failure) == (True, (), "boom")


EMPTY = ExecutionView(
    id="x",
    workflow="w",
    definition="d",
    status=Status.REQUESTED,
    settled=False,
    inputs={},
    output=None,
    errors=(),
    tasks=(),
    joins=(),
    started_at=T0,
    finished_at=None,
    seq=0,
)


def test_every_status_without_anything_outstanding_has_a_reason_too() -> None:
    for status in Status:
        [wait] = waits_of(msgspec.structs.replace(EMPTY, status=status))
        assert wait.task is None
    assert waits_of(EMPTY)[0].reason == r.Begin()
    running = msgspec.structs.replace(EMPTY, status=Status.RUNNING)
    assert waits_of(running)[0].reason == r.Nothing()


def test_a_join_whose_definition_is_not_at_hand_tells_who_has_arrived() -> None:
    join = JoinView(join="c", key=1, arrived=("a",), missing=(), needed=0)
    view = msgspec.structs.replace(EMPTY, status=Status.RUNNING, joins=(join,))
    assert waits_of(view)[0].reason == r.Arrivals(arrived=("a",), missing=(), needed=0, more=None)
