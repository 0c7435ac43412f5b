"""`segue engine`, and what `segue run --detach` leaves to it."""

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode
from segue.core.status import Status
from segue.store.port import StoreError
from segue.store.sqlite import SqliteStore

HELLO = """
segue: 1
name: hello
tasks:
  a: {action: core.echo, input: {message: hi}, next: [{do: b}]}
  b: {action: core.local, input: {cmd: "CMD"}}
"""


class Serving(Shell):
    """A shell in which an engine can be run for a while."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        super().__init__(capture)
        self.db = folder / "runs.db"

    def engine(self, *words: str, until: Callable[[], bool]) -> int:
        """Run an engine until something holds, and ask it to stop then."""

        ended = threading.Event()

        def ask() -> None:
            end = time.monotonic() + 30
            while not ended.wait(0.01):
                if until() or time.monotonic() > end:
                    os.kill(os.getpid(), signal.SIGTERM)
                    return

        asking = threading.Thread(target=ask)
        asking.start()
        code = self("engine", *words)
        ended.set()
        asking.join()
        return code

    def count(self, status: Status) -> int:
        async def look() -> int:
            store = await SqliteStore.open(self.db)
            try:
                return await store.count_executions(status=status)
            except StoreError:
                return 0
            finally:
                await store.close()

        return asyncio.run(look())


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Serving:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hello.yaml").write_text(HELLO.replace("CMD", "echo done"))
    (tmp_path / "slow.yaml").write_text(HELLO.replace("CMD", "touch begun; sleep 60"))
    (tmp_path / "segue.toml").write_text('db = "runs.db"\nshutdown_grace_seconds = 0\n')
    return Serving(tmp_path, capsys)


def test_what_was_detached_waits_for_an_engine_which_runs_it(shell: Serving) -> None:
    assert shell("run", "hello.yaml", "--detach") == 0
    execution = shell.out.strip()
    assert "no engine lives that could take it; run one with segue engine" in shell.err
    assert shell("run", "hello.yaml", "--detach", "--json") == 0
    assert json.loads(shell.out)["status"] == "running"
    assert shell.engine(until=lambda: shell.count(Status.SUCCEEDED) == 2) == 0
    assert f"hello {execution} taken" in shell.err
    assert f"hello {execution} succeeded" in shell.err
    assert "stopped: what had not ended is given back" in shell.err
    assert not shell.out
    assert shell("list", "--json") == 0
    assert [one["status"] for one in json.loads(shell.out)["executions"]] == ["succeeded"] * 2


def test_what_has_not_ended_is_given_back_by_an_engine_that_is_stopped(
    shell: Serving, tmp_path: Path
) -> None:
    assert shell("run", "slow.yaml", "--detach", "-q") == 0
    assert not shell.err
    assert shell.engine("-q", until=(tmp_path / "begun").exists) == 0
    assert not shell.err
    assert shell.count(Status.RUNNING) == 1
    assert shell("cancel", "@latest") == 0


def test_nothing_can_be_left_to_others_in_a_database_that_keeps_nothing(shell: Serving) -> None:
    assert shell("run", "hello.yaml", "--detach", "--db", ":memory:") == ExitCode.USAGE
    assert "what is kept nowhere can't be left to others" in shell.err
    assert shell("engine", "--db", ":memory:") == ExitCode.USAGE
    assert "has nothing to take" in shell.err
