"""Pruning piece by piece, while others write."""

import asyncio
import math
from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from tests.contract.changes import change
from tests.runtime.fakes import in_loop, settle, until
from tests.runtime.stage import ONE_TASK, Stage

from segue.core.errors import RequestError
from segue.core.events import type_of
from segue.core.stimuli import Resume
from segue.runtime.config import MEMORY, Config
from segue.runtime.engine import Engine
from segue.runtime.parts import Parts
from segue.runtime.records import retention
from segue.runtime.records.retention import prune
from segue.store.memory import MemoryStore
from segue.store.port import Definition, Store

BEFORE = 5000.0


async def filled(store: MemoryStore, *sizes: int) -> None:
    await store.commit(
        [
            change(f"x{number}", events=size, settled=True, created_at=number)
            for number, size in enumerate(sizes)
        ]
    )


async def pieces(store: MemoryStore) -> list[list[str]]:
    return [[tree.top.id for tree in piece] async for piece in prune(store, BEFORE)]


@in_loop
async def test_a_piece_has_only_so_many_events_and_a_big_tree_is_one_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "PIECE_EVENTS", 10)
    store = MemoryStore()
    await filled(store, 4, 6, 1, 30, 2, 8)
    assert await pieces(store) == [["x0", "x1"], ["x2"], ["x3"], ["x4", "x5"]]
    assert await pieces(store) == []


@in_loop
async def test_a_piece_has_only_so_many_trees_and_all_pages_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "PIECE_TREES", 2)
    monkeypatch.setattr(retention, "PAGE", 3)
    store = MemoryStore()
    await filled(store, *[1] * 5)
    assert await pieces(store) == [["x0", "x1"], ["x2"], ["x3", "x4"]]


@in_loop
async def test_what_comes_to_life_meanwhile_stays() -> None:
    class Lively(MemoryStore):
        async def prune(self, tops: Collection[str], before: float) -> Sequence[str]:
            again = change("x0", after=1, created_at=0)
            await self.commit([replace(again, row=replace(again.row, settled=False))])
            return await super().prune(tops, before)

    store = Lively()
    await filled(store, 1, 1)
    assert await pieces(store) == [["x1"]]
    assert await store.get_execution("x0") is not None


@in_loop
async def test_it_ends_when_nothing_of_what_was_found_goes() -> None:
    class Stubborn(MemoryStore):
        async def prune(self, tops: Collection[str], before: float) -> Sequence[str]:
            return []

    store = Stubborn()
    await filled(store, 1)
    assert await pieces(store) == [[]]


@in_loop
async def test_a_definition_that_was_pruned_before_its_execution_began_is_there_with_it() -> None:
    class Swept(MemoryStore):
        async def put_definition(self, definition: Definition) -> None:
            await super().put_definition(definition)
            await self.prune([], BEFORE)  # by somebody else, at the worst moment

    store = Swept()
    async with Engine(MEMORY, Config(), parts=Parts(store=store)) as engine:
        execution = await engine.start("segue: 1\nname: w\ntasks: {a: {action: core.noop}}\n")
        assert (await engine.result(execution)).settled
    row = await store.get_execution(execution)
    assert row is not None
    assert await store.get_definition(row.definition) is not None


async def removed(store: Store, execution: str) -> None:
    """Let somebody else settle an execution, and remove it before anybody has looked."""
    row = await store.get_execution(execution)
    assert row is not None
    works = await store.list_work(execution=execution)
    ended = [work.name for work in works]
    over = change(execution, after=row.seq, settled=True, ended=ended)
    await store.commit([over])
    assert await store.prune([execution], math.inf) == [execution]


async def followed(engine: Engine, execution: str) -> list[str]:
    return [type_of(one.event) async for one in engine.events(execution)]


@in_loop
async def test_whoever_waits_for_an_execution_that_is_removed_is_told_so() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(ONE_TASK, id="x")
    await until(lambda: transport.running)
    told = asyncio.create_task(engine.result(execution))
    seen = asyncio.create_task(followed(engine, execution))
    await settle()
    await removed(stage.store, execution)
    await stage.clock.advance(2.0)
    with pytest.raises(RequestError, match="there is no execution"):
        await told
    assert "attempt_started" in await seen
    assert engine.conductor.desk.holdings.conducted() == []
    await stage.stop()


@in_loop
async def test_an_execution_that_is_removed_while_it_is_read_is_one_that_there_is_not() -> None:
    class Swept(MemoryStore):
        async def get_definition(self, hash: str) -> Definition | None:  # noqa: A002
            await self.prune(["x0"], math.inf)  # by somebody else, at the worst moment
            return await super().get_definition(hash)

    store = Swept()
    await filled(store, 1)
    async with Engine(MEMORY, Config(), parts=Parts(store=store)) as engine:
        with pytest.raises(RequestError, match="there is no execution"):
            await engine.conductor.request("x0", Resume())


@in_loop
async def test_what_is_no_time_prunes_nothing() -> None:
    async with Engine(MEMORY) as engine:
        with pytest.raises(RequestError, match="no time") as caught:
            await engine.prune(math.nan)
    assert (caught.value.code, caught.value.field) == ("before_invalid", "before")
