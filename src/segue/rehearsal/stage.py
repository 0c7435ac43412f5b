"""A test's execution, from its start to its end: the core, mocks, and a clock that jumps."""

from typing import assert_never

from segue.checking.hosted import ST2, hosted_context
from segue.conducting.facts import with_facts
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
from segue.core.rerunning import plan_rerun
from segue.core.state import NEW, State
from segue.core.view import ExecutionView
from segue.core.viewing import joins_of, view_of
from segue.expressions.scope import Facts
from segue.language.input_schemas import schema_problem, value_problems
from segue.language.inputs import check_inputs
from segue.language.questions import ASK, answer_schema
from segue.rehearsal.book import Book
from segue.rehearsal.clock import Clock
from segue.rehearsal.differing import differences, shown
from segue.rehearsal.real import RUNNABLE, run_really
from segue.rehearsal.record import Record
from segue.rehearsal.spec import (
    Answers,
    Cancels,
    Fails,
    Mock,
    Never,
    Pauses,
    Rejects,
    Request,
    Reruns,
    Resumes,
    RunsReally,
    Succeeds,
    Test,
    TimesOut,
)
from segue.rehearsal.verdict import Failure, Kind
from segue.values import JsonValue

#: An execution in which more happens than this goes on and on.
MOST_STEPS = 100_000
#: The limit that an engine has unless it is configured otherwise. There is none on the duration,
#: so that what waits for ever is seen to.
MAX_VISITS = 10_000

#: Who answers questions in rehearsals.
ANSWERER = "rehearsal"

Call = StartAttempt | OpenQuestion


