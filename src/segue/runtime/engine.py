"""The engine as a library: start executions, watch them, and go on with them."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from segue.actions.registry import Registry
from segue.core.errors import RequestError
from segue.core.events import Recorded
from segue.core.reasons import Why
from segue.core.rerun_plan import RerunPlan, RerunRequest
from segue.core.rerunning import not_finished, plan_rerun
from segue.core.status import Status
from segue.core.stimuli import Pause, Rerun, Resume
from segue.core.view import ExecutionView
from segue.core.viewing import JoinFacts
from segue.language.model import Workflow
from segue.runtime.asking import find_question, give_answer, give_refusal, open_questions
from segue.runtime.attempts.kin import children_of
from segue.runtime.conductor import Conductor
from segue.runtime.config import Config
from segue.runtime.desk.ids import new_id, require_id
from segue.runtime.desk.paging import events_kept
from segue.runtime.desk.questions import Question
from segue.runtime.errors import EngineStoppedError
from segue.runtime.keys import require_key_name, require_key_value
from segue.runtime.parts import Parts
from segue.runtime.peers.claims import Resumed
from segue.runtime.peers.hearing import Hearing
from segue.runtime.peers.seeking import Taken
from segue.runtime.records.explaining import Explained, Explaining
from segue.runtime.records.lookup import find_execution
from segue.runtime.records.reading import Reader
from segue.runtime.records.retention import prune
from segue.runtime.records.verifying import Verified, verify_execution
from segue.runtime.workflows.beginning import start_of
from segue.runtime.workflows.definitions import Prepared, Source, prepare, read_source
from segue.runtime.workflows.inputs import json_inputs
from segue.store.opening import open_store
from segue.store.port import ExecutionRow, KeyRow, LogChunk, Store, Tree
from segue.store.soundness import storable
from segue.values import JsonObject, JsonValue


class Engine:
    """Runs workflows, durably, on one database.

    `url` is ":memory:", the path of a SQLite file, or a URL of a database; None takes it from the
    configuration. `registry` has the actions that tasks can call beside those that are found by
    name. Use it as `async with segue.Engine(url) as engine:`; when the block is left, running
    actions get `shutdown_grace_seconds` to end, and what has not is repeated by `resume`.

    An engine conducts the executions that it starts or resumes. It can look at all others, and
    cancel them, too: several engines may use one database.
    """

    def __init__(
        self,
        url: str | None = None,
        config: Config | None = None,
        *,
        registry: Registry | None = None,
        parts: Parts | None = None,
    ) -> None:
        self.config = config or Config.load()
        self.url = url or self.config.db
        self.registry = registry or Registry(search_path=[Path.cwd()])
        self._parts = parts or Parts()
        self._store: Store | None = None
        self._conductor: Conductor | None = None
        self._reader = Reader(self)

    async def __aenter__(self) -> Self:
        """Open the database. Raises `StoreError`."""
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, with the grace that the configuration gives."""
        await self.stop()

    async def open(self) -> None:
        """Open the database, as `async with` does. Raises `StoreError`."""
        assert self._store is None, "an engine is opened once"
        self._store = self._parts.store or await open_store(self.url)
        self._conductor = self._parts.conductor(self._store, self.config, self.registry)

    async def stop(self, grace: float | None = None) -> None:
        """Hand off nothing new, give running actions `grace` seconds, and close the database.

        What did not end in time is ended and repeated by whoever resumes. (`async with` does it.)
        To cancel this ends what runs at once.
        """
        if self._conductor is None or self._store is None:
            return
        store, conductor = self._store, self._conductor
        self._conductor = None
        try:
            await conductor.stop(self.config.shutdown_grace_seconds if grace is None else grace)
        except asyncio.CancelledError:
            await conductor.stop(0.0)  # nobody could do it later: what went on would do so for ever
            raise
        finally:
            self._store = None
            if self._parts.store is None:
                await store.close()

    @property
    def store(self) -> Store:
        """The store, for looking at. Raises `EngineStoppedError` outside of `async with`."""
        if self._store is None:
            raise EngineStoppedError("the engine is not open")
        return self._store

    @property
    def conductor(self) -> Conductor:
        """Whoever does the work. Raises `EngineStoppedError` outside of `async with`."""
        if self._conductor is None:
            raise EngineStoppedError("the engine is not open")
        return self._conductor

    # -- executions ------------------------------------------------------------------------

    async def start(
        self,
        workflow: str | Path,
        inputs: Mapping[str, JsonValue] | None = None,
        *,
        start: Sequence[str] | None = None,
        id: str | None = None,  # noqa: A002
        detached: bool = False,
    ) -> str:
        """Begin an execution, durably, and return its id.

        `workflow` is a path, a name (see the setting `workflows`) or the text of a definition;
        `start` are the tasks to begin with. `detached` leaves it to any engine that serves (see
        `serve`), this one included; otherwise this engine conducts it. Raises `DefinitionError`
        with all findings of a definition that has errors, `RequestError` for inputs or a start
        that can't be, or an `id` that exists or can be none, `StoreError`.
        """
        prepared = self.prepare(workflow)
        return await self.start_prepared(prepared, inputs, start=start, id=id, detached=detached)

    def read(self, workflow: str | Path) -> Source:
        """Read a definition as `start` does. Raises `RequestError`."""
        return read_source(workflow, self.config.workflows)

    def prepare(self, workflow: str | Path | Source) -> Prepared:
        """Read, check and compile a definition. Raises `DefinitionError`, `RequestError`."""
        source = workflow if isinstance(workflow, Source) else self.read(workflow)
        return prepare(source)

    async def start_prepared(
        self,
        prepared: Prepared,
        inputs: Mapping[str, JsonValue] | None = None,
        *,
        start: Sequence[str] | None = None,
        id: str | None = None,  # noqa: A002
        detached: bool = False,
    ) -> str:
        """Begin an execution of what `prepare` gave. Raises `RequestError`, `StoreError`."""
        execution = new_id() if id is None else require_id(id)
        stimulus = await start_of(
            self.store,
            self.conductor.desk.programs,
            self.config,
            prepared,
            execution=execution,
            inputs=inputs or {},
            start=start or (),
        )
        begin = self.conductor.leave if detached else self.conductor.start
        await begin(execution, stimulus, prepared.folder)
        return execution

    async def serve(self, taken: Taken | None = None) -> None:
        """Take any work that no living engine has, of whatever execution.

        That is what was started detached, what engines that are lost or have stopped had, and what
        others decided on from outside. Any number of engines may serve one database: none
        is a leader, and each takes no more than it can run at once (`max_concurrent_actions`).
        `taken` is told of the executions of which something was taken.

        Returns when the engine is stopped; raises why it can't go on: `StoreError`.
        """
        await self.conductor.serve(taken)

    async def cancel(self, id: str, reason: str | None = None) -> ExecutionRow | None:  # noqa: A002
        """Ask to cancel an execution, durably. Whoever conducts it ends what runs.

        Where no living engine conducts it, this one does so, and returns when it is settled.
        None: that was asked before. Raises `RequestError` for one that has ended or is unknown,
        `StoreError`.
        """
        given = None if reason is None else storable(reason)
        return await self.conductor.cancel(await self.find(id), given)

    async def resume(self, id: str | None = None) -> Resumed:  # noqa: A002
        """Go on with what no living engine has, of one execution or of all; say what was found.

        What an engine that is gone left running is ended first. Attempts that it had begun and
        not recorded are run again, with the same idempotency key. Raises `RequestError` for an
        unknown id, `StoreError`.
        """
        return await self.conductor.resume(None if id is None else await self.find(id))

    async def pause(self, id: str, reason: str | None = None) -> ExecutionRow | None:  # noqa: A002
        """Ask to pause an execution, durably: what runs is let finish, nothing new starts.

        None: that was asked before. Raises `RequestError` for one that can't be, `StoreError`.
        """
        given = None if reason is None else storable(reason)
        return await self.conductor.request(await self.find(id), Pause(reason=given))

    async def unpause(self, id: str) -> ExecutionRow | None:  # noqa: A002
        """Let a paused execution go on, conducted by this engine. None: it was not paused.

        Raises `RequestError` for one that has ended or is unknown, `StoreError`.
        """
        return await self.conductor.take_up(await self.find(id), Resume())

    async def plan_rerun(
        self,
        id: str,  # noqa: A002
        request: RerunRequest | None = None,
    ) -> RerunPlan:
        """Return what `rerun` would do. Raises `RequestError`, `StoreError`."""
        execution = await self.find(id)
        row = await self.store.get_execution(execution)
        if row is not None and not row.settled:
            raise not_finished(row.status)
        program = await self._reader.program(execution)
        recorded = await events_kept(self.store, execution)
        request = request or RerunRequest()
        inputs, variables = json_inputs(request.inputs), json_inputs(request.variables)
        request = replace(request, inputs=inputs, variables=variables)
        return plan_rerun(program, recorded, request)

    async def rerun(self, id: str, request: RerunRequest | None = None) -> RerunPlan:  # noqa: A002
        """Run an execution again that has ended, or parts of it; say what was planned.

        Without a request: what failed or was canceled, and what had not started. This engine
        conducts it from now on. Raises `RequestError`, `StoreError`.
        """
        execution = await self.find(id)
        plan = await self.plan_rerun(execution, request)
        await self.conductor.take_up(execution, Rerun(plan=plan))
        return plan

    # -- questions to people ---------------------------------------------------------------

    async def inbox(self, id: str | None = None) -> list[Question]:  # noqa: A002
        """Return the questions that wait for people, of one execution or of all."""
        execution = None if id is None else await self.find(id)
        return await open_questions(self.store, self._parts.clock.now(), execution)

    async def answer(self, question: str, answer: JsonObject, *, by: str) -> ExecutionRow:
        """Answer a question, durably.

        `question` is the id of an execution with one open question, or "ID/TASK#VISIT[ITEM]"; `by`
        is who answers. Raises `RequestError` for what is no answer, or not theirs to give.
        """
        now = self._parts.clock.now()
        found = await find_question(self.store, now, question)
        return await give_answer(self.conductor, found, answer, by, now)

    async def reject(self, question: str, reason: str | None = None, *, by: str) -> ExecutionRow:
        """Refuse to answer a question, durably: its task fails. Raises `RequestError`."""
        now = self._parts.clock.now()
        found = await find_question(self.store, now, question)
        return await give_refusal(self.conductor, found, reason, by, now)

    # -- the key store ---------------------------------------------------------------------

    async def set_key(self, name: str, value: JsonValue) -> None:
        """Set a key of the key store, durably: expressions read it by `key()` and `st2kv()`.

        Raises `RequestError`: `key_name_invalid`, `key_value_invalid` (what is not JSON, too large,
        or null), and `StoreError`.
        """
        kept = require_key_value(require_key_name(name), value)
        await self.store.put_key(KeyRow(name=name, value=kept, updated_at=self._parts.clock.now()))

    async def get_key(self, name: str) -> JsonValue:
        """Return the value of a key; None: there is no such key.

        Raises `RequestError` for a name that no key can have, `StoreError`.
        """
        found = await self.store.get_keys([require_key_name(name)])
        return found[name].value if name in found else None

    async def list_keys(self, prefix: str = "") -> Sequence[KeyRow]:
        """Return the keys whose names begin with `prefix`, in order. Raises `StoreError`."""
        return await self.store.list_keys(storable(prefix))

    async def delete_key(self, name: str) -> bool:
        """Delete a key, durably. False: there is no such key.

        Raises `RequestError` for a name that no key can have, `StoreError`.
        """
        return await self.store.delete_key(require_key_name(name))

    # -- reading ---------------------------------------------------------------------------

    async def find(self, reference: str) -> str:
        """Return the id that a reference means: an id, a unique beginning of one, "@latest".

        Raises `RequestError`: `execution_not_found`, `reference_ambiguous`.
        """
        return await find_execution(self.store, reference)

    async def result(self, id: str) -> ExecutionView:  # noqa: A002
        """Wait until an execution is settled, and return all of it. It may take for ever.

        Raises `RequestError` for an unknown id, `EngineStoppedError` if the engine is stopped
        meanwhile, `ExecutionParkedError` if it can't go on.
        """
        return await self._reader.view_when_settled(id)

    async def show(self, id: str) -> ExecutionView:  # noqa: A002
        """Return an execution as it is now. Raises `RequestError` for an unknown id."""
        return await self._reader.view(id)

    async def workflow(self, id: str) -> Workflow:  # noqa: A002
        """Return what an execution runs. Raises `RequestError`, `StoreError`."""
        return (await self._reader.program(id)).workflow

    async def with_output(self, view: ExecutionView) -> ExecutionView:
        """Return a view with what the references in its output stand for, if that is not too large.

        Raises `StoreError`.
        """
        return await self._reader.with_output(view)

    async def follow(self, value: JsonValue) -> JsonValue:
        """Return a value with what the references in it stand for.

        Big values are kept beside the log: events, and the results in a view, have references to
        them (`segue.values.Reference`). Raises `ValuesTooLargeError` if they are too large to be
        had at once, `StoreError`.
        """
        return await self._reader.follow(value)

    async def whole(self, recorded: Recorded) -> Recorded:
        """Return an event with what the references in it stand for. Raises as `follow`."""
        return await self._reader.whole(recorded)

    async def value(self, sha256: str) -> JsonValue:
        """Return the value that references of this hash stand for.

        Raises `RequestError`: `value_not_found`, and `StoreError`.
        """
        return await self._reader.value(sha256)

    async def list(
        self,
        *,
        status: Status | None = None,
        workflow: str | None = None,
        parent: str | None = None,
        top: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> Sequence[ExecutionRow]:
        """Return executions, the newest first.

        `parent`: only those that run for this one. `top`: only those that run for none.
        """
        return await self.store.list_executions(
            status=status, workflow=workflow, parent=parent, top=top, limit=limit, offset=offset
        )

    async def children(
        self,
        id: str,  # noqa: A002
        limit: int | None = None,
    ) -> Sequence[ExecutionRow]:
        """Return the sub-workflows of an execution, as they began; with `limit`, the latest."""
        return await children_of(self.store, await self.find(id), limit)

    def events(
        self,
        id: str,  # noqa: A002
        after: int = 0,
        *,
        follow: bool = True,
    ) -> AsyncIterator[Recorded]:
        """Give the events of an execution that come after the number `after`, in order.

        With `follow` also those to come, until it is settled. Raises `RequestError` for an
        unknown id, and what `result` raises.
        """
        return self._reader.events(id, after, follow=follow)

    async def wait_until(
        self,
        id: str,  # noqa: A002
        holds: Callable[[ExecutionView], bool],
    ) -> ExecutionView:
        """Wait until something holds for an execution, and return the first view for which it does.

        Where it is settled and still does not hold, return the last view. Raises what `events`
        raises.
        """
        return await self._reader.view_when(id, holds)

    def logs(
        self,
        id: str,  # noqa: A002
        task: str | None = None,
        *,
        follow: bool = False,
    ) -> AsyncIterator[LogChunk]:
        """Give what the attempts of an execution (of one task) printed, in order.

        With `follow` also what they will print, until the execution is settled. Raises
        `RequestError` for an unknown id.
        """
        return self._reader.logs(id, task, follow=follow)

    async def joins(self, id: str) -> Mapping[str, JoinFacts]:  # noqa: A002
        """Return what a view needs to know of the joins: how many arrivals, from which tasks.

        Here `id` is an id and no reference. Raises `StoreError`.
        """
        return await self._reader.joins(id)

    async def why(self, id: str) -> Why:  # noqa: A002
        """Return why an execution is not finished: what each part of it waits for.

        Of a settled one, how it ended. Raises `RequestError` for an unknown id, `StoreError`.
        """
        return await self._explaining().why(await self.find(id))

    async def explain(self, id: str) -> Explained:  # noqa: A002
        """Return what `why` follows from: an execution, and who has what of it.

        Raises `RequestError` for an unknown id, `StoreError`.
        """
        return await self._explaining().explain(await self.find(id))

    def _explaining(self) -> Explaining:
        desk, now = self.conductor.desk, self._parts.clock.now()
        return Explaining(desk.store, desk.programs, Hearing.of(self.config, now))

    async def verify(self, id: str) -> Verified:  # noqa: A002
        """Hold the invariants against an execution, which may go on meanwhile.

        Raises `RequestError` for an unknown id, `StoreError`.
        """
        execution = await self.find(id)
        return await verify_execution(self.store, self.conductor.desk.programs, execution)

    async def prune(
        self, before: float, *, statuses: Collection[Status] = (), dry_run: bool = False
    ) -> Sequence[Tree]:
        """Remove executions of which nothing has changed since `before`; return what went.

        `before` is in seconds since the epoch. An execution goes together with all that run for it,
        when all of them are settled, and never otherwise; `statuses` chooses by how the one on top
        ended. `dry_run`: remove nothing. Raises `RequestError` where `before` is NaN, `StoreError`.
        """
        if math.isnan(before):  # what compares with it differs from database to database
            raise RequestError("before_invalid", "`before` is no time: NaN", field="before")
        if dry_run:
            return await self.store.find_prunable(before, statuses=statuses)
        return [tree async for piece in prune(self.store, before, statuses) for tree in piece]
