"""Kill real processes at every point and at random times: `python3 dev.py crashes [KILLS]`."""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.crashes.place import Place
from tests.crashes.points import CASES, place_for, require_survival

from segue.failpoints import Failpoint

#: A trip takes about so long, in seconds, from the beginning of its process.
LONGEST = 1.6
#: And with each kill so much longer: where all is slow, nothing would ever get done otherwise.
PATIENCE = 0.1


def main(arguments: list[str] | None = None) -> int:
    """Kill, and say what did not survive; 1 if that is anything."""
    parser = argparse.ArgumentParser(prog="python3 dev.py crashes", description=__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=500, help="how many at random times")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    began, bad = time.monotonic(), 0
    with ProcessPoolExecutor(given.processes) as pool:
        told = [pool.submit(at_point, db, point) for db, point in CASES]
        bad += sum(_said(one.result()) for one in told)
        print(f"{len(CASES)} points: {bad} did not survive", flush=True)
        kills, seed = 0, given.first
        while kills < given.kills:
            rounds = list(pool.map(at_random, range(seed, seed + 8 * given.processes)))
            seed += len(rounds)
            kills += sum(count for count, _ in rounds)
            bad += sum(_said(trouble) for _, trouble in rounds)
            print(f"{kills} kills at random times, {bad} failures", flush=True)
    took = time.monotonic() - began
    print(f"{len(CASES)} points, {kills} kills at random times, in {took:.0f} s: {bad} failures")
    return 1 if bad else 0


def at_point(db: str, point: Failpoint) -> str | None:
    """Return what did not survive a death at this point."""
    return _trouble(f"{db} {point}", lambda folder: require_survival(db, point, folder))


def at_random(seed: int) -> tuple[int, str | None]:
    """Kill a trip at random times until it has ended; return how often, and what was lost."""
    chance = random.Random(seed)
    db = chance.choice(("sqlite", "postgres"))
    kills = 0

    def trip(folder: Path) -> None:
        nonlocal kills
        place = place_for(db, folder)
        while not _ends(place, chance.uniform(0.2, LONGEST + PATIENCE * kills)):
            kills += 1
        place.require_whole(crashes=kills)

    trouble = _trouble(f"{db} seed {seed}", trip)
    return kills, trouble


def _ends(place: Place, seconds: float) -> bool:
    """Run a process to its end, or kill it after so many seconds; whether the trip is over."""
    process = place.process("resume", place.db) if place.has_begun() else place.starting()
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    process.communicate()
    return place.is_over()


def _trouble(what: str, do: Callable[[Path], None]) -> str | None:
    with tempfile.TemporaryDirectory(prefix="segue-crash-") as folder:
        try:
            do(Path(folder))
        except Exception as error:  # noqa: BLE001 (whatever it is, it did not survive)
            return f"{what}: {type(error).__name__}: {error}"
    return None


def _said(trouble: str | None) -> bool:
    if trouble is not None:
        print(trouble, flush=True)
    return trouble is not None


if __name__ == "__main__":
    sys.exit(main())
