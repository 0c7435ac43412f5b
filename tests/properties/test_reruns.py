"""What holds for reruns of any workflow, after any outcomes, from anywhere."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rpds import HashTrieMap
from tests.properties.playing import (
    Ended,
    happenings,
    orquesta_workflows,
    step,
    workflows,
    workflows_with_items,
)
from tests.support.operated import Operated

from segue.core import events as e
from segue.core import stimuli as s
from segue.core.codec import decode_state, encode_state
from segue.core.errors import RequestError
from segue.core.evolve import evolve
from segue.core.rewinding import fold_steps, steps_of
from segue.core.state import NEW, State
from segue.core.status import Status
from segue.language import load_workflow
from segue.language.model import Rerun

STEPS = happenings(most=12)


class Again(NamedTuple):
    """A rerun: of which task executions, by their place in the order; and what happens then."""

    targets: list[int]
    from_start: bool
    reset_items: bool
    set_x: bool
    steps: list[tuple[int, str]]


RERUNS = st.lists(
    st.builds(
        Again,
        targets=st.lists(st.integers(0, 30), max_size=3),
        from_start=st.integers(0, 6).map(lambda drawn: drawn == 0),
        reset_items=st.booleans(),
        set_x=st.booleans(),
        steps=STEPS,
    ),
    min_size=1,
    max_size=3,
)


class Mirrored(Operated):
    """An execution with a mirror: its state, written down and read back before every event."""

    def __init__(self, text: str) -> None:
        self.mirror = NEW
        super().__init__(text, max_visits=12, check=False)

    def give(self, stimulus: s.Stimulus) -> list[str]:
        before = len(self.events)
        types = super().give(stimulus)
        for one in self.events[before:]:
            self.mirror = evolve(decode_state(encode_state(self.mirror)), one.event)
        assert encode_state(self.mirror) == encode_state(self.state)
        return types

    def scheduled(self) -> list[tuple[str, int]]:
        """Return the task executions that count."""
        events = [one.event for one in steps_of(self.events)]
        return [(one.task, one.visit) for one in events if isinstance(one, e.TaskScheduled)]

    def play(self, steps: list[tuple[int, str]]) -> None:
        """Let these things happen, and then what has to until it is over."""
        ended: list[Ended] = []
        for at, what in steps:
            step(self, at, what, ended)
        assert without_counts(self.state) == without_counts(fold_steps(steps_of(self.events)))
        for number in range(100):
            if self.settled():
                return
            assert self.state.living(), f"{self.status()} for ever"
            step(self, 0, "ok" if number % 5 else "bad", ended)
            if number == 20 and self.status() is Status.RUNNING:
                self.cancel()  # it may be a cycle
        raise AssertionError("it goes on and on")


def without_counts(state: State) -> bytes:
    """Return what is left of a state without what is counted over the whole log, and its end."""
    if state.settled:
        return b""
    return encode_state(
        replace(
            state,
            seq=0,
            status=Status.RUNNING,
            deadline=None,
            leaving=None,
            unhandled=None,
            visits=HashTrieMap(),
            superseded=HashTrieMap(),
            fired=HashTrieMap(),
            last_fired=HashTrieMap(),
        )
    )


def run_again(run: Mirrored, again: Again) -> bool:
    """Do a rerun; say whether there was anything to run again."""
    counted = run.scheduled()
    targets = () if again.from_start else tuple(counted[at % len(counted)] for at in again.targets)
    try:
        plan = run.plan(
            *targets,
            from_start=again.from_start,
            reset_items=again.reset_items,
            variables={"x": "set"} if again.set_x else {},
        )
    except RequestError as refused:
        if refused.code != "nothing_to_run_again":
            raise
        return False
    run.give(s.Rerun(plan=plan))
    kept = set(counted) - set(plan.superseded)
    assert kept <= set(run.scheduled()), "what came from elsewhere stays"
    return True


@pytest.mark.parametrize("kind", [workflows, workflows_with_items, orquesta_workflows])
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_rerun_from_anywhere_comes_to_an_end_and_nothing_else_is_touched(
    kind: Callable[[], st.SearchStrategy[str]], data: st.DataObject
) -> None:
    text = data.draw(kind())
    assume(load_workflow(text).workflow is not None)
    try:
        run = Mirrored(text)
    except RequestError:
        return  # nothing to start, or a join out of reach
    run.play(data.draw(STEPS))
    for again in data.draw(RERUNS):
        if run_again(run, again):
            run.play(again.steps)
    assert run.status().is_final
    assert [one.seq for one in run.events] == list(range(1, len(run.events) + 1))
    counting = {(one.task, one.visit) for one in run.view.tasks if not one.superseded}
    assert counting <= set(run.scheduled())
    if run.program.workflow.semantics.rerun is Rerun.SUPERSEDES:
        assert counting == set(run.scheduled()), "what is shown to count no more does not"
