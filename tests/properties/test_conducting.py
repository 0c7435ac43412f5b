"""What holds for any workflow, any outcomes and any order of them."""

from hypothesis import HealthCheck, given, settings
from tests.properties.playing import STEPS, WAITING, Ended, step, workflows
from tests.support.conducted import Conducted

from segue.core import events as e
from segue.core.codec import decode_state, encode_state
from segue.core.errors import RequestError
from segue.core.status import Status


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
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
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