class Stage:
    """One execution. After `run` it has happened, as far as it went."""

    def __init__(self, test: Test) -> None:
        self._test = test
        self._program = Program.of(test.rehearsed.workflow)
        self._book = Book(test.mocks)
        self._clock = Clock(test.now)
        self._stopped = False
        self.state: State = NEW
        self.record = Record()
        self.failures: list[Failure] = []

    # -- looking -------------------------------------------------------------------------------

    @property
    def complete(self) -> bool:
        """Whether it went as far as it could, so that it can be judged."""
        return not self._stopped

    @property
    def seconds(self) -> float:
        """How long it has taken on its own clock."""
        return self._clock.now - self._test.now

    def view(self) -> ExecutionView:
        """Return the execution as people look at it."""
        joins = joins_of(self._program, self.state.start)
        return view_of("rehearsal", self.record.events, joins)

    # -- doing ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Let everything happen."""
        problems = check_inputs(self._test.rehearsed.workflow, self._test.inputs)
        if problems:
            self._stop(
                Failure(
                    kind=Kind.REFUSED,
                    message="the workflow can't be started with these inputs",
                    details=tuple(problem.message for problem in problems),
                    span=self._test.span,
                )
            )
            return
        for request in self._test.requests:
            self._clock.at(self._test.now + request.at, request)
        rehearsed = self._test.rehearsed
        context = hosted_context(
            rehearsed.text,
            rehearsed.language,
            workflow=rehearsed.workflow.name,
            execution="rehearsal",
            user=ANSWERER,
            kept=self._test.keys.get(ST2),
        )
        start = s.Start(
            inputs=self._test.inputs,
            context=context,
            start=self._test.start,
            max_visits=MAX_VISITS,
        )
        try:
            self._give(start)
        except RequestError as error:
            self._refused(error, None)
        self._go_on()
        if self.complete:
            self._tell_unused()

    def _go_on(self) -> None:
        for _ in range(MOST_STEPS):
            if self._stopped:
                return
            due = self._clock.next()
            if due is None:
                return
            if isinstance(due, Request):
                self._ask(due)
            else:
                self._give(due)
        message = f"it goes on and on: more than {MOST_STEPS:,} things happened"
        self._stop(Failure(kind=Kind.ENDLESS, message=message, span=self._test.span))

    def _give(self, stimulus: s.Stimulus) -> None:
        test = self._test
        facts = Facts(now=self._clock.now, random=test.random, env=test.env, keys=test.keys)
        decided = with_facts(
            facts, lambda known: decide(self._program, self.state, stimulus, known)
        )
        for event in decided.events:
            before = self.state
            self.state = evolve(before, event)
            self.record.add(event, before, self.state, self._clock.now)
        for event in decided.events:
            for command in commands_of(event):
                self._do(command)

    def _ask(self, request: Request) -> None:
        try:
            match request.asks:
                case Pauses(reason=reason):
                    self._give(s.Pause(reason=reason))
                case Resumes():
                    self._give(s.Resume())
                case Cancels(reason=reason):
                    self._give(s.Cancel(reason=reason))
                case Reruns(request=asked):
                    plan = plan_rerun(self._program, self.record.events, asked)
                    self._give(s.Rerun(plan=plan))
                case _:
                    assert_never(request.asks)
        except RequestError as error:
            self._refused(error, request)

    def _refused(self, error: RequestError, request: Request | None) -> None:
        what = "the request is refused" if request else "the workflow can't be started"
        self._stop(
            Failure(
                kind=Kind.REFUSED,
                message=f"{what}: {error.message}",
                details=(error.hint,) if error.hint else (),
                span=request.span if request else self._test.span,
            )
        )

    def _stop(self, failure: Failure) -> None:
        self.failures.append(failure)
        self._stopped = True

    # -- commands ------------------------------------------------------------------------------

    def _do(self, command: Command) -> None:
        match command:
            case StartAttempt() | OpenQuestion():
                self._start(command)
            case EndAttempt():
                self._clock.drop(_name(command))
            case CancelAttempt():
                self._clock.drop(_name(command))
                self._end(command, s.Canceled(), 0.0)
            case SetTimer():
                self._clock.at(command.due, command.stimulus, command.name)
            case ClearTimer():
                self._clock.drop(command.name)
            case _:
                assert_never(command)

    def _start(self, call: Call) -> None:
        if isinstance(call, StartAttempt) and call.action is None:
            self._end(call, s.Succeeded(), 0.0)
            return
        mock = self._book.take(call)
        if mock is None:
            self._not_mocked(call)
            return
        self._check_call(call, mock)
        outcome, takes = self._outcome(call, mock)
        if outcome is not None:
            self._finish(call, outcome, takes)
        elif call.timeout is not None:
            self._expire(call)

    def _finish(self, call: Call, outcome: s.Outcome, takes: float) -> None:
        if call.timeout is not None and takes > call.timeout:
            self._expire(call)
        else:
            self._end(call, outcome, takes)

    def _expire(self, call: Call) -> None:
        assert call.timeout is not None
        self._end(call, s.TimedOut(seconds=call.timeout), call.timeout)

    def _end(self, call: Call | CancelAttempt, outcome: s.Outcome, takes: float) -> None:
        ended = s.AttemptEnded(
            task=call.task,
            visit=call.visit,
            attempt=call.attempt,
            item=call.item,
            outcome=outcome,
        )
        self._clock.at(self._clock.now + takes, ended, _name(call))

    def _outcome(self, call: Call, mock: Mock) -> tuple[s.Outcome | None, float]:
        """Return how a call ends, and after how long; None: not by itself."""
        match mock.doing:
            case Succeeds(result=result):
                return s.Succeeded(result=result), mock.takes
            case Fails(message=message, code=code, result=result):
                return s.Failed(message=message, code=code, result=result), mock.takes
            case TimesOut():
                seconds = mock.takes if call.timeout is None else call.timeout
                return s.TimedOut(seconds=seconds), seconds
            case Never():
                return None, 0.0
            case Answers() | Rejects():
                return self._answer(call, mock), mock.takes
            case RunsReally():
                return self._run_really(call, mock)
            case _:
                assert_never(mock.doing)

    def _answer(self, call: Call, mock: Mock) -> s.Outcome | None:
        if not isinstance(call, OpenQuestion):
            message = f"`{call.task}` asks nobody: its action is {call.action}"
            self._wrong_call(call, mock, message, ())
            return None
        at = self._clock.now + mock.takes
        if isinstance(mock.doing, Rejects):
            reason = mock.doing.reason
            message = f"{ANSWERER} rejected it" + (f": {reason}" if reason else "")
            result: JsonValue = {"reason": reason, "by": ANSWERER, "at": at}
            return s.Failed(message=message, code="rejected", result=result)
        assert isinstance(mock.doing, Answers)
        answer = mock.doing.answer
        schema = answer_schema(call.input)
        if schema is not None and schema_problem(schema) is None:
            problems = value_problems(schema, answer)
            if problems:
                self._wrong_call(call, mock, "the answer is none to the question", problems)
        return s.Succeeded(result={"response": answer, "by": ANSWERER, "at": at})

    def _run_really(self, call: Call, mock: Mock) -> tuple[s.Outcome | None, float]:
        action = _action(call)
        done = run_really(action or "", call.input)
        if done is None:
            message = f"{action} can't be run here: it needs the world, or people"
            self._wrong_call(call, mock, message, (f"what can be is {', '.join(RUNNABLE)}",))
            return None, 0.0
        return done.outcome, done.seconds + mock.takes

    # -- what is wrong with calls --------------------------------------------------------------

    def _check_call(self, call: Call, mock: Mock) -> None:
        action = _action(call)
        if mock.action is not None and mock.action != action:
            details = (f"action: expected {mock.action}, came {action}",)
            self._failed_call(call, mock, "it was called with another action", details)
        if mock.input is not None:
            found = differences("input", mock.input, call.input)
            if found:
                self._failed_call(call, mock, "it was called with another input", found)

    def _failed_call(self, call: Call, mock: Mock, message: str, details: tuple[str, ...]) -> None:
        at = called(call)
        self.failures.append(
            Failure(
                kind=Kind.CALL, message=f"{at}: {message}", details=details, at=at, span=mock.span
            )
        )

    def _wrong_call(self, call: Call, mock: Mock, message: str, details: tuple[str, ...]) -> None:
        self._failed_call(call, mock, message, details)
        self._stopped = True

    def _not_mocked(self, call: Call) -> None:
        action = _action(call)
        at = called(call)
        others = self._book.of_task(call.task)
        why = "there is no mock for it"
        if others:
            why = "no mock of it is left for this call, or is for it"
        self._stop(
            Failure(
                kind=Kind.NOT_MOCKED,
                message=f"{at} calls {action}, and {why}",
                details=(
                    f"its input is {shown(call.input)}",
                    f"add one under `mocks`, such as `{call.task}: {_example(call, action)}`",
                ),
                at=at,
                span=others[-1].span if others else self._test.span,
            )
        )

    def _tell_unused(self) -> None:
        for mock, used in self._book.unused():
            begun = sum(task == mock.task for task, _ in self.record.visits)
            visits = "is not visited" if not begun else f"has {begun} visit" + "s" * (begun > 1)
            message = f"a mock of `{mock.task}` is not used"
            if used:
                message = f"a mock of `{mock.task}` is used {used} of {mock.times} times"
            self.failures.append(
                Failure(
                    kind=Kind.MOCK_UNUSED,
                    message=message,
                    details=(f"`{mock.task}` {visits} in this test",),
                    at=mock.task,
                    span=mock.span,
                )
            )


def called(call: Call) -> str:
    """Return what calls an action, in words: "probe#2", "probe#2 attempt 3 item 0"."""
    text = f"{call.task}#{call.visit}"
    if call.attempt > 1:
        text += f" attempt {call.attempt}"
    return text if call.item is None else f"{text} item {call.item}"


def _example(call: Call, action: str | None) -> str:
    if isinstance(call, OpenQuestion):
        return "{answers: {...}}"
    return "{run: true}" if action in RUNNABLE else "{result: ...}"


def _name(call: Call | CancelAttempt | EndAttempt) -> str:
    return f"attempt:{attempt_name(call.task, call.visit, call.attempt, call.item)}"


def _action(call: Call) -> str | None:
    return call.action if isinstance(call, StartAttempt) else ASK
