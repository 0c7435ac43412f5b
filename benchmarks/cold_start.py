"""How long after its process began `segue run examples/monitoring-loop.yaml` begins its first task.

    python benchmarks/cold_start.py [--runs 15]

Each run is a new process. Counted is from the moment before it is started until what the log of the
execution says of the first `attempt_started`; and until the first request reaches the service,
which an HTTP client had to be imported for, in a database that is new and in one that is there.
Beside it is what no program in Python can be faster than, `python -c pass`, and the packages whose
import takes longest. The aim is a start in less than 0.5 s on two cores. Medians are shown.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import segue
from segue.core.events import AttemptStarted

ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = ROOT / "examples" / "monitoring-loop.yaml"
#: Like it, without an action whose client is imported after its start.
NOTHING = "segue: 1\nstart: probe\ntasks: {probe: {action: core.noop}}\n"


class Service(HTTPServer):
    """A healthy service that remembers when it was asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self.server.asked.append(time.time())
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        pass


@contextmanager
def serving() -> Iterator[Service]:
    """Serve until the end of the block."""
    with Service() as service:
        thread = Thread(target=service.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


def python(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run this Python; compiled modules are kept in a folder, whatever the surroundings say."""
    environment = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("SEGUE_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**environment, "PYTHONPYCACHEPREFIX": str(folder / "compiled")},
        capture_output=True,
        text=True,
        check=True,
    )


async def first_start(db: str) -> float:
    """Return when the first attempt of the latest execution began."""
    async with segue.Engine(db) as engine:
        async for recorded in engine.events("@latest", follow=False):
            if isinstance(recorded.event, AttemptStarted):
                return recorded.at
    raise AssertionError("nothing began")


def cold_run(service: Service, folder: Path, name: str) -> tuple[float, float, float]:
    """Return the seconds until the first task began, until it asked, and until all was over."""
    db = str(folder / f"{name}.db")
    service.asked.clear()
    began = time.time()
    python(
        *("-m", "segue", "run", str(WORKFLOW), "--db", db),
        *("-i", f"url=http://127.0.0.1:{service.server_port}/"),
        folder=folder,
    )
    ended = time.time()
    return asyncio.run(first_start(db)) - began, service.asked[0] - began, ended - began


def import_times(folder: Path) -> tuple[float, list[tuple[str, float]]]:
    """Return the seconds that all imports of a run take, and those of the longest packages."""
    file = folder / "nothing.yaml"
    file.write_text(NOTHING)
    command = ("-m", "segue", "run", str(file), "--db", ":memory:")
    done = python("-X", "importtime", *command, folder=folder)
    spent: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        if line.startswith("import time:") and line.count("|") == 2:
            own, _, name = line.removeprefix("import time:").split("|")
            if own.strip().isdigit():
                spent[name.strip().partition(".")[0]] += int(own)
    return spent.total() / 1e6, [(name, own / 1e6) for name, own in spent.most_common(3)]


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, medians of {runs} runs, in ms")
    with tempfile.TemporaryDirectory() as name, serving() as service:
        folder = Path(name)
        cold_run(service, folder, "there")  # compiles modules, fills caches
        new, there, limit = [], [], []
        for number in range(runs):
            new.append(cold_run(service, folder, f"new-{number}"))
            there.append(cold_run(service, folder, "there"))
            limit.append(timed(lambda: python("-c", "pass", folder=folder)))
        total, packages = import_times(folder)
    print("                     first task   first request   all over")
    for words, measured in (("new database", new), ("database there", there)):
        starts, requests, ends = (
            statistics.median(column) * 1000 for column in zip(*measured, strict=True)
        )
        print(f"{words:<20} {starts:>10.0f} {requests:>15.0f} {ends:>10.0f}")
    print(f"{'python -c pass':<20} {'':>10} {'':>15} {statistics.median(limit) * 1000:>10.0f}")
    longest = ", ".join(f"{package} {seconds * 1000:.0f}" for package, seconds in packages)
    print(f"imports until the first task: {total * 1000:.0f} (longest: {longest})")


if __name__ == "__main__":
    main()
