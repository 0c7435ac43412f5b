"""No process outlives its attempt: cancelled, left behind, or orphaned by an engine that died."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest
from tests.actions.stage import Stage

from segue.actions.identity import AttemptIdentity
from segue.actions.local import Local
from segue.actions.processes import (
    ProcessSurvivedError,
    end_group,
    end_process_group,
    find_process,
    living_members,
)
from segue.core.stimuli import Failed, Succeeded
from segue.values import JsonValue

#: A child that says it is there, and that nothing but KILL ends.
STUBBORN = "trap '' TERM; echo ready; while :; do sleep 1000; done"

#: A child that says it is there, and has a word to say to a TERM before it ends, or goes on. No
#: shell: one that is just starting a program can lose a signal that is meant for it.
ANSWERING = """
import os, signal, sys
def answer(number, frame):
    os.write(1, sys.argv[1].encode())
    if sys.argv[1] == "bye":
        os._exit(0)
signal.signal(signal.SIGTERM, answer)
os.write(1, b"ready,")
while True:
    signal.pause()
"""

#: A child with a child of its own that ignores TERM, too, and a grandchild in the background.
FAMILY = "trap '' TERM; (trap '' TERM; sleep 1000) & sleep 1000 & echo ready; wait"

MINE = AttemptIdentity(
    execution="x1", task="probe", visit=1, attempt=1, idempotency_key="x1/probe/1"
).environment


@pytest.fixture
def groups(stage: Stage) -> list[tuple[int, float]]:
    """The process groups that were announced."""
    announced: list[tuple[int, float]] = []

    async def announce(group: int, started_at: float) -> None:
        announced.append((group, started_at))

    stage.announce = announce
    return announced


def local(stage: Stage, *, grace: float = 5.0, linger: float = 2.0) -> None:
    stage.registry.register(Local(grace=grace, linger=linger))


async def cancel_when_ready(stage: Stage, *argv: str) -> None:
    ready = asyncio.Event()
    stage.on_log = ready.set
    running = asyncio.create_task(stage.run("core.local", argv=list[JsonValue](argv)))
    await ready.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def test_cancelled_command_gets_a_term_and_its_last_words_are_logged(
    stage: Stage, groups: list[tuple[int, float]]
) -> None:
    asyncio.run(cancel_when_ready(stage, sys.executable, "-ISc", ANSWERING, "bye"))
    assert stage.text("stdout") == "ready,bye"
    assert living_members(groups[0][0]) == []


@pytest.mark.parametrize("command", [STUBBORN, FAMILY])
def test_what_ignores_the_term_is_killed_with_all_its_children(
    stage: Stage, groups: list[tuple[int, float]], command: str
) -> None:
    local(stage, grace=0.05)
    asyncio.run(cancel_when_ready(stage, "sh", "-c", command))
    assert living_members(groups[0][0]) == []
    assert find_process(*groups[0]) is None


def test_stopped_command_hears_the_term(stage: Stage, groups: list[tuple[int, float]]) -> None:
    asyncio.run(
        cancel_when_ready(stage, "sh", "-c", "trap 'exit 0' TERM; echo ready; kill -STOP $$")
    )
    assert living_members(groups[0][0]) == []


def test_timeout_ends_a_command(stage: Stage, groups: list[tuple[int, float]]) -> None:
    async def scenario() -> None:
        async with asyncio.timeout(0.05):
            await stage.run("core.local", argv=["sleep", "1000"])

    with pytest.raises(TimeoutError):
        asyncio.run(scenario())
    assert living_members(groups[0][0]) == []


def test_second_cancellation_kills_at_once(stage: Stage, groups: list[tuple[int, float]]) -> None:
    local(stage, grace=1000)

    async def scenario() -> None:
        ready = asyncio.Event()
        stage.on_log = ready.set
        argv: JsonValue = [sys.executable, "-ISc", ANSWERING, "no"]
        running = asyncio.create_task(stage.run("core.local", argv=argv))
        await ready.wait()
        ready.clear()
        running.cancel()
        await ready.wait()  # it has heard the TERM, and does not care
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(scenario())
    for dying in living_members(groups[0][0]):  # killed; the kernel takes its time
        dying.wait(timeout=30)


def test_command_that_is_cancelled_before_it_was_announced_never_runs(
    stage: Stage, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    seen: list[int] = []

    async def scenario() -> None:
        announcing = asyncio.Event()

        async def announce(group: int, started_at: float) -> None:
            seen.append(group)
            announcing.set()
            await asyncio.Event().wait()

        running = asyncio.create_task(
            stage.announcing(announce).run("core.local", cmd=f"touch '{marker}'")
        )
        await announcing.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(scenario())
    assert not marker.exists()
    assert living_members(seen[0]) == []


def test_command_that_cannot_be_announced_never_runs(stage: Stage, tmp_path: Path) -> None:
    marker = tmp_path / "marker"

    async def announce(group: int, started_at: float) -> None:
        raise ConnectionError("the claim is lost")

    refusing = stage.announcing(announce)
    assert asyncio.run(refusing.run("core.local", cmd=f"touch '{marker}'")) == Failed(
        code="action_error", message="ConnectionError: the claim is lost"
    )
    assert not marker.exists()


def test_command_does_not_begin_before_its_group_is_known(stage: Stage, tmp_path: Path) -> None:
    order = tmp_path / "order"

    async def announce(group: int, started_at: float) -> None:
        leader = psutil.Process(group)
        assert leader.create_time() == started_at
        assert os.getpgid(group) == os.getsid(group) == group
        with order.open("a") as file:
            file.write("announced\n")

    announcing = stage.announcing(announce)
    asyncio.run(announcing.run("core.local", cmd=f"echo began >>'{order}'"))
    assert order.read_text() == "announced\nbegan\n"


def test_cancellation_at_any_moment_leaves_nothing_behind(
    stage: Stage, groups: list[tuple[int, float]]
) -> None:
    local(stage, grace=0.05)
    children = psutil.Process().children()

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    async def scenario() -> None:
        before = open_files()
        for moment in range(25):
            running = asyncio.create_task(
                stage.run("core.local", argv=["sleep", "1000"], stdin="x")
            )
            for _ in range(moment):
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.wait([running])
            assert running.cancelled()
            await asyncio.sleep(0)
            assert open_files() == before

    asyncio.run(scenario())
    assert len(groups) > 5
    assert psutil.Process().children() == children


#: An engine that dies between the start of the process and its announcement.
DYING_ENGINE = """
import asyncio, os, sys
from segue.values import JsonValue
from tests.actions.stage import Stage

