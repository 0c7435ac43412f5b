"""Making a world in which something is found as small as it can be while it still is."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.simulation.plan import Plan
from tests.simulation.simulate import Report, simulate

from segue.runtime.errors import DefinitionError

#: More worlds than these are not tried.
MOST_TRIES = 400


def shrink(report: Report, run: Callable[[Plan], Report] = simulate) -> Report:
    """Return the report of the smallest world found that shows a trouble of the same kind."""
    kind = kind_of(report.troubles[0])
    tries = 0
    smaller = True
    while smaller and tries < MOST_TRIES:
        smaller = False
        for plan in _smaller(report.plan):
            tries += 1
            try:
                found = run(plan)
            except DefinitionError:
                continue  # without that task it is no workflow
            if any(kind_of(trouble) == kind for trouble in found.troubles):
                report, smaller = found, True
                break
    return report


def kind_of(trouble: str) -> str:
    """Return what a trouble says without the names and numbers of its world."""
    words = [word for word in trouble.replace(":", " ").split() if word.isalpha()]
    return " ".join(words)


def _smaller(plan: Plan) -> Iterator[Plan]:
    """Give plans that are smaller in one way each, the largest steps first."""
    for half in (plan.workflows[: len(plan.workflows) // 2], plan.workflows[1:]):
        if half and half != plan.workflows:
            yield replace(plan, workflows=half)
    for at in range(1, len(plan.workflows)):
        yield replace(plan, workflows=plan.workflows[:at] + plan.workflows[at + 1 :])
    for fault in sorted(plan.faults):
        yield replace(plan, faults=plan.faults - {fault})
    yield from _with_fewer_hands(plan)
    for operations in dict.fromkeys((0, plan.operations // 2, plan.operations - 1)):
        if 0 <= operations < plan.operations:
            yield replace(plan, operations=operations)
    if plan.horizon > 2.0:
        yield replace(plan, horizon=plan.horizon / 2)
    for at in range(len(plan.workflows)):
        yield from _without_tasks(plan, at)


def _with_fewer_hands(plan: Plan) -> Iterator[Plan]:
    if plan.prunes:
        yield replace(plan, prunes=False)
    if plan.engines > 1:
        yield replace(plan, engines=plan.engines - 1)


def _without_tasks(plan: Plan, at: int) -> Iterator[Plan]:
    """Give plans in which one of the started workflows has one task less."""
    for task in range(7):
        cut = (plan.workflows[at], task)
        if cut not in plan.cuts:
            yield replace(plan, cuts=plan.cuts | {cut})
