"""What expressions see of a branch."""

from msgspec.structs import replace
from rpds import HashTrieMap

from segue.core.decision import Decision
from segue.core.program import Program
from segue.core.scoping import scope_of
from segue.core.state import NEW, NO_BRANCH, Branch, Record, TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Facts, TaskRecord
from segue.language import load_workflow


def decision_of(text: str) -> Decision:
    loaded = load_workflow(text)
    assert loaded.workflow is not None
    return Decision(Program.of(loaded.workflow), NEW, Facts(now=0.0))


def execution_with(branch: Branch) -> TaskExecution:
    return TaskExecution(
        task="t", visit=3, status=Status.RUNNING, order=1, branch=branch, attempt=2
    )


def test_the_records_of_a_branch_are_a_mapping_in_order_of_name() -> None:
    records = HashTrieMap(
        {name: Record(1, TaskRecord(status="succeeded", result=name)) for name in ("b", "a")}
    )
    branch = Branch(NO_BRANCH.context, NO_BRANCH.keys, records)
    decision = decision_of("segue: 1\ntasks: {t: {action: core.noop}}\n")
    scope = scope_of(decision, execution_with(branch), attempt=2)
    assert list(scope.tasks) == ["a", "b"]
    assert len(scope.tasks) == 2
    assert scope.tasks["b"].result == "b"
    assert (scope.task, scope.visit, scope.attempt) == (None, 3, 2)


def test_a_task_that_completes_is_known_to_its_own_transitions() -> None:
    text = (
        "segue: 1\ntasks: {t: {action: core.noop, next: [{when: \"task_status('t') == 'x'\"}]}}\n"
    )
    scope = scope_of(
        decision_of(text), execution_with(NO_BRANCH), attempt=2, status=Status.SUCCEEDED
    )
    assert scope.tasks["t"].status == "succeeded"


def test_the_tasks_on_a_route_are_a_mapping_in_order_of_name() -> None:
    decision = decision_of("version: 1.0\ntasks: {t: {action: core.noop}}\n")
    seen = {
        name: ((route, 1, TaskRecord(status="succeeded", result=name)),)
        for name, route in (("b", ("s/0",)), ("a", ()), ("elsewhere", ("s/1",)))
    }
    decision.state = replace(decision.state, seen=HashTrieMap(seen))
    here = replace(NO_BRANCH, route=("s/0",))
    scope = scope_of(decision, execution_with(here), attempt=2)
    assert list(scope.tasks) == ["a", "b"]
    assert len(scope.tasks) == 2
    assert "elsewhere" not in scope.tasks
