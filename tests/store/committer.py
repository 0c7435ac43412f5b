"""A process that commits to a database file, and says what was acknowledged.

committer.py alone FILE          turn after turn until it is killed; prints each number
committer.py contend FILE NAME N appends N events to one execution, against others
"""

import asyncio
import sys
from pathlib import Path

from tests.contract.changes import attempt, change

from segue.store.port import Committed, Conflict
from segue.store.sqlite import SqliteStore


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def alone(path: Path) -> None:
    store = await SqliteStore.open(path)
    row = await store.get_execution("x")
    number = 0 if row is None else row.seq // 3
    say("ready")
    while True:
        number += 1
        results = await store.commit(
            [
                change(
                    after=(number - 1) * 3,
                    events=3,
                    ended=[f"poll#{number - 1}.1"],
                    new_work=[attempt(f"poll#{number}.1")],
                )
            ]
        )
        assert list(results) == [Committed()], results
        say(number)


async def contend(path: Path, name: str, count: int) -> None:
    say("ready")
    sys.stdin.readline()  # all begin together, with the making of the file
    store = await SqliteStore.open(path)
    seq = won = 0
    while won < count:
        (result,) = await store.commit([change(after=seq, result=name)])
        if isinstance(result, Conflict):
            seq = result.seq
        else:
            seq += 1
            won += 1
            say(seq)
    await store.close()


def main() -> None:
    mode, path, *rest = sys.argv[1:]
    if mode == "alone":
        asyncio.run(alone(Path(path)))
    else:
        asyncio.run(contend(Path(path), rest[0], int(rest[1])))


if __name__ == "__main__":
    main()
