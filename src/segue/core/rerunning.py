"""Running again: planning it from the log, and doing what was planned."""

import dataclasses
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from segue.core import events as e
from segue.core.codec import save_state
from segue.core.decision import Decision
from segue.core.errors import RequestError
from segue.core.evaluation import FaultError
from segue.core.failure import failed_by_command
from segue.core.inputs import require_inputs
from segue.core.outlook import Outlook
from segue.core.program import Program
from segue.core.rerun_plan import RerunPlan, RerunRequest, Visited
from segue.core.rerun_step import Again, RoundKey, Step
from segue.core.rerun_targets import met_fail, other_ends, targets_of
from segue.core.rewinding import (
    again_of,
    fold_steps,
    prepared,
    reopened,
    rewound,
    rounds_of,
    scheduled,
    steps_of,
    with_counts,
)
from segue.core.spreading import go_on_with_items
from segue.core.starting import started_anew
from segue.core.state import Round, State
from segue.core.status import Status
from segue.expressions.scope import Facts
from segue.language.model import Rerun as Mode
from segue.values import JsonValue


def plan_rerun(
    program: Program, recorded: Sequence[e.Recorded], request: RerunRequest
) -> RerunPlan:
    """Return what a rerun will do. Nothing happens by it.

    `recorded` is the whole log of the execution. Raises `RequestError` for a task execution that
    there is not, that a rerun has superseded already, or that is not over; and if there is nothing
    to run again.
    """
    steps = counted = steps_of(recorded)
    first = recorded[0]
    assert isinstance(first.event, e.ExecutionStarted)
    if not request.targets and _failed_to_begin(steps):
        request = dataclasses.replace(request, from_start=True)
    asked = targets_of(program, steps, request)
    given = _inputs(program, recorded, request)
    mode = program.workflow.semantics.rerun
    reset = _reset(request, asked)
    kept: set[Visited] = set()
    again: tuple[Again, ...] = ()
    rounds: tuple[tuple[RoundKey, Round], ...] = ()
    if request.from_start:
        gone = frozenset(visited for step in steps if (visited := scheduled(step)) is not None)
        steps = steps[:1]
    else:
        found = rewound(steps, asked, mode)
        kept, gone = found.again, found.superseded
        again = again_of(steps, sorted(kept), reset_items=reset, rerun=mode)
        rounds = rounds_of(steps, found.reopened, asked)
        steps = found.steps
    state = reopened(fold_steps(steps), rounds)
    seq = recorded[-1].seq
    variables = {**({} if request.from_start else request.inputs), **request.variables}
    state = prepared(with_counts(state, recorded, steps), again, variables, seq + 1)
    state = _not_forgiven(state, steps, mode)
    state = _without_ended_rounds(program, replace(state, status=Status.RUNNING))
    withheld = tuple(
        arrival.task
        for arrival in state.arrivals
        if arrival.again is None and not request.from_start
    )
    if not state.arrivals and not state.tasks:
        others = other_ends(steps)
        if others and not (request.targets or request.from_start):
            return plan_rerun(program, recorded, dataclasses.replace(request, targets=others))
        raise RequestError(
            "nothing_to_run_again",
            "nothing failed, was canceled or is left to run",
            hint="name what is to be run again: `--from task`, or `--from-start`",
        )
    deadline = first.event.deadline
    return RerunPlan(
        seq=seq,
        targets=tuple(sorted(kept)),
        superseded=tuple(sorted(gone)),
        withheld=withheld,
        state=state,
        items={one.visited: one.items for one in again if one.items is not None},
        from_start=request.from_start,
        inputs=given if request.inputs else None,
        beginning=given if request.from_start else None,
        around=_around(program, first.event) if request.from_start else {},
        variables=variables,
        reset_items=tuple(sorted(reset & kept)),
        asked=asked,
        rerun=mode,
        duration=None if deadline is None else deadline - first.at,
        meets_fail=not request.targets and met_fail(counted) is not None,
    )


def not_finished(status: Status) -> RequestError:
    """Return what refuses to run an execution again that is not over."""
    return RequestError(
        "not_finished",
        f"the execution can't be run again: it is {status}",
        hint="wait until it is over, or cancel it",
    )


