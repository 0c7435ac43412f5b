"""How many commits a second the SQLite store makes, beside what the disk itself can do.

    python benchmarks/store.py [--commits 1000] [--rounds 5] [--directory DIR]

A commit is a turn of a loop: five events, the row of the execution, an attempt that ends and one
that begins; alone, and in groups of a hundred executions. The limit is a loop that writes as many
bytes as SQLite's log takes for it and forces them out (`fdatasync`), in the same directory. Both
are measured in turns, and the medians are shown, because disks are moody.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

import apsw

from segue.core.events import (
    AnyEvent,
    AttemptStarted,
    AttemptSucceeded,
    Recorded,
    TaskScheduled,
    TaskSucceeded,
    TransitionTaken,
)
from segue.core.status import Status
from segue.store.port import Change, Committed, ExecutionRow, NewWork, Store, WorkKind
from segue.store.sqlite import SqliteStore

LOG_BYTES = 4 * 1024 * 1024  # SQLite begins its log anew after about as much


def turn(execution: str, number: int) -> Change:
    """What one turn of a monitoring loop writes."""
    seq = number * 5
    events: tuple[AnyEvent, ...] = (
        TaskScheduled(task="poll", visit=number + 1, source=("poll", number)),
        AttemptStarted(
            task="poll",
            visit=number + 1,
            attempt=1,
            action="core.http",
            input={"url": "http://localhost:8080/health", "method": "GET"},
        ),
        AttemptSucceeded(
            task="poll",
            visit=number + 1,
            attempt=1,
            result={"status_code": 503, "body": {"healthy": False, "checks": ["db", "cache"]}},
        ),
        TaskSucceeded(task="poll", visit=number + 1),
        TransitionTaken(task="poll", visit=number + 1, transition=0, do=("poll",)),
    )
    return Change(
        row=ExecutionRow(
            id=execution,
            workflow="monitoring-loop",
            definition="0" * 64,
            status=Status.RUNNING,
            settled=False,
            seq=seq + 5,
            created_at=1_000_000.0,
            updated_at=1_000_000.0 + number,
        ),
        expected=seq,
        events=[
            Recorded(seq=seq + place, at=1_000_000.0 + number, event=event)
            for place, event in enumerate(events, 1)
        ],
        new_work=[
            NewWork(name=f"poll#{number + 1}.1", kind=WorkKind.ATTEMPT, data=b'{"action":"x"}')
        ],
        ended=[f"poll#{number}.1"] if number else [],
        fences=[(f"poll#{number}.1", 1)] if number else [],
        claimed_by="engine",
    )


class Loops:
    """Executions that go round in one store."""

    def __init__(self, store: Store, group: int) -> None:
        self._store = store
        self._executions = [f"execution-{number:04}" for number in range(group)]
        self._number = 0

    async def run(self, commits: int) -> float:
        """Return the seconds that a commit of one turn of all executions took."""
        groups = [
            [turn(execution, number) for execution in self._executions]
            for number in range(self._number, self._number + commits)
        ]
        self._number += commits
        begin = time.perf_counter()
        for group in groups:
            results = await self._store.commit(group)
            assert list(results) == [Committed()] * len(group), results
        return (time.perf_counter() - begin) / commits


async def log_bytes(directory: Path, group: int) -> int:
    """Return how many bytes of SQLite's log a commit takes."""
    store = await SqliteStore.open(directory / f"bytes-{group}.db")
    log = directory / f"bytes-{group}.db-wal"
    loops = Loops(store, group)
    await loops.run(2)
    before = log.stat().st_size
    await loops.run(4)
    taken = (log.stat().st_size - before) // 4
    await store.close()
    return taken


def write_and_force(directory: Path, size: int, times: int) -> float:
    """Return the seconds that writing `size` bytes and forcing them out took."""
    data = os.urandom(size)
    places = max(1, LOG_BYTES // size)
    descriptor = os.open(directory / "limit", os.O_RDWR | os.O_CREAT)
    try:
        if os.fstat(descriptor).st_size < places * size:
            for place in range(places):
                os.pwrite(descriptor, data, place * size)
            os.fsync(descriptor)
        begin = time.perf_counter()
        for number in range(times):
            os.pwrite(descriptor, data, (number % places) * size)
            os.fdatasync(descriptor)
        return (time.perf_counter() - begin) / times
    finally:
        os.close(descriptor)


async def measure(directory: Path, group: int, commits: int, rounds: int) -> str:
    """Return a line of the table."""
    size = await log_bytes(directory, group)
    store = await SqliteStore.open(directory / f"store-{group}.db")
    loops = Loops(store, group)
    ours, limits = [], []
    for _ in range(rounds):
        limits.append(write_and_force(directory, size, commits))
        ours.append(await loops.run(commits))
    await store.close()
    our, limit = statistics.median(ours), statistics.median(limits)
    return (
        f"{group:>7} {size:>9,} {1 / limit:>12,.0f} {1 / our:>12,.0f} {limit / our:>7.2f}"
        f" {(our - limit) * 1e6:>12,.0f} us {group / our:>12,.0f}"
    )


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--commits", type=int, default=1000, help="in each round, for groups of 1")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--directory", type=Path, default=Path.cwd(), help="on the disk to measure")
    options = parser.parse_args()
    print(f"SQLite {apsw.sqlite_lib_version()}, {options.rounds} rounds, in {options.directory}")
    print("changes  log bytes   disk only/s    commits/s   ratio    above disk    changes/s")
    with tempfile.TemporaryDirectory(dir=options.directory, prefix="segue-benchmark-") as name:
        for group, commits in ((1, options.commits), (100, max(10, options.commits // 20))):
            print(asyncio.run(measure(Path(name), group, commits, options.rounds)))
    print("again: python benchmarks/store.py")


if __name__ == "__main__":
    main()
