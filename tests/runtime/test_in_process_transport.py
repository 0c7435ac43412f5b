"""The in-process transport: room, turns, timeouts, cancelling, logs, and processes."""

import asyncio
from collections.abc import Sequence

import pytest
from tests.runtime.fakes import FakeClock, in_loop, settle, until

from segue.actions.port import Call
from segue.core.stimuli import Canceled, Failed, Outcome, Succeeded, TimedOut
from segue.transport import log_buffer
from segue.transport.in_process import (
    CLEANUP_SECONDS,
    STRANGE_END_SECONDS,
    InProcessTransport,
)
from segue.transport.port import Job, JobEnded, LogPiece


class Recorder:
    """A host that writes down what it is told, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Outcome]] = []
        self.story: list[str] = []
        self.logs: list[LogPiece] = []
        self.processes: list[tuple[str, int, float]] = []
        self.claim_holds = True
        self.log_error: Exception | None = None

    def ended(self, report: JobEnded) -> None:
        self.told.append((report.job.name, report.outcome))
        self.story.append(f"ended {report.job.name}")

    async def note_process(self, job: Job, group: int, started_at: float) -> bool:
        self.processes.append((job.name, group, started_at))
        return self.claim_holds

    async def keep_log(self, pieces: Sequence[LogPiece]) -> None:
        if self.log_error is not None:
            raise self.log_error
        self.logs += pieces
        self.story.append("kept " + "".join(piece.text for piece in pieces))


class Actions:
    """Actions that wait for the test."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.cleaned: list[str] = []
        self.calls: dict[str, Call] = {}
        self.ends: dict[str, asyncio.Future[Outcome]] = {}
        self.stubborn = asyncio.Event()

    async def perform(self, action: str, call: Call) -> Outcome:
        self.began.append(call.task)
        self.calls[call.task] = call
        if action == "prints":
            call.log("stdout", "hello\n")
            return Succeeded()
        if action == "breaks":
            raise ValueError("no such thing")
        if action == "cancels itself":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        if action == "announces":
            await call.announce_process(4711, 12.5)
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.ends[call.task] = future
        try:
            return await future
        except asyncio.CancelledError:
            if action == "returns":
                return Succeeded(result="all the same")
            if action == "hangs":
                await self.stubborn.wait()
            self.cleaned.append(call.task)
            raise


class Stage:
    def __init__(self, limit: int = 2) -> None:
        self.clock = FakeClock()
        self.host = Recorder()
        self.actions = Actions()
        self.transport = InProcessTransport(
            self.actions.perform, limit=limit, call_later=self.clock.call_later
        )
        self.transport.bind(self.host)

    def submit(
        self,
        task: str,
        action: str | None = "waits",
        *,
        execution: str = "x",
        timeout: float | None = None,
    ) -> Job:
        job = Job(
            execution=execution,
            name=task,
            task=task,
            visit=1,
            attempt=1,
            claim=1,
            action=action,
            input={},
            timeout=timeout,
            idempotency_key=f"{execution}/{task}/1",
        )
        self.transport.submit(job)
        return job

    async def end(self, task: str, outcome: Outcome | None = None) -> None:
        await until(lambda: task in self.actions.ends)
        self.actions.ends[task].set_result(outcome or Succeeded(result=task))
        await settle()


@in_loop
async def test_an_outcome_is_told_once() -> None:
    stage = Stage()
    job = stage.submit("a")
    await stage.end("a")
    stage.transport.cancel(job)
    await settle()
    assert stage.host.told == [("a", Succeeded(result="a"))]


@in_loop
async def test_a_job_without_an_action_succeeds_at_once() -> None:
    stage = Stage()
    stage.submit("a", None)
    assert stage.host.told == [("a", Succeeded())]


@in_loop
async def test_the_same_job_given_twice_runs_once() -> None:
    stage = Stage()
    stage.submit("a")
    stage.submit("a")
    await stage.end("a")
    assert stage.actions.began == ["a"]


@in_loop
async def test_no_more_run_than_there_is_room_for() -> None:
    stage = Stage(limit=2)
    for task in ("a", "b", "c"):
        stage.submit(task)
    await settle()
    assert stage.actions.began == ["a", "b"]
    await stage.end("a")
    assert stage.actions.began == ["a", "b", "c"]


