"""One change of one execution, drafted: what was decided, and what is to be written and done."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import msgspec

from segue.core.codec import encode_state
from segue.core.commands import (
    CancelAttempt,
    ClearTimer,
    Command,
    EndAttempt,
    OpenQuestion,
    SetTimer,
    StartAttempt,
    attempt_name,
)
from segue.core.commands_of import commands_of
from segue.core.errors import RequestError
from segue.core.events import ExecutionStarted, Recorded
from segue.core.keeping import put_away
from segue.language.model import Delivery
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.inbox import Entry
from segue.runtime.desk.loading import Loaded
from segue.runtime.desk.outstanding import FIRST_CLAIM, attempt_work, timer_work
from segue.runtime.desk.questions import question_work
from segue.store.port import BigValue, Change, ExecutionRow, NewWork, Snapshot
from segue.values import JsonValue


class Draft:
    """Stimuli of one execution that become one change, each decided from what the last one left.

    Nothing of it is told or done before the change is durable: not even a refusal, for it may
    rest on what an earlier stimulus of the same draft has decided.
    """

    def __init__(self, loaded: Loaded, engine: str | None, desk: Desk) -> None:
        self.loaded = loaded
        self.engine = engine
        self._desk = desk
        self.entries: list[Entry] = []
        self.commands: list[Command] = []
        self.new_work: dict[str, NewWork] = {}
        self._state = loaded.state
        self._events: list[Recorded] = []
        self._ended: dict[str, None] = {}
        self._canceled: dict[str, None] = {}
        self._fences: list[tuple[str, int]] = []
        self._refused: list[tuple[Entry, RequestError]] = []
        self._values: dict[str, bytes] = {}
        self._at = 0.0

    async def add(self, entry: Entry, now: float) -> None:
        """Decide one more stimulus.

        Raises `StoreError` if a fact can't be read, and for bugs; the draft is as it was then.
        """
        if entry.fence is not None and self._is_over(entry.fence[0]):
            self.entries.append(entry)  # told twice: what it is of is over, if only in this draft
            return
        desk, new = self._desk, {**self._values, **entry.values}
        try:
            decided = await desk.facts.decide(
                self.loaded.program,
                self._state,
                entry.stimulus,
                now,
                desk.store.get_keys,
                read_value=partial(self._read_value, new),
            )
        except RequestError as error:
            self._refused.append((entry, error))
            return
        kept = put_away(self._state, decided, desk.inbox.limits.inline)
        events = kept.events
        new.update(kept.values)
        referred = [one for event in events for one in event.refers]
        self._values.update({one: new[one] for one in referred if one in new})
        commands = [command for event in events for command in commands_of(event)]
        for command in commands:
            self._command(command, now)
        entry.counted = bool(events)
        self.entries.append(entry)
        self.commands += commands
        self._events += [
            Recorded(seq=seq, at=now, event=event)
            for seq, event in enumerate(events, self._state.seq + 1)
        ]
        self._state, self._at = kept.state, now
        if events and entry.fence is not None:
            self._fences.append(entry.fence)

    def change(self, snapshot_every: int) -> Change | None:
        """Return what to write; None: nothing was decided."""
        if not self._events:
            return None
        state = self._state
        snapshot = None
        if not state.settled and state.seq - self.loaded.snapshot >= snapshot_every:
            snapshot = Snapshot(seq=state.seq, data=encode_state(state))
        return Change(
            row=self._row(),
            expected=self.loaded.state.seq,
            events=self._events,
            new_work=tuple(self.new_work.values()),
            ended=tuple(self._ended),
            canceled=tuple(self._canceled),
            fences=tuple(self._fences),
            claimed_by=self.engine,
            snapshot=snapshot,
            definition=self.loaded.source,
            values=[BigValue(sha256=one, data=data) for one, data in self._values.items()],
        )

    def after(self, change: Change) -> Loaded:
        """Return the execution as it is once the change is written."""
        covered = change.snapshot.seq if change.snapshot else self.loaded.snapshot
        return replace(
            self.loaded, state=self._state, row=change.row, snapshot=covered, source=None
        )

    def answer(self, row: ExecutionRow | None) -> None:
        """Tell those who asked: the change is durable, or there was none to write."""
        for entry in self.entries:
            entry.grant(row)
        for entry, error in self._refused:
            entry.refuse(error)

    def doubt(self) -> None:
        """Take note that the store has failed, and may have written the change all the same."""
        for entry in self.entries:
            entry.doubtful = True

    def all_entries(self) -> list[Entry]:
        """Return all that was asked, what was refused included."""
        return self.entries + [entry for entry, _ in self._refused]

    def _is_over(self, name: str) -> bool:
        return name in self._ended or name in self.new_work

    async def _read_value(self, new: Mapping[str, bytes], sha256: str) -> tuple[JsonValue, int]:
        """Return a value and its size, be it kept already or about to be."""
        data = new.get(sha256)
        if data is None:
            return await self._desk.values.read(sha256)
        return msgspec.json.decode(data), len(data)

    def _row(self) -> ExecutionRow:
        return replace(
            self.loaded.row or self._first_row(),
            status=self._state.shown_status,
            settled=self._state.settled,
            seq=self._state.seq,
            updated_at=self._at,
        )

    def _first_row(self) -> ExecutionRow:
        started = self._events[0].event
        assert isinstance(started, ExecutionStarted), "nothing is before the start"
        parent, _, attempt = (started.parent or "").partition("/")
        return ExecutionRow(
            id=self.loaded.execution,
            workflow=self.loaded.program.workflow.name,
            definition=self.loaded.definition,
            status=self._state.shown_status,
            settled=self._state.settled,
            seq=self._state.seq,
            created_at=self._at,
            updated_at=self._at,
            parent=parent or None,
            attempt=attempt or None,
            depth=started.depth,
            folder=self.loaded.folder,
        )

    def _only_under(self, task: str) -> int | None:
        """Return the claim under which an attempt is handed off first, if it may run only once.

        What an engine makes it has under the first claim; what nobody has yet is claimed first.
        """
        delivery = self.loaded.program.tasks[task].task.delivery
        if delivery is Delivery.AT_LEAST_ONCE:
            return None
        return FIRST_CLAIM if self.engine is not None else FIRST_CLAIM + 1

    def _command(self, command: Command, now: float) -> None:
        match command:
            case StartAttempt(action=action):
                child = self._desk.catalog.names(action)
                only_under = self._only_under(command.task)
                self._new(attempt_work(command, child=child, now=now, only_under=only_under))
            case OpenQuestion():
                self._new(question_work(command))
            case SetTimer():
                self._new(timer_work(command))
            case EndAttempt(task=task, visit=visit, attempt=attempt, item=item):
                self._end(attempt_name(task, visit, attempt, item))
            case ClearTimer(name=name):
                self._end(name)
            case CancelAttempt(task=task, visit=visit, attempt=attempt, item=item):
                self._canceled[attempt_name(task, visit, attempt, item)] = None

    def _new(self, work: NewWork) -> None:
        self.new_work[work.name] = work

    def _end(self, name: str) -> None:
        """End work; what this very draft has made is never written at all."""
        if self.new_work.pop(name, None) is None:
            self._ended[name] = None
        self._canceled.pop(name, None)
