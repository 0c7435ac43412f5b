"""From Orquesta's own record of an execution to one of Segue's that has come just as far.

The record has the sequence of tasks, how each ended, which of its transitions held, and what these
published; it has no results. So the tasks are conducted again in that order, by a workflow in which
each condition is what it came to be, and each value that is published what it was.
"""

from collections.abc import Mapping
from dataclasses import replace

from segue.conducting.conductor import Conductor
from segue.conducting.refusal import Code, RefusedError
from segue.conducting.requests import Start
from segue.conducting.responses import OfferMessage
from segue.core.program import Compiled, Program, TaskProgram, TransitionProgram
from segue.core.status import Status
from segue.expressions.template import CompiledTemplate
from segue.language.findings import START_OF_FILE
from segue.language.model import EngineCommand, Template
from segue.rehearsal.orquesta.spec import OrquestaTarget
from segue.rehearsal.orquesta.stage import FACTS, OrquestaStage
from segue.rehearsal.spec import Rehearsed
from segue.values import JsonObject, JsonValue

_COMMANDS = frozenset(EngineCommand)


def restored(state: JsonObject, rehearsed: Rehearsed) -> OrquestaStage:
    """Return an execution that has come as far as the record. Raises `RefusedError`."""
    inputs, context = state.get("input"), state.get("context")
    start = Start(
        definition=rehearsed.text,
        inputs=dict(inputs) if isinstance(inputs, dict) else {},
        context=dict(context) if isinstance(context, dict) else {},
    )
    conductor = Conductor.begin(start, FACTS)
    conductor.request(Status.RUNNING, FACTS)
    return _Restoring(OrquestaStage(conductor, rehearsed.workflow), _Record(state)).restored()


class _Restoring:
    """Begins the tasks of a record in their order. One ends when the next can't begin before."""

    def __init__(self, stage: OrquestaStage, record: "_Record") -> None:
        self._stage = stage
        self._record = record
        self._begun: list[tuple[OfferMessage, _Entry]] = []

    def restored(self) -> OrquestaStage:
        """Return the execution. Raises `RefusedError`."""
        for place, entry in enumerate(self._record.sequence):
            if entry.task not in _COMMANDS:
                offer = self._offered(entry, place)
                self._stage.begin(offer)
                self._begun.append((offer, entry))
        self._end_all()
        return self._stage

    def _end_all(self) -> None:
        while self._begun:
            self._end_one()

    def _offered(self, entry: "_Entry", place: int) -> OfferMessage:
        """Let things happen until the task of an entry can begin."""
        while True:
            offer = self._offer(entry)
            if offer is not None:
                return offer
            if self._begun:
                self._end_one()
            elif self._record.reruns:
                self._stage.rerun(self._record.rerun())
            else:
                what = f"entry {place} of its sequence, `{entry.task}`"
                message = f"workflow_state can't be gone on from: {what}, can't follow the others"
                raise RefusedError(Code.BAD_REQUEST, message)

    def _offer(self, entry: "_Entry") -> OfferMessage | None:
        # An entry is a task, or a new attempt of it, and not the next of its items.
        begun = {offer.handle for offer, _ in self._begun}
        for offer in self._stage.offers():
            if offer.handle in begun:
                continue
            visited = self._stage.conductor.offered[offer.handle]
            if (offer.task, self._stage.route_of(visited)) == (entry.task, entry.route):
                return offer
        return None

    def _end_one(self) -> None:
        """End the first that has begun, as the record says that it ended."""
        offer, entry = self._begun.pop(0)
        if not entry.status.is_final:
            return
        conductor = self._stage.conductor
        before = conductor.stepper.program
        program = _as_it_was(before, entry, self._record.contexts)
        conductor.stepper = replace(conductor.stepper, program=program)
        visited = conductor.offered[offer.handle]
        items = range(offer.items_count) if isinstance(offer.items_count, int) else (None,)
        for item in items:
            if conductor.stepper.state.find(*visited) is not None:
                self._stage.end(offer, entry.status, None, item)
        conductor.stepper = replace(conductor.stepper, program=before)


class _Entry:
    """One entry of the sequence in the record."""

    def __init__(self, value: JsonValue) -> None:
        entry = _object(value)
        self.task = str(entry.get("id", ""))
        route, status = entry.get("route"), entry.get("status")
        self.route = route if isinstance(route, int) else 0
        known = isinstance(status, str) and status in set(Status)
        self.status = Status(str(status)) if known else Status.RUNNING
        self.next = _object(entry.get("next"))
        self.out = _object(_object(entry.get("ctxs")).get("out"))


class _Record:
    """What of the record is needed."""

    def __init__(self, state: JsonObject) -> None:
        inner = _object(state.get("state"))
        self.sequence = [_Entry(one) for one in _list(inner.get("sequence"))]
        self.contexts = [_object(one) for one in _list(inner.get("contexts"))]
        self.reruns = [_list(one) for one in _list(inner.get("reruns"))]

    def rerun(self) -> list[OrquestaTarget]:
        """Take the next rerun from the record; it names places in the sequence."""
        places = self.reruns.pop(0)
        entries = [self.sequence[place] for place in places if isinstance(place, int)]
        return [OrquestaTarget(task=entry.task, route=entry.route) for entry in entries]


def _as_it_was(program: Program, entry: _Entry, contexts: list[JsonObject]) -> Program:
    """Return the program in which the transitions of a task are what they came to be."""
    found = Program.__new__(Program)
    found.__dict__.update(program.__dict__)
    task = program.tasks[entry.task]
    found.tasks = {**program.tasks, entry.task: _task(task, entry, contexts)}
    return found


def _task(task: TaskProgram, entry: _Entry, contexts: list[JsonObject]) -> TaskProgram:
    return replace(
        task,
        retry=None,
        transitions=tuple(_transition(one, entry, contexts) for one in task.transitions),
    )


def _transition(
    transition: TransitionProgram, entry: _Entry, contexts: list[JsonObject]
) -> TransitionProgram:
    keys = [f"{name}__t{transition.transition.index}" for name in transition.do]
    held = any(entry.next.get(key) is True for key in keys)
    published: Mapping[str, JsonValue] = {}
    for key in keys:
        number = entry.out.get(key)
        if isinstance(number, int) and number < len(contexts):
            published = contexts[number]
    return replace(
        transition,
        when=_constant(held),
        publish=tuple((name, _constant(value)) for name, value in published.items()),
    )


def _constant(value: JsonValue) -> Compiled:
    """Return a value as a template; whatever it looks like, it is not evaluated."""
    return Compiled(Template(value=value, span=START_OF_FILE), CompiledTemplate(value, None))


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _list(value: JsonValue) -> list[JsonValue]:
    return list(value) if isinstance(value, list) else []