async def die(group, started_at):
    print(group, flush=True)
    os._exit(9)

asyncio.run(Stage(announce=die).run("core.local", argv=["touch", sys.argv[1]]))
"""


def test_command_of_an_engine_that_died_before_announcing_it_never_runs(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    done = subprocess.run(
        [sys.executable, "-c", DYING_ENGINE, str(marker)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert done.returncode == 9
    for process in living_members(int(done.stdout)):
        process.wait(timeout=30)
    assert not marker.exists()


def test_background_process_that_keeps_the_output_open_is_ended(
    stage: Stage, groups: list[tuple[int, float]]
) -> None:
    local(stage, linger=0)
    outcome = asyncio.run(stage.run("core.local", cmd="sleep 1000 & echo done"))
    assert isinstance(outcome, Succeeded)
    assert stage.text("stdout") == "done\n"
    assert living_members(groups[0][0]) == []


def test_background_process_that_prints_nothing_is_ended(
    stage: Stage, groups: list[tuple[int, float]]
) -> None:
    outcome = asyncio.run(stage.run("core.local", cmd="sleep 1000 >/dev/null 2>&1 & echo done"))
    assert isinstance(outcome, Succeeded)
    assert living_members(groups[0][0]) == []


def test_background_process_may_finish_its_output(stage: Stage, tmp_path: Path) -> None:
    fifo = tmp_path / "go"
    os.mkfifo(fifo)
    local(stage, linger=1000)

    async def scenario() -> None:
        first = asyncio.Event()
        stage.on_log = first.set
        running = asyncio.create_task(
            stage.run("core.local", cmd=f"(read -r word <'{fifo}'; echo $word) & echo first")
        )
        await first.wait()
        await asyncio.to_thread(fifo.write_text, "second\n")
        await running

    asyncio.run(scenario())
    assert stage.text("stdout") == "first\nsecond\n"


def test_process_that_leaves_the_group_with_the_output_does_not_hold_us_up(
    stage: Stage, tmp_path: Path
) -> None:
    """Nobody can follow a daemon. The result does not wait for it."""
    local(stage, linger=0)
    note = tmp_path / "pid"
    command = f"setsid sh -c 'echo $$ >{note}.new; mv {note}.new {note}; exec sleep 1000' & "
    command += f"while [ ! -e {note} ]; do sleep 0.01; done"
    outcome = asyncio.run(stage.run("core.local", cmd=command))
    daemon = psutil.Process(int(note.read_text()))
    daemon.kill()
    assert isinstance(outcome, Succeeded)


# -- what a former engine left behind -------------------------------------------------------------


class Orphans:
    """Process groups that nobody attends to, such as an engine that was killed leaves."""

    def __init__(self) -> None:
        self.started: list[subprocess.Popen[str]] = []

    def start(self, command: str, environment: Mapping[str, str] = MINE) -> tuple[int, float]:
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, **environment},
        )
        self.started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process.pid, psutil.Process(process.pid).create_time()

    def collect(self) -> None:
        for process in self.started:
            if process.returncode is None:  # not collected: the id is still that of this group
                os.killpg(process.pid, signal.SIGKILL)
            for member in living_members(process.pid):
                member.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


@pytest.fixture
def orphans() -> Iterator[Orphans]:
    made = Orphans()
    yield made
    made.collect()


def test_group_with_the_leader_that_was_noted_is_ended(orphans: Orphans) -> None:
    group, started_at = orphans.start(FAMILY)
    assert find_process(group, started_at) is not None
    assert asyncio.run(end_process_group(group, started_at, 0.05))
    assert living_members(group) == []


def test_group_that_is_gone_needs_no_end(orphans: Orphans) -> None:
    group, started_at = orphans.start("echo ready")
    orphans.started[0].wait()
    assert find_process(group, started_at) is None
    assert not asyncio.run(end_process_group(group, started_at, 0.05, MINE))


def test_process_that_started_at_another_time_is_somebody_else(orphans: Orphans) -> None:
    group, started_at = orphans.start(STUBBORN, environment={})
    assert find_process(group, started_at - 60) is None
    assert not asyncio.run(end_process_group(group, started_at - 60, 0.05))
    assert not asyncio.run(end_process_group(group, started_at - 60, 0.05, MINE))
    assert living_members(group) != []


def test_members_whose_leader_is_gone_are_known_by_their_environment(orphans: Orphans) -> None:
    group, started_at = orphans.start("sleep 1000 & echo ready")
    orphans.started[0].wait()
    assert find_process(group, started_at) is None
    assert not asyncio.run(end_process_group(group, started_at, 0.05))
    assert not asyncio.run(
        end_process_group(group, started_at, 0.05, {**MINE, "SEGUE_ATTEMPT": "2"})
    )
    assert living_members(group) != []
    assert asyncio.run(end_process_group(group, started_at, 0.05, MINE))
    assert living_members(group) == []


def test_leader_seen_through_a_clock_that_was_set_is_known_by_its_environment(
    orphans: Orphans,
) -> None:
    group, started_at = orphans.start(STUBBORN)
    assert asyncio.run(end_process_group(group, started_at - 3600, 0.05, MINE))
    assert living_members(group) == []


def test_process_that_cannot_be_ended_is_an_error(
    orphans: Orphans, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, _ = orphans.start(STUBBORN)

    def refuse(group: int, number: int) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(os, "killpg", refuse)
        patch.setattr("segue.actions.processes._KILL_WAIT", 0)
        with pytest.raises(ProcessSurvivedError, match=f"process group {group} could not be ended"):
            asyncio.run(end_group(group, 0))


@pytest.mark.parametrize("group", [-1, 0, 1, os.getpgrp()])
def test_engine_signals_neither_itself_nor_everybody(
    monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    def refuse(group: int, number: int) -> None:
        pytest.fail("nobody may be signalled")

    monkeypatch.setattr(os, "killpg", refuse)
    leader = max(group, 1)
    # Who leads the group that we are in may be gone.
    started_at = psutil.Process(leader).create_time() if psutil.pid_exists(leader) else 0.0
    assert not asyncio.run(end_process_group(group, started_at, 0.05, {}))