def rerun(decision: Decision, plan: RerunPlan) -> None:
    """Go on from the state of a plan.

    Raises `RequestError` if the execution has gone on since, or is not over.
    """
    before = decision.state
    if not (before.settled or (before.stepwise and before.status.is_final)):
        raise not_finished(before.status)
    if plan.seq != before.seq:
        raise RequestError(
            "moved_on",
            "the execution has gone on since the rerun was planned",
            hint="plan it again",
        )
    deadline = None if plan.duration is None else decision.facts.now + plan.duration
    state, restarted = plan.state, None
    if plan.beginning is not None:
        try:
            restarted = started_anew(decision, state, plan)
        except FaultError as fault:
            raise RequestError(
                "inputs_unusable",
                fault.failure.message,
                hint="give other inputs, or a value for what can't be evaluated",
                field="inputs",
            ) from fault
        fresh = prepared(
            fold_steps([Step(seq=1, event=restarted)]), (), plan.variables, before.seq + 1
        )
        state = replace(fresh, visits=state.visits, superseded=state.superseded)
    state = replace(state, seq=before.seq, deadline=deadline)
    decision.emit(
        e.ExecutionRerun(
            targets=plan.targets,
            superseded=plan.superseded,
            state=save_state(state),
            inputs=plan.inputs,
            deadline=deadline,
            variables=plan.variables,
            reset_items=plan.reset_items,
            restarted=restarted,
            asked=plan.asked,
            rerun=plan.rerun,
            from_start=plan.from_start,
        )
    )
    go_on_with_items(decision)


def _around(program: Program, started: e.ExecutionStarted) -> dict[str, JsonValue]:
    """Return the variables that the workflow does not make itself: those of whoever embeds it."""
    own = {name for name, _ in (*program.inputs, *program.vars)}
    return {name: value for name, value in started.context.items() if name not in own}


def _reset(request: RerunRequest, targets: Iterable[Visited]) -> frozenset[Visited]:
    named = {(target.task, target.visit) for target in request.targets if target.reset_items}
    return frozenset(
        visited
        for visited in targets
        if request.reset_items or visited in named or (visited[0], None) in named
    )


def _inputs(
    program: Program, recorded: Sequence[e.Recorded], request: RerunRequest
) -> dict[str, JsonValue]:
    """Return the inputs that are given for the rerun: the former ones, and over them the new ones.

    Raises `RequestError` if the workflow does not take them.
    """
    inputs: dict[str, JsonValue] = {}
    for one in recorded:
        event = one.event
        if isinstance(event, e.ExecutionStarted):
            own = event.inputs.keys() - set(event.defaulted)
            inputs = {name: value for name, value in event.inputs.items() if name in own}
        elif isinstance(event, e.ExecutionRerun) and event.inputs is not None:
            inputs = dict(event.inputs)
    inputs.update(request.inputs)
    require_inputs(program.workflow, inputs, request.inputs)
    return inputs


def _failed_to_begin(steps: Sequence[Step]) -> bool:
    """Whether a default or a variable could not be evaluated: nothing can go on without it.

    What a host then does by itself is its own affair.
    """
    begun = steps[0].event
    assert isinstance(begun, e.ExecutionStarted)
    failed = len(steps) > 1 and isinstance(steps[1].event, e.ExecutionFailed)
    return failed and not begun.stepwise


def _not_forgiven(state: State, steps: Sequence[Step], mode: Mode) -> State:
    """Return the state that fails at its end if `fail` was reached, and not from what comes again.

    Where what followed stays, that is forgiven.
    """
    met = met_fail(steps) if mode is Mode.SUPERSEDES else None
    if met is None or state.unhandled is not None:
        return state
    return replace(state, unhandled=failed_by_command(*met))


def _without_ended_rounds(program: Program, state: State) -> State:
    """Forget the rounds that have fired and in which nobody can arrive any more."""
    outlook = Outlook(Decision(program, state, Facts(now=0.0)))
    graph = program.graph(state.start)
    fired = state.fired
    at_the_join = {(one.task, one.branch.keys.get(one.task, 0)) for one in state.arrivals}
    for name, key in state.fired:
        if (name, key) not in at_the_join and not outlook.coming(graph.joins[name], key):
            fired = fired.remove((name, key))
    return replace(state, fired=fired)
