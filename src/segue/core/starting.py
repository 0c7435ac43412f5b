"""How an execution begins: inputs, vars, and where the first branches stand."""

from collections.abc import Mapping

from segue.core import context as contexts
from segue.core.decision import Decision
from segue.core.errors import RequestError
from segue.core.evaluation import FaultError, evaluate
from segue.core.events import ExecutionStarted, Failure
from segue.core.program import Compiled
from segue.core.rerun_plan import RerunPlan
from segue.core.scoping import context_scope
from segue.core.state import State
from segue.core.status import Status
from segue.core.stimuli import Start
from segue.language.input_schemas import value_problems
from segue.language.model import Input, Merge, OutputBranches, OutputOrder, Unlimited
from segue.values import JsonValue


def start(decision: Decision, stimulus: Start) -> None:
    """Begin. An input or variable that can't be evaluated fails the execution at once.

    Raises `RequestError` if there is nothing to start at, or it could never come to its end.
    """
    if decision.state.status is not Status.REQUESTED:
        raise RequestError("already_started", "the execution has been started before")
    workflow = decision.program.workflow
    begin = _starts(decision, stimulus.start)
    duration = _limit(workflow.limits.duration, stimulus.max_duration)
    visits = _limit(workflow.limits.visits, stimulus.max_visits)
    first = _FirstContext(decision)
    first.surround(stimulus.context)
    inputs = _rendered(decision, first, stimulus.inputs, {})
    decision.emit(
        ExecutionStarted(
            workflow=workflow.name,
            definition=stimulus.definition,
            inputs=inputs,
            context=first.values,
            start=begin,
            deadline=None if duration is None else decision.facts.now + duration,
            visits=None if visits is None else int(visits),
            deep=workflow.semantics.merge is Merge.DEEP,
            by_start=workflow.semantics.output_order is OutputOrder.STARTED,
            stepwise=stimulus.stepwise,
            parent=stimulus.parent,
            depth=stimulus.depth,
            defaulted=_defaulted(inputs, stimulus.inputs),
            ends_only=workflow.semantics.output_branches is OutputBranches.COMPLETED,
        )
    )
    for failure in first.failures:
        decision.fail(failure)


def started_anew(decision: Decision, before: State, plan: RerunPlan) -> ExecutionStarted:
    """Return the beginning of an execution that is run again from its start.

    What nobody gave is evaluated again: it may depend on what was given now, or on what is
    different outside. Variables of the plan are taken as they are. Raises `FaultError` if an
    input or a variable can't be evaluated with these.
    """
    inputs = plan.beginning or {}
    first = _FirstContext(decision)
    first.surround(plan.around)
    given = _rendered(decision, first, inputs, plan.variables)
    if first.failures:
        raise FaultError(first.failures[0])
    return ExecutionStarted(
        workflow=before.workflow,
        definition=before.definition,
        inputs=given,
        context=first.values,
        start=before.start,
        deadline=before.deadline,
        visits=before.visit_limit,
        deep=before.deep,
        by_start=before.by_start,
        stepwise=before.stepwise,
        defaulted=_defaulted(given, inputs),
        ends_only=decision.program.workflow.semantics.output_branches is OutputBranches.COMPLETED,
    )


def _rendered(
    decision: Decision,
    first: "_FirstContext",
    given: Mapping[str, JsonValue],
    known: Mapping[str, JsonValue],
) -> dict[str, JsonValue]:
    """Return the inputs; they, and the variables after them, are in the context then.

    Variables that are `known` are not evaluated.
    """
    inputs: dict[str, JsonValue] = {}
    declared = {one.name: one for one in decision.program.workflow.inputs}
    for name, default in decision.program.inputs:
        if name in given:
            inputs[name] = first.keep(name, given[name])
        elif default is not None:
            value = first.render(name, default, f"the default of input `{name}`")
            if first.knows(name):
                inputs[name] = value
                first.failures += _unfit(declared[name], default, value)
        else:
            raise RequestError(
                "missing_input",
                f"the input `{name}` is required",
                hint="give it a value, or give it a default in the file",
                field=name,
            )
    first.merge()
    for name, compiled in decision.program.vars:
        if name in known:
            first.keep(name, known[name])
        else:
            first.render(name, compiled, f"the variable `{name}`")
    first.merge()
    return inputs


def _defaulted(inputs: Mapping[str, JsonValue], given: Mapping[str, JsonValue]) -> tuple[str, ...]:
    return tuple(name for name in inputs if name not in given)


def _unfit(declared: Input, default: Compiled, value: JsonValue) -> list[Failure]:
    """Return why what an expression gave does not fit the schema of an input.

    What the file says in so many words was checked with the file.
    """
    if default.template.is_literal:
        return []
    place = default.place((), 0)
    what = f"the default of input `{declared.name}` is not what it must be"
    return [
        Failure(code="expression_failed", message=f"{what}: {problem}", place=place)
        for problem in value_problems(declared.schema, value)
    ]


def _starts(decision: Decision, asked: tuple[str, ...]) -> tuple[str, ...]:
    graph = decision.program.graph(asked)
    if not graph.starts:
        raise RequestError(
            "no_entry_point",
            "every task has an inbound transition, so there is none to begin with",
            hint="name the tasks to begin with: `--start task`; natively also `start: [task]`",
            field="start",
        )
    if asked and graph.unsatisfiable_joins:
        join = graph.joins[graph.unsatisfiable_joins[0]]
        reached = [source for source in join.sources if source in graph.reachable]
        raise RequestError(
            "join_out_of_reach",
            f"started at {', '.join(asked)}, the join `{join.task}` can't get the "
            f"{join.needed} arrivals that it needs: only from {', '.join(reached)}",
            hint=f"start at `{join.task}` itself, or where all of its sources are reached",
            field="start",
        )
    return tuple(graph.starts)


class _FirstContext:
    """The context of the first branches as it grows: each value sees the ones before it.

    The inputs replace one another as long as they are rendered, and so do the vars; where mappings
    are merged deeply, that is done when all of them are known (`merge`).
    """

    def __init__(self, decision: Decision) -> None:
        self.values: dict[str, JsonValue] = {}
        self.failures: list[Failure] = []
        self._decision = decision
        self._deep = decision.program.workflow.semantics.merge is Merge.DEEP
        self._context = contexts.empty()
        self._seen = self._context
        self._new: dict[str, JsonValue] = {}

    def keep(self, name: str, value: JsonValue) -> JsonValue:
        """Take a value as it is: what comes from outside is data."""
        self._seen = contexts.write(self._seen, name, value, 0, deep=False)
        self._new[name] = value
        return value

    def surround(self, values: Mapping[str, JsonValue]) -> None:
        """Take variables that stand before the inputs."""
        for name, value in values.items():
            self.keep(name, value)
        self.merge()

    def render(self, name: str, compiled: Compiled, what: str) -> JsonValue | None:
        """Evaluate a value of the definition; if that fails the name stays unset."""
        try:
            value = evaluate(compiled, context_scope(self._decision, self._seen), what, None)
        except FaultError as fault:
            self.failures.append(fault.failure)
            return None
        return self.keep(name, value)

    def knows(self, name: str) -> bool:
        """Return whether a name was given a value."""
        return name in self._new

    def merge(self) -> None:
        """Write what was kept since the last time into the context."""
        for name, value in self._new.items():
            self._context = contexts.write(self._context, name, value, 0, deep=self._deep)
            self.values[name] = self._context[name].value
        self._seen, self._new = self._context, {}


def _limit(own: float | Unlimited | None, default: float | None) -> float | None:
    if own is None:
        return default
    return None if isinstance(own, Unlimited) else own
