"""What is removed of executions that are long over, and above all what is not, in every store."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from tests.contract.changes import change, chunk, event

from segue.core.status import Status
from segue.store.port import Change, Committed, Conflict, Definition, Snapshot, Store

BEFORE = 5000.0
OLD, YOUNG = 1000.0, 6000.0


def over(execution: str, *, parent: str | None = None, created_at: float = OLD) -> Change:
    """An execution that has ended; the last it did was a second after it began."""
    made = change(execution, settled=True, status=Status.SUCCEEDED, created_at=created_at)
    return replace(made, row=replace(made.row, parent=parent, attempt=parent and "call#1.1"))


def alive(execution: str, *, parent: str | None = None) -> Change:
    made = change(execution, created_at=OLD)
    return replace(made, row=replace(made.row, parent=parent, attempt=parent and "call#1.1"))


async def written(store: Store, *changes: Change) -> None:
    assert list(await store.commit(changes)) == [Committed()] * len(changes)


async def prunable(store: Store, statuses: Collection[Status] = ()) -> list[str]:
    return [tree.top.id for tree in await store.find_prunable(BEFORE, statuses=statuses)]


async def left(store: Store) -> set[str]:
    return {row.id for row in await store.list_executions()}


async def test_what_ended_before_is_found_the_oldest_first(store: Store) -> None:
    await written(
        store, over("b"), over("a"), over("young", created_at=YOUNG), over("old", created_at=1.0)
    )
    assert await prunable(store) == ["old", "a", "b"]
    assert [tree.top.id for tree in await store.find_prunable(BEFORE, limit=1)] == ["old"]


async def test_an_execution_that_ended_at_that_very_instant_is_not_older(store: Store) -> None:
    await written(store, over("x", created_at=BEFORE - 1))
    assert await prunable(store) == []
    assert list(await store.prune(["x"], BEFORE)) == []
    assert list(await store.prune(["x"], BEFORE + 1)) == ["x"]


async def test_what_began_long_ago_and_ended_lately_stays(store: Store) -> None:
    late = over("x")
    await written(store, replace(late, row=replace(late.row, updated_at=YOUNG)))
    assert await prunable(store) == []
    assert list(await store.prune(["x"], BEFORE)) == []


async def test_only_tops_with_one_of_the_statuses_are_found(store: Store) -> None:
    failed = replace(over("f"), row=replace(over("f").row, status=Status.FAILED))
    await written(store, over("s"), failed)
    assert await prunable(store, {Status.FAILED}) == ["f"]
    assert await prunable(store, {Status.FAILED, Status.SUCCEEDED}) == ["f", "s"]
    assert await prunable(store, [Status.CANCELED]) == []


async def test_with_an_execution_goes_all_that_is_its_own(store: Store) -> None:
    mine = replace(over("x"), snapshot=Snapshot(seq=1, data=b"s"))
    await written(store, mine, over("kept", created_at=YOUNG))
    await store.append_log([chunk("mine"), chunk("other", execution="kept")])
    assert list(await store.prune(["x"], BEFORE)) == ["x"]
    assert await store.get_execution("x") is None
    assert await store.read_events("x") == []
    assert await store.read_snapshot("x") is None
    assert await store.read_log("x") == []
    [(_, line)] = await store.read_log("kept")
    assert line.text == "other", "what others printed stays"
    assert len(await store.read_events("kept")) == 1


async def test_an_id_that_was_pruned_can_be_used_again(store: Store) -> None:
    await written(store, replace(over("x"), snapshot=Snapshot(seq=1, data=b"s")))
    await store.prune(["x"], BEFORE)
    await written(store, change("x", new_work=["poll#1.1"]))
    assert await store.read_snapshot("x") is None, "the one of its namesake is gone"


async def test_the_log_of_others_is_read_on_where_one_was(store: Store) -> None:
    await written(store, over("x"), alive("y"))
    await store.append_log([chunk("1", execution="y"), chunk("2"), chunk("3")])
    [(number, _)] = await store.read_log("y")
    await store.prune(["x"], BEFORE)
    await store.append_log([chunk("4", execution="y")])
    [(_, line)] = await store.read_log("y", after=number)
    assert line.text == "4"


async def test_a_tree_goes_as_a_whole(store: Store) -> None:
    await written(
        store,
        over("top"),
        over("one", parent="top"),
        over("two", parent="top"),
        over("below", parent="one"),
    )
    [tree] = await store.find_prunable(BEFORE)
    assert (tree.top.id, tree.executions, tree.events) == ("top", 4, 4)
    assert list(await store.prune(["top"], BEFORE)) == ["below", "one", "top", "two"]
    assert await left(store) == set()


@pytest.mark.parametrize("asked", ["top", "one", "below"])
@pytest.mark.parametrize("living", ["top", "one", "below", "none"])
async def test_nothing_of_a_tree_goes_while_anything_of_it_lives(
    store: Store, asked: str, living: str
) -> None:
    parents = {"top": None, "one": "top", "below": "one"}
    tree = [
        alive(name, parent=parent) if name == living else over(name, parent=parent)
        for name, parent in parents.items()
    ]
    await written(store, *tree)
    whole = living == "none" and asked == "top"
    assert await prunable(store) == (["top"] if living == "none" else [])
    assert len(await store.prune([asked], BEFORE)) == (3 if whole else 0)
    assert await left(store) == (set() if whole else set(parents))


async def test_nothing_of_a_tree_goes_while_anything_of_it_is_young(store: Store) -> None:
    await written(store, over("top"), over("one", parent="top", created_at=YOUNG))
    assert await prunable(store) == []
    assert list(await store.prune(["top"], BEFORE)) == []


async def test_nothing_goes_while_work_of_it_is_outstanding(store: Store) -> None:
    odd = change("x", settled=True, status=Status.FAILED, new_work=["poll#1.1"])
    await written(store, odd)
    assert await prunable(store) == [], "that must not be, and is for people to look at"
    assert list(await store.prune(["x"], BEFORE)) == []


async def test_what_runs_for_an_execution_that_is_missing_is_a_tree_of_its_own(
    store: Store,
) -> None:
    await written(store, over("orphan", parent="missing"))
    assert await prunable(store) == ["orphan"]
    assert list(await store.prune(["orphan"], BEFORE)) == ["orphan"]


async def test_one_that_is_not_there_or_named_twice_is_no_matter(store: Store) -> None:
    await written(store, over("x"))
    assert list(await store.prune(["y", "x", "x"], BEFORE)) == ["x"]
    assert list(await store.prune([], BEFORE)) == []


async def test_one_that_was_run_again_meanwhile_stays(store: Store, other: Store) -> None:
    await written(store, over("x"))
    [tree] = await store.find_prunable(BEFORE)
    await written(other, change("x", after=1, created_at=YOUNG))
    assert list(await store.prune([tree.top.id], BEFORE)) == []
    assert await left(store) == {"x"}


async def test_who_decides_on_one_that_was_pruned_meanwhile_is_refused(
    store: Store, other: Store
) -> None:
    await written(store, over("x"))
    await store.prune(["x"], BEFORE)
    late = replace(change("x", after=1), events=[event(2)])
    assert list(await other.commit([late])) == [Conflict(0)]
    assert await left(other) == set()


async def test_a_definition_goes_with_the_last_execution_of_it(store: Store) -> None:
    for name in ("d1", "d2"):
        await store.put_definition(Definition(hash=name, name="watch", source="segue: 1"))
    for execution, definition in (("a", "d1"), ("b", "d1"), ("c", "d2")):
        made = over(execution)
        await written(store, replace(made, row=replace(made.row, definition=definition)))
    await store.prune(["a", "c"], BEFORE)
    assert await store.get_definition("d1") is not None, "b is of it"
    assert await store.get_definition("d2") is None
    await store.prune(["b"], BEFORE)
    assert await store.get_definition("d1") is None


async def test_a_definition_that_is_pruned_before_it_is_used_comes_with_its_execution(
    store: Store, other: Store
) -> None:
    definition = Definition(hash="hash", name="watch", source="segue: 1")
    await store.put_definition(definition)
    await other.prune([], BEFORE)
    await written(store, replace(change("x"), definition=definition))
    assert await store.get_definition("hash") == definition
    await written(store, replace(change("y"), definition=replace(definition, file="another.yaml")))
    assert await store.get_definition("hash") == definition, "it stays as it was first given"
