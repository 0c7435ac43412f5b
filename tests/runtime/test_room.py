"""Room in memory for what actions take and return: how many of them may run at a time."""

import asyncio

from tests.runtime.fakes import FakeClock, in_loop, settle

from segue.runtime.attempts.room import DOUBLING_SECONDS, FIRST_RUNS, LEAST_BYTES, Room, Share

BIG = "x" * LEAST_BYTES
SIZE = LEAST_BYTES + 2
MOST = 10 * SIZE


class Runs:
    """Runs of an action that want to begin in a room."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.begun: list[Share] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def add(self, number: int, *, action: str = "mine:make", given: int = 0) -> None:
        for _ in range(number):
            self.tasks.append(asyncio.create_task(self._enter(action, given)))
        await settle()

    async def end(self, result: str | None = None) -> None:
        share = self.begun.pop(0)
        if result is not None:
            self.room.note(share, result)
        self.room.leave(share)
        await settle()

    async def _enter(self, action: str, given: int) -> None:
        self.begun.append(await self.room.enter(action, given))


def room_and_runs() -> tuple[Room, FakeClock, Runs]:
    clock = FakeClock()
    room = Room(clock, most=MOST)
    return room, clock, Runs(room)


@in_loop
async def test_of_what_nobody_knows_a_few_begin_and_twice_as_many_when_time_has_passed() -> None:
    _, clock, runs = room_and_runs()
    await runs.add(100)
    begun = []
    for _ in range(5):
        begun.append(len(runs.begun))
        await clock.advance(DOUBLING_SECONDS)
        await settle()
    begun.append(len(runs.begun))
    assert begun == [4, 12, 28, 60, 100, 100]
    assert begun[0] == FIRST_RUNS


@in_loop
async def test_what_has_returned_little_begins_at_once_however_often() -> None:
    _, _, runs = room_and_runs()
    await runs.add(100)
    await runs.end("little")
    assert len(runs.begun) == 99


@in_loop
async def test_of_what_returns_much_as_many_run_as_there_is_room_for() -> None:
    _, _, runs = room_and_runs()
    await runs.add(1)
    await runs.end(BIG)
    await runs.add(30)
    assert len(runs.begun) == 10
    await runs.end(BIG)
    assert len(runs.begun) == 10, "one has left, one has begun"
    for _ in range(20):
        await runs.end("little")
    assert len(runs.begun) == 9, "all that are left: what it returns has become less"
    assert all(task.done() for task in runs.tasks)


@in_loop
async def test_what_returns_much_no_longer_is_soon_not_counted_any_more() -> None:
    room, _, runs = room_and_runs()
    await runs.add(1)
    await runs.end(BIG * 2)
    sizes = []
    for _ in range(4):
        await runs.add(1)
        sizes.append(runs.begun[0].size)
        await runs.end("little")
    assert sizes[0] == 2 * LEAST_BYTES + 2
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 0
    assert room.taken == 0


@in_loop
async def test_the_size_of_an_input_is_known_before() -> None:
    _, _, runs = room_and_runs()
    await runs.add(5, action="core.echo", given=4 * SIZE)
    assert len(runs.begun) == 2
    await runs.end()
    assert len(runs.begun) == 2


@in_loop
async def test_one_that_takes_more_than_there_is_begins_alone() -> None:
    _, _, runs = room_and_runs()
    await runs.add(2, action="core.echo", given=100 * SIZE)
    assert len(runs.begun) == 1
    await runs.end()
    assert len(runs.begun) == 1


@in_loop
async def test_what_comes_with_us_bounds_its_results_itself() -> None:
    _, _, runs = room_and_runs()
    await runs.add(100, action="core.local")
    assert len(runs.begun) == 100


@in_loop
async def test_who_is_ended_while_it_waits_keeps_nobody_from_beginning() -> None:
    room, clock, runs = room_and_runs()
    await runs.add(1, action="core.echo", given=9 * SIZE)
    await runs.add(1, action="core.echo", given=8 * SIZE)
    await runs.add(1, action="core.echo", given=1 * SIZE)
    assert len(runs.begun) == 1, "who came first is admitted first"
    runs.tasks[1].cancel()
    await settle()
    assert len(runs.begun) == 2
    for _ in range(2):
        await runs.end()
    assert room.taken == 0
    await clock.advance(1)


@in_loop
async def test_who_is_ended_just_when_it_is_admitted_gives_its_room_back() -> None:
    room, _, runs = room_and_runs()
    await runs.add(1, action="core.echo", given=9 * SIZE)
    await runs.add(1, action="core.echo", given=8 * SIZE)
    room.leave(runs.begun.pop())
    runs.tasks[1].cancel()
    await settle()
    assert room.taken == 0


@in_loop
async def test_who_has_left_without_a_result_says_nothing_about_others() -> None:
    _, clock, runs = room_and_runs()
    await runs.add(1)
    await runs.end()
    await clock.advance(DOUBLING_SECONDS)
    await runs.add(10)
    assert len(runs.begun) == FIRST_RUNS
