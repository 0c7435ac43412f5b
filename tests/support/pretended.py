"""An engine that is pretended: outcomes by chance, timers that are late, requests at any time."""

import heapq
import json
import random

from segue.conducting.facts import with_facts
from segue.core import events as e
from segue.core import stimuli as s
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
from segue.core.decide import decide
from segue.core.errors import RequestError
from segue.core.evolve import evolve
from segue.core.program import Program
from segue.core.rerun_plan import RerunRequest
from segue.core.rerunning import plan_rerun
from segue.core.state import NEW, State
from segue.expressions.scope import Facts
from segue.language.workflows import load_workflow
from segue.values import JsonValue

CONDITIONS = ("succeeded()", "failed()", "timed_out()", "result() == 1", "visit() < 3", None)

_Due = s.Stimulus | str | None  # a request by its name; None: the timers that are due


def any_workflow(chance: random.Random) -> str:
    """Return a workflow of a few tasks with anything in it: cycles, joins, items, delays."""
    names = [f"t{number}" for number in range(chance.randint(2, 6))]
    definition: dict[str, JsonValue] = {
        "segue": 1,
        "vars": {"x": 0, "y": 0},
        "start": list(chance.sample(names, chance.randint(1, 2))),
        "limits": {"visits": 25, **({"duration": 3} if chance.random() < 0.1 else {})},
        "unhandled_failure": chance.choice(["fail_fast", "finish_branches"]),
        "on_cancel": chance.choice(["end", "finish"]),
        "tasks": {name: _any_task(chance, name, names) for name in names},
        "output": {"x": "{{ ctx.x }}", "y": "{{ ctx.y }}"},
    }
    return json.dumps(definition)


def _any_task(chance: random.Random, name: str, names: list[str]) -> dict[str, JsonValue]:
    transitions: list[JsonValue] = []
    for _ in range(chance.randint(0, 3)):
        transition: dict[str, JsonValue] = {
            "do": list(chance.sample([*names, "noop", "fail"], chance.randint(1, 2)))
        }
        condition = chance.choice(CONDITIONS)
        if condition is not None:
            transition["when"] = condition
        if chance.random() < 0.5:
            transition["publish"] = {chance.choice("xy"): "{{ [visit(), result()] }}"}
        transitions.append(transition)
    task: dict[str, JsonValue] = {
        "next": transitions,
        "match": chance.choice(["first", "all"]),
    }
    often: tuple[tuple[float, str, JsonValue], ...] = (
        (0.85, "action", f"x.{name}"),
        (0.25, "join", ("all", "any", 2)[chance.randrange(3)]),
        (0.3, "retry", {"count": chance.randint(1, 2), "delay": chance.choice([0, 0.5, 1])}),
        (0.3, "delay", chance.choice([0.5, 1, 2])),
        (0.3, "timeout", chance.choice([0.3, 1, 3])),
        (0.3, "with", any_items(chance)),
    )
    task.update({key: value for share, key, value in often if chance.random() < share})
    if "action" not in task:
        task.pop("with", None)
    elif chance.random() < 0.2:
        task |= {"action": "core.ask", "input": {"message": "?"}}
    return task


def any_items(chance: random.Random) -> dict[str, JsonValue]:
    """Return three items, and how they are run."""
    return {
        "items": [1, 2, 3],
        "concurrency": chance.randint(1, 3),
        "on_item_failure": chance.choice(["stop", "continue"]),
        "max_failures": chance.randint(0, 1),
    }


