"""How many commits a second the PostgreSQL store makes, beside what the server itself can do.

    python benchmarks/store_postgres.py [--url URL] [--commits 1000] [--rounds 5]

A commit is a turn of a loop as in `store.py`, alone, and in groups of a hundred executions. The
limit is a prepared INSERT of the same five events of each (`executemany`, one transaction) over a
connection to the same server: nothing is compared, fenced, ended or made. Both are measured in
turns, and the medians are shown. Without `--url` a server is started from the wheel that the tests
use, with its usual settings: what it answers is on the disk.
"""

import argparse
import asyncio
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.postgres_server import PostgresServer

from segue.core.events import encode, type_of
from segue.store.postgres import PostgresStore
from segue.store.postgres.target import Target
from store import Loops, turn

INSERT = "INSERT INTO raw (execution, seq, at, type, data) VALUES (%s, %s, %s, %s, %s)"


async def insert_only(url: str, group: int, commits: int, begin: int) -> float:
    """Return the seconds that writing the events alone took, for each commit."""
    batches = [
        [
            (change.row.id, one.seq, one.at, type_of(one.event), encode(one.event))
            for change in (turn(f"raw-{number:04}", at) for number in range(group))
            for one in change.events
        ]
        for at in range(begin, begin + commits)
    ]
    connection = await Target.of(url).connect()
    async with connection:
        cursor = connection.cursor()
        started = time.perf_counter()
        for rows in batches:
            async with connection.transaction():
                await cursor.executemany(INSERT, rows)
        return (time.perf_counter() - started) / commits


async def measure(url: str, group: int, commits: int, rounds: int) -> str:
    """Return a line of the table."""
    store = await PostgresStore.open(url)
    loops = Loops(store, group)
    ours, limits = [], []
    for number in range(rounds):
        limits.append(await insert_only(url, group, commits, number * commits))
        ours.append(await loops.run(commits))
    await store.close()
    our, limit = statistics.median(ours), statistics.median(limits)
    return f"{group:>7} {1 / limit:>14,.0f} {1 / our:>12,.0f} {limit / our:>7.2f} {group / our:>12,.0f}"


async def compare(url: str, commits: int, rounds: int) -> None:
    """Measure, and print a table."""
    connection = await Target.of(url).connect()
    async with connection:
        store = await PostgresStore.open(url)  # makes the schema
        await store.close()
        await connection.execute("DROP TABLE IF EXISTS raw")
        await connection.execute("CREATE TABLE raw (LIKE events INCLUDING ALL)")
        print("changes  insert only/s    commits/s   ratio    changes/s")
        for group, times in ((1, commits), (100, max(10, commits // 20))):
            await connection.execute("TRUNCATE executions, events, work, raw")
            print(await measure(url, group, times, rounds))
    print("again: python benchmarks/store_postgres.py")


def main() -> None:
    """Start a server if none is named, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", help="an empty database; what is in it is thrown away")
    parser.add_argument("--commits", type=int, default=1000, help="in each round, for groups of 1")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if options.url:
        asyncio.run(compare(options.url, options.commits, options.rounds))
        return
    server = PostgresServer(settings=())
    server.start()
    try:
        asyncio.run(compare(server.url(), options.commits, options.rounds))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
