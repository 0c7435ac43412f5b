"""Each invariant can fail: logs by hand that break one, and what is said then."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from tests.verification.logs import (
    BEGUN,
    BRANCH_ENDED,
    DONE,
    ENDED,
    FAILURE,
    KEPT,
    SCHEDULED,
    SETTLED,
    STARTED,
    SUCCEEDED,
    WHOLE,
    found,
    recorded,
)

from segue.core import events as e
from segue.core.codec import save_state
from segue.core.evolve import fold
from segue.core.saved import SavedState
from segue.core.state import NEW
from segue.core.status import Status
from segue.verification.invariants import INVARIANTS, Known
from segue.verification.verifier import MOST_OF_ONE, verify

TAKEN = e.TransitionTaken(task="a", visit=1, transition=0, do=("j",))
ARRIVED = e.JoinArrived(join="j", key=0, task="a", visit=1)
FIRED = e.JoinFired(join="j", key=0, visit=1)
JOINED = e.TaskScheduled(task="j", visit=1, round=0)
RETRY = e.RetryScheduled(task="a", visit=1, attempt=2)
DUE = 2_000_000.0
LATER = replace(RETRY, due=DUE)
AGAIN = replace(BEGUN, attempt=2)
ITEMS = e.ItemsStarted(task="a", visit=1, attempt=1, items=(1, 2), concurrency=1)
ITEM = e.ItemStarted(task="a", visit=1, attempt=1, item=0, action="x")
ITEM_DONE = e.ItemSucceeded(task="a", visit=1, attempt=1, item=0)
ITEMS_DONE = e.ItemsEnded(task="a", visit=1, attempt=1)
QUESTION = replace(BEGUN, asks=True, due=DUE)
PAUSE = e.PauseRequested()
SKIPPED = e.TaskSkipped(task="a", visit=1)
WITHDRAWN = e.TaskWithdrawn(task="a", visit=1)


def saved(*events: e.AnyEvent) -> SavedState:
    return save_state(fold(NEW, events))


RERUN = e.ExecutionRerun(targets=(), superseded=(), state=saved(STARTED))

BROKEN: Sequence[tuple[str, Sequence[e.AnyEvent], str]] = [
    ("I1", (SCHEDULED,), "task_scheduled as event 1"),
    ("I1", (STARTED, STARTED), "execution_started as event 2"),
    ("I1", WHOLE[:4], "the log has 4 events, the row says 8"),
    ("I2", (*WHOLE, BRANCH_ENDED), "branch_ended follows the end"),
    ("I2", (STARTED, SUCCEEDED, SUCCEEDED), "execution_succeeded follows execution_succeeded"),
    ("I2", (STARTED, SETTLED), "it is settled and has not ended"),
    ("I2", (STARTED, RERUN), "a rerun of what is not settled"),
    ("I2", (STARTED,), "the row says that it is settled, and it is not settled"),
    ("I3", (STARTED, BEGUN, SCHEDULED), "it can't be folded: attempt_started can't happen"),
    ("I3", (STARTED,), "the row says succeeded, the log folds to running"),
    ("I4", (*WHOLE[:3], SUCCEEDED, SETTLED), "it is settled, and a#1.1 is outstanding"),
    ("I6", (STARTED, replace(SCHEDULED, visit=2)), "visit 2 of a follows visit 0"),
    ("I6", (STARTED, SCHEDULED, SCHEDULED), "visit 1 of a follows visit 1"),
    ("I6", (STARTED, BEGUN), "attempt 1 of a#1, which is not scheduled"),
    ("I6", (STARTED, SCHEDULED, AGAIN), "attempt 2 of a#1 follows attempt 0"),
    ("I6", (STARTED, SCHEDULED, BEGUN, ENDED, BEGUN), "attempt 1 of a#1 follows attempt 1"),
    ("I6", (*WHOLE[:5], BEGUN), "attempt 1 of a#1, which is not scheduled"),
    ("I7", (*WHOLE[:4], ENDED), "an outcome of attempt 1 of a#1, which does not run"),
    ("I7", (STARTED, SCHEDULED, ITEMS_DONE), "an outcome of attempt 1 of a#1, which does not run"),
    ("I7", (*WHOLE[:3], AGAIN), "attempt 2 of a#1 begins while attempt 1 runs"),
    ("I7", (*WHOLE[:3], SKIPPED), "task_skipped: attempt 1 of a#1 has no outcome"),
    ("I7", (STARTED, SKIPPED), "task_skipped: a#1 is over, or was never scheduled"),
    ("I7", (*WHOLE[:5], DONE), "task_succeeded: a#1 is over, or was never scheduled"),
    ("I7", (*WHOLE[:3], DONE), "task_succeeded: attempt 1 of a#1 has no outcome"),
    ("I7", (STARTED, SCHEDULED, SUCCEEDED, SETTLED), "a#1 is not over"),
    ("I8a", (*WHOLE[:5], TAKEN, TAKEN), "transition 0 of a#1 is evaluated again"),
    (
        "I8a",
        (*WHOLE[:5], replace(TAKEN, transition=1), TAKEN),
        "transition 0 of a#1 follows transition 1",
    ),
    ("I8a", (STARTED, TAKEN), "transition 0 of a#1, which did not complete last"),
    ("I8a", (STARTED, BRANCH_ENDED), "the branch of a#1 ends, which did not complete last"),
    ("I8a", (*WHOLE[:6], BRANCH_ENDED), "the branch of a#1 ends twice"),
    ("I8b", (STARTED, SCHEDULED, SCHEDULED), "a comes from nothing, which does not lead there"),
    (
        "I8b",
        (STARTED, replace(SCHEDULED, source=("b", 2))),
        "a comes from b#2, which does not lead there",
    ),
    ("I8b", (*WHOLE[:5], ARRIVED), "j comes from a#1, which does not lead there"),
    (
        "I8b",
        (*WHOLE[:5], TAKEN, SUCCEEDED, SETTLED),
        "it succeeded, and j was led to and never came",
    ),
    ("I9", (*WHOLE[:5], TAKEN, ARRIVED, FIRED), "round 0 of j fires with 1 of 2 arrivals"),
    ("I9", (*WHOLE[:5], TAKEN, ARRIVED, FIRED, FIRED), "round 0 of j fires again"),
    ("I9", (STARTED, ARRIVED, FIRED, ARRIVED), "as if round 0 were another: it has fired"),
    (
        "I9",
        (STARTED, e.ArrivalAbsorbed(join="j", key=0, task="a", visit=1)),
        "as if round 0 were another: it has not fired",
    ),
    ("I9", (STARTED, JOINED), "j is scheduled for round 0, which it was before"),
    ("I10", (STARTED, ITEM), "item 0 of a#1.1 starts, and its attempt does not run"),
    ("I10", (STARTED, ITEMS, ITEM, ITEM_DONE, ITEM), "item 0 of a#1.1 starts again"),
    ("I10", (STARTED, ITEMS, replace(ITEM, item=2)), "item 2 of a#1.1 starts, and there are 2"),
    ("I10", (STARTED, ITEMS, ITEM, replace(ITEM, item=1)), "item 1 of a#1.1 starts as number 2 of"),
    ("I10", (STARTED, ITEMS, ITEM_DONE), "item 0 of a#1.1 ends, and does not run"),
    ("I10", (STARTED, ITEM_DONE), "item 0 of a#1.1 ends, and its attempt does not run"),
    (
        "I10",
        (STARTED, ITEMS, e.ItemCancelRequested(task="a", visit=1, attempt=1, item=0)),
        "item 0 of a#1.1 changes, and does not run",
    ),
    (
        "I10",
        (STARTED, e.ItemChanged(task="a", visit=1, attempt=1, item=0, status=Status.PENDING)),
        "item 0 of a#1.1 changes, and does not run",
    ),
    ("I10", (STARTED, ITEMS, ITEM, ITEMS_DONE), "a#1 is over, and items [0] run"),
    ("I11", (*WHOLE[:4], AGAIN), "attempt 2 of a#1 was not scheduled"),
    ("I11", (*WHOLE[:4], LATER, AGAIN), "attempt 2 of a#1 begins before it is due"),
    (
        "I12",
        (STARTED, SCHEDULED, e.DelayElapsed(task="a", visit=1)),
        "the delay of a#1 elapses, and there is none",
    ),
    (
        "I12",
        (STARTED, replace(SCHEDULED, due=DUE), e.DelayElapsed(task="a", visit=1)),
        "the delay of a#1 is over 1e+06 s before it is due",
    ),
    (
        "I12",
        (STARTED, replace(SCHEDULED, due=DUE), BEGUN),
        "a#1 begins before its delay has elapsed",
    ),
    (
        "I12",
        (replace(STARTED, deadline=DUE), e.ExecutionTimedOut(failure=FAILURE)),
        "the limit of the execution is over 1e+06 s before it is due",
    ),
    (
        "I12",
        (
            STARTED,
            SCHEDULED,
            QUESTION,
            e.AttemptTimedOut(task="a", visit=1, attempt=1, failure=FAILURE),
        ),
        "the question of a#1 is over 1e+06 s before it is due",
    ),
    (
        "I12",
        (
            STARTED,
            ITEMS,
            replace(ITEM, asks=True, due=DUE),
            e.ItemTimedOut(task="a", visit=1, attempt=1, item=0, failure=FAILURE),
        ),
        "the question of a#1 is over 1e+06 s before it is due",
    ),
    (
        "I13",
        (STARTED, SCHEDULED, PAUSE, BEGUN),
        "attempt_started of a#1 while the execution is paused",
    ),
    (
        "I13",
        (STARTED, e.CancelRequested(), SCHEDULED),
        "task_scheduled of a#1 while the execution ends",
    ),
    (
        "I13",
        (STARTED, SCHEDULED, e.ExecutionFailed(failure=FAILURE), BEGUN),
        "attempt_started of a#1 while the execution has failed",
    ),
    ("I18", (STARTED,), "it is running, and waits for nothing"),
    ("I20", (replace(STARTED, definition="z"),), "the row names the definition d, the log does"),
    (
        "I20",
        (replace(STARTED, definition="z"), RERUN),
        "the definition is d from here on",
    ),
]


@pytest.mark.parametrize(("invariant", "events", "message"), BROKEN)
def test_a_log_that_breaks_an_invariant_is_found(
    invariant: str, events: Sequence[e.AnyEvent], message: str
) -> None:
    messages = found(events, known=Known(needed={"j": 2})).get(invariant, [])
    assert any(message in one for one in messages), messages


def test_every_invariant_is_broken_by_some_log() -> None:
    broken = {invariant for invariant, _, _ in BROKEN}
    of_what_is_kept = {"I14", "I21"}
    assert broken | of_what_is_kept == {one.id for one in INVARIANTS}


def test_a_log_that_is_right_breaks_none() -> None:
    assert found(WHOLE) == {}


def test_a_gap_in_the_log_is_found() -> None:
    events = recorded(WHOLE)
    violations = verify("x", events[:3] + events[4:], KEPT)
    assert (violations[0].invariant, violations[0].seq) == ("I1", 5)
    assert violations[0].message == "it is number 5 and follows number 3"


def test_of_one_invariant_only_so_many_violations_are_told() -> None:
    messages = found((STARTED, *([BEGUN] * 20)))
    assert len(messages["I6"]) == MOST_OF_ONE


def test_nothing_is_folded_after_what_can_not_be() -> None:
    assert len(found((STARTED, BEGUN, BEGUN, BEGUN))["I3"]) == 1


# -- what is right ------------------------------------------------------------------------------


def wrong(*events: e.AnyEvent) -> set[str]:
    """Return what else than the end, which is missing, is found wrong."""
    return set(found(events, known=Known(needed={"j": 1}))) - {"I1", "I2", "I3", "I18"}


def test_a_retry_that_was_scheduled_and_waited_for_is_right() -> None:
    elapsed = e.DelayElapsed(task="a", visit=1)
    assert wrong(*WHOLE[:4], replace(LATER, due=0.0), elapsed, AGAIN) == {"I4"}
    assert wrong(*WHOLE[:4], RETRY, AGAIN) == {"I4"}


def test_what_was_withdrawn_may_go_on_after_a_rerun() -> None:
    over = (e.ExecutionFailed(failure=FAILURE), WITHDRAWN, SETTLED)
    state = saved(*WHOLE[:4], RETRY, *over[:2])
    rerun = e.ExecutionRerun(targets=(), superseded=(), state=state)
    assert wrong(*WHOLE[:4], RETRY, *over, rerun, SCHEDULED, AGAIN) == {"I4"}


def test_a_join_fires_again_in_a_round_that_a_rerun_has_opened_again() -> None:
    to_join = (*WHOLE[:5], TAKEN, ARRIVED)
    before = save_state(fold(NEW, to_join))
    before = replace(before, counted=(("j", 0, ("b",)),))
    rerun = e.ExecutionRerun(targets=(), superseded=(), state=before)
    failed = e.ExecutionFailed(failure=FAILURE)
    begun = e.AttemptStarted(task="j", visit=1, attempt=1, action=None)
    events = (*to_join, failed, SETTLED, rerun, FIRED, JOINED, begun)
    assert wrong(*events) == {"I4"}


def test_an_arrival_may_join_a_visit_that_has_not_begun_or_be_absorbed() -> None:
    events = (
        *WHOLE[:5],
        replace(TAKEN, do=("j", "j", "j", "noop")),
        ARRIVED,
        FIRED,
        JOINED,
        replace(ARRIVED, joined=1),
        e.ArrivalAbsorbed(join="j", key=0, task="a", visit=1),
        e.JoinRoundEnded(join="j", key=0, outcome="complete"),
    )
    assert wrong(*events) == set()


def test_a_lost_transition_may_come_before_or_after_those_taken() -> None:
    lost = e.TransitionLost(task="a", visit=1, transition=0, do=())
    assert wrong(*WHOLE[:5], replace(TAKEN, transition=1, do=()), lost) == set()
    assert "I8a" in wrong(*WHOLE[:5], lost, lost)


def test_items_are_tried_again_without_those_that_succeeded() -> None:
    failed = e.ItemFailed(task="a", visit=1, attempt=1, item=1, failure=FAILURE)
    again = replace(ITEMS, attempt=2, items=None)
    item = replace(ITEM, attempt=2)
    events = (STARTED, SCHEDULED, ITEMS, ITEM, ITEM_DONE, failed, ITEMS_DONE, RETRY, again)
    assert wrong(*events, replace(item, item=1)) == {"I4"}
    assert "I10" in wrong(*events, item)


def test_of_items_whose_list_is_not_in_the_log_nothing_is_said() -> None:
    assert wrong(STARTED, SCHEDULED, replace(ITEMS, items=None), ITEM) == {"I4"}


def test_an_item_that_could_not_be_rendered_ends_without_having_run_but_not_twice() -> None:
    failed = e.ItemFailed(task="a", visit=1, attempt=1, item=0, failure=FAILURE)
    assert wrong(STARTED, SCHEDULED, ITEMS, failed) == set()
    assert wrong(STARTED, SCHEDULED, ITEMS, failed, failed) == {"I10"}


def test_an_item_that_waits_for_a_person_takes_no_place_where_only_active_ones_do() -> None:
    items = replace(ITEMS, on_failure="while_active")
    asked, other = replace(ITEM, asks=True), replace(ITEM, item=1)
    changed = e.ItemChanged(task="a", visit=1, attempt=1, item=0, status=Status.RUNNING)
    assert wrong(STARTED, SCHEDULED, items, asked, other) == {"I4"}
    assert "I10" in wrong(STARTED, SCHEDULED, items, asked, changed, other)


def test_what_is_named_beside_fail_runs_in_a_failed_execution() -> None:
    failed = e.ExecutionFailed(failure=FAILURE)
    exempt = replace(SCHEDULED, exempt=True)
    assert wrong(STARTED, failed, exempt, BEGUN) == {"I4"}


def test_what_is_paused_goes_on_once_resumed_or_run_again() -> None:
    resumed = e.ExecutionResumed()
    assert wrong(STARTED, SCHEDULED, PAUSE, resumed, BEGUN) == {"I4"}
    over = (STARTED, PAUSE, e.ExecutionTimedOut(failure=FAILURE), SETTLED)
    assert wrong(*over, RERUN, SCHEDULED, BEGUN) == {"I4"}


def test_an_item_whose_end_is_asked_for_still_runs() -> None:
    asked = e.ItemCancelRequested(task="a", visit=1, attempt=1, item=0)
    canceled = e.ItemCanceled(task="a", visit=1, attempt=1, item=0)
    events = (STARTED, SCHEDULED, ITEMS, ITEM, asked, canceled, ITEMS_DONE)
    assert wrong(*events, e.TaskCanceled(task="a", visit=1)) == set()


def test_a_timer_that_is_on_time_is_right() -> None:
    elapsed = e.DelayElapsed(task="a", visit=1)
    assert wrong(STARTED, replace(SCHEDULED, due=5.0), elapsed) == set()
    out = e.AttemptTimedOut(task="a", visit=1, attempt=1, failure=FAILURE)
    assert wrong(STARTED, SCHEDULED, BEGUN, out) == set()
    assert wrong(STARTED, SCHEDULED, replace(QUESTION, due=5.0), out) == set()
    assert wrong(STARTED, replace(SCHEDULED, due=DUE), WITHDRAWN) == set()
    assert wrong(STARTED, e.ExecutionTimedOut(failure=FAILURE)) == set()


def test_a_rerun_from_the_start_keeps_the_definition() -> None:
    rerun = replace(RERUN, restarted=STARTED)
    assert wrong(*WHOLE, rerun) == set()
