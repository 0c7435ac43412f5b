"""Timers never fire early, never twice, and never keep everybody else waiting."""

import pytest
from tests.runtime import stage as engines
from tests.runtime.fakes import T0, FakeClock, in_loop, settle

from segue.core.errors import RequestError
from segue.core.stimuli import DeadlinePassed
from segue.runtime.attempts.timers import BATCH, LONGEST_WAIT_SECONDS, Timer, Timers


class Stage:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.fired: list[str] = []
        self.timers = Timers(self.clock, self._fire)

    def _fire(self, timer: Timer) -> None:
        assert self.clock.now() >= timer.due, "a timer fired early"
        self.fired.append(timer.name)

    def arm(self, name: str, seconds: float) -> None:
        self.timers.arm("x", name, due=T0 + seconds, claim=1, stimulus=DeadlinePassed())


@in_loop
async def test_a_timer_fires_when_it_is_due_and_once() -> None:
    stage = Stage()
    stage.arm("a", 5)
    await stage.clock.advance(4.999)
    assert stage.fired == []
    await stage.clock.advance(0.001)
    assert stage.fired == ["a"]
    await stage.clock.advance(1000)
    assert stage.fired == ["a"]


@in_loop
async def test_timers_fire_in_the_order_in_which_they_are_due() -> None:
    stage = Stage()
    for name, seconds in (("c", 30), ("a", 1), ("b", 2)):
        stage.arm(name, seconds)
    await stage.clock.advance(60)
    assert stage.fired == ["a", "b", "c"]


@in_loop
async def test_a_timer_that_is_past_due_fires_at_once() -> None:
    stage = Stage()
    stage.arm("a", -3600)
    await stage.clock.advance(0)
    assert stage.fired == ["a"]


@in_loop
async def test_a_disarmed_timer_does_not_fire() -> None:
    stage = Stage()
    stage.arm("a", 1)
    stage.arm("b", 1)
    stage.timers.disarm("x", "a")
    stage.timers.disarm("x", "unknown")
    await stage.clock.advance(2)
    assert stage.fired == ["b"]


@in_loop
async def test_a_timer_armed_again_fires_at_its_new_time_only() -> None:
    stage = Stage()
    stage.arm("a", 1)
    stage.arm("a", 9)
    await stage.clock.advance(8)
    assert stage.fired == []
    await stage.clock.advance(1)
    assert stage.fired == ["a"]


@in_loop
async def test_a_clock_that_was_set_back_is_waited_for() -> None:
    stage = Stage()
    stage.arm("a", 10)
    stage.clock.set(T0 - 100)
    await stage.clock.advance(109.9)
    assert stage.fired == []
    await stage.clock.advance(1)
    assert stage.fired == ["a"]


@in_loop
async def test_a_clock_that_was_set_forward_is_noticed() -> None:
    stage = Stage()
    stage.arm("a", 24 * 3600)
    stage.clock.set(T0 + 48 * 3600)
    await stage.clock.advance(LONGEST_WAIT_SECONDS)
    assert stage.fired == ["a"]


@in_loop
async def test_many_timers_at_once_all_fire() -> None:
    stage = Stage()
    names = [f"t{number}" for number in range(3 * BATCH + 1)]
    for name in names:
        stage.arm(name, 5)
    await stage.clock.advance(5)
    assert stage.fired == names


@in_loop
async def test_timers_that_were_disarmed_do_not_pile_up() -> None:
    stage = Stage()
    stage.arm("kept", 600)
    for number in range(10 * BATCH):
        stage.arm(f"t{number}", 500)
        stage.timers.disarm("x", f"t{number}")
    assert len(stage.timers) == 1
    assert sum(map(len, stage.timers._heaps.values())) <= 2 * BATCH
    assert len(stage.timers._firsts) <= 2 * BATCH
    await stage.clock.advance(600)
    assert stage.fired == ["kept"]


@in_loop
async def test_cleared_timers_do_not_fire() -> None:
    stage = Stage()
    stage.arm("a", 1)
    stage.timers.clear()
    stage.arm("b", 2)
    await stage.clock.advance(3)
    assert stage.fired == ["b"]


ASK = """
segue: 1
name: asks
tasks:
  ask:
    action: core.ask
    timeout: 60
    next: [{when: timed_out(), publish: {late: true}, do: noop}]
output: {late: "{{ ctx.late }}"}
"""


@in_loop
async def test_a_question_whose_time_is_over_is_open_no_more_though_no_engine_has_said_so() -> None:
    stage = engines.Stage()
    gone, _ = await stage.engine()
    execution = await gone.start(ASK)
    await settle()
    await stage.kill(gone)
    await stage.clock.advance(60)
    engine, _ = await stage.engine()
    assert await engine.inbox() == []
    with pytest.raises(RequestError, match="no open question"):
        await engine.answer(execution, {}, by="ann")
    with pytest.raises(RequestError, match="no open question"):
        await engine.reject(execution, by="ann")
    await engine.resume()
    await stage.clock.advance(0)
    assert (await engine.result(execution)).output == {"late": True}
    await stage.stop()
