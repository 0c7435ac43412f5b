"""How the time of a task with items grows with their number.

    python benchmarks/items.py [--items 1000] [--factor 10] [--sqlite] [--concurrency N]

Prints the time for `--items` items, and for `--factor` times as many, and their ratio, through the
pure core; with `--sqlite` through a whole engine on a SQLite file. In the middle of the larger run
of the core the execution is paused, resumed and, in another one, canceled and run again.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from segue.core import events as e
from segue.core import stimuli as s
from segue.core.decide import decide
from segue.core.program import Program
from segue.core.rerun_plan import RerunRequest
from segue.core.rerunning import plan_rerun
from segue.core.state import NEW, State
from segue.core.status import Status
from segue.expressions.scope import Facts
from segue.language import load_workflow
from segue.runtime.config import Config
from segue.runtime.engine import Engine

ITEMS = """
segue: 1
input: {n: integer}
tasks:
  each:
    with: {items: "{{ range(ctx.n) | list }}"%s}
    action: core.echo
    input: {message: "{{ item() }}"}
    next: [{when: succeeded(), publish: {all: "{{ result() }}"}}]
output: {count: "{{ ctx.all | length }}"}
"""
FACTS = Facts(now=0.0)


class Run:
    """One execution through the pure core, and its log."""

    def __init__(self, text: str, items: int) -> None:
        loaded = load_workflow(text)
        assert loaded.workflow is not None
        self.program = Program.of(loaded.workflow)
        self.state: State = NEW
        self.recorded: list[e.Recorded] = []
        self.waiting: list[int] = []
        self.give(s.Start(inputs={"n": items}))

    def give(self, stimulus: s.Stimulus) -> None:
        """Decide, and take note of what was handed off."""
        decided = decide(self.program, self.state, stimulus, FACTS)
        for seq, event in enumerate(decided.events, self.state.seq + 1):
            self.recorded.append(e.Recorded(seq=seq, at=0.0, event=event))
            if isinstance(event, e.ItemStarted):
                self.waiting.append(event.item)
        self.state = decided.state

    def end(self, outcome: s.Outcome, most: int) -> None:
        """End the items that were handed off first."""
        visit = self.state.visits["each"]
        for item in self.waiting[:most]:
            self.give(
                s.AttemptEnded(task="each", visit=visit, attempt=1, item=item, outcome=outcome)
            )
        del self.waiting[:most]

    def end_all(self) -> None:
        """End whatever is handed off, until nothing is."""
        while self.waiting:
            self.end(s.Succeeded(result="done"), len(self.waiting))


def core_seconds(text: str, items: int) -> float:
    """Return how long it takes to run so many items through the core."""
    begun = time.perf_counter()
    run = Run(text, items)
    run.end_all()
    assert run.state.status is Status.SUCCEEDED
    return time.perf_counter() - begun


def operations(items: int) -> dict[str, float]:
    """Return how long each operation takes in the middle of so many items."""
    text = ITEMS % ", concurrency: 10"
    run = Run(text, items)
    while len(run.recorded) < items:
        run.end(s.Succeeded(result="done"), len(run.waiting))
    taken = {}
    for name, stimulus in (("pause", s.Pause()), ("resume", s.Resume()), ("cancel", s.Cancel())):
        begun = time.perf_counter()
        run.give(stimulus)
        taken[name] = time.perf_counter() - begun
        if name == "pause":
            run.end(s.Succeeded(result="done"), len(run.waiting))
    run.end(s.Canceled(), len(run.waiting))
    begun = time.perf_counter()
    run.give(s.Rerun(plan=plan_rerun(run.program, run.recorded, RerunRequest())))
    taken["rerun"] = time.perf_counter() - begun
    run.end_all()
    assert run.state.status is Status.SUCCEEDED
    return taken


async def engine_seconds(text: str, items: int, folder: Path) -> float:
    """Return how long it takes a whole engine on SQLite."""
    async with Engine(str(folder / f"{items}.db"), Config(db=":memory:")) as engine:
        begun = time.perf_counter()
        view = await engine.result(await engine.start(text, {"n": items}))
        assert view.status is Status.SUCCEEDED, view.errors
        return time.perf_counter() - begun


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--factor", type=int, default=10)
    parser.add_argument("--concurrency", type=int)
    parser.add_argument("--sqlite", action="store_true")
    options = parser.parse_args()
    limit = "" if options.concurrency is None else f", concurrency: {options.concurrency}"
    text = ITEMS % limit
    few, many = options.items, options.items * options.factor
    if options.sqlite:
        with tempfile.TemporaryDirectory() as folder:
            first = asyncio.run(engine_seconds(text, few, Path(folder)))
            second = asyncio.run(engine_seconds(text, many, Path(folder)))
    else:
        core_seconds(text, few)  # warm
        first, second = core_seconds(text, few), core_seconds(text, many)
    print(f"{few:>8} items {first:8.3f} s   {first / few * 1e6:8.1f} us each")
    print(f"{many:>8} items {second:8.3f} s   {second / many * 1e6:8.1f} us each")
    print(f"   ratio {second / first:8.1f}")
    if not options.sqlite:
        for name, seconds in operations(many).items():
            print(f"{name:>8} in the middle {seconds * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
