"""What is stored beside the log is what the log folds to."""

from dataclasses import replace as with_

import pytest
from msgspec.structs import replace
from tests.verification.logs import BEGUN, KEPT, SCHEDULED, STARTED, WHOLE, found, running

from segue.core import events as e
from segue.core.codec import VERSION, encode_state
from segue.core.evolve import fold
from segue.core.state import NEW
from segue.core.status import Status
from segue.verification.invariants import Known
from segue.verification.kept import KeptChild, KeptSnapshot, KeptWork

RUNS = (STARTED, SCHEDULED, BEGUN)
WORK = KeptWork(name="a#1.1", kind="attempt")
DUE = 2_000_000.0
DELAYED = (STARTED, replace(SCHEDULED, due=DUE))
DELAY = KeptWork(name="delay:a#1", kind="timer", due=DUE)


def snapshot(*events: e.AnyEvent, seq: int | None = None) -> Known:
    data = encode_state(fold(NEW, events))
    return Known(snapshot=KeptSnapshot(seq=seq or len(events), data=data))


def test_the_outstanding_work_is_what_the_log_asks_for() -> None:
    assert found(RUNS, running(3, WORK)) == {}
    assert found(RUNS, running(3, with_(WORK, kind="child"))) == {}
    assert found(DELAYED, running(2, DELAY)) == {}


def test_work_that_is_missing_is_found_and_nothing_can_happen_any_more() -> None:
    assert found(RUNS, running(3)) == {
        "I4": ["a#1.1 is not outstanding"],
        "I18": ["a#1 waits for a#1.1, which is not kept"],
    }
    assert found(DELAYED, running(2))["I18"] == ["a#1 waits for delay:a#1, which is not kept"]


def test_work_that_is_too_much_is_found() -> None:
    assert found(WHOLE, with_(KEPT, work=(WORK,))) == {"I4": ["a#1.1 is outstanding for nothing"]}


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (with_(DELAY, due=None), "delay:a#1 is due at None, not at 2000000.0"),
        (with_(DELAY, kind="question"), "delay:a#1 is outstanding as question, not as timer"),
        (with_(DELAY, kind="what"), "delay:a#1 is outstanding as what, not as timer"),
    ],
)
def test_work_of_another_kind_or_time_is_found(work: KeptWork, message: str) -> None:
    assert found(DELAYED, running(2, work)) == {"I4": [message]}


def test_a_question_is_kept_with_its_time() -> None:
    asked = (STARTED, SCHEDULED, replace(BEGUN, asks=True, due=DUE))
    question = KeptWork(name="a#1.1", kind="question", due=DUE)
    pending = with_(running(3, question), status=Status.PENDING)
    assert found(asked, pending) == {}


def test_what_is_to_be_ended_is_marked_so() -> None:
    asked = (
        *RUNS,
        e.CancelRequested(),
        e.AttemptCancelRequested(task="a", visit=1, attempt=1),
    )
    kept = running(5, with_(WORK, cancel=True), status=Status.CANCELING)
    assert found(asked, kept) == {}
    assert found(asked, with_(kept, work=(WORK,))) == {
        "I4": ["nobody can see that a#1.1 is to be ended"]
    }


def test_where_the_work_is_not_known_only_the_log_is_verified() -> None:
    unknown = with_(running(3), work=None, children=None)
    assert found(RUNS, unknown) == {}
    assert found(DELAYED, with_(unknown, seq=2)) == {}


def test_the_limit_of_an_execution_is_kept_until_it_has_passed() -> None:
    limited = replace(STARTED, deadline=DUE)
    deadline = KeptWork(name="deadline", kind="timer", due=DUE)
    assert found((limited, *RUNS[1:]), running(3, WORK, deadline)) == {}
    missing = found((limited, *RUNS[1:]), running(3, WORK))
    assert missing["I18"] == ["its limit is not kept"]
    passed = replace(limited, deadline=5.0)
    asked = e.AttemptCancelRequested(task="a", visit=1, attempt=1)
    events = (passed, *RUNS[1:], e.ExecutionTimedOut(failure=e.Failure(code="c", message="m")))
    kept = running(5, with_(WORK, cancel=True), status=Status.TIMEOUT)
    assert found((*events, asked), kept) == {}


