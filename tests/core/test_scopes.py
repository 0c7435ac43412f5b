"""What expressions see of a branch."""

from rpds import HashTrieMap

from segue.core.evaluation import branch_scope
from segue.core.state import NO_BRANCH, Branch, Record, TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Facts, TaskRecord


def test_the_records_of_a_branch_are_a_mapping_in_order_of_name() -> None:
    records = HashTrieMap(
        {name: Record(1, TaskRecord(status="succeeded", result=name)) for name in ("b", "a")}
    )
    branch = Branch(NO_BRANCH.context, NO_BRANCH.keys, records)
    execution = TaskExecution(
        task="t", visit=3, status=Status.RUNNING, order=1, branch=branch, attempt=2
    )
    scope = branch_scope(execution, Facts(now=0.0), attempt=2)
    assert list(scope.tasks) == ["a", "b"]
    assert len(scope.tasks) == 2
    assert scope.tasks["b"].result == "b"
    assert (scope.task, scope.visit, scope.attempt) == (None, 3, 2)
