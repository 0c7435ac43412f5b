"""What is remembered of executions that an engine can't go on with, in every store."""

from dataclasses import replace

from tests.contract.changes import change

from segue.core.status import Status
from segue.store.port import ParkedRow, Store


def parked(execution: str = "x", engine: str = "e1", problem: str = "it is broken") -> ParkedRow:
    return ParkedRow(execution=execution, engine=engine, at=1000.25, problem=problem)


async def test_what_is_noted_is_found_of_one_and_of_all(store: Store) -> None:
    await store.commit([change("x"), change("y")])
    await store.note_parked([parked("y"), parked("x", problem="zero\0, ü")])
    of_x = parked("x", problem="zero\0, ü")
    assert list(await store.list_parked("x")) == [of_x]
    assert list(await store.list_parked()) == [of_x, parked("y")], "in order of the id"
    assert list(await store.list_parked("z")) == []


async def test_what_is_noted_later_replaces_what_was(store: Store) -> None:
    await store.commit([change()])
    await store.note_parked([parked()])
    await store.note_parked([parked(engine="e2", problem="still broken")])
    assert list(await store.list_parked()) == [parked(engine="e2", problem="still broken")]


async def test_it_holds_until_somebody_goes_on(store: Store) -> None:
    await store.commit([change()])
    await store.note_parked([parked()])
    await store.commit([change(after=1)])
    assert list(await store.list_parked()) == []
    await store.note_parked([parked(engine="e2")])
    assert list(await store.list_parked("x")) == [parked(engine="e2")]


async def test_of_what_is_missing_nothing_is_remembered(store: Store) -> None:
    await store.note_parked([parked("gone")])
    await store.note_parked([])
    await store.commit([change("gone", events=1)])
    assert list(await store.list_parked()) == []


async def test_what_is_no_text_does_not_hinder_it(store: Store) -> None:
    await store.commit([change()])
    await store.note_parked([parked(problem="caf\udce9")])
    assert [row.problem for row in await store.list_parked()] == ["caf?"]


async def test_it_goes_with_the_execution(store: Store) -> None:
    over = change(settled=True, status=Status.SUCCEEDED)
    await store.commit([over])
    await store.note_parked([parked()])
    assert list(await store.prune(["x"], 5000.0)) == ["x"]
    await store.commit([replace(over, row=replace(over.row, settled=False))])
    assert list(await store.list_parked()) == []