def test_what_may_start_and_does_not_is_found() -> None:
    assert found((STARTED, SCHEDULED), running(2))["I18"] == ["a#1 may start, and does not"]
    paused = (STARTED, SCHEDULED, e.PauseRequested(), e.ExecutionPaused())
    assert found(paused, running(4, status=Status.PAUSED)) == {}


def test_a_retry_waits_for_its_time() -> None:
    failed = e.AttemptFailed(task="a", visit=1, attempt=1, failure=e.Failure(code="c", message="m"))
    events = (*RUNS, failed, e.RetryScheduled(task="a", visit=1, attempt=2, due=DUE))
    assert found(events, running(5, KeptWork(name="retry:a#1", kind="timer", due=DUE))) == {}
    assert "I18" in found(events, running(5))


def test_items_wait_for_their_actions() -> None:
    items = e.ItemsStarted(task="a", visit=1, attempt=1, items=(1,))
    item = e.ItemStarted(task="a", visit=1, attempt=1, item=0, action="x")
    events = (STARTED, SCHEDULED, items)
    kept = running(4, KeptWork(name="a#1.1[0]", kind="attempt"))
    assert found((*events, item), kept) == {}
    assert found(events, running(3)) == {"I18": ["a#1 runs, and none of its items does"]}
    pausing = (*events, e.PauseRequested())
    assert found(pausing, running(4, status=Status.PAUSING)) == {}


def test_a_snapshot_is_the_state_that_the_log_folds_to() -> None:
    assert found(RUNS, running(3, WORK), snapshot(*RUNS[:2])) == {}
    assert found(RUNS, running(3, WORK), snapshot(*RUNS, seq=2)) == {
        "I3": ["the snapshot is not the state that the log folds to"]
    }
    assert found(RUNS, running(3, WORK), snapshot(*RUNS, seq=9)) == {
        "I3": ["the snapshot is of 9 events, there are 3"]
    }


def test_a_snapshot_that_can_not_be_read_is_found_unless_it_is_of_another_release() -> None:
    def broken(data: bytes) -> dict[str, list[str]]:
        return found(RUNS, running(3, WORK), Known(snapshot=KeptSnapshot(seq=1, data=data)))

    assert broken(b'{"version": 99}') == {}
    [message] = broken(b"nothing")["I3"]
    assert message.startswith("the snapshot can't be read: ")
    [message] = broken(b'{"version": %d}' % VERSION)["I3"]
    assert message.startswith("the snapshot can't be read: ")


def test_a_sub_workflow_belongs_to_an_attempt_and_ends_first() -> None:
    child = KeptChild(id="c", attempt="a#1.1", ends=True)
    assert found(WHOLE, with_(KEPT, children=(child,))) == {}
    assert found(WHOLE, with_(KEPT, children=(with_(child, ends=False),))) == {
        "I14": ["it is settled, and c, which runs for a#1.1, goes on"]
    }
    assert found(WHOLE, with_(KEPT, children=(with_(child, ends=False, rerun=True),))) == {}
    assert found(WHOLE, with_(KEPT, children=(child, with_(child, id="d")))) == {
        "I14": ["c and d both run for a#1.1"]
    }
    for attempt in ("a#2.1", "b#1.1", "a"):
        [message] = found(WHOLE, with_(KEPT, children=(with_(child, attempt=attempt),)))["I14"]
        assert message == f"c runs for {attempt}, which there is not"


def test_the_row_of_a_sub_workflow_names_what_it_runs_for() -> None:
    events = (replace(STARTED, parent="p/a#1.1"), *WHOLE[1:])
    assert found(events, with_(KEPT, parent="p/a#1.1")) == {}
    assert found(events) == {"I14": ["the row says that it runs for None, the log p/a#1.1"]}


def test_a_value_that_is_lost_is_found() -> None:
    lost = {"abc": "is not kept"}
    assert found(WHOLE, with_(KEPT, lost=lost)) == {"I21": ["the value abc is not kept"]}
