"""What a hundred results of 50 MB cost: the memory of the engine, and the time beside the disk's.

    python benchmarks/big_values.py [--results 100] [--megabytes 50] [--concurrency 100]

A task has so many items, each a Python function that returns a text of so many megabytes, no two
the same, and afterwards a task takes one of the results and returns its length. Prints how much the
memory of the process has grown at its most, and beside it the same for a tenth of the results; and
the time, beside that of writing as many bytes to a file and forcing them out, one result at a time.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from segue.actions.registry import Registry
from segue.core.status import Status
from segue.runtime.config import Config
from segue.runtime.engine import Engine

MAKE = """
segue: 1
input: {n: integer, megabytes: integer}
tasks:
  make:
    with: {items: "{{ range(ctx.n) | list }}", concurrency: %d}
    action: big_values:make
    input: {n: "{{ item() }}", megabytes: "{{ ctx.megabytes }}"}
    next: [{when: succeeded(), publish: {all: "{{ result() }}"}, do: measure}]
  measure:
    action: big_values:length
    input: {text: "{{ ctx.all[0] }}"}
    next: [{when: succeeded(), publish: {length: "{{ result() }}"}}]
output: {length: "{{ ctx.length }}"}
"""


def make(n: int, megabytes: int) -> str:
    """Return a text that nobody else returns."""
    return f"{n:020}" * (megabytes * 50_000)


def length(text: str) -> int:
    """Return the length of a text."""
    return len(text)


def peak() -> float:
    """Return how much memory this process has had at its most, in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


async def run(folder: Path, results: int, megabytes: int, concurrency: int) -> None:
    """Run it in this process, and print how it was."""
    registry = Registry(search_path=[Path(__file__).parent])
    async with Engine(str(folder / "runs.db"), Config(), registry=registry) as engine:
        before, started = peak(), time.perf_counter()
        inputs = {"n": results, "megabytes": megabytes}
        view = await engine.result(await engine.start(MAKE % concurrency, inputs))
        took = time.perf_counter() - started
        assert view.status is Status.SUCCEEDED, view.errors
        assert view.output == {"length": megabytes * 1_000_000}
    grown = peak() - before
    print(f"{results} results of {megabytes} MB, {concurrency} at a time: {took:.1f} s")
    print(f"memory before {before:.0f} MiB, and {grown:.0f} MiB more at its most")
    started = time.perf_counter()
    with (folder / "plain").open("wb") as file:
        for number in range(results):
            file.write(make(number, megabytes).encode())
            file.flush()
            os.fsync(file.fileno())
    disk = time.perf_counter() - started
    print(f"writing as many bytes to a file: {disk:.1f} s; ratio {took / disk:.1f}", flush=True)


def main() -> None:
    """Measure a tenth and all of it, each in a process of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--results", type=int, default=100)
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--concurrency", type=int, default=100)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="segue-benchmark-") as folder:
            asyncio.run(run(Path(folder), options.results, options.megabytes, options.concurrency))
        return
    for results in (max(1, options.results // 10), options.results):
        words = (f"--results={results}", f"--megabytes={options.megabytes}")
        here = (f"--concurrency={options.concurrency}", "--here")
        subprocess.run([sys.executable, __file__, *words, *here], check=True)


if __name__ == "__main__":
    main()
