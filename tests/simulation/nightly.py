"""Simulate as many worlds as there is time for: `python3 dev.py nightly [COUNT] [--from SEED]`."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.hunt import hunt_all, table
from tests.simulation.plan import WORLDS_OF_A_LIBRARY, Plan
from tests.simulation.shrink import shrink
from tests.simulation.simulate import Report, simulate

DOCS = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- planted -->\n", "<!-- /planted -->\n"


@dataclass(slots=True)
class Sum:
    """What many worlds come to."""

    worlds: int = 0
    executions: int = 0
    events: int = 0
    faults: int = 0
    seconds: float = 0.0
    bad: int = 0

    def add(self, report: Report) -> None:
        """Add one more world."""
        self.worlds += 1
        self.executions += report.executions
        self.events += report.events
        self.faults += report.faults
        self.seconds += report.seconds
        self.bad += bool(report.troubles)


def told(report: Report) -> str:
    """Return what somebody needs who is to mend what a simulation has found."""
    plan = report.plan
    lines = [f"seed {plan.seed} at commit {_commit()}, faults: {', '.join(sorted(plan.faults))}"]
    lines += [f"  {trouble}" for trouble in report.troubles[:10]]
    lines.append(f"  again: python3 dev.py nightly 1 --from {plan.seed} --shrink")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Simulate, and say what was found; 1 if that is anything."""
    parser = argparse.ArgumentParser(prog="python3 dev.py nightly", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=200_000, help="how many executions")
    parser.add_argument("--from", dest="first", type=int, default=1_000_000, help="the first seed")
    parser.add_argument("--shrink", action="store_true", help="make what fails smaller")
    parser.add_argument("--planted", action="store_true", help="hunt the planted bugs instead")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    if given.planted:
        return _hunt(given.processes)
    began = time.monotonic()
    total = Sum()
    for report in _reports(given.first, given.count, given.processes):
        total.add(report)
        if report.troubles:
            print(told(report), flush=True)
            if given.shrink:
                print(smaller(report), flush=True)
        if total.worlds % 1000 == 0:
            print(f"{total.executions} executions, {total.bad} bad worlds", flush=True)
    took = time.monotonic() - began
    print(
        f"{total.executions} executions ({total.events} events) in {total.worlds} worlds with "
        f"{total.faults} faults, {total.seconds / 3600:.0f} h of virtual time, in {took:.0f} s: "
        f"{total.bad} bad worlds"
    )
    return 1 if total.bad else 0


def smaller(report: Report) -> str:
    """Return the smallest world that shows the same, and the logs of its executions."""
    small = shrink(report)
    lines = [f"smallest: {small.plan}", *(f"  {trouble}" for trouble in small.troubles[:5])]
    return "\n".join(lines + list(small.story))


def _hunt(processes: int) -> int:
    found = []
    for one in hunt_all(processes):
        found.append(one)
        print(f"{one.worlds or 'not found':>9}  {one.name}  ({one.trouble})", flush=True)
    page = DOCS.read_text(encoding="utf-8")
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    DOCS.write_text(page[:begin] + table(found) + page[end:], encoding="utf-8")
    return 0 if all(one.worlds for one in found) else 1


def _reports(first: int, count: int, processes: int) -> Iterator[Report]:
    """Give the reports of worlds from this seed on, until they had so many executions."""
    executions, seed = 0, first
    if processes == 1 or count < 500:
        while executions < count:
            report = simulate(Plan.draw(seed))
            seed, executions = seed + 1, executions + report.executions
            yield report
        return
    with ProcessPoolExecutor(processes) as pool:
        while executions < count:
            blocks = range(seed, seed + 8 * processes * WORLDS_OF_A_LIBRARY, WORLDS_OF_A_LIBRARY)
            for reports in pool.map(_block, blocks):
                for report in reports:
                    executions += report.executions
                    yield report
            seed = blocks[-1] + WORLDS_OF_A_LIBRARY


def _block(first: int) -> list[Report]:
    return [simulate(Plan.draw(seed)) for seed in range(first, first + WORLDS_OF_A_LIBRARY)]


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