@in_loop
async def test_executions_take_turns_when_there_is_no_room() -> None:
    stage = Stage(limit=1)
    for task in ("a1", "a2", "a3"):
        stage.submit(task, execution="a")
    stage.submit("b1", execution="b")
    for task in ("a1", "a2", "b1", "a3"):
        await stage.end(task)
    assert stage.actions.began == ["a1", "a2", "b1", "a3"]


@in_loop
async def test_actions_that_only_wait_take_no_room() -> None:
    stage = Stage(limit=1)
    stage.submit("sleeper", "core.sleep")
    stage.submit("worker")
    await settle()
    assert stage.actions.began == ["sleeper", "worker"]


@in_loop
async def test_an_action_that_takes_too_long_is_ended_and_times_out() -> None:
    stage = Stage()
    stage.submit("a", timeout=5.0)
    await stage.clock.advance(4.9)
    assert stage.host.told == []
    await stage.clock.advance(0.1)
    assert stage.actions.cleaned == ["a"]
    assert stage.host.told == [("a", TimedOut(seconds=5.0))]


@in_loop
async def test_an_action_that_times_out_and_gives_a_result_has_timed_out_with_it() -> None:
    stage = Stage()
    stage.submit("a", "returns", timeout=5.0)
    await stage.clock.advance(5.0)
    assert stage.host.told == [("a", TimedOut(seconds=5.0, result="all the same"))]


@in_loop
async def test_a_job_that_waits_for_room_times_out_without_running() -> None:
    stage = Stage(limit=1)
    stage.submit("a")
    stage.submit("b", timeout=5.0)
    await stage.clock.advance(5.0)
    assert stage.host.told == [("b", TimedOut(seconds=5.0))]
    await stage.end("a")
    assert stage.actions.began == ["a"]


@in_loop
async def test_a_canceled_action_cleans_up_before_its_outcome_is_told() -> None:
    stage = Stage()
    job = stage.submit("a")
    await until(lambda: "a" in stage.actions.ends)
    stage.transport.cancel(job)
    assert stage.host.told == []
    await settle()
    assert stage.actions.cleaned == ["a"]
    assert stage.host.told == [("a", Canceled())]


@in_loop
async def test_a_job_canceled_before_its_first_step_is_told_and_gives_its_room_back() -> None:
    stage = Stage(limit=1)
    stage.transport.cancel(stage.submit("a"))
    await settle()
    assert stage.host.told == [("a", Canceled())]
    stage.submit("b")
    await settle()
    assert stage.actions.began == ["b"]


@in_loop
async def test_a_job_that_waits_for_room_is_canceled_at_once() -> None:
    stage = Stage(limit=1)
    stage.submit("a")
    stage.transport.cancel(stage.submit("b"))
    assert stage.host.told == [("b", Canceled())]


@in_loop
async def test_an_action_that_does_not_end_is_given_up_after_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage()
    job = stage.submit("a", "hangs")
    await until(lambda: "a" in stage.actions.ends)
    stage.transport.cancel(job)
    await stage.clock.advance(CLEANUP_SECONDS)
    assert stage.host.told == [("a", Canceled())]
    assert "does not end" in caplog.text
    stage.actions.stubborn.set()
    await settle()
    assert len(stage.host.told) == 1


@in_loop
async def test_an_exception_of_whoever_runs_actions_is_a_failure() -> None:
    stage = Stage()
    stage.submit("a", "breaks")
    await settle()
    [(_, outcome)] = stage.host.told
    assert outcome == Failed(message="the action could not be run: no such thing")


@in_loop
async def test_what_was_printed_is_kept_before_the_outcome_is_told() -> None:
    stage = Stage()
    stage.submit("a", "prints")
    await settle()
    assert stage.host.story == ["kept hello\n", "ended a"]


@in_loop
async def test_pieces_of_log_are_gathered_for_a_moment() -> None:
    stage = Stage()
    stage.submit("a")
    await until(lambda: "a" in stage.actions.calls)
    for text in ("one ", "two ", ""):
        stage.actions.calls["a"].log("stderr", text)
    await settle()
    assert stage.host.story == []
    await stage.clock.advance(log_buffer.FLUSH_SECONDS)
    assert stage.host.story == ["kept one two "]
    await stage.transport.abandon()


