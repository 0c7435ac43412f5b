"""Real processes on one database: killed, stopped, resumed and canceled from elsewhere."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.support.postgres_server import running_server, schema_for
from tests.support.watching import watch

import segue
from segue.actions.processes import living_members
from segue.core import events as e
from segue.core.status import Status
from segue.store.opening import open_store

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src"

LOOP = """
segue: 1
name: loop
vars: {turn: 1}
start: step
tasks:
  step:
    action: "effects:once"
    input: {turn: "{{ ctx.turn }}"}
    next:
      - when: "{{ ctx.turn < 200 }}"
        publish: {turn: "{{ ctx.turn + 1 }}"}
        do: step
output: {turns: "{{ ctx.turn }}"}
"""

SLOW = """
segue: 1
name: slow
tasks:
  slow:
    action: "effects:slowly"
    input: {seconds: 60}
"""

COMMAND = """
segue: 1
name: command
tasks:
  wait:
    action: core.local
    input: {cmd: "echo begun $$ >> \\"$EFFECTS\\"; sleep 300 & wait"}
"""


@dataclass(frozen=True)
class Place:
    """A database, and a folder with a file of effects."""

    folder: Path
    db: str

    def write(self, text: str) -> str:
        file = self.folder / "workflow.yaml"
        file.write_text(text)
        return str(file)

    def effects(self) -> list[str]:
        file = self.folder / "effects"
        return file.read_text().splitlines() if file.exists() else []

    @contextmanager
    def process(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        environment = {
            **os.environ,
            "EFFECTS": str(self.folder / "effects"),
            "PYTHONPATH": os.pathsep.join(
                [str(SOURCE), str(HERE), os.environ.get("PYTHONPATH", "")]
            ),
            "SEGUE_CONFIG": "",
        }
        process = subprocess.Popen(
            [sys.executable, str(HERE / "engine_process.py"), *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def done(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a process to its end, and return what it said."""
        with self.process(*arguments) as process:
            output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        return [json.loads(line) for line in output.splitlines()]

    def events(self, execution: str = "x") -> list[e.Recorded]:
        async def read() -> list[e.Recorded]:
            store = await open_store(self.db)
            try:
                return list(await store.read_events(execution))
            finally:
                await store.close()

        return asyncio.run(read())

    def silence(self) -> float:
        """For how long the heart of the only engine has not beaten."""

        async def read() -> float:
            store = await open_store(self.db)
            try:
                [row] = await store.list_engines()
                return time.time() - row.heartbeat_at
            finally:
                await store.close()

        return asyncio.run(read())

    def view(self, execution: str = "x") -> segue.ExecutionView:
        async def read() -> segue.ExecutionView:
            async with segue.Engine(self.db, segue.Config()) as engine:
                return await engine.show(execution)

        return asyncio.run(read())


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(tmp_path, str(tmp_path / "runs.db"))
    return Place(tmp_path, running_server().url(schema=schema_for(tmp_path)))


