"""What holds for any workflow, any outcomes and any order of them."""

import json
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.conducted import Conducted

from segue.core import events as e
from segue.core.codec import decode_state, encode_state
from segue.core.errors import RequestError
from segue.core.status import Status
from segue.core.stimuli import DelayPassed, RetryDue
from segue.values import JsonValue

WAITING = frozenset({Status.DELAYED, Status.RETRYING})
CONDITIONS = ("succeeded()", "failed()", "completed()", "result() == 1", "result() != 1", None)


@st.composite
def workflows(draw: st.DrawFn) -> str:
    """A workflow of a few tasks with any transitions between them, cycles and joins included."""
    names = [f"t{number}" for number in range(draw(st.integers(2, 6)))]
    targets = st.lists(
        st.sampled_from([*names, *names, "noop", "continue", "fail"]),
        min_size=1,
        max_size=3,
        unique=True,
    )
    tasks: dict[str, JsonValue] = {}
    for name in names:
        transitions: list[JsonValue] = []
        for _ in range(draw(st.integers(0, 3))):
            transition: dict[str, JsonValue] = {"do": draw(targets)}
            condition = draw(st.sampled_from(CONDITIONS))
            if condition is not None:
                transition["when"] = condition
            if draw(st.booleans()):
                transition["publish"] = {draw(st.sampled_from(["x", "y"])): "{{ visit() }}"}
            transitions.append(transition)
        task: dict[str, JsonValue] = {"action": "core.noop", "next": transitions}
        if draw(st.integers(0, 2)) == 0:
            task["join"] = draw(st.sampled_from(["all", "any", 2]))
        if draw(st.integers(0, 4)) == 0:
            task["retry"] = {"count": 1, "delay": draw(st.integers(0, 1))}
        if draw(st.integers(0, 6)) == 0:
            task["delay"] = 1
        task["match"] = draw(st.sampled_from(["first", "all"]))
        tasks[name] = task
    definition: dict[str, JsonValue] = {
        "segue": 1,
        "vars": {"x": 0, "y": 0},
        "start": draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)),
        "limits": {"visits": 4},
        "unhandled_failure": draw(st.sampled_from(["fail_fast", "finish_branches"])),
        "tasks": tasks,
        "output": {"x": "{{ ctx.x }}", "y": "{{ ctx.y }}"},
    }
    return json.dumps(definition)


STEPS = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(["ok", "one", "bad", "late", "cancel"])),
    min_size=5,
    max_size=60,
)


@dataclass
class Ended:
    """An attempt that has ended, to be reported once more."""

    task: str
    visit: int


def step(run: Conducted, at: int, what: str, ended: list[Ended]) -> None:
    """Let one thing happen: to what runs, to what waits, or once more to what is over."""
    living = run.state.living()
    if what == "cancel" and at == 0 and run.status() is Status.RUNNING:
        run.cancel()
        return
    if what == "late" and ended:
        before = ended[at % len(ended)]
        if run.state.find(before.task, before.visit) is None:
            assert run.fail(before.task, visit=before.visit) == []
        return
    if not living:
        return
    one = living[at % len(living)]
    if one.status is Status.DELAYED:
        run.give(DelayPassed(task=one.task, visit=one.visit))
    elif one.status is Status.RETRYING:
        run.give(RetryDue(task=one.task, visit=one.visit, attempt=one.attempt + 1))
    elif one.status is Status.CANCELING:
        run.end_canceled(one.task, one.visit)
    elif what == "bad":
        run.fail(one.task, visit=one.visit)
    else:
        run.succeed(one.task, 1 if what == "one" else 0, one.visit)
    ended.append(Ended(one.task, one.visit))


def check(run: Conducted) -> None:
    """It never hangs: what is not over has something that runs or waits for its time."""
    living = run.state.living()
    if run.settled():
        assert run.status().is_final
        assert not living
    else:
        assert living, f"{run.status()} for ever"
    for one in living:
        assert one.open or one.status in WAITING
    if run.status() is not Status.RUNNING and run.status() is not Status.FAILED:
        assert all(one.open for one in living)
    for (join, key), waiting in run.state.rounds.items():
        assert (join, key) not in run.state.fired
        assert waiting.sources


@settings(
    max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(workflows(), STEPS)
def test_an_execution_never_hangs_and_always_settles(
    definition: str, steps: list[tuple[int, str]]
) -> None:
    try:
        run = Conducted(definition)
    except (RequestError, AssertionError):
        return  # refused: nothing to start, or a join out of reach
    ended: list[Ended] = []
    for at, what in steps:
        check(run)
        step(run, at, what, ended)
    for _ in range(400):
        if run.settled():
            break
        step(run, 0, "ok", ended)
    check(run)
    assert run.settled()
    fired = [
        (one.join, one.key) for one in run.of_type(e.JoinFired) if isinstance(one, e.JoinFired)
    ]
    assert len(fired) == len(set(fired)), "a round fires once"
    visits = [
        (one.task, one.visit)
        for one in run.of_type(e.TaskScheduled)
        if isinstance(one, e.TaskScheduled)
    ]
    assert len(visits) == len(set(visits))
    assert [one.seq for one in run.events] == list(range(1, len(run.events) + 1))
    assert run.view.settled


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(workflows(), STEPS)
def test_a_state_that_was_written_down_and_read_back_decides_the_same(
    definition: str, steps: list[tuple[int, str]]
) -> None:
    try:
        run, other = (Conducted(definition, check=False) for _ in range(2))
    except (RequestError, AssertionError):
        return
    ended: list[Ended] = []
    other_ended: list[Ended] = []
    for at, what in steps:
        other.state = decode_state(encode_state(other.state))
        step(run, at, what, ended)
        step(other, at, what, other_ended)
        assert run.events == other.events
