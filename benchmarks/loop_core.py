"""How long one turn of a loop takes in the pure core, early and late, and what memory it needs.

    python benchmarks/loop_core.py [--turns 100000] [--peer PYTHON]

Prints the time per turn in the first and in the last tenth of the turns and their ratio, and
the growth of memory between. `--peer` names a Python that has Orquesta installed (`pip install
orquesta`, which needs Python 3.8): then the same loop is conducted there for the same time, and
its turns are counted.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

from segue.core.decide import decide
from segue.core.program import Program
from segue.core.state import NEW, State
from segue.core.stimuli import AttemptEnded, Start, Stimulus, Succeeded
from segue.expressions.scope import Facts
from segue.language import load_workflow

LOOP = """
segue: 1
vars: {n: 0}
limits: {visits: unlimited}
start: [turn]
tasks:
  turn:
    action: core.noop
    next:
      - when: ctx.n < %d
        publish: {n: "{{ ctx.n + 1 }}"}
        do: turn
output: {n: "{{ ctx.n }}"}
"""

PEER = """
import collections.abc, sys, time
from orquesta import conducting, events, statuses
from orquesta.specs import native
seconds = float(sys.argv[1])
spec = native.WorkflowSpec({
    "version": 1.0, "vars": [{"n": 0}],
    "tasks": {
        "start": {"action": "core.noop", "next": [{"do": "turn"}]},
        "turn": {"action": "core.noop", "next": [
            {"when": "<% ctx().n < 1000000000 %>", "publish": [{"n": "<% ctx().n + 1 %>"}],
             "do": "turn"}]},
    },
})
conductor = conducting.WorkflowConductor(spec)
conductor.request_workflow_status(statuses.RUNNING)
begun, turns = time.perf_counter(), 0
while time.perf_counter() - begun < seconds:
    (task,) = conductor.get_next_tasks()
    for status in (statuses.RUNNING, statuses.SUCCEEDED):
        event = events.ActionExecutionEvent(status, result=None)
        conductor.update_task_state(task["id"], task["route"], event)
    turns += task["id"] == "turn"
print(turns)
"""


def memory_mib() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=100_000)
    parser.add_argument("--peer", help="a Python that has orquesta installed")
    asked = parser.parse_args()
    workflow = load_workflow(LOOP % (asked.turns - 1)).workflow
    assert workflow is not None
    program, state = Program.of(workflow), NEW
    tenth = asked.turns // 10
    marks: list[tuple[float, float]] = []

    def give(state: State, stimulus: Stimulus) -> State:
        return decide(program, state, stimulus, Facts(now=0.0)).state

    state = give(state, Start(inputs={}))
    for turn in range(asked.turns):
        if turn % tenth == 0:
            marks.append((time.perf_counter(), memory_mib()))
        state = give(
            state, AttemptEnded(task="turn", visit=turn + 1, attempt=1, outcome=Succeeded())
        )
    marks.append((time.perf_counter(), memory_mib()))
    assert state.settled, state.status
    first = (marks[1][0] - marks[0][0]) / tenth * 1e6
    last = (marks[-1][0] - marks[-2][0]) / tenth * 1e6
    whole = marks[-1][0] - marks[0][0]
    print(f"turns                       {asked.turns}")
    print(f"seconds                     {whole:.1f}")
    print(f"us a turn, first tenth      {first:.1f}")
    print(f"us a turn, last tenth       {last:.1f}")
    print(f"last / first                {last / first:.2f}")
    print(f"memory after first tenth    {marks[1][1]:.1f} MiB")
    print(f"memory at the end           {marks[-1][1]:.1f} MiB")
    if asked.peer:
        done = subprocess.run(
            [asked.peer, "-c", PEER, str(whole)], capture_output=True, text=True, check=True
        )
        turns = int(done.stdout.split()[-1])
        print(f"turns of Orquesta meanwhile {turns}")
        print(f"turns, Segue / Orquesta     {asked.turns / max(turns, 1):.0f}")
    else:
        print("turns of Orquesta meanwhile not measured (--peer PYTHON)", file=sys.stderr)


if __name__ == "__main__":
    main()