class Pretended:
    """One execution. What is late is so by at most `late` seconds."""

    def __init__(self, text: str, chance: random.Random, late: float) -> None:
        loaded = load_workflow(text)
        assert loaded.workflow is not None
        self.program = Program.of(loaded.workflow)
        self.state: State = NEW
        self.events: list[e.Recorded] = []
        self._chance = chance
        self._late = late
        self._now = 1_700_000_000.0 + chance.random()
        self._heap: list[tuple[float, int, str | None, _Due]] = []
        self._number = 0
        self._ends: dict[str, int] = {}
        self._timers: dict[str, tuple[float, int, s.Stimulus]] = {}

    def run(self) -> None:
        """Let it happen. Raises `RequestError` where it can't start."""
        self._give(s.Start(inputs={}, max_visits=10_000))
        for what in ("pause", "resume", "cancel", "rerun", "rerun"):
            if self._chance.random() < 0.12:
                within = 30 if what == "rerun" else 6
                self._at(self._now + self._chance.random() * within, what)
        for _ in range(600):
            if not self._heap:
                return
            at, number, name, due = heapq.heappop(self._heap)
            if name is None or self._ends.get(name) == number:
                self._now = max(self._now, at)
                self._happen(due)

    def _happen(self, due: _Due) -> None:
        if due is None:
            passed = sorted(one for one in self._timers.items() if one[1][0] <= self._now)
            for name, (_, _, stimulus) in sorted(passed, key=lambda one: one[1][:2]):
                if self._timers.pop(name, None) is not None:
                    self._give(stimulus)
        elif isinstance(due, str):
            self._ask(due)
        else:
            self._give(due)

    def _ask(self, what: str) -> None:
        try:
            match what:
                case "pause":
                    self._give(s.Pause(reason=what))
                case "resume":
                    self._give(s.Resume())
                case "cancel":
                    self._give(s.Cancel(reason=None))
                case _:
                    asked = RerunRequest(from_start=self._chance.random() < 0.5)
                    self._give(s.Rerun(plan=plan_rerun(self.program, self.events, asked)))
        except RequestError:
            pass

    def _give(self, stimulus: s.Stimulus) -> None:
        decided = with_facts(
            Facts(now=self._now),
            lambda known: decide(self.program, self.state, stimulus, known),
        )
        for event in decided.events:
            self.state = evolve(self.state, event)
            self.events.append(e.Recorded(seq=self.state.seq, at=self._now, event=event))
        for event in decided.events:
            for command in commands_of(event):
                self._do(command)

    def _at(self, at: float, due: _Due, name: str | None = None) -> None:
        self._number += 1
        if name is not None:
            self._ends[name] = self._number
        heapq.heappush(self._heap, (at, self._number, name, due))

    def _do(self, command: Command) -> None:
        late = self._chance.random() * self._late
        match command:
            case SetTimer():
                self._at(command.due + late, None)
                self._timers[command.name] = (command.due, self._number, command.stimulus)
            case ClearTimer():
                self._timers.pop(command.name, None)
            case StartAttempt() | OpenQuestion():
                self._start(command)
            case CancelAttempt():
                self._end(command, late, s.Canceled())
            case EndAttempt():
                self._ends.pop(_name(command), None)

    def _start(self, command: StartAttempt | OpenQuestion) -> None:
        if isinstance(command, StartAttempt) and command.action is None:
            self._end(command, 0.0, s.Succeeded())
            return
        chance = self._chance
        if isinstance(command, OpenQuestion):
            self._ask_somebody(command)
            return
        took = chance.choice([0.001, 0.01, chance.random() * 3, chance.random()])
        outcome: s.Outcome = s.Succeeded(result=chance.choice([0, 1, {"a": 1}]))
        if chance.random() < 0.4:
            code = chance.choice(["action_failed", "other"])
            outcome = s.Failed(message=chance.choice(["oh", ""]), code=code, result=1)
        if command.timeout is not None and took > command.timeout:
            took, outcome = command.timeout, s.TimedOut(seconds=command.timeout)
        self._end(command, took + chance.random() * self._late / 10, outcome)

    def _ask_somebody(self, command: OpenQuestion) -> None:
        took = self._chance.random() * 2
        if command.due is not None and command.timeout is not None and took > command.timeout:
            expired = s.QuestionExpired(
                task=command.task,
                visit=command.visit,
                attempt=command.attempt,
                item=command.item,
                seconds=command.timeout,
            )
            self._at(command.due, expired, _name(command))
            return
        said: dict[str, JsonValue] = {"by": "ann", "at": self._now + took}
        outcome: s.Outcome = s.Succeeded(result={"response": {}, **said})
        if self._chance.random() < 0.4:
            result: dict[str, JsonValue] = {"reason": None, **said}
            outcome = s.Failed(message="ann rejected it", code="rejected", result=result)
        self._end(command, took, outcome)

    def _end(
        self,
        command: StartAttempt | OpenQuestion | CancelAttempt,
        took: float,
        outcome: s.Outcome,
    ) -> None:
        ended = s.AttemptEnded(
            task=command.task,
            visit=command.visit,
            attempt=command.attempt,
            item=command.item,
            outcome=outcome,
        )
        self._at(self._now + took, ended, _name(command))


def _name(command: StartAttempt | OpenQuestion | CancelAttempt | EndAttempt) -> str:
    return attempt_name(command.task, command.visit, command.attempt, command.item)
