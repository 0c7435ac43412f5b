"""A loop through the whole engine on SQLite: a turn costs the same at the end as at the start.

    python benchmarks/loop_sqlite.py [--turns 20000] [--db FILE]

Every turn is an attempt that is handed off, run and recorded, with synchronous=FULL. Printed are
the time of a turn in the first and in the last tenth, their ratio, the growth of memory between,
and the events a second. The aim is a ratio of at most 1.5 and memory that does not grow.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import psutil

import segue

WORKFLOW = """
segue: 1
name: loop
limits: {{visits: unlimited, duration: unlimited}}
vars: {{turn: 1}}
start: step
tasks:
  step:
    action: core.echo
    input: {{message: "turn {{{{ ctx.turn }}}}"}}
    next:
      - when: "{{{{ ctx.turn < {turns} }}}}"
        publish: {{turn: "{{{{ ctx.turn + 1 }}}}"}}
        do: step
output: {{turns: "{{{{ ctx.turn }}}}"}}
"""


def rss() -> float:
    """Return the memory of this process in MiB."""
    return psutil.Process().memory_info().rss / 2**20


async def measure(turns: int, db: str) -> None:
    """Run the loop, reading the clock and the memory at each tenth."""
    config = segue.Config(db=db)
    async with segue.Engine(config=config) as engine:
        began = time.perf_counter()
        execution = await engine.start(WORKFLOW.format(turns=turns))
        marks: list[tuple[int, float, float]] = []
        while True:
            row = await engine.store.get_execution(execution)
            assert row is not None
            marks.append((row.seq, time.perf_counter() - began, rss()))
            if row.settled:
                break
            await asyncio.sleep(0.05)
    report(turns, marks)


def report(turns: int, marks: list[tuple[int, float, float]]) -> None:
    """Print what came of it."""
    events, seconds, _ = marks[-1]
    tenth = events / 10
    first = at(marks, tenth) - at(marks, tenth / 10)
    last = at(marks, events) - at(marks, events - tenth * 0.9)
    memory_first = next(memory for seq, _, memory in marks if seq >= tenth)
    print(f"{turns} turns, {events} events in {seconds:.1f} s: {events / seconds:.0f} events/s")
    print(f"a turn in the first tenth: {first / (turns * 0.09) * 1000:.3f} ms")
    print(f"a turn in the last tenth:  {last / (turns * 0.09) * 1000:.3f} ms")
    print(f"ratio: {last / first:.2f}")
    print(
        f"memory after the first tenth: {memory_first:.1f} MiB, at the end {marks[-1][2]:.1f} MiB"
    )


def at(marks: list[tuple[int, float, float]], events: float) -> float:
    """Return when so many events were written, between two marks in proportion."""
    before = (0, 0.0, 0.0)
    for mark in marks:
        if mark[0] >= events:
            part = (events - before[0]) / max(1, mark[0] - before[0])
            return before[1] + part * (mark[1] - before[1])
        before = mark
    return marks[-1][1]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=20_000)
    parser.add_argument("--db", help="a SQLite file to keep; by default a temporary one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = options.db or str(Path(folder) / "loop.db")
        asyncio.run(measure(options.turns, db))
        files = [Path(db), Path(f"{db}-wal")]
        size = sum(file.stat().st_size for file in files if file.exists())
        print(f"database: {size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
