"""A folder in which real processes work on one database, and die."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import segue
from segue.core.status import Status
from segue.store.opening import open_store
from segue.store.port import ExecutionRow

HERE = Path(__file__).resolve().parent
ACCEPTANCE = HERE.parent / "acceptance"
SOURCE = HERE.parents[1] / "src"

TURNS = 3
TRIP = """
segue: 1
name: trip
vars: {turn: 1, tried: 0}
start: step
tasks:
  step: {action: "effects:once", input: {turn: "{{ ctx.turn }}"}, next: [{do: shell}]}
  shell:
    action: core.local
    input: {cmd: 'echo "$SEGUE_IDEMPOTENCY_KEY" >> "$EFFECTS"'}
    next: [{when: succeeded(), do: wait}]
  wait: {delay: 0.01, next: [{do: [left, right]}]}
  left: {action: "effects:once", input: {turn: 1}, next: [{do: both}]}
  right: {action: "effects:once", input: {turn: 1}, next: [{do: both}]}
  both: {join: all, next: [{do: each}]}
  each:
    with: "{{ [1, 2] }}"
    action: "effects:once"
    input: {turn: "{{ item() }}"}
    next: [{do: call}]
  call:
    action: ./child.yaml
    next:
      - when: succeeded() and ctx.turn < 3
        publish: {turn: "{{ ctx.turn + 1 }}"}
        do: step
output: {turns: "{{ ctx.turn }}"}
"""
CHILD = """
segue: 1
name: child
tasks: {only: {action: "effects:once", input: {turn: 1}}}
"""
#: How many things are done in all of a trip, each once if nobody dies.
EFFECTS = TURNS * 7


@dataclass(frozen=True)
class Place:
    """A database, and a folder with the file of effects."""

    folder: Path
    db: str

    def prepare(self) -> None:
        """Write the workflows."""
        (self.folder / "trip.yaml").write_text(TRIP)
        (self.folder / "child.yaml").write_text(CHILD)

    def process(self, *arguments: str, failpoint: str = "") -> "subprocess.Popen[bytes]":
        """Begin a process with an engine."""
        environment = {
            **os.environ,
            "EFFECTS": str(self.folder / "effects"),
            "PYTHONPATH": os.pathsep.join(
                [str(SOURCE), str(ACCEPTANCE), os.environ.get("PYTHONPATH", "")]
            ),
            "SEGUE_CONFIG": "",
            "SEGUE_FAILPOINT": failpoint,
        }
        return subprocess.Popen(
            [sys.executable, str(ACCEPTANCE / "engine_process.py"), *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
        )

    def begin(self, failpoint: str = "") -> int:
        """Run a trip until the process ends; return its exit code."""
        return self._end(self.starting(failpoint))

    def starting(self, failpoint: str = "") -> "subprocess.Popen[bytes]":
        """Begin a process that begins a trip."""
        return self.process("run", self.db, "trip.yaml", "x", failpoint=failpoint)

    def go_on(self, failpoint: str = "") -> int:
        """Take over whatever is left until the process ends; return its exit code."""
        return self._end(self.process("resume", self.db, failpoint=failpoint))

    def _end(self, process: "subprocess.Popen[bytes]") -> int:
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()
        return process.returncode

    def has_begun(self) -> bool:
        """Whether there is a trip to go on with."""
        return self._row() is not None

    def is_over(self) -> bool:
        """Whether the trip is settled."""
        row = self._row()
        return row is not None and row.settled

    def _row(self) -> ExecutionRow | None:
        async def read() -> ExecutionRow | None:
            store = await open_store(self.db)
            try:
                return await store.get_execution("x")
            finally:
                await store.close()

        return asyncio.run(read())

    def effects(self) -> Counter[str]:
        """What was done, by the key of the attempt, and how often."""
        file = self.folder / "effects"
        return Counter(file.read_text().splitlines() if file.exists() else [])

    def require_whole(self, *, crashes: int) -> None:
        """Nothing was lost, nothing was done again that was recorded, and all invariants hold."""
        asyncio.run(self._require_sound())
        effects = self.effects()
        assert len(effects) == EFFECTS, json.dumps(effects, indent=1)
        # What ran beside what was not recorded yet is done again as well: two branches, two items.
        assert max(effects.values()) <= 1 + crashes, json.dumps(effects, indent=1)
        assert sum(effects.values()) <= EFFECTS + 2 * crashes

    async def _require_sound(self) -> None:
        async with segue.Engine(self.db, segue.Config()) as engine:
            view = await engine.show("x")
            assert (view.status, view.output) == (Status.SUCCEEDED, {"turns": TURNS})
            for row in await engine.list():
                verified: Any = await engine.verify(row.id)
                assert verified.violations == (), verified.violations


KILLED = -signal.SIGKILL