def lives(pid: int) -> bool:
    """Whether a process does anything: one that nobody has collected is only a name."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def next_word(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the process has ended without a word"
    word: dict[str, Any] = json.loads(line)
    return word


def require_all_turns(place: Place) -> None:
    """The log has no gap, each turn is in it once, and what was recorded was not done again."""
    recorded = place.events()
    assert [one.seq for one in recorded] == list(range(1, len(recorded) + 1))
    events = [one.event for one in recorded]
    succeeded = [event for event in events if isinstance(event, e.AttemptSucceeded)]
    assert [event.visit for event in succeeded] == list(range(1, 201))
    assert [event.result for event in succeeded] == list(range(1, 201))
    assert all(event.attempt == 1 for event in succeeded)
    view = place.view()
    assert (view.status, view.output) == (Status.SUCCEEDED, {"turns": 200})
    done = Counter(place.effects())
    assert set(done) == {f"x/step/{visit}" for visit in range(1, 201)}


def test_a_loop_that_is_killed_half_way_is_finished_by_resume(place: Place) -> None:
    file = place.write(LOOP)
    with place.process("run", place.db, file, "x") as process:
        watch(lambda: len(place.effects()) >= 100, "the middle of the loop")
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = place.events()
    assert not isinstance(before[-1].event, e.ExecutionSettled)
    known = {event.visit for one in before if isinstance(event := one.event, e.AttemptSucceeded)}
    said = place.done("resume", place.db)
    assert said[0]["taken"] == ["x"]
    assert said[-1]["status"] == "succeeded"
    require_all_turns(place)
    assert place.events()[: len(before)] == before
    again = {key for key, times in Counter(place.effects()).items() if times > 1}
    assert again <= {f"x/step/{max(known) + 1}"}, "only what was not recorded is done again"


def test_it_can_be_killed_again_and_again(place: Place) -> None:
    file = place.write(LOOP)
    turns = 25
    with place.process("run", place.db, file, "x") as process:
        watch(lambda: len(place.effects()) >= turns, "the first turns")
        process.kill()
        process.wait()
    while turns < 175:
        turns += 50
        with place.process("resume", place.db) as process:
            watch(lambda: len(place.effects()) >= turns, "more turns")  # noqa: B023
            process.kill()
            process.wait()
    assert place.done("resume", place.db, "x")[-1]["status"] == "succeeded"
    require_all_turns(place)
    assert all(times <= 2 for times in Counter(place.effects()).values())


def test_nothing_runs_twice_when_resume_is_tried_while_the_first_lives(place: Place) -> None:
    file = place.write(LOOP)
    with place.process("run", place.db, file, "x") as process:
        watch(lambda: len(place.effects()) >= 5, "the loop to go on")
        [said] = place.done("resume", place.db)
        [asked] = place.done("resume", place.db, "x")
        settled = [next_word(process), next_word(process)][1]
    assert said["taken"] == asked["taken"] == []
    assert settled["status"] == "succeeded"
    require_all_turns(place)
    assert set(Counter(place.effects()).values()) == {1}


def test_cancel_from_a_second_process_reaches_the_first_quickly(place: Place) -> None:
    file = place.write(SLOW)
    with place.process("run", place.db, file, "x") as process:
        watch(place.effects, "the action to begin")
        [said] = place.done("cancel", place.db, "x")
        next_word(process)
        settled = next_word(process)
    assert settled["status"] == "canceled"
    ended = float(place.effects()[-1].removeprefix("ended "))
    # The aim is a fifth of a second; a machine that does eight things at once gets more.
    assert ended - said["at"] < 2.0


def test_an_engine_that_was_stopped_is_lost_and_its_late_outcome_is_refused(place: Place) -> None:
    file = place.write(SLOW.replace("60", "3"))
    with place.process("run", place.db, file, "x") as first:
        watch(place.effects, "the action to begin")
        first.send_signal(signal.SIGSTOP)
        watch(lambda: place.silence() > 1.2, "the heart to be silent too long")
        with place.process("resume", place.db) as second:
            assert next_word(second)["taken"] == ["x"]
            watch(lambda: len(place.effects()) == 2, "the action to begin again")
            first.send_signal(signal.SIGCONT)
            settled = next_word(second)
        next_word(first)
        assert next_word(first)["status"] == "succeeded", "the first sees the end as well"
    assert settled["status"] == "succeeded"
    begun = [line.split() for line in place.effects() if line.startswith("begun")]
    assert [key for _, key, _ in begun] == ["x/slow/1", "x/slow/1"]
    [succeeded] = [one.event for one in place.events() if isinstance(one.event, e.AttemptSucceeded)]
    assert succeeded.result == f"done by {second.pid}"


def test_what_a_killed_engine_left_running_is_ended_before_it_is_repeated(place: Place) -> None:
    file = place.write(COMMAND)
    with place.process("run", place.db, file, "x") as first:
        watch(place.effects, "the command to begin")
        first.kill()
        first.wait()
    left = int(place.effects()[0].removeprefix("begun "))
    group = os.getpgid(left)
    assert lives(left), "nobody has ended it yet"
    with place.process("resume", place.db) as second:
        assert next_word(second)["taken"] == ["x"]
        watch(lambda: len(place.effects()) == 2, "the command to begin again")
        assert living_members(group) == []
        place.done("cancel", place.db, "x")
        assert next_word(second)["status"] == "canceled"
    again = int(place.effects()[1].removeprefix("begun "))
    watch(lambda: not lives(again), "the command to be ended")


def test_cancel_of_what_a_killed_engine_left_is_finished_by_cancel_itself(place: Place) -> None:
    file = place.write(COMMAND)
    with place.process("run", place.db, file, "x") as first:
        watch(place.effects, "the command to begin")
        first.kill()
        first.wait()
    left = int(place.effects()[0].removeprefix("begun "))
    place.done("cancel", place.db, "x")
    assert not lives(left)
    assert place.view().status is Status.CANCELED
    assert len(place.effects()) == 1
