"""Executions as people and programs read them: views, events, and what attempts printed."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

import msgspec

from segue.core.errors import RequestError
from segue.core.events import ExecutionSettled, ExecutionStarted, Recorded
from segue.core.program import Program
from segue.core.view import ExecutionView
from segue.core.viewing import JoinFacts, ViewBuilder, joins_of
from segue.runtime.conductor import Conductor
from segue.runtime.desk.paging import PAGE, events_after
from segue.runtime.desk.values import ValuesTooLargeError
from segue.runtime.records.lookup import find_execution
from segue.store.port import LogChunk, Store
from segue.values import JsonValue

#: Whoever follows a log looks at least so often, in seconds, whether or not the store gives a hint.
LOOK_SECONDS = 1.0


class Inside(Protocol):
    """What an engine is made of while it is open; raises `EngineStoppedError` when it is not."""

    @property
    def store(self) -> Store:
        """Where executions are kept."""
        ...

    @property
    def conductor(self) -> Conductor:
        """Who is told when one of them has moved."""
        ...


class Reader:
    """See the module. A `reference` is all that `find_execution` knows what to do with.

    Methods that take one raise `RequestError` if it means no execution, and all raise `StoreError`.
    """

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    async def program(self, reference: str) -> Program:
        """Return what an execution runs."""
        store = self._inside.store
        row = await store.get_execution(await find_execution(store, reference))
        if row is None:
            raise RequestError("execution_not_found", f"{reference} was removed meanwhile")
        return await self._inside.conductor.desk.programs.find(row.definition)

    async def joins(self, execution: str) -> Mapping[str, JoinFacts]:
        """Return what a view of an execution, by its id, needs to know of its joins."""
        first = await self._inside.store.read_events(execution, 0, 1)
        if not first or not isinstance(first[0].event, ExecutionStarted):
            return {}
        event = first[0].event
        program = await self._inside.conductor.desk.programs.find(event.definition)
        return joins_of(program, event.start)

    async def view(self, reference: str) -> ExecutionView:
        """Return an execution as it is now."""
        execution = await find_execution(self._inside.store, reference)
        builder = ViewBuilder(execution, await self.joins(execution))
        async for recorded in events_after(self._inside.store, execution):
            builder.add(recorded)
        return await self.with_output(builder.view())

    async def view_when(
        self, reference: str, holds: Callable[[ExecutionView], bool]
    ) -> ExecutionView:
        """Return the first view for which something holds, or the last one if none does."""
        execution = await find_execution(self._inside.store, reference)
        builder = ViewBuilder(execution, await self.joins(execution))
        async for recorded in self.events(execution):
            builder.add(recorded)
            view = builder.view()
            if holds(view):
                return view
        return builder.view()

    async def view_when_settled(self, reference: str) -> ExecutionView:
        """Wait until an execution is settled, and return it. Raises what waiting raises."""
        execution = await find_execution(self._inside.store, reference)
        while True:
            await self._inside.conductor.wait_settled(execution)
            view = await self.view(execution)
            if view.settled:  # else it was run again before we could look
                return view

    async def events(
        self, reference: str, after: int = 0, *, follow: bool = True
    ) -> AsyncIterator[Recorded]:
        """Give the events after the number `after`; with `follow` also those to come."""
        execution = await find_execution(self._inside.store, reference)
        settled = False
        while True:
            page = await self._inside.store.read_events(execution, after, PAGE)
            for recorded in page:
                after = recorded.seq
                settled = isinstance(recorded.event, ExecutionSettled)
                yield recorded
            if page:
                continue
            if settled or not follow or await self._is_over(execution, after):
                return
            await self._inside.conductor.wait_moved(execution, after)

    async def _is_over(self, execution: str, seq: int) -> bool:
        row = await self._inside.store.get_execution(execution)
        return row is None or (row.settled and row.seq <= seq)

    async def logs(
        self, reference: str, task: str | None = None, *, follow: bool = False
    ) -> AsyncIterator[LogChunk]:
        """Give what attempts printed; with `follow` also what they will print."""
        execution = await find_execution(self._inside.store, reference)
        after, over = 0, not follow
        while True:
            page = await self._inside.store.read_log(execution, task=task, after=after, limit=PAGE)
            for number, chunk in page:
                after = number
                yield chunk
            if page:
                continue
            if over:
                return
            row = await self._inside.store.get_execution(execution)
            # What was printed before the end is kept before the end: one more look sees it all.
            over = row is None or row.settled
            if not over:
                await self._inside.store.wait_for_change(LOOK_SECONDS)

    # -- big values ------------------------------------------------------------------------

    async def value(self, sha256: str) -> JsonValue:
        """Return the value that references of this hash stand for. Raises `RequestError`."""
        data = await self._inside.store.read_value(sha256)
        if data is None:
            raise RequestError("value_not_found", f"no value {sha256} is kept")
        value: JsonValue = msgspec.json.decode(data)
        return value

    async def follow(self, value: JsonValue) -> JsonValue:
        """Return a value with what the references in it stand for.

        Raises `ValuesTooLargeError`.
        """
        return await self._inside.conductor.desk.values.follow(value)

    async def whole(self, recorded: Recorded) -> Recorded:
        """Return an event with what the references in it stand for. Raises as `follow`."""
        if not recorded.event.refers:
            return recorded
        event = await self._inside.conductor.desk.values.follow_event(recorded.event)
        return msgspec.structs.replace(recorded, event=event)

    async def with_output(self, view: ExecutionView) -> ExecutionView:
        """Return a view with what its output refers to; as it is, if that is too large."""
        try:
            output = await self.follow(view.output)
        except ValuesTooLargeError:
            return view
        assert output is None or isinstance(output, Mapping)
        return msgspec.structs.replace(view, output=output)
