"""Whatever the workflow, and whenever one looks: what is not finished has a reason."""

from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.playing import Ended, happenings, step, workflows, workflows_with_items
from tests.support.conducted import Conducted
from tests.support.operated import Operated

from segue.cli.reports.reason_lines import Page, why_lines
from segue.cli.reports.tree import Canvas
from segue.cli.terminal.glyphs import ASCII
from segue.core import reasons as r
from segue.core import stimuli as s
from segue.core.errors import RequestError
from segue.core.reasoning import why_of
from segue.core.status import Status

PAUSES = frozenset({Status.PAUSING, Status.PAUSED})


def check(run: Conducted) -> None:
    why = why_of(run.view)
    assert bool(why.waits) is not run.settled()
    told = {(wait.task, wait.visit) for wait in why.waits}
    for one in run.state.living():
        assert (one.task, one.visit) in told
    arrivals = [
        (wait.task or "", wait.reason.arrived)
        for wait in why.waits
        if isinstance(wait.reason, r.Arrivals)
    ]
    ends = run.status() is Status.CANCELING or run.status().is_final
    rounds = {} if ends else run.state.rounds
    assert sorted(arrivals) == sorted(
        (join, waiting.sources) for (join, _), waiting in rounds.items()
    )
    assert not any(isinstance(wait.reason, r.Nothing) for wait in why.waits)
    if run.status() is not Status.RUNNING and not run.settled():
        assert (None, None) in told, f"nothing is said of its being {run.status()}"
    page = Page(canvas=Canvas(width=80, height=100, glyphs=ASCII), now=run.now)
    assert len(why_lines(why, page)) > len(why.waits)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(workflows() | workflows_with_items(), happenings(), st.integers(0, 60), st.integers(1, 20))
def test_whatever_is_not_finished_has_a_reason_at_any_moment(
    definition: str, steps: list[tuple[int, str]], pauses_at: int, stays: int
) -> None:
    try:
        run = Operated(definition, check=False)
    except (RequestError, AssertionError):
        return  # refused: nothing to start, or a join out of reach
    ended: list[Ended] = []
    for number, (at, what) in enumerate(steps):
        check(run)
        if number == pauses_at and run.status() is Status.RUNNING:
            run.give(s.Pause(reason="why not"))
        elif number == pauses_at + stays and run.status() in PAUSES:
            run.give(s.Resume())
        elif run.settled() and what != "late":
            rerun(run)
        else:
            step(run, at, what, ended)
    check(run)


def rerun(run: Operated) -> None:
    with suppress(RequestError):  # there is nothing to run again
        run.give(s.Rerun(plan=run.plan()))
