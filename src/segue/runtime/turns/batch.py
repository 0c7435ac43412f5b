"""A batch: many stimuli of many executions, one transaction."""

from collections.abc import Sequence

from segue.core.errors import RequestError
from segue.core.stimuli import Start, TimerStimulus
from segue.failpoints import Failpoint, reach
from segue.runtime.attempts.children import Children
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.inbox import Entry
from segue.runtime.desk.loading import Loaded
from segue.runtime.turns.dispatch import Dispatcher
from segue.runtime.turns.drafting import Draft
from segue.runtime.turns.late_outcomes import OVER, TAKEN, LateOutcomes
from segue.runtime.turns.parking import Parking
from segue.store.port import (
    Change,
    CommitResult,
    Committed,
    Conflict,
    Fenced,
    StoreError,
    UnreadableError,
)

#: So many stimuli are decided before the first of them is written.
BATCH = 256
#: A request that lost against other writers so often is given back to whoever made it.
MOST_TRIES = 100
#: How many events may follow a snapshot.
SNAPSHOT_EVERY = 500


class Batches:
    """See the module.

    Nothing is done or told before the commit has returned. What was decided from an old past is
    put back and decided again; the outcome of work that somebody else has claimed is dropped. A
    bug in the decision on one execution, or a record of it that can't be read, parks that one: the
    others go on.
    """

    def __init__(
        self,
        desk: Desk,
        dispatcher: Dispatcher,
        children: Children,
        *,
        snapshot_every: int = SNAPSHOT_EVERY,
    ) -> None:
        self._desk = desk
        self._dispatcher = dispatcher
        self._children = children
        self._snapshot_every = snapshot_every
        self.late = LateOutcomes(desk)
        self.parking = Parking(desk)

    async def run(self) -> None:
        """Decide, write and carry out what waits in the inbox, up to a bound.

        Raises `StoreError`: those who asked were told, everything else is in the inbox again.
        """
        entries = self._desk.inbox.take(BATCH)
        try:
            changes = []
            for execution, group in _grouped(entries).items():
                drafted = await self._draft(execution, group)
                if drafted is not None:
                    changes.append(drafted)
            await self._write(changes)
        except StoreError as error:
            self._undo(entries, error)
            raise
        await self.late.write()
        await self.parking.write()

    # -- deciding --------------------------------------------------------------------------

    async def _draft(self, execution: str, entries: Sequence[Entry]) -> tuple[Draft, Change] | None:
        parked = self.parking.find(execution)
        if parked is not None:
            _refuse(entries, parked)
            return None
        try:
            return await self._decide(execution, entries)
        except UnreadableError as error:
            self.park(execution, entries, error)
            return None
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug, whatever it raises: that execution stops
            self.park(execution, entries, error)
            return None

    async def _decide(
        self, execution: str, entries: Sequence[Entry]
    ) -> tuple[Draft, Change] | None:
        """Return what follows; None if nothing does, and who asked has been told."""
        remembered = self._desk.loader.remembers(execution)
        loaded = await self._load(execution, entries[0])
        if loaded is None:
            missing = RequestError("execution_not_found", f"there is no execution {execution}")
            _refuse(entries, missing)
            return None
        reach(Failpoint.STATE_LOADED)
        if not remembered:
            entries = await self._without_stale_timers(execution, entries)
        if any(entry.conducts for entry in entries):
            # Not before: until now it may be over, and whoever looks then lets it go.
            self._desk.holdings.conduct(execution)
        draft = Draft(loaded, self._engine_for(execution), self._desk)
        for entry in entries:
            now = max(self._desk.clock.now(), entry.due)
            await draft.add(entry, now)
        reach(Failpoint.DECIDED)
        change = draft.change(self._snapshot_every)
        if change is not None:
            return draft, change
        if await self._is_old(loaded):
            self._desk.loader.forget(execution)
            self._again(entries)
        else:
            draft.answer(loaded.row)
            self._note_late(draft)
        return None

    def _engine_for(self, execution: str) -> str | None:
        """Return who is to have what follows: we, or whoever takes it."""
        ours = self._desk.holdings.conducts(execution) and not self._dispatcher.closed
        return self._desk.identity.id if ours else None

    async def _load(self, execution: str, first: Entry) -> Loaded | None:
        if isinstance(first.stimulus, Start) and first.tries == 0:
            definition = first.stimulus.definition
            return await self._desk.loader.fresh(execution, definition, first.folder)
        return await self._desk.loader.load(execution)

    async def _without_stale_timers(
        self, execution: str, entries: Sequence[Entry]
    ) -> Sequence[Entry]:
        """Return the entries but for timers that are not in the store as they were armed.

        Whoever has written to the execution since, be it we without being told, may have made
        another timer of the same name, which is due later.
        """
        timers = [entry for entry in entries if isinstance(entry.stimulus, TimerStimulus)]
        if not timers:
            return entries
        works = await self._desk.store.list_work(execution=execution)
        dues = {work.name: work.due for work in works}
        stale = [one for one in timers if one.fence and dues.get(one.fence[0]) != one.due]
        return [entry for entry in entries if entry not in stale]

    async def _is_old(self, loaded: Loaded) -> bool:
        """Return whether others have written since.

        Where something is to be written the store says so. What comes to nothing may do so only
        because we do not know yet what it is the outcome of.
        """
        row = await self._desk.store.get_execution(loaded.execution)
        return row is not None and row.seq != loaded.state.seq

    def park(self, execution: str, entries: Sequence[Entry], cause: Exception) -> None:
        """Take note that an execution can't go on, and refuse what was asked of it."""
        error = self.parking.park(execution, cause)
        self._desk.loader.forget(execution)
        _refuse(entries, error)
        self._desk.followers.fail_one(execution, error)
        self._children.parked(execution, error)

    # -- writing ---------------------------------------------------------------------------

    async def _write(self, changes: Sequence[tuple[Draft, Change]]) -> None:
        if not changes:
            return
        try:
            await self._commit(changes)
        except StoreError:
            for draft, _ in changes:
                draft.doubt()
            raise

    async def _commit(self, changes: Sequence[tuple[Draft, Change]]) -> None:
        try:
            results = await self._desk.store.commit([change for _, change in changes])
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - something in a change that can't be written
            await self._write_alone(changes, error)
            return
        reach(Failpoint.COMMITTED)
        for (draft, change), result in zip(changes, results, strict=True):
            self._conclude(draft, change, result)

    async def _write_alone(self, changes: Sequence[tuple[Draft, Change]], error: Exception) -> None:
        """Write changes one by one, so that the one which can't be written hinders no other."""
        if len(changes) == 1:
            [(draft, _)] = changes
            self.park(draft.loaded.execution, draft.all_entries(), error)
            return
        for draft, change in changes:
            try:
                [result] = await self._desk.store.commit([change])
            except StoreError:
                raise
            except Exception as alone:  # noqa: BLE001 - as above
                self.park(draft.loaded.execution, draft.all_entries(), alone)
            else:
                self._conclude(draft, change, result)

    def _conclude(self, draft: Draft, change: Change, result: CommitResult) -> None:
        execution = draft.loaded.execution
        match result:
            case Committed():
                self._committed(draft, change)
            case Conflict():
                self._desk.loader.forget(execution)
                self._again(draft.all_entries())
            case Fenced(name=name):
                self._desk.loader.forget(execution)
                held = self._desk.holdings.find(execution, name)
                late = [entry for entry in draft.entries if entry.fence and entry.fence[0] == name]
                if held and any(entry.fence == (name, held.claim) for entry in late):
                    self._desk.holdings.drop(execution, name)
                for entry in late:
                    self.late.add(entry, TAKEN)
                rest = [entry for entry in draft.all_entries() if entry not in late]
                self._again(rest)

    def _committed(self, draft: Draft, change: Change) -> None:
        execution, row = draft.loaded.execution, change.row
        if draft.engine is not None and not row.settled:
            self._desk.loader.remember(draft.after(change))
            self._desk.holdings.conducted_on(execution, change.expected, row.seq)
        else:
            self._desk.loader.forget(execution)
        draft.answer(row)
        self._note_late(draft)
        reach(Failpoint.ANSWERED)
        self._dispatcher.carry_out(draft)
        if row.settled:
            self._desk.holdings.release(execution)
        self._desk.followers.tell(execution, row.seq, settled=row.settled)
        self._children.noticed(row)

    def _note_late(self, draft: Draft) -> None:
        """Take note of outcomes from which nothing has followed.

        Of those that may have been written before, when the store failed, nobody can tell.
        """
        for entry in draft.entries:
            if not entry.counted and not entry.doubtful:
                self.late.add(entry, OVER)

    def _again(self, entries: Sequence[Entry]) -> None:
        """Put back what was decided from an old past. What is no request is never given up."""
        kept = []
        for entry in entries:
            entry.tries += 1
            if entry.answer is not None and entry.tries >= MOST_TRIES:
                entry.refuse(
                    RequestError(
                        "too_busy",
                        f"others write to execution {entry.execution} all the time",
                        hint="try again",
                    )
                )
            else:
                kept.append(entry)
        self._desk.inbox.put_back(kept)

    def _undo(self, entries: Sequence[Entry], error: StoreError) -> None:
        """After trouble with the store: whether it has written is not known, so look again."""
        for entry in entries:
            self._desk.loader.forget(entry.execution)
            entry.refuse(error)
            entry.tries += 1
        self._desk.inbox.put_back(entry for entry in entries if entry.answer is None)


def _grouped(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.execution, []).append(entry)
    return groups


def _refuse(entries: Sequence[Entry], error: Exception) -> None:
    for entry in entries:
        entry.refuse(error)
