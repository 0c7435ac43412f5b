"""Engines in processes of their own that serve one database: none leads, none is needed."""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from tests.acceptance.test_kill import LOOP, SLOW, Place, place, require_all_turns
from tests.support.postgres_server import PostgresServer, running_server, schema_for
from tests.support.watching import watch

import segue
from segue.core import events as e
from segue.core.status import Status
from segue.store.opening import open_store

__all__ = ["place"]

pytestmark = pytest.mark.slow

SHORT = SLOW.replace("60", "0.05")
TOGETHER = """
segue: 1
name: together
tasks:
  all: {action: "effects:together"}
"""


def begin(place: Place, text: str, executions: list[str]) -> None:
    """Begin executions, and leave them to whoever serves."""

    async def start() -> None:
        async with segue.Engine(place.db, segue.Config()) as engine:
            for execution in executions:
                await engine.start(text, id=execution, detached=True)

    asyncio.run(start())


def ended(place: Place) -> int:
    async def count() -> int:
        store = await open_store(place.db)
        try:
            return await store.count_executions(status=Status.SUCCEEDED)
        finally:
            await store.close()

    return asyncio.run(count())


def printed(place: Place) -> str:
    """What is in the log of the attempts."""

    async def read() -> str:
        store = await open_store(place.db)
        try:
            return "".join(chunk.text for _, chunk in await store.read_log("x"))
        finally:
            await store.close()

    return asyncio.run(read())


def began_by(place: Place) -> Counter[int]:
    """How many actions each process has begun."""
    words = [line.split() for line in place.effects() if line.startswith("begun")]
    assert len({key for _, key, _ in words}) == len(words), "none was begun twice"
    return Counter(int(pid) for _, _, pid in words)


def test_two_engines_share_what_there_is_and_do_none_of_it_twice(place: Place) -> None:
    executions = [f"x{number:02}" for number in range(12)]
    with (
        place.process("serve", place.db, "2") as first,
        place.process("serve", place.db, "2") as second,
    ):
        begin(place, TOGETHER, executions)
        watch(lambda: ended(place) == len(executions), "all executions to end")
        for process in (first, second):
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, "it was asked to stop, and has"
    done = began_by(place)
    assert sum(done.values()) == len(executions)
    assert set(done) == {first.pid, second.pid}, "neither could have done it alone"


def test_an_engine_that_stalls_is_replaced_and_can_not_write_with_what_it_knew(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path, running_server().url(schema=schema_for(tmp_path)))
    with place.process("serve", place.db, "10") as first:
        begin(place, SLOW.replace("60", "1.5"), ["x"])
        watch(place.effects, "the first engine to take it")
        first.send_signal(signal.SIGSTOP)
        with place.process("serve", place.db, "10") as second:
            watch(lambda: len(place.effects()) == 2, "the second engine to take it over")
            first.send_signal(signal.SIGCONT)
            watch(lambda: ended(place) == 1, "the execution to end")
            second.send_signal(signal.SIGTERM)
            assert second.wait(30) == 0
        [succeeded] = [
            one.event for one in place.events() if isinstance(one.event, e.AttemptSucceeded)
        ]
        assert succeeded.result == f"done by {second.pid}", "what the first one says comes too late"
        mark = f"process {first.pid} on "
        watch(lambda: mark in printed(place), "it to be recorded that the first one came too late")
        begin(place, SHORT, ["y"])
        watch(lambda: ended(place) == 2, "the first engine to take other work again")


@pytest.mark.parametrize("kills", [(40, 120)])
def test_a_server_that_is_killed_under_an_engine_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: tuple[int, ...]
) -> None:
    monkeypatch.setenv("EFFECTS", str(tmp_path / "effects"))
    monkeypatch.syspath_prepend(os.path.dirname(__file__))  # noqa: PTH120
    server = PostgresServer(settings=("fsync=off",))
    server.start()
    place = Place(tmp_path, server.url())

    def wait_for_turns(turns: int) -> None:
        watch(lambda: len(place.effects()) >= turns, "turns")

    async def run() -> None:
        async with segue.Engine(place.db, segue.Config()) as engine:
            serving = asyncio.create_task(engine.serve())
            await engine.start(LOOP, id="x", detached=True)
            result = asyncio.create_task(engine.result("x"))
            for turns in kills:
                await asyncio.to_thread(wait_for_turns, turns)
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
            assert (await result).status is Status.SUCCEEDED
            await engine.stop()
            await serving

    try:
        asyncio.run(run())
        require_all_turns(place)
        assert set(Counter(place.effects()).values()) == {1}, "the engine lived, and knew"
    finally:
        server.stop()
