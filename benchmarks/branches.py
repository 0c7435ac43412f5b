"""How long it takes the pure core to fork into many branches and to join them again.

    python benchmarks/branches.py [--branches 250] [--factor 4] [--peer PYTHON]

Each branch is a task that publishes a variable of its own; a join of all follows, and the output
has what each has published. Prints the time for `--branches` branches, and for `--factor` times as
many, and their ratio. `--peer` names a Python that has Orquesta installed (`pip install orquesta`,
which needs Python 3.8): then the fewer branches are conducted there, too.
"""

import argparse
import subprocess
import sys
import time
from collections import deque

from segue.core.decide import Decided, decide
from segue.core.events import AttemptStarted, ExecutionSettled
from segue.core.program import Program
from segue.core.state import NEW
from segue.core.status import Status
from segue.core.stimuli import AttemptEnded, Start, Stimulus, Succeeded
from segue.expressions.scope import Facts
from segue.language import load_workflow

PEER = """
import sys, time
from orquesta import conducting, events, statuses
from orquesta.specs import native
branches = range(int(sys.argv[1]))
tasks = {"fork": {"action": "core.noop", "next": [{"do": ["t%d" % i for i in branches]}]},
         "end": {"join": "all", "action": "core.noop"}}
for i in branches:
    tasks["t%d" % i] = {"action": "core.noop", "next": [
        {"when": "<% succeeded() %>", "publish": [{"v%d" % i: i}], "do": "end"}]}
spec = native.WorkflowSpec({
    "version": 1.0, "vars": [{"v%d" % i: None} for i in branches], "tasks": tasks})
begun = time.perf_counter()
conductor = conducting.WorkflowConductor(spec)
conductor.request_workflow_status(statuses.RUNNING)
while conductor.get_workflow_status() == statuses.RUNNING:
    for task in conductor.get_next_tasks():
        for status in (statuses.RUNNING, statuses.SUCCEEDED):
            event = events.ActionExecutionEvent(status, result=None)
            conductor.update_task_state(task["id"], task["route"], event)
assert conductor.get_workflow_status() == statuses.SUCCEEDED
print(time.perf_counter() - begun)
"""


def workflow_of(branches: int) -> str:
    """Return a workflow that forks into so many branches."""
    names = range(branches)
    lines = [
        "segue: 1",
        f"vars: {{{', '.join(f'v{one}: null' for one in names)}}}",
        "tasks:",
        f"  fork: {{next: [{{do: [{', '.join(f't{one}' for one in names)}]}}]}}",
        *(
            f"  t{one}: {{action: core.noop, next: [{{when: succeeded(), publish: {{v{one}: "
            f"{one}}}, do: end}}]}}"
            for one in names
        ),
        "  end: {join: all, action: core.noop}",
        "output:",
        *(f"  v{one}: '{{{{ ctx.v{one} }}}}'" for one in names),
    ]
    return "\n".join(lines)


def seconds_for(branches: int) -> float:
    """Return how long it takes to conduct so many branches, one after another."""
    workflow = load_workflow(workflow_of(branches)).workflow
    assert workflow is not None
    program, state = Program.of(workflow), NEW
    running: deque[AttemptStarted] = deque()

    def give(stimulus: Stimulus) -> Decided:
        decided = decide(program, state, stimulus, Facts(now=0.0))
        running.extend(one for one in decided.events if isinstance(one, AttemptStarted))
        return decided

    begun = time.perf_counter()
    state = give(Start(inputs={})).state
    while running:
        one = running.popleft()
        decided = give(
            AttemptEnded(task=one.task, visit=one.visit, attempt=one.attempt, outcome=Succeeded())
        )
        state = decided.state
    taken = time.perf_counter() - begun
    assert state.status is Status.SUCCEEDED, state.status
    (output,) = (one.output for one in decided.events if isinstance(one, ExecutionSettled))
    assert output == {f"v{one}": one for one in range(branches)}
    return taken


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--branches", type=int, default=250)
    parser.add_argument("--factor", type=int, default=4)
    parser.add_argument("--peer", help="a Python that has orquesta installed")
    asked = parser.parse_args()
    few, many = asked.branches, asked.branches * asked.factor
    seconds_for(few)  # warm
    first, second = seconds_for(few), seconds_for(many)
    print(f"{few:>8} branches {first:8.3f} s   {first / few * 1e3:8.2f} ms each")
    print(f"{many:>8} branches {second:8.3f} s   {second / many * 1e3:8.2f} ms each")
    print(f"   ratio {second / first:8.1f}")
    if not asked.peer:
        print("Orquesta is not measured (--peer PYTHON)", file=sys.stderr)
        return
    done = subprocess.run(
        [asked.peer, "-c", PEER, str(few)], capture_output=True, text=True, check=True
    )
    theirs = float(done.stdout.split()[-1])
    print(f"{few:>8} branches {theirs:8.3f} s by Orquesta, {theirs / first:.0f} times as long")


if __name__ == "__main__":
    main()
