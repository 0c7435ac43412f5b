"""Several processes on one file, and processes that are killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest

from segue.core.events import AttemptSucceeded
from segue.store.port import Definition
from segue.store.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parents[2]


class Committer:
    """`committer.py` as a child. Killed at the end of the test if it still runs."""

    def __init__(self, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.store.committer", *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._output.readline() == "ready\n"

    @property
    def _output(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def acknowledged(self, count: int) -> list[int]:
        return [int(self._output.readline()) for _ in range(count)]

    def kill(self) -> list[int]:
        """Kill it at once, and return what it had still said."""
        self._process.kill()
        rest = [int(line) for line in self._output if line.endswith("\n")]
        self._process.wait()
        return rest

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


@pytest.fixture
def children() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.slow
async def test_a_killed_process_loses_nothing_that_was_acknowledged(
    path: Path, children: ExitStack
) -> None:
    last = 0
    for acknowledgements in (1, 40, 250):
        committer = Committer("alone", path)
        children.callback(committer.close)
        said = committer.acknowledged(acknowledgements)
        said += committer.kill()
        assert said == list(range(last + 1, last + len(said) + 1))
        store = await SqliteStore.open(path)
        await store.put_definition(Definition(hash="hash", name="watch", source="segue: 1"))
        seqs = [recorded.seq for recorded in await store.read_events("x")]
        assert seqs == list(range(1, len(seqs) + 1)), "no gap, no number twice"
        last = len(seqs) // 3
        assert last * 3 == len(seqs), "no turn is there in part"
        assert last - said[-1] in {0, 1}, "all that was said, and at most the one that was not yet"
        assert [work.name for work in await store.list_work()] == [f"poll#{last}.1"]
        assert list((await store.check_health()).problems) == []
        await store.close()


@pytest.mark.slow
async def test_each_number_is_given_once_among_processes(path: Path, children: ExitStack) -> None:
    committers = {name: Committer("contend", path, name, 60) for name in ("a", "b", "c")}
    for committer in committers.values():
        children.callback(committer.close)
    for committer in committers.values():
        committer.begin()
    won = {name: committer.acknowledged(60) for name, committer in committers.items()}
    numbers = sorted(number for mine in won.values() for number in mine)
    assert numbers == list(range(1, 181)), "each once"
    store = await SqliteStore.open(path)
    for recorded in await store.read_events("x"):
        assert isinstance(recorded.event, AttemptSucceeded)
        assert recorded.seq in won[str(recorded.event.result)], "and it is the winner's event"
    await store.close()
