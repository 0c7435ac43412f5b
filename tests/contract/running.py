"""Tests that are coroutines, each in an event loop of its own that its fixtures share."""

import asyncio
import inspect
from collections.abc import Iterator

import pytest


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def run_if_coroutine(test: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(test.obj):
        return None
    arguments = {name: test.funcargs[name] for name in test._fixtureinfo.argnames}
    runner = test.funcargs.get("runner")
    if isinstance(runner, asyncio.Runner):
        runner.run(test.obj(**arguments))
    else:
        asyncio.run(test.obj(**arguments))
    return True
