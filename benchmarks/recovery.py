"""How long it takes until all executions of a killed engine are going again.

    python benchmarks/recovery.py [--executions 10000] [--db sqlite|postgres]

A process begins so many executions, each of which waits for an action, and is killed. Another one
takes them over: the time is that from the call of `resume` until each action runs again. Beside it
stands the time to read the rows of their outstanding work once, by the same store.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from segue.runtime.config import Config
from segue.runtime.engine import Engine
from segue.store.opening import open_store

WAIT = """
segue: 1
name: wait
tasks: {wait: {action: core.sleep, input: {seconds: 3600}}}
"""
#: How many requests wait for their answer at a time.
AT_ONCE = 500


async def begin(db: str, executions: int) -> None:
    """Begin the executions, say so, and stay."""
    engine = Engine(db, Config())
    await engine.__aenter__()
    for first in range(0, executions, AT_ONCE):
        many = range(first, min(first + AT_ONCE, executions))
        await asyncio.gather(*(engine.start(WAIT, id=f"x{number:06}") for number in many))
    print("ready", flush=True)
    await asyncio.sleep(3600)


async def recover(db: str, executions: int) -> None:
    """Take the executions over, and print how long that took."""
    store = await open_store(db)
    started = time.perf_counter()
    rows = await store.list_work()
    reading = time.perf_counter() - started
    await store.close()
    assert len(rows) >= executions, f"{len(rows)} rows of outstanding work"
    engine = Engine(db, Config())
    await engine.__aenter__()
    started = time.perf_counter()
    resumed = await engine.resume()
    took = time.perf_counter() - started
    assert len(resumed.taken) == executions, f"{len(resumed.taken)} were taken over"
    assert not resumed.stuck
    print(f"executions {executions}: all going again after {took:.2f} s")
    print(f"reading their rows once: {reading:.2f} s; ratio {took / reading:.1f}")
    print("again: python benchmarks/recovery.py", flush=True)
    os._exit(0)  # what was begun would have to be ended, one by one


def measure(db: str, executions: int) -> None:
    """Begin and kill in one process, take over in another."""
    words = (sys.executable, __file__, "--url", db, "--executions", str(executions))
    with subprocess.Popen([*words, "--begin"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.kill()
    subprocess.run([*words, "--recover"], check=True)


def main() -> None:
    """Measure on the database that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--begin", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--recover", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.begin:
        asyncio.run(begin(options.url, options.executions))
    elif options.recover:
        asyncio.run(recover(options.url, options.executions))
    elif options.db == "postgres":
        from tests.support.postgres_server import PostgresServer  # noqa: PLC0415 (only for this)

        server = PostgresServer(settings=())
        server.start()
        try:
            measure(server.url(), options.executions)
        finally:
            server.stop()
    else:
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="segue-benchmark-") as folder:
            measure(str(Path(folder) / "runs.db"), options.executions)


if __name__ == "__main__":
    main()
