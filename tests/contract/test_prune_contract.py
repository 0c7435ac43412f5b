"""What every store deletes of executions that are over, and what it never touches."""

from dataclasses import replace

import pytest
from tests.contract.changes import change, chunk

from segue.core.status import Status
from segue.store.port import Change, Snapshot, Store


def over(
    execution: str,
    *,
    parent: str | None = None,
    status: Status = Status.SUCCEEDED,
    created_at: float = 1000.0,
    events: int = 1,
    settled: bool = True,
) -> Change:
    """An execution that is over; it was written to last as many seconds later as it has events."""
    made = change(
        execution, status=status, settled=settled, created_at=created_at, events=events, by=None
    )
    attempt = None if parent is None else "call#1.1"
    row = replace(made.row, parent=parent, attempt=attempt, depth=0 if parent is None else 1)
    return replace(made, row=row)


async def prune_all(store: Store, before: float = 5000.0, *statuses: Status) -> int:
    gone = 0
    while step := await store.prune(before=before, statuses=statuses):
        gone += step
    return gone


async def left(store: Store) -> list[str]:
    return sorted(row.id for row in await store.list_executions())


async def test_what_is_over_and_old_goes_with_all_that_is_kept_of_it(
    store: Store, other: Store
) -> None:
    old = replace(over("old", events=3), snapshot=Snapshot(seq=2, data=b"s"))
    await store.commit([old, over("young", created_at=9000.0), over("alive", settled=False)])
    await store.append_log([chunk("a", execution="old"), chunk("b", execution="young")])
    assert await store.count_prunable(before=5000.0) == 1
    assert await store.prune(before=5000.0) == 1
    assert await left(other) == ["alive", "young"]
    assert await store.get_execution("old") is None
    assert await store.read_events("old") == []
    assert await store.read_snapshot("old") is None
    assert await store.read_log("old") == []
    assert [piece.text for _, piece in await store.read_log("young")] == ["b"]
    assert await store.prune(before=5000.0) == 0, "there is nothing more"


async def test_the_time_of_the_last_event_counts(store: Store) -> None:
    await store.commit([over("x", created_at=1000.0, events=5)])
    assert await store.prune(before=1005.0) == 0
    assert await store.prune(before=1005.5) == 1


async def test_a_tree_of_which_something_lives_stays_whole(store: Store) -> None:
    await store.commit(
        [
            over("top"),
            over("child", parent="top"),
            over("grandchild", parent="child", settled=False, status=Status.RUNNING),
            over("sibling", parent="top"),
        ]
    )
    assert await store.count_prunable(before=5000.0) == 0
    assert await prune_all(store) == 0
    assert len(await left(store)) == 4


async def test_a_child_that_is_over_stays_with_its_parent_that_lives(store: Store) -> None:
    await store.commit([over("top", settled=False), over("child", parent="top")])
    assert await prune_all(store) == 0


async def test_a_tree_of_which_something_is_young_stays_whole(store: Store) -> None:
    await store.commit([over("top"), over("child", parent="top", created_at=6000.0)])
    assert await prune_all(store) == 0


async def test_a_tree_that_is_over_goes_from_the_top(store: Store) -> None:
    await store.commit(
        [over("top"), over("child", parent="top"), over("grandchild", parent="child")]
    )
    assert await store.count_prunable(before=5000.0) == 3
    assert await store.prune(before=5000.0) == 1
    assert await left(store) == ["child", "grandchild"], "what is on top goes first"
    assert await prune_all(store) == 2


async def test_only_such_as_have_one_of_the_statuses_go_and_their_children(store: Store) -> None:
    await store.commit(
        [
            over("good", created_at=1000.0),
            over("bad", status=Status.FAILED, created_at=1001.0),
            over("child", parent="bad", created_at=1002.0),
        ]
    )
    assert await store.count_prunable(before=5000.0, statuses=[Status.FAILED]) == 2
    assert await prune_all(store, 5000.0, Status.FAILED, Status.TIMEOUT) == 2
    assert await left(store) == ["good"]


@pytest.mark.parametrize(
    ("limit", "events", "gone"), [(2, 1000, 2), (10, 9, 2), (10, 1, 1)], ids=str
)
async def test_one_call_stops_at_a_bound(store: Store, limit: int, events: int, gone: int) -> None:
    await store.commit([over(f"x{n}", events=5) for n in range(4)])
    assert await store.prune(before=5000.0, limit=limit, events=events) == gone
    assert await left(store) == [f"x{n}" for n in range(gone, 4)], "the oldest first"


async def test_what_was_taken_up_again_stays(store: Store) -> None:
    await store.commit([over("x")])
    await store.commit([change("x", after=1, settled=False, created_at=1000.0)])
    assert await store.prune(before=5000.0) == 0


async def test_the_number_of_a_piece_of_log_stays_its_own(store: Store) -> None:
    await store.commit([over("x"), over("y", created_at=9000.0)])
    await store.append_log([chunk("a", execution="x"), chunk("b", execution="y")])
    before = await store.read_log("y")
    await store.prune(before=5000.0)
    assert await store.read_log("y") == before
    assert await store.read_log("y", after=before[0][0]) == []


async def test_space_can_be_given_back_any_time(store: Store) -> None:
    await store.commit([over("x", events=1)])
    await store.prune(before=5000.0)
    assert await store.give_back_space() >= 0
