"""States that an older release wrote down, before there were some of the fields, are still read."""

import json
from typing import Any

import msgspec
import pytest
from tests.support.operated import Operated

from segue.core import events as e
from segue.core.codec import VERSION, decode_state, encode_state, read_state, save_state
from segue.core.evolve import evolve
from segue.core.saved import (
    SavedArrival,
    SavedBranch,
    SavedState,
    SavedTask,
)
from segue.core.state import State
from segue.core.status import Status

#: The first shape that this version of states had: every field that there is now besides may be
#: missing. It must never be changed.
BRANCH: list[Any] = [{"x": [7, 1, [], None, []]}, {"j": 2}, {"a": [3, "succeeded", "of a"]}]
FIRST: dict[str, Any] = {
    "version": 2,
    "seq": 9,
    "status": "running",
    "settled": False,
    "workflow": "w",
    "definition": "d",
    "start": ["a"],
    "deadline": None,
    "visit_limit": 10,
    "deep": False,
    "by_start": False,
    "tasks": [["b", 1, "running", 6, BRANCH, 1, True, 8, None, None, False]],
    "visits": {"a": 1, "b": 1},
    "ready": [],
    "arrivals": [["c", BRANCH, ["a", 1], False, None, False]],
    "leaving": None,
    "rounds": [["j", 2, ["a"], BRANCH]],
    "fired": [],
    "last_fired": {},
    "end": BRANCH,
    "ends": [],
    "unhandled": None,
}


def test_the_first_shape_of_a_state_is_read_and_what_it_lacks_is_as_if_it_had_never_been() -> None:
    state = decode_state(json.dumps(FIRST).encode())
    assert not state.stepwise
    assert [len(one) for one in (state.seen, state.counted, state.superseded)] == [0, 0, 0]
    (execution,) = state.living()
    assert (execution.items, execution.delay, execution.watched) == (None, 0.0, False)
    assert (execution.place, execution.started_as, execution.branch.route) == (0, 8, ())
    (arrival,) = state.arrivals
    assert (arrival.visit, arrival.attempt, arrival.items) == (None, 0, None)
    assert (arrival.again, arrival.place) == (None, 0)
    assert not state.rounds["j", 2].dormant
    assert decode_state(encode_state(state)) == state


def test_an_execution_goes_on_from_the_first_shape_of_a_state() -> None:
    state = decode_state(json.dumps(FIRST).encode())
    state = evolve(state, e.AttemptSucceeded(task="b", visit=1, attempt=1, result="of b"))
    state = evolve(state, e.TaskSucceeded(task="b", visit=1, kept=True))
    assert state.leaving is not None
    assert state.leaving.branch.records["b"].record.result == "of b"


def test_a_rerun_that_an_older_release_wrote_is_folded_and_shown() -> None:
    saved = {key: value for key, value in FIRST.items() if key != "tasks"}
    line = {
        "type": "execution_rerun",
        "targets": [["b", 1]],
        "superseded": [["b", 1]],
        "state": {**saved, "tasks": []},
    }
    event = e.decode(json.dumps(line).encode())
    assert isinstance(event, e.ExecutionRerun)
    assert (event.asked, event.rerun, event.from_start) == ((), "supersedes", False)
    state = evolve(State(seq=20, status=Status.FAILED, settled=True), event)
    assert (state.seq, state.status, state.settled) == (21, Status.RUNNING, False)
    assert [one.task for one in state.arrivals] == ["c"]


def test_what_an_older_rerun_had_superseded_counts_no_more_in_the_next_one() -> None:
    run = Operated("{segue: 1, tasks: {a: {action: core.noop}, b: {action: core.noop}}}")
    run.succeed("a")
    run.fail("b")
    run.rerun("b")
    run.fail("b")
    rerun = next(one for one in run.events if isinstance(one.event, e.ExecutionRerun))
    written = json.loads(e.encode(rerun.event))
    del written["asked"], written["rerun"], written["state"]["superseded"]
    old = msgspec.structs.replace(rerun, event=e.decode(json.dumps(written).encode()))
    run.events[run.events.index(rerun)] = old
    assert run.plan().targets == (("b", 2),)
    assert run.plan().superseded == (("b", 2),)


@pytest.mark.parametrize("kind", [SavedState, SavedTask, SavedArrival, SavedBranch])
def test_a_field_that_is_added_has_a_default(kind: type[msgspec.Struct]) -> None:
    first = {
        SavedState: len(FIRST),
        SavedTask: len(FIRST["tasks"][0]),
        SavedArrival: len(FIRST["arrivals"][0]),
        SavedBranch: len(BRANCH),
    }
    fields = msgspec.structs.fields(kind)
    assert [one.name for one in fields[first[kind] :] if one.required] == []
    assert FIRST["version"] == VERSION, "with another version there is another first shape"


def test_a_state_with_all_that_there_is_survives_being_written_down() -> None:
    run = Operated(
        """
        segue: 1
        tasks:
          a: {with: {items: [x, y], concurrency: 1}, action: core.noop}
          b: {action: core.noop, next: [{do: j}]}
          c: {action: core.noop, next: [{when: succeeded(), do: j}]}
          j: {join: all, action: core.noop}
        """
    )
    run.succeed("b")
    run.fail("c")
    run.succeed_item("a", 0, "X")
    run.rerun("b", "c")
    run.succeed("b")
    assert (run.running, dict(run.state.superseded.items())) == (["c", "a"], {"b": 1, "c": 1})
    again = read_state(save_state(run.state))
    assert encode_state(again) == encode_state(run.state)
    assert again.superseded == run.state.superseded
    (waiting,) = again.rounds.values()
    assert waiting.sources == ("b",)
