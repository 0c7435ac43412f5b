"""A loop through the whole engine on SQLite: a turn costs the same at the end as at the start.

    python benchmarks/loop_sqlite.py [--turns 20000] [--db FILE]

Every turn is an attempt that is handed off, run and recorded, with synchronous=FULL. Printed are
the time of a turn in the first and in the last tenth, their ratio, the growth of memory between,
and the events a second. The aim is a ratio of at most 1.5 and memory that does not grow. Time is
that of the clock, which a busy machine or disk lengthens, and that of the processor, which it
hardly does.
"""

import argparse
import asyncio
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

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


class Mark(NamedTuple):
    """What was read at some moment: events written, seconds of both kinds, memory in MiB."""

    events: int
    clock: float
    processor: float
    memory: float


def read(events: int) -> Mark:
    """Return a mark of this moment."""
    memory = psutil.Process().memory_info().rss / 2**20
    return Mark(events, time.perf_counter(), time.process_time(), memory)


async def measure(turns: int, db: str) -> None:
    """Run the loop, reading the clock and the memory at each tenth."""
    config = segue.Config(db=db)
    async with segue.Engine(config=config) as engine:
        marks = [read(0)]
        execution = await engine.start(WORKFLOW.format(turns=turns))
        while True:
            row = await engine.store.get_execution(execution)
            assert row is not None
            marks.append(read(row.seq))
            if row.settled:
                break
            await asyncio.sleep(0.05)
    report(turns, marks)


def report(turns: int, marks: list[Mark]) -> None:
    """Print what came of it."""
    begin, end = marks[0], marks[-1]
    seconds = end.clock - begin.clock
    rate = end.events / seconds
    print(f"{turns} turns, {end.events} events in {seconds:.1f} s: {rate:.0f} events/s")
    tenth = end.events / 10
    for word in ("clock", "processor"):
        first = at(marks, tenth, word) - at(marks, tenth / 10, word)
        last = at(marks, end.events, word) - at(marks, end.events - tenth * 0.9, word)
        early, late = (seconds / (turns * 0.09) * 1000 for seconds in (first, last))
        print(
            f"{word:<9} a turn in the first tenth: {early:.3f} ms, in the last: {late:.3f} ms,"
            f" ratio: {late / early:.2f}"
        )
    after = next(mark.memory for mark in marks if mark.events >= tenth)
    print(f"memory after the first tenth: {after:.1f} MiB, at the end: {end.memory:.1f} MiB")


def at(marks: list[Mark], events: float, word: str) -> float:
    """Return the time when so many events were written, between two marks in proportion."""
    for before, mark in pairwise(marks):
        if mark.events >= events:
            part = (events - before.events) / max(1, mark.events - before.events)
            past, now = (float(getattr(each, word)) for each in (before, mark))
            return past + part * (now - past)
    raise AssertionError("so many events were not written")


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
