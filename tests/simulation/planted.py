"""Bugs on purpose: small faults in core, runtime, transport and store, switched on one at a time.

The product has no switch for them: a function of it is put in the place of another for as long as
a bug is planted. The simulation has to find each; a bug that it does not find shows a blind spot.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as with_
from typing import Any
from unittest import mock

from msgspec.structs import replace

from segue.core import (
    arriving,
    codec,
    completing,
    decision,
    evolve,
    items,
    joining,
    outlook,
    requesting,
    rerunning,
    retrying,
    settling,
    spreading,
)
from segue.core import events as e
from segue.core.commands import CancelAttempt, ClearTimer, SetTimer
from segue.core.status import Status
from segue.runtime import conductor
from segue.runtime.attempts import children, endings, timers
from segue.runtime.desk import loading
from segue.runtime.desk.inbox import Entry
from segue.runtime.peers import claims, watching
from segue.runtime.turns import batch, dispatch, drafting
from segue.store import memory
from segue.store.port import Committed, Conflict, Fenced, Snapshot, WorkKind
from segue.transport import in_process

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """A planted bug: in which part, what is wrong, and how the function is made that has it."""

    part: str
    name: str
    target: Any
    function: Any
    make: Callable[[Function], Function]


BUGS: dict[str, Bug] = {}


def _bug(part: str, target: Any, function: Any) -> Callable[[Callable[[Function], Function]], None]:
    def add(make: Callable[[Function], Function]) -> None:
        name = make.__name__.strip("_").replace("_", " ")
        BUGS[name] = Bug(part=part, name=name, target=target, function=function, make=make)

    return add


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Have a bug in the product for a while."""
    bug = BUGS[name]
    if isinstance(bug.target, dict):
        with mock.patch.dict(bug.target, {bug.function: bug.make(bug.target[bug.function])}):
            yield
        return
    original = getattr(bug.target, bug.function)
    with mock.patch.object(bug.target, bug.function, bug.make(original)):
        yield


# -- the store -----------------------------------------------------------------------------------


@_bug("store", memory.MemoryStore, "_judge")
def _the_version_is_not_checked(original: Function) -> Function:
    def judge(self: Any, changes: Any) -> Any:
        found = original(self, changes)
        return [Committed() if isinstance(one, Conflict) else one for one in found]

    return judge


@_bug("store", memory.MemoryStore, "_judge")
def _the_fence_is_not_checked(original: Function) -> Function:
    def judge(self: Any, changes: Any) -> Any:
        found = original(self, changes)
        return [Committed() if isinstance(one, Fenced) else one for one in found]

    return judge


@_bug("store", memory.MemoryStore, "_apply")
def _events_are_written_without_the_work(original: Function) -> Function:
    return lambda self, change, events: original(self, with_(change, new_work=()), events)


@_bug("store", memory.MemoryStore, "_apply")
def _work_that_is_over_stays(original: Function) -> Function:
    return lambda self, change, events: original(self, with_(change, ended=()), events)


@_bug("store", memory.MemoryStore, "_apply")
def _the_mark_of_what_is_to_be_ended_is_lost(original: Function) -> Function:
    return lambda self, change, events: original(self, with_(change, canceled=()), events)


@_bug("store", memory.MemoryStore, "_apply")
def _the_last_event_of_a_commit_is_torn_off(original: Function) -> Function:
    return lambda self, change, events: original(self, change, events[:-1] or events)


@_bug("store", memory.MemoryStore, "_apply")
def _the_row_keeps_its_old_status(original: Function) -> Function:
    def apply(self: Any, change: Any, events: Any) -> None:
        before = self._executions.get(change.row.id)
        status = change.row.status if before is None else before.status
        original(self, with_(change, row=with_(change.row, status=status)), events)

    return apply


@_bug("store", memory.MemoryStore, "_apply")
def _a_snapshot_is_kept_under_the_wrong_number(original: Function) -> Function:
    def apply(self: Any, change: Any, events: Any) -> None:
        kept = change.snapshot
        moved = None if kept is None else Snapshot(seq=kept.seq - 1, data=kept.data)
        original(self, with_(change, snapshot=moved), events)

    return apply


@_bug("store", memory.MemoryStore, "_apply")
def _big_values_are_not_kept(original: Function) -> Function:
    return lambda self, change, events: original(self, with_(change, values=()), events)


