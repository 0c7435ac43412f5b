"""Processes told to stop: what runs may end, others have the rest; a second time is a crash."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.test_kill import HERE, SOURCE
from tests.support.watching import watch

import segue
from segue.core.status import Status
from segue.core.view import ExecutionView

pytestmark = pytest.mark.slow

#: One command waits until it may end; the other one has no room to begin beside it.
GATED = """
segue: 1
name: gated
tasks:
  gate:
    action: core.local
    input: {cmd: 'echo gate >> effects; while [ ! -e go ]; do sleep 0.05; done'}
    next: [{do: after}]
  other: {action: core.local, input: {cmd: 'echo other >> effects'}}
  after: {action: core.local, input: {cmd: 'echo after >> effects'}}
"""
HANGING = """
segue: 1
name: hanging
tasks: {hang: {action: "effects:hang_once"}}
"""


@dataclass(frozen=True)
class Place:
    folder: Path

    @contextmanager
    def segue(self, *words: str, room: int = 1) -> Iterator["subprocess.Popen[bytes]"]:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                [str(SOURCE), str(HERE), os.environ.get("PYTHONPATH", "")]
            ),
            "EFFECTS": str(self.folder / "effects"),
            "SEGUE_CONFIG": "",
            "SEGUE_DB": "runs.db",
            "SEGUE_MAX_CONCURRENT_ACTIONS": str(room),
            "SEGUE_SHUTDOWN_GRACE_SECONDS": "300",
            "SEGUE_LOST_AFTER_SECONDS": "300",  # however long a busy machine keeps one from beating
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "segue", *words],
            cwd=self.folder,
            env=environment,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def effects(self) -> list[str]:
        file = self.folder / "effects"
        return sorted(file.read_text().split("\n"))[1:] if file.exists() else []

    def look(self) -> ExecutionView:
        async def show() -> ExecutionView:
            async with segue.Engine(str(self.folder / "runs.db"), segue.Config()) as engine:
                view = await engine.show("x")
                verified: Any = await engine.verify("x")
                assert verified.violations == ()
                return view

        return asyncio.run(show())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    async def begin() -> None:
        async with segue.Engine(str(tmp_path / "runs.db"), segue.Config()) as engine:
            await engine.start(GATED, id="x", detached=True)

    asyncio.run(begin())
    (tmp_path / "hanging.yaml").write_text(HANGING)
    return Place(tmp_path)


def signal_is_heard(process: "subprocess.Popen[bytes]", number: signal.Signals) -> bool:
    """Whether a signal that was sent does not wait any more."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    waiting = int(fields["ShdPnd"], 16) | int(fields["SigPnd"], 16)
    return not waiting & (1 << (number - 1))


def stopped(process: "subprocess.Popen[bytes]") -> int:
    return process.wait(30)


def test_sigterm_waits_for_what_runs_and_lets_others_have_the_rest_at_once(place: Place) -> None:
    with place.segue("engine", "-q") as first:
        watch(lambda: place.effects() == ["gate"], "the first engine to begin")
        first.send_signal(signal.SIGTERM)
        with place.segue("engine", "-q") as second:
            watch(
                lambda: place.effects() == ["gate", "other"], "the second engine to take the rest"
            )
            assert first.poll() is None, "the first one waits for what it runs"
            (place.folder / "go").touch()
            assert stopped(first) == 0
            watch(lambda: place.look().settled, "the end")
            second.send_signal(signal.SIGTERM)
            assert stopped(second) == 0
    assert place.effects() == ["after", "gate", "other"], "each was done once"
    assert place.look().status is Status.SUCCEEDED


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_a_second_signal_ends_an_engine_at_once_and_nothing_is_lost(
    place: Place, number: signal.Signals, code: int
) -> None:
    with place.segue("engine", "-q") as first:
        watch(lambda: place.effects() == ["gate"], "the first engine to begin")
        first.send_signal(signal.SIGTERM)
        with place.segue("engine", "-q") as second:
            watch(lambda: place.effects() == ["gate", "other"], "the first one to let go")
            first.send_signal(number)
            assert stopped(first) == code
            watch(lambda: place.effects().count("gate") == 2, "the second engine to run it again")
            (place.folder / "go").touch()
            watch(lambda: place.look().settled, "the end")
            second.send_signal(signal.SIGTERM)
            assert stopped(second) == 0
    assert place.effects() == ["after", "gate", "gate", "other"]
    assert place.look().status is Status.SUCCEEDED


def test_a_second_signal_ends_a_process_whose_event_loop_stands_still(place: Place) -> None:
    with place.segue("run", "--detach", "-q", "--db", "hang.db", "hanging.yaml") as starting:
        assert stopped(starting) == 0
    with place.segue("engine", "-q", "--db", "hang.db") as first:
        watch(lambda: len(place.effects()) == 1, "the action to hang")
        first.send_signal(signal.SIGTERM)
        watch(lambda: signal_is_heard(first, signal.SIGTERM), "the first signal to be heard")
        first.send_signal(signal.SIGINT)
        assert stopped(first) in {130, 143}
    with place.segue("resume", "-q", "--db", "hang.db", "@latest") as second:
        assert stopped(second) == 0
    [one, again] = place.effects()
    assert one.split()[1] == again.split()[1], "it was run again under the same key"
