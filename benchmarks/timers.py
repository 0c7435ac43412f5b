"""How long a hundred thousand timers that are due in the same second take, and who waits for them.

    python benchmarks/timers.py [--timers 100000] [--each 100] [--db sqlite|postgres] [--away]

An engine begins executions, each with so many tasks that are delayed until the same second. It is
measured how long it takes from then on until all executions are over; how far they are apart in the
middle; how long somebody waits who begins an execution of one task and wants its result, again and
again; and the memory of the engine. With `--away` it is killed before they are due, and another one
that serves takes them over when all of them are. Beside it stands the time to write as many events and
nothing else, as many in a transaction, by the same store: below that nothing can be that is durable.
"""

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from segue.core import events as e
from segue.runtime.attempts.timers import BATCH
from segue.runtime.config import Config
from segue.runtime.engine import Engine
from segue.store.opening import open_store
from segue.store.port import Change, ExecutionRow, Store

#: How many requests wait for their answer at a time.
AT_ONCE = 50
ONE = "segue: 1\nname: one\ntasks: {one: {action: core.noop}}\n"
CONFIG = Config(max_concurrent_actions=1000)
#: How far apart the requests of somebody else are, in seconds.
PAUSE = 0.05


def waiting(tasks: int, seconds: float) -> str:
    """Return a workflow of tasks that wait so long, and then do nothing."""
    lines = "".join(f"  t{one}: {{action: core.noop, delay: {seconds}}}\n" for one in range(tasks))
    return f"segue: 1\nname: waiting\ntasks:\n{lines}"


async def begin(db: str, timers: int, each: int, due: float) -> None:
    """Begin the executions, say so, and stay until they are due."""
    engine = Engine(db, CONFIG)
    await engine.__aenter__()
    executions = timers // each
    for first in range(0, executions, AT_ONCE):
        text = waiting(each, round(due - time.time(), 3))
        many = range(first, min(first + AT_ONCE, executions))
        await asyncio.gather(*(engine.start(text, id=f"x{number:06}") for number in many))
    print("ready", flush=True)
    assert time.time() < due, "it has taken too long to begin: give more --wait"
    await asyncio.sleep(due - time.time())
    await look_on(engine, timers, each)


async def somebody_else(engine: Engine, waits: list[float]) -> None:
    """Begin executions of one task, and take note how long their results take."""
    while True:
        began = time.perf_counter()
        await engine.result(await engine.start(ONE))
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(PAUSE)


async def serve(db: str, timers: int, each: int) -> None:
    """Take the timers over, and print how that went."""
    engine = Engine(db, CONFIG)
    await engine.__aenter__()
    serving = asyncio.create_task(engine.serve())
    await look_on(engine, timers, each)
    serving.cancel()


async def look_on(engine: Engine, timers: int, each: int) -> None:
    """Wait until all is over, and print how that went. Never returns."""
    store = await open_store(engine.url)
    rows = await store.list_executions(workflow="waiting")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    waits: list[float] = []
    began = time.perf_counter()
    other = asyncio.create_task(somebody_else(engine, waits))
    samples: list[list[int]] = []
    while True:
        samples.append([row.seq for row in await store.list_executions(workflow="waiting")])
        if not await store.count_executions(workflow="waiting", status=rows[0].status):
            break
        await asyncio.sleep(0.5)
    took = time.perf_counter() - began
    other.cancel()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    late = [
        one
        for row in rows[:10]
        for one in await store.read_events(row.id)
        if isinstance(one.event, e.DelayElapsed)
    ]
    events = sum(row.seq for row in await store.list_executions(workflow="waiting"))
    print(f"{timers} timers of {len(rows)} executions: {took:.1f} s, {timers / took:.0f}/s")
    print(f"served once each and in full: {len(late) == 10 * each}")
    begun, whole = rows[0].seq, events / len(rows)
    middle = min(samples, key=lambda one: abs(sum(one) / len(rows) - (begun + whole) / 2))
    parts = statistics.quantiles(((one - begun) / (whole - begun) for one in middle), n=20)
    print(f"near the middle nine of ten executions were {parts[0]:.0%} to {parts[-1]:.0%} done")
    print(f"somebody else waited {statistics.median(waits) * 1000:.0f} ms in the middle, ", end="")
    print(f"{max(waits) * 1000:.0f} ms at most, {len(waits)} times")
    print(f"memory: {before / 1024:.0f} MiB before, {grown / 1024:.0f} MiB more at most")
    written = await limit(store, events - sum(row.seq for row in rows), rows[0])
    print(f"writing as many events and nothing else: {written:.1f} s; ratio {took / written:.1f}")
    print("again: python benchmarks/timers.py", flush=True)
    os._exit(0)


async def limit(store: Store, events: int, like: ExecutionRow) -> float:
    """Write so many events of one kind, as many in a transaction as a batch of timers makes."""
    each = BATCH * 4
    recorded = e.DelayElapsed(task="t1", visit=1)
    row = ExecutionRow(
        id="limit",
        workflow="limit",
        definition=like.definition,
        status=like.status,
        settled=False,
        seq=0,
        created_at=0.0,
        updated_at=0.0,
    )

    began = time.perf_counter()
    for first in range(0, events, each):
        many = range(first + 1, first + each + 1)
        changed = replace(row, seq=first + each)
        group = [e.Recorded(seq=seq, at=0.0, event=recorded) for seq in many]
        await store.commit([Change(row=changed, expected=first, events=group)])
    return time.perf_counter() - began


def measure(db: str, timers: int, each: int, wait: float, *, away: bool) -> None:
    """Begin in one process; kill it and take over in another when all are due, if so wished."""
    due = time.time() + wait
    words = (sys.executable, __file__, "--url", db, "--timers", str(timers), "--each", str(each))
    begin_it = [*words, "--begin", str(due)]
    with subprocess.Popen(begin_it, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if not away:
            print(process.stdout.read())
            return
        process.kill()
    time.sleep(max(0.0, due - time.time()) + 1)
    subprocess.run([*words, "--serve"], check=True)


def main() -> None:
    """Measure on the database that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--timers", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=100)
    parser.add_argument("--wait", type=float, default=150, help="seconds until all are due")
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--away", action="store_true", help="nobody is there when they are due")
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--begin", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.begin is not None:
        asyncio.run(begin(options.url, options.timers, options.each, options.begin))
    elif options.serve:
        asyncio.run(serve(options.url, options.timers, options.each))
    elif options.db == "postgres":
        from tests.support.postgres_server import PostgresServer  # noqa: PLC0415 (only for this)

        server = PostgresServer(settings=())
        server.start()
        try:
            measure(server.url(), options.timers, options.each, options.wait, away=options.away)
        finally:
            server.stop()
    else:
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="segue-benchmark-") as folder:
            db = str(Path(folder) / "runs.db")
            measure(db, options.timers, options.each, options.wait, away=options.away)


if __name__ == "__main__":
    main()