@in_loop
async def test_many_characters_are_kept_at_once_and_a_bound_holds_for_one_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_buffer, "ATTEMPT_CHARACTERS", 100_000)
    stage = Stage()
    stage.submit("a")
    await until(lambda: "a" in stage.actions.calls)
    for _ in range(4):
        stage.actions.calls["a"].log("stdout", "x" * 40_000)
    await settle()
    kept = [piece for piece in stage.host.logs if piece.stream == "stdout"]
    assert sum(len(piece.text) for piece in kept) == 120_000
    assert [piece.text for piece in stage.host.logs if piece.stream == "log"] == [
        "[the log of an attempt is kept up to 100000 characters]\n"
    ]
    await stage.transport.abandon()


@in_loop
async def test_a_log_that_can_not_be_kept_does_not_keep_the_outcome_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage()
    stage.host.log_error = OSError("disk full")
    stage.submit("a", "prints")
    await settle()
    assert stage.host.told == [("a", Succeeded())]
    assert "could not be kept" in caplog.text


@in_loop
async def test_a_process_is_noted_under_its_job() -> None:
    stage = Stage()
    stage.submit("a", "announces")
    await stage.end("a")
    assert stage.host.processes == [("a", 4711, 12.5)]


@in_loop
async def test_an_action_whose_claim_is_lost_is_ended_without_a_word() -> None:
    stage = Stage()
    stage.host.claim_holds = False
    stage.submit("a", "announces")
    await settle()
    assert "a" not in stage.actions.ends, "it went on after it was refused"
    assert stage.host.told == []


@in_loop
async def test_drain_begins_nothing_more_and_waits_for_what_runs() -> None:
    stage = Stage(limit=1)
    stage.submit("a")
    stage.submit("b")
    await until(lambda: "a" in stage.actions.ends)
    draining = asyncio.create_task(stage.transport.drain(60.0))
    await settle()
    assert not draining.done()
    await stage.end("a")
    await draining
    assert stage.host.told == [("a", Succeeded(result="a"))]
    assert stage.actions.began == ["a"]
    stage.submit("c")
    await settle()
    assert stage.actions.began == ["a"]


@in_loop
async def test_drain_without_grace_waits_for_nothing() -> None:
    stage = Stage()
    stage.submit("a")
    await settle()
    await stage.transport.drain(0)
    assert stage.host.told == []
    await stage.transport.abandon()


@in_loop
async def test_abandoned_actions_clean_up_and_tell_nothing() -> None:
    stage = Stage(limit=1)
    stage.submit("a")
    stage.submit("b")
    await until(lambda: "a" in stage.actions.ends)
    await stage.transport.abandon()
    assert stage.actions.cleaned == ["a"]
    assert stage.host.told == []


@in_loop
async def test_to_abandon_overrules_to_cancel() -> None:
    stage = Stage()
    job = stage.submit("a")
    await until(lambda: "a" in stage.actions.ends)
    stage.transport.cancel(job)
    await stage.transport.abandon()
    assert stage.host.told == []


STRANGE_END = Failed(
    code="action_error", message="the action ended without an outcome: it has canceled its own task"
)


@in_loop
async def test_an_action_that_cancels_itself_has_failed() -> None:
    stage = Stage()
    stage.submit("a", "cancels itself")
    await settle()
    await stage.clock.advance(STRANGE_END_SECONDS)
    assert stage.host.told == [("a", STRANGE_END)]


@in_loop
async def test_an_action_that_goes_down_with_everything_else_tells_nothing() -> None:
    stage = Stage()
    stage.submit("a", "cancels itself")
    await settle()
    await stage.transport.drain(0)
    await stage.clock.advance(STRANGE_END_SECONDS)
    assert stage.host.told == []


@in_loop
async def test_an_action_that_cancels_itself_and_is_canceled_is_told_once() -> None:
    stage = Stage()
    job = stage.submit("a", "cancels itself")
    await settle()
    stage.transport.cancel(job)
    await stage.clock.advance(STRANGE_END_SECONDS)
    await stage.clock.advance(CLEANUP_SECONDS)
    assert stage.host.told == [("a", Canceled())]
