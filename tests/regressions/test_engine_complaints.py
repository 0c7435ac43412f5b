"""What users of other engines complained about crashes, machines, size and speed. The table is in
`test_user_complaints`."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import pytest
from tests.runtime.fakes import in_loop, settle, until
from tests.runtime.stage import TWO_TASKS, Stage, types

from segue.core import events as e
from segue.core import stimuli as s
from segue.core.codec import encode_state
from segue.core.decide import decide
from segue.core.program import Program
from segue.core.state import NEW, State
from segue.core.status import Status
from segue.expressions.scope import Facts
from segue.language import load_workflow
from segue.store.memory import MemoryStore
from segue.store.port import Change, CommitResult, StoreError


class BrittleStore(MemoryStore):
    """Fails the next commits, or never comes back from the next one, though it has written it."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = 0
        self.hangs = False

    async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
        if self.failing:
            self.failing -= 1
            raise StoreError("out of reach")
        results = await super().commit(changes)
        if self.hangs:
            await asyncio.Event().wait()
        return results


@in_loop
async def test_an_outcome_is_kept_until_the_store_takes_it() -> None:
    """An error of the database let the message of a task's end be lost, and all stood still."""
    store = BrittleStore()
    stage = Stage(store)
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.running)
    store.failing = 2
    transport.end("a#1.1")
    await stage.clock.advance(5)
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1")
    assert (await engine.result(execution)).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_what_was_decided_is_handed_off_though_the_machine_died_in_between() -> None:
    """What followed was written, but its message was never sent: nothing ever went on."""
    store = BrittleStore()
    stage = Stage(store)
    first, before = await stage.engine()
    execution = await first.start(TWO_TASKS)
    await until(lambda: before.running)
    store.hangs = True
    before.end("a#1.1")
    await settle()
    assert before.names() == [], "the engine does not know yet that it is written"
    await stage.kill(first)
    store.hangs = False
    second, transport = await stage.engine()
    assert (await second.resume()).taken == (execution,)
    assert transport.names() == ["b#1.1"]
    transport.end("b#1.1")
    assert (await second.result(execution)).status is Status.SUCCEEDED
    assert (await types(second, execution)).count("attempt_succeeded") == 2
    await stage.stop()


@in_loop
async def test_of_two_machines_one_moves_an_execution_and_what_the_other_says_is_refused() -> None:
    """Two machines moved one workflow at once, and its tasks were run twice."""
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(TWO_TASKS)
    await until(lambda: before.running)
    second, transport = await stage.engine()
    assert (await second.resume(execution)).taken == ()
    assert transport.submitted == [], "as long as the first lives"
    row = first.conductor.desk.identity.row(stage.clock.now())
    assert await stage.store.declare_lost(row.id, row.heartbeat_at)
    assert (await second.resume(execution)).taken == (execution,)
    before.end("a#1.1")
    await settle()
    assert before.names() == [], "the first has lost it, and hands nothing off"
    assert transport.names() == ["a#1.1"]
    transport.end("a#1.1")
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1")
    assert (await second.result(execution)).status is Status.SUCCEEDED
    assert (await types(second, execution)).count("attempt_succeeded") == 2
    await stage.stop()


@in_loop
async def test_requests_to_an_engine_may_be_repeated_and_come_before_the_first_task() -> None:
    """Requests that raced each other, or came too early, left an execution between two statuses."""
    stage = Stage()
    engine, transport = await stage.engine()
    text = "segue: 1\nname: x\ntasks: {a: {action: test.a, delay: 60}}\n"
    execution = await engine.start(text)
    await asyncio.gather(*(engine.pause(execution) for _ in range(3)))
    await stage.clock.advance(61)
    assert transport.submitted == []
    await asyncio.gather(*(engine.unpause(execution) for _ in range(3)))
    await until(lambda: transport.names() == ["a#1.1"])
    await asyncio.gather(*(engine.cancel(execution) for _ in range(3)))
    await until(lambda: transport.canceled == ["a#1.1"])
    transport.end("a#1.1", s.Canceled())
    assert (await engine.result(execution)).status is Status.CANCELED
    names = await types(engine, execution)
    assert [names.count(one) for one in ("pause_requested", "execution_resumed")] == [1, 1]
    assert (names.count("cancel_requested"), len(transport.submitted)) == (1, 1)
    await stage.stop()


# -- what each step costs --------------------------------------------------------------------------

LOOP = """
segue: 1
vars: {n: 0}
start: a
tasks:
  a:
    action: core.noop
    next:
      - when: ctx.n < 5000
        publish: {n: "{{ ctx.n + 1 }}", last: "{{ result() }}"}
        do: a
"""
ITEMS = """
version: 1.0
input: [l]
tasks:
  a: {with: {items: <% ctx().l %>, concurrency: 5}, action: core.echo message=<% item() %>}
"""


class Steps:
    """An execution through the pure core, with nothing of the tests around it."""

    def __init__(self, text: str, **inputs: Any) -> None:
        workflow = load_workflow(text).workflow
        assert workflow is not None
        self.program = Program.of(workflow)
        self.state: State = NEW
        self.events: list[e.AnyEvent] = []
        self.give(s.Start(inputs=inputs, max_visits=None))

    def give(self, stimulus: s.Stimulus) -> None:
        decided = decide(self.program, self.state, stimulus, Facts(now=0.0, random=0.0))
        self.state = decided.state
        self.events += decided.events

    def end(self, task: str, visit: int, item: int | None = None) -> None:
        outcome = s.Succeeded(result="x" * 10)
        self.give(s.AttemptEnded(task=task, visit=visit, attempt=1, outcome=outcome, item=item))


def calls(work: Callable[[], None]) -> int:
    """Return how many functions are called by some work: a measure that never varies."""
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        del frame, argument
        nonlocal counted
        if event in {"call", "c_call"}:
            counted += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


def test_a_thousand_turns_of_a_loop_cost_the_same_each_and_the_state_does_not_grow() -> None:
    """Each turn of a loop took longer than the one before, and the state grew with each."""
    run = Steps(LOOP)
    done = 0

    def turns(number: int) -> None:
        nonlocal done
        for _ in range(number):
            done += 1
            run.end("a", done)

    sizes: list[int] = []

    def watched_turns(number: int) -> None:
        for _ in range(number):
            turns(1)
            sizes.append(len(encode_state(run.state)))

    watched_turns(200)
    events = len(run.events)
    first = calls(lambda: turns(50))
    turns(500)
    last = calls(lambda: turns(50))
    watched_turns(200)
    assert (done, run.state.status) == (1000, Status.RUNNING)
    assert last == pytest.approx(first, rel=0.05)
    assert max(sizes[200:]) <= max(sizes[:200]) * 1.1, "numbers have a digit more"
    assert len(run.events) <= events * 5


def test_ten_thousand_items_cost_ten_thousand_times_one() -> None:
    """All items were looked at, rendered and written again whenever one of them ended."""

    def conduct(number: int) -> int:
        run = Steps(ITEMS, l=list(range(number)))

        def middle() -> None:
            for item in range(number // 2, number // 2 + 100):
                run.end("a", 1, item)

        for item in range(number // 2):
            run.end("a", 1, item)
        counted = calls(middle)
        for item in range(number // 2 + 100, number):
            run.end("a", 1, item)
        assert (run.state.status, run.state.settled) == (Status.SUCCEEDED, True)
        started = sum(isinstance(event, e.ItemStarted) for event in run.events)
        assert (started, len(run.events)) == (number, 2 * number + 8)
        return counted

    small, large = conduct(1_000), conduct(10_000)
    assert large <= small * 1.5
