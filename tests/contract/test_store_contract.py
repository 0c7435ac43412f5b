"""What every store must do, whichever database is behind it.

Each test runs once for each store. `other` is the same data as another process has it open.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.contract.changes import attempt, change, chunk, engine, event, row, timer
from tests.contract.conftest import Backend

from segue.core.errors import InternalError
from segue.core.events import (
    AnyEvent,
    AttemptFailed,
    ExecutionStarted,
    Failure,
    Recorded,
    TaskScheduled,
)
from segue.core.status import Status
from segue.store.port import (
    Change,
    Committed,
    Conflict,
    Definition,
    Fenced,
    NewWork,
    ProcessMark,
    Snapshot,
    Store,
    StoreError,
    Work,
    WorkKind,
)
from segue.values import JsonValue


async def written(store: Store, *changes: Change) -> None:
    results = await store.commit(changes)
    assert list(results) == [Committed()] * len(changes), "every one of them should be written"


async def names(store: Store, *, execution: str | None = None) -> list[str]:
    return [work.name for work in await store.list_work(execution=execution)]


async def seqs(store: Store, execution: str = "x") -> list[int]:
    return [recorded.seq for recorded in await store.read_events(execution)]


# -- definitions -----------------------------------------------------------------------------


async def test_a_definition_is_found_by_its_hash(store: Store) -> None:
    kept = Definition(hash="h1", name="watch", source="segue: 1\n# ü\n", file="dir/watch.yaml")
    await store.put_definition(kept)
    assert await store.get_definition("h1") == kept
    assert await store.get_definition("h2") is None, "nobody gave this one"


async def test_a_definition_needs_no_file(store: Store) -> None:
    await store.put_definition(Definition(hash="h1", name="watch", source="segue: 1"))
    found = await store.get_definition("h1")
    assert found is not None
    assert found.file is None


async def test_a_definition_is_kept_as_it_was_first_given(store: Store) -> None:
    first = Definition(hash="h1", name="watch", source="segue: 1", file="a.yaml")
    await store.put_definition(first)
    await store.put_definition(
        Definition(hash="h1", name="watch", source="segue: 1", file="b.yaml")
    )
    assert await store.get_definition("h1") == first


# -- compare-and-append ----------------------------------------------------------------------


async def test_what_was_committed_is_read_back_as_it_was(store: Store) -> None:
    first = change(events=3, result={"status": 200})
    await written(store, first)
    assert list(await store.read_events("x")) == list(first.events)
    assert await store.get_execution("x") == first.row


async def test_an_execution_nobody_began_has_nothing(store: Store) -> None:
    assert await store.get_execution("x") is None
    assert list(await store.read_events("x")) == []
    assert await store.read_snapshot("x") is None
    assert list(await store.list_work(execution="x")) == []


async def test_a_later_change_follows_on(store: Store) -> None:
    await written(store, change(events=2))
    later = change(after=2, events=3, status=Status.SUCCEEDED, settled=True)
    await written(store, later)
    assert await seqs(store) == [1, 2, 3, 4, 5]
    assert await store.get_execution("x") == later.row, "all of the row is the newest"


async def test_every_part_of_the_row_can_change(store: Store) -> None:
    await written(store, change())
    later = change(after=1, workflow="renamed", created_at=7.5)
    await written(store, later)
    assert await store.get_execution("x") == later.row
    assert list(await store.list_executions(workflow="renamed")) == [later.row]
    assert list(await store.list_executions(workflow="watch")) == []


async def test_the_second_of_two_writers_from_the_same_past_is_refused(
    store: Store, other: Store
) -> None:
    await written(store, change(events=2))
    await written(store, change(after=2, result="first", new_work=["poll#1.1"]))
    late = change(
        after=2,
        events=2,
        result="second",
        status=Status.FAILED,
        new_work=["poll#1.1", "poll#2.1"],
        snapshot=Snapshot(seq=4, data=b"state"),
    )
    assert list(await other.commit([late])) == [Conflict(3)], "it is told how far the log is"
    assert await seqs(store) == [1, 2, 3]
    found = await store.get_execution("x")
    assert found is not None
    assert found.status is Status.RUNNING, "the row is as the first writer left it"
    assert await names(store) == ["poll#1.1"]
    assert await store.read_snapshot("x") is None


async def test_an_execution_begins_once(store: Store, other: Store) -> None:
    await written(store, change(events=2))
    assert list(await other.commit([change(events=2)])) == [Conflict(2)]


async def test_a_change_from_a_past_that_never_was_is_refused(store: Store) -> None:
    assert list(await store.commit([change(after=4)])) == [Conflict(0)]
    assert await store.get_execution("x") is None


async def test_refused_work_that_exists_already_is_a_conflict_and_no_mistake(store: Store) -> None:
    await written(store, change(new_work=["poll#1.1"]))
    assert list(await store.commit([change(new_work=["poll#1.1"])])) == [Conflict(1)]


async def test_a_change_may_have_no_event(store: Store) -> None:
    await written(store, change(new_work=["poll#1.1"]))
    await written(store, change(after=1, events=0, canceled=["poll#1.1"]))
    assert await seqs(store) == [1]
    assert [work.cancel for work in await store.list_work()] == [True]


# -- group commit ----------------------------------------------------------------------------


async def test_a_refused_change_does_not_hinder_the_others(store: Store) -> None:
    await written(store, change("a"), change("b", new_work=["poll#1.1"]))
    results = await store.commit(
        [
            change("a", after=1, new_work=["a1"]),
            change("a", after=1, new_work=["a2"]),
            change("b", after=1, ended=["poll#1.1"], fences=[("poll#1.1", 9)]),
            change("c", new_work=["c1"]),
        ]
    )
    assert list(results) == [Committed(), Conflict(2), Fenced("poll#1.1"), Committed()]
    assert await names(store) == ["poll#1.1", "a1", "c1"]
    assert [await seqs(store, one) for one in "abc"] == [[1, 2], [1], [1]]


async def test_changes_of_one_execution_in_a_group_follow_each_other(store: Store) -> None:
    await written(
        store,
        change(new_work=["poll#1.1"]),
        change(after=1, ended=["poll#1.1"], fences=[("poll#1.1", 1)], new_work=["poll#2.1"]),
        change(after=2, ended=["poll#2.1"], fences=[("poll#2.1", 1)]),
    )
    assert await seqs(store) == [1, 2, 3]
    assert await names(store) == []


async def test_an_empty_group_is_fine(store: Store) -> None:
    assert list(await store.commit([])) == []


@pytest.mark.parametrize(
    "wrong",
    [
        Change(row=row("y", seq=2), expected=0, events=[event(2)]),
        Change(row=row("y", seq=3), expected=0, events=[event(1), event(3)]),
        Change(row=row("y", seq=5), expected=0, events=[event(1)]),
        Change(row=row("y", seq=0), expected=0, events=[]),
    ],
    ids=["begins late", "has a gap", "row disagrees", "begins without an event"],
)
async def test_a_change_that_contradicts_itself_is_our_mistake(store: Store, wrong: Change) -> None:
    with pytest.raises(InternalError, match="execution y"):
        await store.commit([change("x"), wrong])
    assert await store.get_execution("x") is None, "nothing of the group is written"


async def test_making_work_that_is_outstanding_is_our_mistake(store: Store) -> None:
    await written(store, change(new_work=["poll#1.1"]))
    with pytest.raises(InternalError):
        await store.commit([change("y"), change(after=1, new_work=["poll#1.1"])])
    assert await store.get_execution("y") is None, "nothing of the group is written"
    assert await seqs(store) == [1]
    await written(store, change("y"), change(after=1, new_work=["poll#2.1"]))


async def test_work_that_ends_can_be_made_anew_in_the_same_change(store: Store) -> None:
    await written(store, change(new_work=[timer("limit", 5.0), "poll#1.1"]))
    await written(store, change(after=1, ended=["limit"], new_work=[timer("limit", 9.0)]))
    assert [(work.name, work.due) for work in await store.list_work()] == [
        ("poll#1.1", None),
        ("limit", 9.0),
    ]


# -- outstanding work and fences -------------------------------------------------------------


async def test_work_is_born_claimed_by_the_engine_that_makes_it(store: Store) -> None:
    await written(
        store, change(new_work=[attempt("poll#1.1", b"\x00run"), timer("limit", 12.5)], by="e1")
    )
    assert list(await store.list_work()) == [
        Work(
            execution="x",
            name="poll#1.1",
            kind=WorkKind.ATTEMPT,
            data=b"\x00run",
            due=None,
            engine="e1",
            claim=1,
            cancel=False,
            process=None,
        ),
        Work(
            execution="x",
            name="limit",
            kind=WorkKind.TIMER,
            data=b"{}",
            due=12.5,
            engine="e1",
            claim=1,
            cancel=False,
            process=None,
        ),
    ]


async def test_work_is_listed_of_an_execution_and_of_an_engine(store: Store) -> None:
    await written(
        store,
        change("a", new_work=["a1", "a2"], by="e1"),
        change("b", new_work=["b1"], by="e2"),
        change("c", new_work=["c1"], by=None),
        change("a", after=1, new_work=["a3"], by="e2"),
    )
    assert await names(store) == ["a1", "a2", "b1", "c1", "a3"], "in order of making"
    assert await names(store, execution="a") == ["a1", "a2", "a3"]
    assert [work.name for work in await store.list_work(engine="e2")] == ["b1", "a3"]
    both = await store.list_work(execution="a", engine="e2")
    assert [work.name for work in both] == ["a3"]
    assert list(await store.list_work(engine="e9")) == []


async def test_the_same_name_in_two_executions_is_two_pieces_of_work(store: Store) -> None:
    await written(store, change("a", new_work=["poll#1.1"]), change("b", new_work=["poll#1.1"]))
    await written(store, change("a", after=1, ended=["poll#1.1"]))
    assert [work.execution for work in await store.list_work()] == ["b"]


async def test_ended_work_is_gone_whoever_has_it(store: Store) -> None:
    await written(store, change(new_work=["poll#1.1", "poll#2.1"], by="e1"))
    await written(store, change(after=1, ended=["poll#1.1"], by="e2"))
    assert await names(store) == ["poll#2.1"]


async def test_ending_work_that_is_missing_is_fine(store: Store) -> None:
    await written(store, change(ended=["never#1.1"]))
    assert await seqs(store) == [1]


async def test_an_outcome_under_the_claim_that_is_held_is_written(store: Store) -> None:
    await written(store, change(new_work=["poll#1.1"]))
    await written(store, change(after=1, ended=["poll#1.1"], fences=[("poll#1.1", 1)]))
    assert await names(store) == []


async def test_an_outcome_for_work_that_is_over_is_fenced_off(store: Store) -> None:
    await written(store, change(new_work=["poll#1.1"]))
    await written(store, change(after=1, ended=["poll#1.1"]))
    again = change(after=2, fences=[("poll#1.1", 1)])
    assert list(await store.commit([again])) == [Fenced("poll#1.1")]
    assert await seqs(store) == [1, 2]


async def test_an_outcome_under_an_old_claim_is_fenced_off(store: Store, other: Store) -> None:
    await store.add_engine(engine("e1"))
    await other.add_engine(engine("e2"))
    await written(store, change(new_work=["poll#1.1", "poll#2.1"], by="e1"))
    assert await other.declare_lost("e1", 100.0)
    await other.claim_work("e2")
    stale = change(
        after=1,
        result="stale",
        new_work=["next#1.1"],
        ended=["poll#2.1"],
        canceled=["poll#2.1"],
        fences=[("poll#1.1", 1)],
        snapshot=Snapshot(seq=2, data=b"state"),
        status=Status.FAILED,
    )
    before = await store.list_work()
    assert list(await store.commit([stale])) == [Fenced("poll#1.1")]
    assert await seqs(store) == [1]
    assert list(await store.list_work()) == list(before)
    assert await store.read_snapshot("x") is None
    assert await store.get_execution("x") == row()


async def test_all_fences_must_hold(store: Store) -> None:
    await written(store, change(new_work=["a", "b"]))
    refused = change(after=1, fences=[("a", 1), ("b", 2)])
    assert list(await store.commit([refused])) == [Fenced("b")]


async def test_a_conflict_is_told_before_a_fence(store: Store) -> None:
    await written(store, change(events=2))
    both = change(after=1, fences=[("gone", 1)])
    assert list(await store.commit([both])) == [Conflict(2)], "who reloads sees both"


async def test_work_that_is_to_end_is_found_by_its_engine(store: Store, other: Store) -> None:
    await written(store, change(new_work=["poll#1.1", "poll#2.1"], by="e1"))
    await written(store, change("y", new_work=["poll#1.1"], by="e2"))
    assert list(await store.canceled_work("e1")) == []
    await written(other, change(after=1, canceled=["poll#2.1", "never#1.1"], by="e2"))
    assert [work.name for work in await store.canceled_work("e1")] == ["poll#2.1"]
    assert all(work.cancel for work in await store.canceled_work("e1"))
    assert list(await store.canceled_work("e2")) == []
    await written(store, change(after=2, ended=["poll#2.1"]))
    assert list(await store.canceled_work("e1")) == []


async def test_work_can_be_born_to_be_ended(store: Store) -> None:
    await written(store, change(new_work=["poll#1.1"], canceled=["poll#1.1"]))
    assert [work.cancel for work in await store.list_work()] == [True]


async def test_a_process_is_noted_under_the_claim_that_is_held(store: Store) -> None:
    await written(store, change(new_work=["poll#1.1"]))
    mark = ProcessMark(group=1234, started_at=1000.123456)
    assert await store.note_process("x", "poll#1.1", 1, mark)
    assert [work.process for work in await store.list_work()] == [mark]
    newer = ProcessMark(group=99, started_at=2.0)
    assert not await store.note_process("x", "poll#1.1", 2, newer), "another claim"
    assert not await store.note_process("x", "never#1.1", 1, newer), "no such work"
    assert not await store.note_process("y", "poll#1.1", 1, newer), "no such execution"
    assert [work.process for work in await store.list_work()] == [mark]


# -- engines and claims ----------------------------------------------------------------------


async def test_engines_are_known_until_they_leave(store: Store, other: Store) -> None:
    await store.add_engine(engine("e2", 50.0))
    await other.add_engine(engine("e1", 60.0))
    expected = [engine("e1", 60.0), engine("e2", 50.0)]
    assert list(await store.list_engines()) == expected
    await store.remove_engine("e2")
    assert list(await other.list_engines()) == expected[:1]
    await store.remove_engine("e2")
    assert not await store.beat("e2", 70.0), "an engine that left has no heartbeat"


async def test_a_heartbeat_is_renewed(store: Store) -> None:
    await store.add_engine(engine("e1", 60.0))
    assert await store.beat("e1", 61.25)
    assert list(await store.list_engines()) == [engine("e1", 61.25)]


async def test_an_engine_that_beat_in_time_is_not_lost(store: Store, other: Store) -> None:
    await store.add_engine(engine("e1", 60.0))
    await store.beat("e1", 61.0)
    assert not await other.declare_lost("e1", 60.0), "the heartbeat seen was an older one"
    assert not await other.declare_lost("e9", 60.0), "nobody knows this one"
    assert await store.beat("e1", 62.0)


async def test_a_stalled_engine_learns_that_it_was_declared_lost(
    store: Store, other: Store
) -> None:
    await store.add_engine(engine("e1", 60.0))
    assert await other.declare_lost("e1", 60.0)
    assert not await other.declare_lost("e1", 60.0), "only one can declare it"
    assert list(await store.list_engines()) == []
    assert not await store.beat("e1", 90.0)
    assert list(await store.list_engines()) == [], "beating doesn't bring it back"


async def test_what_a_living_engine_has_can_not_be_claimed(store: Store, other: Store) -> None:
    await store.add_engine(engine("e1"))
    await other.add_engine(engine("e2"))
    await written(store, change(new_work=["poll#1.1"], by="e1"))
    assert list(await other.claim_work("e2")) == []
    assert list(await store.claim_work("e1")) == [], "nor by itself: it has it already"
    assert [(work.engine, work.claim) for work in await store.list_work()] == [("e1", 1)]


@pytest.mark.parametrize("leaving", ["in good order", "lost", "never known", "nobody"])
async def test_free_work_is_claimed_under_a_new_number(
    store: Store, other: Store, leaving: str
) -> None:
    await other.add_engine(engine("e2"))
    if leaving in {"in good order", "lost"}:
        await store.add_engine(engine("e1", 60.0))
    holder = None if leaving == "nobody" else "e1"
    await written(store, change(new_work=["b", timer("a", 3.0)], by=holder))
    await store.note_process("x", "b", 1, ProcessMark(group=7, started_at=8.5))
    await written(store, change(after=1, canceled=["b"], by=holder))
    if leaving == "in good order":
        await store.remove_engine("e1")
    if leaving == "lost":
        assert await other.declare_lost("e1", 60.0)
    claimed = await other.claim_work("e2")
    assert [(work.name, work.engine, work.claim) for work in claimed] == [
        ("b", "e2", 2),
        ("a", "e2", 2),
    ]
    assert claimed[0].process == ProcessMark(group=7, started_at=8.5), "of the former holder"
    assert claimed[0].cancel, "what was asked still holds"
    assert claimed[1].due == 3.0
    assert list(await store.list_work()) == list(claimed)


async def test_work_that_is_let_go_of_is_free_and_the_rest_is_not(
    store: Store, other: Store
) -> None:
    await store.add_engine(engine("e1"))
    await other.add_engine(engine("e2"))
    await written(
        store,
        change("x", new_work=["a", "b", "c"], by="e1"),
        change("y", new_work=["a", "b"], by="e1"),
        change("z", new_work=["a"], by="e2"),
    )
    await store.release_work(
        "e1",
        keep=[("x", "b"), ("y", "a"), ("y", "unknown")],
        renewed={("x", "c"): b'{"new":1}', ("z", "a"): b"{}"},
    )
    held = {(one.execution, one.name): (one.engine, one.claim) for one in await other.list_work()}
    assert [key for key, value in held.items() if value == ("e1", 1)] == [("x", "b"), ("y", "a")]
    claimed = await other.claim_work("e2")
    assert [(one.execution, one.name, one.claim) for one in claimed] == [
        ("x", "a", 2),
        ("x", "c", 2),
        ("y", "b", 2),
    ]
    assert claimed[1].data == b'{"new":1}'
    [theirs] = await store.list_work(execution="z")
    assert theirs.data != b"{}", "it is another's"
    await store.release_work("e1")
    assert len(await other.claim_work("e2")) == 2


async def test_an_outcome_of_what_was_let_go_of_counts_until_somebody_claims_it(
    store: Store, other: Store
) -> None:
    await store.add_engine(engine("e1"))
    await other.add_engine(engine("e2"))
    await written(store, change(new_work=["a", "b"], by="e1"))
    await store.release_work("e1")
    await written(store, change(after=1, ended=["a"], fences=[("a", 1)]))
    await other.claim_work("e2")
    assert await store.commit([change(after=2, ended=["b"], fences=[("b", 1)])]) == [Fenced("b")]


async def test_the_number_grows_with_each_claim(store: Store) -> None:
    await written(store, change(new_work=["poll#1.1"], by=None))
    for claim in (2, 3, 4):
        await store.add_engine(engine(f"e{claim}"))
        assert [work.claim for work in await store.claim_work(f"e{claim}")] == [claim]
        await store.remove_engine(f"e{claim}")


async def test_work_is_claimed_by_one_of_two(store: Store, other: Store) -> None:
    await store.add_engine(engine("e1"))
    await other.add_engine(engine("e2"))
    await written(store, change(new_work=[f"w{number}" for number in range(20)], by=None))
    both = await asyncio.gather(
        *(one.claim_work(name, limit=3) for _ in range(4) for one, name in ((store, "e1"),)),
        *(other.claim_work("e2", limit=3) for _ in range(4)),
    )
    claimed = [work.name for works in both for work in works]
    assert sorted(claimed) == sorted({work.name for work in await store.list_work()})
    assert len(claimed) == len(set(claimed)), "none of it twice"


async def test_claims_are_limited_to_an_execution_and_a_number(store: Store) -> None:
    await store.add_engine(engine("e1"))
    await written(
        store,
        change("a", new_work=["a1"], by=None),
        change("b", new_work=["b1", "b2", "b3"], by=None),
    )
    claimed = await store.claim_work("e1", execution="b", limit=2)
    assert [work.name for work in claimed] == ["b1", "b2"], "in order of making"
    assert [work.name for work in await store.claim_work("e1", limit=1)] == ["a1"]
    assert [work.name for work in await store.claim_work("e1")] == ["b3"]


async def test_claims_are_limited_to_some_kinds_of_work(store: Store) -> None:
    await store.add_engine(engine("e1"))
    child = NewWork(name="call#1.1", kind=WorkKind.CHILD, data=b"{}")
    works = [attempt("poll#1.1"), timer("later", 3.0), child]
    await written(store, replace(change(by=None), new_work=works))
    assert list(await store.claim_work("e1", kinds={WorkKind.QUESTION})) == []
    assert list(await store.claim_work("e1", kinds=())) == []
    claimed = await store.claim_work("e1", kinds={WorkKind.TIMER, WorkKind.CHILD})
    assert [work.name for work in claimed] == ["later", "call#1.1"]
    claimed = await store.claim_work("e1", kinds={WorkKind.ATTEMPT}, execution="y")
    assert list(claimed) == []
    claimed = await store.claim_work("e1", kinds={WorkKind.ATTEMPT}, execution="x")
    assert [work.name for work in claimed] == ["poll#1.1"]


async def test_claims_are_limited_to_what_is_due_by_a_time(store: Store) -> None:
    await store.add_engine(engine("e1"))
    works = [timer("late", 30.0), attempt("poll#1.1"), timer("soon", 10.0)]
    await written(store, replace(change(by=None), new_work=works))
    timers = {WorkKind.TIMER}
    assert list(await store.claim_work("e1", kinds=timers, due_by=9.9)) == []
    claimed = await store.claim_work("e1", due_by=10.0)
    assert [work.name for work in claimed] == ["soon"], "what has no time is never due"
    claimed = await store.claim_work("e1", kinds=timers, due_by=99.0)
    assert [work.name for work in claimed] == ["late"]


async def test_of_what_is_due_that_is_claimed_which_is_due_first(store: Store) -> None:
    await store.add_engine(engine("e1"))
    works = [timer("third", 30.0), timer("first", 10.0), timer("second", 20.0), timer("last", 30.0)]
    await written(store, replace(change(by=None), new_work=works))
    claimed = await store.claim_work("e1", due_by=99.0, limit=2)
    assert {work.name for work in claimed} == {"first", "second"}
    [third] = await store.claim_work("e1", due_by=99.0, limit=1)
    assert third.name == "third", "of two that are due at once the one made first"


async def test_an_engine_that_is_lost_claims_nothing(store: Store, other: Store) -> None:
    await store.add_engine(engine("e1", 60.0))
    await written(store, change(new_work=["poll#1.1"], by=None))
    await other.declare_lost("e1", 60.0)
    assert list(await store.claim_work("e1")) == [], "it has not noticed yet, and must not act"
    assert [work.claim for work in await store.list_work()] == [1]


async def test_a_stalled_engine_that_comes_back_can_not_end_what_was_claimed_since(
    store: Store, other: Store
) -> None:
    await store.add_engine(engine("e1", 60.0))
    await other.add_engine(engine("e2", 90.0))
    await written(store, change(new_work=["poll#1.1"], by="e1"))
    await other.declare_lost("e1", 60.0)
    (work,) = await other.claim_work("e2")
    stale = change(after=1, ended=["poll#1.1"], fences=[("poll#1.1", 1)])
    assert list(await store.commit([stale])) == [Fenced("poll#1.1")]
    assert not await store.note_process("x", "poll#1.1", 1, ProcessMark(group=1, started_at=1.0))
    await written(
        other, change(after=1, ended=["poll#1.1"], fences=[("poll#1.1", work.claim)], by="e2")
    )
    assert await names(store) == []


async def test_a_stalled_engine_may_end_what_nobody_has_claimed_since(
    store: Store, other: Store
) -> None:
    await store.add_engine(engine("e1", 60.0))
    await written(store, change(new_work=["poll#1.1"], by="e1"))
    await other.declare_lost("e1", 60.0)
    await written(store, change(after=1, ended=["poll#1.1"], fences=[("poll#1.1", 1)], by="e1"))
    assert await names(store) == [], "its result is as good as another's would be"


async def test_what_a_lost_engine_makes_is_free(store: Store, other: Store) -> None:
    await store.add_engine(engine("e1", 60.0))
    await other.add_engine(engine("e2", 90.0))
    await other.declare_lost("e1", 60.0)
    await written(store, change(new_work=["poll#1.1"], by="e1"))
    assert [(work.name, work.claim) for work in await other.claim_work("e2")] == [("poll#1.1", 2)]


# -- listing ---------------------------------------------------------------------------------


async def some_executions(store: Store) -> None:
    await written(
        store,
        change("a1", created_at=10.0, workflow="deploy"),
        change("b2", created_at=30.0, status=Status.SUCCEEDED),
        change("b1", created_at=20.0, status=Status.SUCCEEDED, workflow="deploy"),
        change("c1", created_at=20.0),
        change("B1", created_at=5.0),
    )


async def listed(store: Store, **filters: object) -> list[str]:
    rows = await store.list_executions(**filters)  # type: ignore[arg-type]
    return [found.id for found in rows]


async def test_executions_are_listed_the_newest_first(store: Store) -> None:
    await some_executions(store)
    assert await listed(store) == ["b2", "c1", "b1", "a1", "B1"]


async def test_executions_are_listed_by_pages(store: Store) -> None:
    await some_executions(store)
    assert await listed(store, limit=2) == ["b2", "c1"]
    assert await listed(store, limit=2, offset=2) == ["b1", "a1"]
    assert await listed(store, offset=3) == ["a1", "B1"]
    assert await listed(store, limit=0) == []
    assert await listed(store, offset=9) == []


async def test_executions_are_listed_and_counted_by_status_and_workflow(store: Store) -> None:
    await some_executions(store)
    assert await listed(store, status=Status.SUCCEEDED) == ["b2", "b1"]
    assert await listed(store, workflow="deploy") == ["b1", "a1"]
    assert await listed(store, status=Status.SUCCEEDED, workflow="deploy") == ["b1"]
    assert await listed(store, status=Status.FAILED) == []
    assert await store.count_executions() == 5
    assert await store.count_executions(status=Status.SUCCEEDED) == 2
    assert await store.count_executions(workflow="watch") == 3
    assert await store.count_executions(status=Status.RUNNING, workflow="deploy") == 1
    assert await store.count_executions(workflow="none") == 0


def called(made: Change, parent: str, attempt_name: str, depth: int = 1) -> Change:
    """A change of an execution that runs for another one."""
    kin = replace(made.row, parent=parent, attempt=attempt_name, depth=depth, folder="/srv/flows")
    return replace(made, row=kin)


async def some_children(store: Store) -> None:
    await written(
        store,
        change("top", created_at=10.0),
        called(change("k1", created_at=20.0), "top", "call#1.1"),
        called(change("k2", created_at=30.0), "top", "each#1.1[3]"),
        called(change("k3", created_at=30.0), "k1", "call#1.1", 2),
    )


async def test_what_runs_for_another_says_for_which_and_keeps_it(store: Store) -> None:
    await some_children(store)
    later = change("k1", after=1, status=Status.FAILED, created_at=20.0)
    await written(store, called(later, "top", "call#1.1"))
    found = await store.get_execution("k1")
    assert found is not None
    assert (found.parent, found.attempt) == ("top", "call#1.1")
    assert (found.depth, found.folder) == (1, "/srv/flows")
    assert (found.status, found.seq) == (Status.FAILED, 2)
    top = await store.get_execution("top")
    assert top is not None
    assert (top.parent, top.attempt, top.depth, top.folder) == (None, None, 0, None)


async def test_executions_are_listed_and_counted_by_whom_they_run_for(store: Store) -> None:
    await some_children(store)
    assert await listed(store) == ["k3", "k2", "k1", "top"]
    assert await listed(store, parent="top") == ["k2", "k1"]
    assert await listed(store, parent="k1", status=Status.RUNNING) == ["k3"]
    assert await listed(store, parent="k2") == []
    assert await listed(store, top=True) == ["top"]
    assert await listed(store, top=True, workflow="none") == []
    assert await store.count_executions(parent="top") == 2
    assert await store.count_executions(top=True) == 1


async def test_a_listing_follows_a_change_of_status(store: Store) -> None:
    await some_executions(store)
    await written(store, change("c1", after=1, created_at=20.0, status=Status.FAILED))
    assert await listed(store, status=Status.FAILED) == ["c1"]
    assert await listed(store, status=Status.RUNNING) == ["a1", "B1"]


async def test_ids_are_found_by_how_they_begin(store: Store) -> None:
    await some_executions(store)
    assert list(await store.find_executions("b")) == ["b1", "b2"], "in order, letters as they are"
    assert list(await store.find_executions("b1")) == ["b1"]
    assert list(await store.find_executions("b11")) == []
    assert list(await store.find_executions("", limit=3)) == ["B1", "a1", "b1"]


async def test_a_prefix_is_no_pattern(store: Store) -> None:
    await written(store, change("a%c"), change("abc"), change("a_c"), change("a😀"), change("aé"))
    assert list(await store.find_executions("a%")) == ["a%c"]
    assert list(await store.find_executions("a_")) == ["a_c"]
    assert list(await store.find_executions("a*")) == []
    assert list(await store.find_executions("a")) == ["a%c", "a_c", "abc", "aé", "a😀"]


# -- events and snapshots --------------------------------------------------------------------


async def test_events_are_read_from_a_place_on(store: Store) -> None:
    await written(store, change(events=6), change("y", events=2))

    async def read(after: int, limit: int | None = None) -> Sequence[int]:
        return [one.seq for one in await store.read_events("x", after, limit)]

    assert await read(0) == [1, 2, 3, 4, 5, 6]
    assert await read(4) == [5, 6]
    assert await read(2, 3) == [3, 4, 5]
    assert await read(5, 3) == [6]
    assert await read(6) == []
    assert await read(0, 0) == []


async def test_events_of_every_kind_come_back_equal(store: Store) -> None:
    events: list[AnyEvent] = [
        ExecutionStarted(
            workflow="watch",
            definition="hash",
            inputs={"url": "http://localhost"},
            context={"turn": 0, "deep": {"list": [1, 2.5, None, True, "x"]}},
            start=("poll", "notify"),
            deadline=99.5,
        ),
        TaskScheduled(task="poll", visit=2, source=("wait", 1), due=5.25),
        AttemptFailed(
            task="poll",
            visit=2,
            attempt=1,
            failure=Failure(code="action_failed", message="exit 1", place="a.yaml:3:5"),
        ),
    ]
    recorded = [Recorded(seq=seq, at=0.1 * seq, event=one) for seq, one in enumerate(events, 1)]
    await written(store, Change(row=row(seq=3), expected=0, events=recorded))
    assert list(await store.read_events("x")) == recorded


@pytest.mark.parametrize(
    "value",
    [
        "ünïcödé 日本語 😀 \u202e",
        "a\u0000b",
        {"\u0000": "\u0000", "": "", "\ufeff": "\ufffe\uffff"},
        "'; DROP TABLE events; --",
        "\r\n\t\x1b[31m\x7f",
        2**53 + 1,
        -(2**63),
        1e308,
        0.1 + 0.2,
        [[[[]]], {}, [{}]],
    ],
    ids=repr,
)
async def test_values_survive_whatever_is_in_them(store: Store, value: JsonValue) -> None:
    await written(store, change(result=value))
    (found,) = await store.read_events("x")
    assert found == event(1, value)


async def test_names_survive_whatever_is_in_them(store: Store) -> None:
    name = "ünï 日本 😀'\"%_\\#1.1"
    await written(store, change(name, new_work=[name], workflow=name))
    await written(store, change(name, after=1, canceled=[name], fences=[(name, 1)], workflow=name))
    assert [(work.execution, work.name) for work in await store.list_work()] == [(name, name)]
    assert await listed(store, workflow=name) == [name]


async def test_a_big_value_survives(store: Store) -> None:
    big = "0123456789abcdef" * (5 * 1024 * 1024 // 16)
    await written(
        store,
        change(
            result=big,
            new_work=[attempt("poll#1.1", big.encode())],
            snapshot=Snapshot(seq=1, data=big.encode()),
        ),
    )
    (found,) = await store.read_events("x")
    assert found == event(1, big)
    assert [len(work.data) for work in await store.list_work()] == [len(big)]
    snapshot = await store.read_snapshot("x")
    assert snapshot is not None
    assert len(snapshot.data) == len(big)


async def test_what_the_caller_changes_afterwards_is_not_in_the_store(store: Store) -> None:
    result: dict[str, JsonValue] = {"turn": 1}
    await written(store, change(result=result))
    result["turn"] = 2
    assert list(await store.read_events("x")) == [event(1, {"turn": 1})]
    (found,) = await store.read_events("x")
    assert found == event(1, {"turn": 1})


async def test_what_a_reader_changes_is_not_in_the_store(store: Store) -> None:
    await written(store, change(new_work=["poll#1.1"], result={"turn": 1}))
    for answer in (
        await store.read_events("x"),
        await store.list_work(),
        await store.list_executions(),
    ):
        list(answer).clear()
        if isinstance(answer, list):
            answer.clear()
    assert await seqs(store) == [1]
    assert await names(store) == ["poll#1.1"]
    assert await listed(store) == ["x"]


async def test_only_the_latest_snapshot_is_kept(store: Store) -> None:
    await written(store, change(events=2, snapshot=Snapshot(seq=2, data=b"two")), change("y"))
    assert await store.read_snapshot("x") == Snapshot(seq=2, data=b"two")
    await written(store, change(after=2, events=2))
    assert await store.read_snapshot("x") == Snapshot(seq=2, data=b"two")
    await written(store, change(after=4, snapshot=Snapshot(seq=5, data=b"\x00five")))
    assert await store.read_snapshot("x") == Snapshot(seq=5, data=b"\x00five")
    assert await store.read_snapshot("y") is None


# -- logs ------------------------------------------------------------------------------------


async def test_the_log_is_read_in_order_and_from_a_number_on(store: Store) -> None:
    chunks = [chunk("one\n"), chunk("two ü\u0000\n", stream="stderr"), chunk("three", task="page")]
    await store.append_log(chunks[:2])
    await store.append_log([chunk("of another", execution="y")])
    await store.append_log(chunks[2:])
    read = await store.read_log("x")
    assert [one for _, one in read] == chunks
    numbers = [number for number, _ in read]
    assert numbers == sorted(set(numbers)), "they grow"
    assert numbers[0] > 0, "so that 0 is before the first"
    assert [one for _, one in await store.read_log("x", after=numbers[0])] == chunks[1:]
    assert [one for _, one in await store.read_log("x", limit=2)] == chunks[:2]
    assert [one for _, one in await store.read_log("x", task="page")] == chunks[2:]
    assert list(await store.read_log("x", after=numbers[-1])) == []
    assert list(await store.read_log("z")) == []


async def test_an_empty_log_is_fine(store: Store) -> None:
    await store.append_log([])
    assert list(await store.read_log("x")) == []


async def test_what_is_no_text_does_not_hinder_the_log(store: Store) -> None:
    await store.append_log([chunk("caf\udce9"), chunk("next")])
    assert [one.text for _, one in await store.read_log("x")] == ["caf?", "next"]


# -- waiting and health ----------------------------------------------------------------------


async def test_waiting_ends_when_somebody_else_has_written(store: Store, other: Store) -> None:
    while await store.wait_for_change(0.0):
        pass
    waiting = asyncio.ensure_future(store.wait_for_change(30.0))
    await asyncio.sleep(0)
    await written(other, change())
    assert await waiting


async def test_what_was_written_before_the_waiting_counts(store: Store, other: Store) -> None:
    while await store.wait_for_change(0.0):
        pass
    await written(other, change())
    assert await store.wait_for_change(30.0)


async def test_waiting_ends_with_the_time(store: Store) -> None:
    while await store.wait_for_change(0.0):
        pass
    assert not await store.wait_for_change(0.0)
    assert not await store.wait_for_change(0.001)


async def test_several_may_wait(store: Store, other: Store) -> None:
    while await store.wait_for_change(0.0):
        pass
    waiting = [asyncio.ensure_future(store.wait_for_change(30.0)) for _ in range(3)]
    await asyncio.sleep(0)
    await other.add_engine(engine())
    assert await asyncio.gather(*waiting) == [True, True, True]


async def test_a_store_that_is_well_has_no_problems(store: Store) -> None:
    await store.put_definition(Definition(hash="hash", name="watch", source="segue: 1"))
    await written(store, change(events=3, new_work=["poll#1.1"]), change("y", settled=True))
    health = await store.check_health()
    assert list(health.problems) == []
    assert (health.executions, health.events, health.outstanding) == (2, 4, 1)
    assert health.backend
    assert health.location
    assert health.version


async def test_outstanding_work_of_a_settled_execution_is_a_problem(store: Store) -> None:
    await store.put_definition(Definition(hash="hash", name="watch", source="segue: 1"))
    await written(store, change(new_work=["poll#1.1"], settled=True))
    assert list((await store.check_health()).problems) == [
        "execution x is settled and has outstanding work"
    ]


# -- durability and concurrency --------------------------------------------------------------


async def test_what_was_committed_is_there_after_opening_again(backend: Backend) -> None:
    if not backend.durable:
        pytest.skip("it keeps nothing, and says so")
    store = await backend.open()
    await store.put_definition(Definition(hash="hash", name="watch", source="segue: 1"))
    await store.add_engine(engine())
    await written(
        store, change(events=2, new_work=["poll#1.1"], snapshot=Snapshot(seq=2, data=b"two"))
    )
    await store.note_process("x", "poll#1.1", 1, ProcessMark(group=7, started_at=8.5))
    await store.append_log([chunk("hello")])

    async def everything(store: Store) -> object:
        return (
            await store.get_definition("hash"),
            list(await store.list_engines()),
            await store.get_execution("x"),
            list(await store.read_events("x")),
            list(await store.list_work()),
            await store.read_snapshot("x"),
            list(await store.read_log("x")),
        )

    before = await everything(store)
    await store.close()
    store = await backend.open()
    assert await everything(store) == before
    await store.close()


async def test_nothing_can_be_asked_of_a_closed_store(backend: Backend) -> None:
    store = await backend.open()
    await store.close()
    await store.close()
    for asked in (store.get_execution("x"), store.commit([change()]), store.wait_for_change(1.0)):
        with pytest.raises(StoreError) as caught:
            await asked
        assert caught.value.code == "store_closed"


async def test_every_number_is_given_once_however_many_write(store: Store, other: Store) -> None:
    async def append(one: Store, name: str) -> int:
        won = 0
        seq = 0
        while won < 25:
            result = (await one.commit([change(after=seq, result=name)]))[0]
            if isinstance(result, Conflict):
                seq = result.seq
            else:
                won += 1
                seq += 1
        return won

    await asyncio.gather(
        append(store, "a"), append(store, "b"), append(other, "c"), append(other, "d")
    )
    assert await seqs(store) == list(range(1, 101))


async def test_reads_see_what_was_committed_before_they_were_asked_for(store: Store) -> None:
    for seq in range(20):
        await written(store, change(after=seq))
        found = await store.get_execution("x")
        assert found is not None
        assert found.seq == seq + 1