@_bug("store", memory.MemoryStore, "_prunable")
def _what_lives_is_removed(original: Function) -> Function:
    def prunable(self: Any, top: Any, before: float) -> Any:
        return original(self, top, before) or ([top] if top.updated_at < before else [])

    return prunable


@_bug("store", memory.MemoryStore, "prune")
def _values_are_removed_that_others_refer_to(original: Function) -> Function:
    async def prune(self: Any, tops: Any, before: float) -> Any:
        theirs = set().union(*(self._uses.get(top, ()) for top in tops))
        gone = await original(self, tops, before)
        if gone:
            self._values = {key: one for key, one in self._values.items() if key not in theirs}
        return gone

    return prune


@_bug("store", memory.MemoryStore, "claim_work")
def _a_claim_keeps_its_number(original: Function) -> Function:
    async def claim(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = [with_(one, claim=one.claim - 1) for one in await original(self, *args, **kwargs)]
        self._work.update({(one.execution, one.name): one for one in found})
        return found

    return claim


@_bug("store", memory.MemoryStore, "claim_work")
def _the_work_of_the_living_can_be_claimed(original: Function) -> Function:
    async def claim(self: Any, engine: str, **kwargs: Any) -> Any:
        living = dict(self._engines)
        self._engines = {name: row for name, row in living.items() if name == engine}
        found = await original(self, engine, **kwargs)
        self._engines = living
        return found

    return claim


@_bug("store", memory.MemoryStore, "commit")
def _of_a_group_only_the_first_is_written(original: Function) -> Function:
    async def commit(self: Any, changes: Any) -> Any:
        results = await original(self, changes[:1])
        return [*results, *[Committed()] * (len(changes) - 1)]

    return commit


# -- the runtime -----------------------------------------------------------------------------------


@_bug("runtime", batch.Batches, "_write")
def _an_answer_is_given_before_the_commit(original: Function) -> Function:
    async def write(self: Any, changes: Any) -> None:
        for draft, change in changes:
            draft.answer(change.row)
        await original(self, changes)

    return write


@_bug("runtime", batch.Batches, "_write")
def _actions_are_run_before_the_commit(original: Function) -> Function:
    async def write(self: Any, changes: Any) -> None:
        for draft, _ in changes:
            self._dispatcher.carry_out(draft)
        await original(self, changes)

    return write


@_bug("runtime", batch.Batches, "_again")
def _what_met_a_conflict_is_dropped(_: Function) -> Function:
    return lambda _self, _entries: None


@_bug("runtime", batch.Batches, "_undo")
def _outcomes_are_dropped_in_trouble(_: Function) -> Function:
    def undo(self: Any, entries: Any, error: Any) -> None:
        for entry in entries:
            self._desk.loader.forget(entry.execution)
            entry.refuse(error)

    return undo


@_bug("runtime", batch.Batches, "_is_old")
def _what_comes_to_nothing_is_not_looked_at_again(_: Function) -> Function:
    async def is_old(_self: Any, _loaded: Any) -> bool:
        return False

    return is_old


@_bug("runtime", claims.Claims, "recover")
def _what_is_ours_unawares_is_not_gone_on_with(_: Function) -> Function:
    async def recover(_: Any, *, rearm: bool = False) -> list[str]:
        return []

    return recover


@_bug("runtime", conductor.Conductor, "_ask_if_any")
def _a_late_answer_is_acknowledged(_: Function) -> Function:
    async def ask(self: Any, entry: Entry) -> Any:
        return await self._ask(entry)

    return ask


@_bug("runtime", drafting.Draft, "add")
def _outcomes_are_not_fenced(original: Function) -> Function:
    async def add(self: Any, entry: Entry, *args: Any) -> None:
        await original(self, entry, *args)
        self._fences.clear()

    return add


@_bug("runtime", drafting, "attempt_name")
def _the_name_of_an_attempt_is_used_again(original: Function) -> Function:
    return lambda task, visit, _attempt, item=None: original(task, visit, 1, item)


@_bug("runtime", drafting, "commands_of")
def _a_timer_stays_when_its_task_is_withdrawn(original: Function) -> Function:
    def commands_of(event: Any) -> Any:
        found = original(event)
        clears = isinstance(event, e.TaskWithdrawn)
        return tuple(one for one in found if not (clears and isinstance(one, ClearTimer)))

    return commands_of


@_bug("runtime", drafting, "commands_of")
def _the_limit_of_a_rerun_is_not_kept(original: Function) -> Function:
    def commands_of(event: Any) -> Any:
        return () if isinstance(event, e.ExecutionRerun) else original(event)

    return commands_of


@_bug("runtime", drafting, "commands_of")
def _a_retry_with_a_delay_gets_no_timer(original: Function) -> Function:
    def commands_of(event: Any) -> Any:
        retry = isinstance(event, e.RetryScheduled)
        return tuple(one for one in original(event) if not (retry and isinstance(one, SetTimer)))

    return commands_of


@_bug("runtime", drafting, "commands_of")
def _a_running_attempt_is_not_told_to_end(original: Function) -> Function:
    def commands_of(event: Any) -> Any:
        return tuple(one for one in original(event) if not isinstance(one, CancelAttempt))

    return commands_of


@_bug("runtime", drafting, "encode_state")
def _a_snapshot_forgets_who_may_start(original: Function) -> Function:
    return lambda state: original(replace(state, ready=(), arrivals=()))


@_bug("runtime", loading.Loader, "_snapshot")
def _the_event_after_a_snapshot_is_skipped(original: Function) -> Function:
    async def snapshot(self: Any, execution: str) -> Any:
        state, seq = await original(self, execution)
        return (replace(state, seq=state.seq + 1) if seq else state), seq

    return snapshot


@_bug("runtime", timers.Timers, "arm")
def _a_timer_is_armed_for_another_time_than_it_is_kept_for(original: Function) -> Function:
    return lambda self, *names, due, **others: original(self, *names, due=due - 0.4, **others)


@_bug("runtime", timers.Timers, "_ring")
def _the_alarm_is_not_set_again(original: Function) -> Function:
    def ring(self: Any) -> None:
        if self._number < 3:
            original(self)

    return ring


@_bug("runtime", dispatch.Dispatcher, "take_up")
def _timers_are_not_taken_over(original: Function) -> Function:
    def take_up(self: Any, work: Any, survivor: Any = None) -> None:
        if work.kind is not WorkKind.TIMER:
            original(self, work, survivor)

    return take_up


@_bug("runtime", dispatch.Dispatcher, "take_up")
def _what_is_to_be_ended_runs_again_when_taken_over(original: Function) -> Function:
    def take_up(self: Any, work: Any, survivor: Any = None) -> None:
        original(self, with_(work, cancel=False), survivor)

    return take_up


@_bug("runtime", dispatch, "job_of")
def _a_repeated_attempt_has_another_idempotency_key(original: Function) -> Function:
    def job_of(execution: str, work: Any, claim: int) -> Any:
        job = original(execution, work, claim)
        return with_(job, idempotency_key=f"{job.idempotency_key}/{claim}")

    return job_of


@_bug("runtime", dispatch, "job_of")
def _items_share_an_idempotency_key(original: Function) -> Function:
    def job_of(execution: str, work: Any, claim: int) -> Any:
        job = original(execution, work, claim)
        return with_(job, idempotency_key=f"{execution}/{job.task}/{job.visit}")

    return job_of


@_bug("runtime", children, "child_id")
def _a_sub_workflow_is_begun_again_by_another_engine(original: Function) -> Function:
    from tests.simulation.loop import current_process  # noqa: PLC0415

    return lambda execution, name: original(execution, f"{name} {current_process().name}")


@_bug("runtime", children.Children, "_lead")
def _a_sub_workflow_stays_paused_when_its_parent_fails(original: Function) -> Function:
    def lead(self: Any, parent: Any, row: Any) -> None:
        if row.status is not Status.FAILED:
            original(self, parent, row)

    return lead


@_bug("runtime", children.Children, "_deliver")
def _the_end_of_a_sub_workflow_is_told_once_and_lost_in_trouble(_: Function) -> Function:
    async def deliver(self: Any, child: Any, row: Any) -> None:
        ending = await endings.ending_of(self._desk.store, row, child.job.action or "")
        self._give(child, ending)

    return deliver


@_bug("runtime", watching.Watcher, "_seen")
def _work_that_others_have_made_is_not_taken(_: Function) -> Function:
    async def seen(self: Any, row: Any) -> None:
        self._desk.holdings.conduct(row.id, row.seq)

    return seen


# -- the transport ---------------------------------------------------------------------------------


@_bug("transport", in_process.InProcessTransport, "cancel")
def _an_action_that_is_to_end_is_forgotten(original: Function) -> Function:
    def cancel(self: Any, job: Any) -> None:
        original(self, job)
        run = self._runs.get(in_process._key(job))
        if run is not None:
            self._forget(run)

    return cancel


@_bug("transport", in_process.InProcessTransport, "_fill")
def _what_waits_for_room_never_gets_it(_: Function) -> Function:
    return lambda _self: None


# -- the core --------------------------------------------------------------------------------------


@_bug("core", joining, "_has_enough")
def _a_join_fires_with_one_arrival_too_few(_: Function) -> Function:
    def has_enough(given: Any, join: Any, key: int) -> bool:
        arrived = given.state.rounds[(join.task, key)].sources
        return bool(len(arrived) >= max(1, join.needed - 1))

    return has_enough


@_bug("core", outlook.Outlook, "coming")
def _a_round_is_forgotten_while_somebody_can_still_arrive(_: Function) -> Function:
    return lambda _self, _join, _key: False


@_bug("core", decision.Decision, "withdraw")
def _a_delay_is_not_withdrawn(original: Function) -> Function:
    def withdraw(self: Any, *, all_of_it: bool = False) -> None:
        if not any(one.status is Status.DELAYED for one in self.state.living()):
            original(self, all_of_it=all_of_it)

    return withdraw


@_bug("core", evolve._HANDLERS, e.DelayElapsed)
def _what_was_delayed_never_may_start(original: Function) -> Function:
    return lambda state, event: replace(original(state, event), ready=state.ready)


@_bug("core", evolve._HANDLERS, e.JoinFired)
def _a_round_that_has_fired_is_not_remembered(original: Function) -> Function:
    return lambda state, event: replace(original(state, event), fired=state.fired)


@_bug("core", completing, "_take")
def _transitions_are_taken_twice(original: Function) -> Function:
    def take(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        original(*args, **kwargs)

    return take


@_bug("core", arriving, "_schedule")
def _the_limit_on_visits_is_not_kept(original: Function) -> Function:
    def schedule(given: Any, arrival: Any) -> None:
        given.state = replace(given.state, visit_limit=None)
        original(given, arrival)

    return schedule


@_bug("core", retrying, "evaluate_count")
def _there_is_one_attempt_too_many(original: Function) -> Function:
    return lambda *args: original(*args) + 1


@_bug("core", retrying, "_delay")
def _a_retry_does_not_wait(_: Function) -> Function:
    return lambda *_args: 0.0


@_bug("core", decision.Decision, "may_start")
def _a_pause_stops_nothing(_: Function) -> Function:
    return lambda _self, execution: execution.status is not Status.CANCELING


@_bug("core", items.Items, "startable")
def _one_item_too_many_runs(original: Function) -> Function:
    def startable(self: Any) -> list[int]:
        more = None if self.concurrency is None else self.concurrency + 1
        return original(replace(self, concurrency=more))  # type: ignore[no-any-return]

    return startable


@_bug("core", items.Items, "unfinished")
def _a_retry_runs_items_again_that_have_succeeded(_: Function) -> Function:
    return lambda self: items.Items(
        values=self.values, concurrency=self.concurrency, on_failure=self.on_failure
    )


@_bug("core", spreading, "_leave")
def _items_that_wait_for_somebody_outlive_their_attempt(_: Function) -> Function:
    return lambda *_: None


@_bug("core", spreading, "_is_left_lying")
def _items_that_never_begin_keep_an_execution_from_its_end(_: Function) -> Function:
    return lambda *_: False


@_bug("core", settling, "_is_over")
def _an_execution_settles_while_something_runs(original: Function) -> Function:
    def is_over(given: Any) -> bool:
        state = given.state
        early = state.status is Status.FAILED and len(state.tasks) < 2 and not state.settled
        return True if early else bool(original(given))

    return is_over


@_bug("core", requesting, "rerun")
def _a_rerun_goes_on_from_an_old_plan(original: Function) -> Function:
    return lambda given, plan: original(given, with_(plan, seq=given.state.seq))


@_bug("core", rerunning, "with_counts")
def _a_rerun_counts_visits_anew(_: Function) -> Function:
    return lambda state, *_: state


@_bug("core", codec, "_read_task")
def _what_is_read_back_has_lost_its_attempt(original: Function) -> Function:
    return lambda saved: replace(original(saved), open=False)
