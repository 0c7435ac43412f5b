"""Who waits for an execution is woken when it moves, and not before."""

import asyncio

import pytest
from tests.runtime.fakes import in_loop, settle

from segue.runtime.desk.following import Followers


@in_loop
async def test_a_follower_is_woken_when_there_is_more_than_it_has_seen() -> None:
    followers = Followers()
    waiting = asyncio.create_task(followers.moved("x", 3))
    await settle()
    followers.tell("x", 3, settled=False)
    followers.tell("y", 9, settled=False)
    await settle()
    assert not waiting.done()
    followers.tell("x", 4, settled=False)
    await waiting


@in_loop
async def test_who_waits_for_the_end_is_not_woken_before() -> None:
    followers = Followers()
    waiting = asyncio.create_task(followers.settled("x"))
    await settle()
    followers.tell("x", 10, settled=False)
    await settle()
    assert not waiting.done()
    followers.tell("x", 11, settled=True)
    await waiting


@in_loop
async def test_only_executions_that_are_waited_for_are_remembered() -> None:
    followers = Followers()
    moved = asyncio.create_task(followers.moved("x", 0))
    settled = asyncio.create_task(followers.settled("x"))
    gone = asyncio.create_task(followers.settled("y"))
    await settle()
    assert followers.executions() == ["x", "y"]
    gone.cancel()
    followers.tell("x", 1, settled=True)
    await asyncio.gather(moved, settled, gone, return_exceptions=True)
    assert followers.executions() == []


@in_loop
async def test_an_error_reaches_all_who_wait_and_all_who_will() -> None:
    followers = Followers()
    one = asyncio.create_task(followers.settled("x"))
    other = asyncio.create_task(followers.moved("y", 1))
    await settle()
    followers.fail_one("x", KeyError("x"))
    with pytest.raises(KeyError):
        await one
    followers.fail(ValueError("stopped"))
    with pytest.raises(ValueError, match="stopped"):
        await other
    with pytest.raises(ValueError, match="stopped"):
        await followers.settled("z")
