"""`segue` as a process: on a real pseudo-terminal, with signals, and beside others of its kind."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.fake_terminal import FakeTerminal

pytestmark = pytest.mark.slow

#: How long we wait for what must come. Nothing waits so long unless it is broken.
PATIENCE = 30.0
SLOW = """
segue: 1
name: slow
tasks:
  first: {action: core.noop, next: [{do: wait}]}
  wait:
    action: core.local
    input: {cmd: "echo waiting; while [ ! -e go ]; do sleep 0.02; done"}
    next: [{when: succeeded(), do: last}]
  last: {action: core.noop}
output: {done: true}
"""


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Process:
    """`segue` on a terminal of its own."""

    def __init__(self, folder: Path, *words: str, width: int = 80, **environment: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "segue", *words],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 (nothing else makes Ctrl-C reach it)
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        )
        os.close(slave)
        self.written = ""
        self._width = width

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def screen(self) -> FakeTerminal:
        terminal = FakeTerminal(self._width)
        terminal.feed(self.written)
        return terminal

    def until(self, text: str) -> None:
        """Read until something is seen on the screen."""
        self._read(lambda: text in self.screen.text, f"{text!r} to appear")

    def until_there(self, file: Path) -> None:
        """Read until somebody has made a file."""
        self._read(file.exists, f"{file} to be made")

    def press(self, key: str) -> None:
        os.write(self._master, key.encode())

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        self._read(lambda: False, "the end")
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)

    def _read(self, enough: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not enough():
            assert time.monotonic() < deadline, f"waited for {what}, saw:\n{self.screen.text}"
            ready, _, _ = select.select([self._master], [], [], 0.5)
            if not ready:
                continue
            try:
                data = os.read(self._master, 65536)
            except OSError:  # the other end is closed
                return
            self.written += data.decode(errors="replace")


Start = Callable[..., Process]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "slow.yaml").write_text(SLOW)
    (tmp_path / "segue.toml").write_text(
        'db = "runs.db"\nshutdown_grace_seconds = 0.2\nheartbeat_seconds = 0.2\n'
    )
    return tmp_path


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    started: list[Process] = []

    def begin(*words: str, width: int = 80, **environment: str) -> Process:
        started.append(Process(folder, *words, width=width, **environment))
        return started[-1]

    yield begin
    (folder / "go").touch()
    for process in started:
        process.close()


def segue(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "segue", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def status(folder: Path) -> str:
    found: str = json.loads(segue(folder, "show", "@latest", "--json").stdout)["status"]
    return found


def test_tree_is_drawn_over_and_its_last_state_stays(folder: Path, start: Start) -> None:
    run = start("run", "slow.yaml")
    run.until("core.local")
    (folder / "go").touch()
    assert run.wait() == 0
    screen = run.screen
    assert screen.cursor_shown
    assert screen.colored
    text = re.sub(r"\d+\.\d+s", "0.0s", screen.text)
    text = re.sub(r"[0-9a-z]{12}", "id", text)
    assert text.splitlines() == [
        "slow  id  ✓ succeeded  0.0s",
        "├ ✓ first  succeeded   0.0s",
        "├ ✓ wait   succeeded   0.0s",
        "└ ✓ last   succeeded   0.0s",
        "{",
        '  "done": true',
        "}",
    ]


def test_narrow_terminal_is_never_overrun(folder: Path, start: Start) -> None:
    (folder / "go").touch()
    run = start("run", "slow.yaml", width=34)
    assert run.wait() == 0
    (header,) = [row for row in run.screen.rows if row.startswith("slow")]
    assert len(header) <= 34


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"CI": "true", "NO_COLOR": "1"}])
def test_terminal_that_must_not_be_drawn_over_gets_plain_lines(
    folder: Path, start: Start, environment: dict[str, str]
) -> None:
    (folder / "go").touch()
    run = start("run", "slow.yaml", **environment)
    assert run.wait() == 0
    assert "\x1b" not in run.written
    assert "wait#1 succeeded" in run.written


def test_no_color_still_draws_over(folder: Path, start: Start) -> None:
    (folder / "go").touch()
    run = start("run", "slow.yaml", NO_COLOR="1")
    assert run.wait() == 0
    assert not run.screen.colored
    assert "└ ✓ last" in run.screen.text


def test_terminal_without_unicode_gets_ascii(folder: Path, start: Start) -> None:
    (folder / "go").touch()
    run = start("run", "slow.yaml", PYTHONIOENCODING="ascii")
    assert run.wait() == 0
    assert run.written.isascii()
    assert "` + last" in run.screen.text


def test_interrupt_loses_nothing_and_says_how_to_go_on(folder: Path, start: Start) -> None:
    run = start("run", "slow.yaml")
    run.until("core.local")
    run.press("\x03")
    assert run.wait() == 130
    assert "stopped, nothing is lost: go on with segue resume" in run.screen.text
    assert "Traceback" not in run.written
    assert run.screen.cursor_shown
    (folder / "go").touch()
    done = segue(folder, "resume")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"done": True}
    assert status(folder) == "succeeded"


def test_what_ends_in_time_after_an_interrupt_is_recorded(folder: Path, start: Start) -> None:
    run = start("run", "slow.yaml", SEGUE_SHUTDOWN_GRACE_SECONDS="30")
    run.until("core.local")
    run.press("\x03")
    run.until("stopping: nothing new is handed off")
    (folder / "go").touch()
    assert run.wait() == 130
    shown = json.loads(segue(folder, "show", "@latest", "--json").stdout)
    statuses = {task["task"]: task["status"] for task in shown["tasks"]}
    assert statuses["wait"] == "succeeded"
    assert statuses["last"] != "succeeded", "nothing new was handed off"


def test_second_interrupt_ends_at_once_and_loses_nothing(folder: Path, start: Start) -> None:
    run = start("run", "slow.yaml", SEGUE_SHUTDOWN_GRACE_SECONDS="300")
    run.until("core.local")
    run.press("\x03")
    run.until("stopping")
    run.press("\x03")
    assert run.wait() == 130
    assert "Traceback" not in run.written
    (folder / "go").touch()
    assert segue(folder, "resume", "-q").returncode == 0
    assert status(folder) == "succeeded"


def test_second_interrupt_kills_what_does_not_end(folder: Path, start: Start) -> None:
    deaf = "trap '' TERM; echo $$ > new; mv new pid;"
    (folder / "deaf.yaml").write_text(SLOW.replace("echo waiting;", deaf))
    run = start("run", "deaf.yaml", SEGUE_SHUTDOWN_GRACE_SECONDS="300")
    run.until("core.local")
    run.until_there(folder / "pid")
    run.press("\x03")
    run.until("stopping")
    run.press("\x03")
    run.press("\x03")
    assert run.wait() == 130
    assert "go on with segue resume" in run.screen.text
    with pytest.raises(ProcessLookupError):
        os.kill(int((folder / "pid").read_text()), 0)


def test_sigterm_stops_like_an_interrupt_with_its_own_code(folder: Path, start: Start) -> None:
    run = start("run", "slow.yaml")
    run.until("core.local")
    run.send(signal.SIGTERM)
    assert run.wait() == 143
    assert "go on with segue resume" in run.screen.text


def test_cancel_from_a_second_terminal_reaches_the_first(folder: Path, start: Start) -> None:
    run = start("run", "slow.yaml")
    run.until("core.local")
    done = segue(folder, "cancel", "@latest", "--reason", "enough")
    assert done.returncode == 0, done.stderr
    assert f"is canceling: what runs is being ended by process {run.pid} " in done.stderr
    assert run.wait() == 3
    assert status(folder) == "canceled"
    assert "⊘ canceled" in run.screen.text


def test_cancel_says_that_what_runs_is_let_finish_where_the_file_says_so(
    folder: Path, start: Start
) -> None:
    (folder / "slow.yaml").write_text(f"on_cancel: finish{SLOW}")
    run = start("run", "slow.yaml")
    run.until("core.local")
    done = segue(folder, "cancel", "@latest")
    assert f"is canceling: what runs is let finish by process {run.pid} " in done.stderr
    (folder / "go").touch()
    assert run.wait() == 3


def test_resume_of_what_another_has_follows_it_and_runs_nothing_twice(
    folder: Path, start: Start
) -> None:
    run = start("run", "slow.yaml")
    run.until("core.local")
    second = start("resume", "@latest")
    second.until(f"is conducted by process {run.pid} on")
    second.until("core.local")
    (folder / "go").touch()
    assert (run.wait(), second.wait()) == (0, 0)
    events = segue(folder, "events", "@latest", "--json").stdout.splitlines()
    started = [event for event in map(json.loads, events) if event["type"] == "attempt_started"]
    assert len(started) == 3


def test_resume_takes_over_when_the_other_is_killed(folder: Path, start: Start) -> None:
    run = start("run", "slow.yaml")
    run.until("core.local")
    second = start("resume", "@latest")
    second.until("is conducted by process")
    second.until("core.local")
    run.send(signal.SIGKILL)
    second.until("going on here")
    (folder / "go").touch()
    assert second.wait() == 0
    assert status(folder) == "succeeded"


def test_who_only_follows_can_leave_without_harm(folder: Path, start: Start) -> None:
    run = start("run", "slow.yaml")
    run.until("core.local")
    second = start("resume", "@latest")
    second.until("core.local")
    second.press("\x03")
    assert second.wait() == 130
    assert "it goes on there" in second.screen.text
    (folder / "go").touch()
    assert run.wait() == 0


def test_reader_that_goes_away_stops_the_writing_without_a_word(folder: Path) -> None:
    (folder / "go").touch()
    segue(folder, "run", "slow.yaml", "-q")
    python = sys.executable
    done = subprocess.run(
        ["bash", "-c", f"{python} -m segue events @latest | true; exit ${{PIPESTATUS[0]}}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode in {0, 141}
    assert not done.stderr
