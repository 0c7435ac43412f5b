"""What users do, and what they may rely on once they were told that it is done."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from tests.simulation.records import Promise, Records

from segue.core import events as e
from segue.core.errors import RequestError
from segue.core.rerun_plan import RerunRequest, Target
from segue.core.stimuli import Rerun
from segue.runtime.engine import Engine
from segue.runtime.errors import EngineStoppedError, ExecutionParkedError
from segue.runtime.workflows.definitions import Prepared
from segue.store.port import StoreError

Errand = Callable[[Engine], Coroutine[Any, Any, None]]


class User:
    """Somebody who uses engines. `ids` are the executions that were begun, or may have been."""

    def __init__(self, rng: random.Random, records: Records) -> None:
        self._rng = rng
        self._records = records
        self.ids: list[str] = []
        self.started: set[str] = set()
        self._answers = 0

    def starting(self, prepared: Prepared, execution: str, *, detached: bool) -> Errand:
        """Return how to begin an execution under this id; `detached`: for others to conduct."""

        async def start(engine: Engine) -> None:
            await self._start(engine, prepared, execution, detached=detached)

        return start

    def resuming(self, execution: str) -> Errand:
        """Return how to let a paused execution go on."""

        async def resume(engine: Engine) -> None:
            await engine.unpause(execution)

        return resume

    async def _start(
        self,
        engine: Engine,
        prepared: Prepared,
        id: str,  # noqa: A002
        *,
        detached: bool,
    ) -> None:
        """Begin an execution, and try again with the same id while the store is in trouble."""
        if id not in self.ids:
            self.ids.append(id)
        for _ in range(20):
            try:
                await engine.start_prepared(prepared, id=id, detached=detached)
            except StoreError:
                await asyncio.sleep(0.5)
                continue
            except RequestError as error:
                if error.code != "already_started":
                    raise
            self._records.promise(id, _begun_once)
            self.started.add(id)
            return

    def operation(self) -> Errand:
        """Return something to do, drawn now and done when it is called."""
        return self._rng.choice(
            (
                self._cancel,
                self._pause,
                self._pause,
                self._unpause,
                self._unpause,
                self.rerun,
                self._rerun_late,
                self._rerun_called,
                self.answer_something,
                self.answer_something,
                self.answer_something,
                self._set_key,
                self._result,
                self.resume,
                self._look,
            )
        )

    async def do(self, engine: Engine, errand: Errand) -> None:
        """Do something, whatever comes of it: a refusal is an answer, and so is trouble."""
        try:
            await errand(engine)
        except (RequestError, StoreError, EngineStoppedError, ExecutionParkedError):
            return

    def _some(self) -> str:
        return self._rng.choice(self.ids) if self.ids else "none-yet"

    async def _cancel(self, engine: Engine) -> None:
        execution = self._some()
        await engine.cancel(execution)
        self._records.promise(execution, _cannot_succeed_after_cancel)

    async def _pause(self, engine: Engine) -> None:
        execution = self._some()
        row = await engine.pause(execution)
        if row is not None:
            self._records.promise(execution, _holds(e.PauseRequested))

    async def _unpause(self, engine: Engine) -> None:
        execution = self._some()
        row = await engine.unpause(execution)
        if row is not None and row.settled is False:
            self._records.promise(execution, _holds(e.ExecutionResumed))

    async def rerun(self, engine: Engine) -> None:
        """Run something again that has ended."""
        await self._rerun(engine, self._some())

    async def _rerun(self, engine: Engine, execution: str) -> None:
        plan = await engine.rerun(execution, self._request())
        self._records.promise(execution, _run_again_at(plan.seq + 1))

    async def _rerun_late(self, engine: Engine) -> None:
        """Confirm a plan that was looked at for a while."""
        execution = self._some()
        plan = await engine.plan_rerun(execution, self._request())
        await asyncio.sleep(self._rng.uniform(0.0, 3.0))
        row = await engine.conductor.take_up(execution, Rerun(plan=plan))
        if row is not None:
            self._records.promise(execution, _run_again_at(plan.seq + 1))

    async def _rerun_called(self, engine: Engine) -> None:
        """Run a sub-workflow again by itself; its parent has nothing of it."""
        called = await engine.children(self._some())
        if called:
            await self._rerun(engine, self._rng.choice(called).id)

    def _request(self) -> RerunRequest:
        kind = self._rng.random()
        if kind < 0.4:
            return RerunRequest()
        if kind < 0.6:
            return RerunRequest(from_start=True)
        task = f"t{self._rng.randrange(4)}"
        reset = self._rng.random() < 0.5
        return RerunRequest(targets=(Target(task=task),), reset_items=reset)

    async def answer_something(self, engine: Engine) -> None:
        """Answer one of the questions that there are, or refuse to."""
        questions = await engine.inbox()
        if not questions:
            return
        question = self._rng.choice(questions)
        self._answers += 1
        by = f"user{self._answers}"
        if self._rng.random() < 0.25:
            await engine.reject(f"{question.execution}/{question.name}", by=by)
            return
        await engine.answer(f"{question.execution}/{question.name}", {"v": 1}, by=by)
        self._records.promise(question.execution, _answered_once(by))

    async def _set_key(self, engine: Engine) -> None:
        await engine.set_key("k", self._rng.randrange(5))

    async def _result(self, engine: Engine) -> None:
        execution = self._some()
        view = await engine.result(execution)
        self._records.promise(execution, _ended_so(view.seq, view.output))

    async def resume(self, engine: Engine) -> None:
        """Take what no living engine has."""
        await engine.resume()

    async def prune(self, engine: Engine) -> None:
        """Remove what is over, however young. What nobody has acknowledged may be asked for again.

        It is looked for, and removed after a while: it may have been run again.
        """
        before = engine.conductor.desk.clock.now() - self._rng.choice((0.0, 1.0, 10.0))
        trees = await engine.store.find_prunable(before)
        await asyncio.sleep(self._rng.choice((0.0, 0.0, 1.0)))
        await engine.store.prune(
            [tree.top.id for tree in trees if tree.top.id in self.started], before
        )

    async def _look(self, engine: Engine) -> None:
        view = await engine.show(self._some())
        self._records.promise(view.id, _has_as_many_events(view.seq))


# -- promises -------------------------------------------------------------------------------------


def _begun_once(log: Sequence[e.Recorded]) -> str | None:
    begun = sum(isinstance(one.event, e.ExecutionStarted) for one in log)
    return None if begun == 1 else f"a start was acknowledged, and there were {begun}"


def _holds(kind: type[e.Event]) -> Promise:
    def look(log: Sequence[e.Recorded]) -> str | None:
        if any(isinstance(one.event, kind) for one in log):
            return None
        return f"{kind.__name__} was acknowledged, and is not in the log"

    return look


def _cannot_succeed_after_cancel(log: Sequence[e.Recorded]) -> str | None:
    ended = (e.CancelRequested, e.ExecutionFailed, e.ExecutionTimedOut, e.ExecutionCanceled)
    if any(isinstance(one.event, ended) for one in log):
        return None
    return "a cancel was acknowledged, and the execution went on as if nothing were"


def _run_again_at(seq: int) -> Promise:
    def look(log: Sequence[e.Recorded]) -> str | None:
        if len(log) >= seq and isinstance(log[seq - 1].event, e.ExecutionRerun):
            return None
        return f"a rerun was acknowledged, and event {seq} is none"

    return look


def _answered_once(by: str) -> Promise:
    def look(log: Sequence[e.Recorded]) -> str | None:
        ends = (e.AttemptSucceeded, e.ItemSucceeded)
        answers = [
            one
            for one in log
            if isinstance(one.event, ends)
            and isinstance(one.event.result, dict)
            and one.event.result.get("by") == by
        ]
        return None if len(answers) == 1 else f"an answer counts {len(answers)} times"

    return look


def _ended_so(seq: int, output: object) -> Promise:
    def look(log: Sequence[e.Recorded]) -> str | None:
        event = log[seq - 1].event if len(log) >= seq else None
        if isinstance(event, e.ExecutionSettled) and event.output == output:
            return None
        return f"a result was told at event {seq}, and it is another"

    return look


def _has_as_many_events(seq: int) -> Promise:
    def look(log: Sequence[e.Recorded]) -> str | None:
        return None if len(log) >= seq else f"{seq} events were shown, and there are {len(log)}"

    return look
