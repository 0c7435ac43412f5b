"""Three workflows inside one another, from two terminals: paused, resumed, canceled, killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.watching import watch

from segue.cli.exit_codes import ExitCode
from segue.store.opening import open_store
from segue.store.port import ExecutionRow

pytestmark = pytest.mark.slow

TOP = """
segue: 1
name: top
tasks:
  call: {action: ./lower/middle.yaml, next: [{when: succeeded(), do: last}]}
  last: {action: core.local, input: {cmd: 'echo last >> "$EFFECTS"'}}
output: {ended: true}
"""
MIDDLE = """
segue: 1
name: middle
tasks:
  call: {action: bottom, input: {word: one}}
"""
BOTTOM = """
segue: 1
name: bottom
input: {word: string}
tasks:
  one:
    action: core.local
    input: {cmd: 'echo {{ ctx.word }} >> "$EFFECTS"; until test -e go; do sleep 0.02; done'}
    next: [{when: succeeded(), do: two}]
  two: {action: core.local, input: {cmd: 'echo two >> "$EFFECTS"'}}
"""
NAMES = {"top", "middle", "bottom"}


@dataclass(frozen=True)
class Place:
    """A folder in which a user types commands."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("SEGUE_")}
        return {**kept, "EFFECTS": str(self.folder / "effects"), "NO_COLOR": "1"}

    def segue(self, *words: str, code: ExitCode = ExitCode.SUCCEEDED) -> str:
        """Run a command to its end, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "segue", *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[str]"]:
        """`segue run` in a terminal of its own, until the first command runs."""
        process = subprocess.Popen(
            [sys.executable, "-m", "segue", "run", "top.yaml", "-q"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            watch(self.effects, "the command at the bottom to begin")
            yield process
        finally:
            self.go()
            if process.poll() is None:
                process.kill()
            process.communicate()

    def effects(self) -> list[str]:
        file = self.folder / "effects"
        return file.read_text().split() if file.exists() else []

    def go(self) -> None:
        """Let the command at the bottom end."""
        (self.folder / "go").touch()

    def rows(self) -> dict[str, ExecutionRow]:
        """What there is in the database; asked here, since a command a look would be a load."""

        async def read() -> Sequence[ExecutionRow]:
            store = await open_store(str(self.folder / "runs.db"))
            try:
                return await store.list_executions()
            finally:
                await store.close()

        rows = asyncio.run(read())
        assert len(rows) == len(NAMES), "each was begun once"
        return {row.workflow: row for row in rows}

    def statuses(self) -> dict[str, str]:
        return {name: row.status.value for name, row in self.rows().items()}

    def shown(self) -> dict[str, object]:
        """The statuses as `segue list` shows them."""
        rows = json.loads(self.segue("list", "--children", "--json"))["executions"]
        return {row["workflow"]: row["status"] for row in rows}

    def wait_for(self, **statuses: str) -> None:
        watch(lambda: self.statuses() == statuses, f"{statuses}")

    def paused_at_the_bottom(self) -> None:
        """Pause all three; the command at the bottom ends only once the pause has reached it."""
        self.segue("pause", "@latest")
        self.wait_for(**all_of("pausing"))
        self.go()
        self.wait_for(**all_of("paused"))


def all_of(status: str) -> dict[str, str]:
    return dict.fromkeys(NAMES, status)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "lower").mkdir()
    (tmp_path / "named").mkdir()
    (tmp_path / "top.yaml").write_text(TOP)
    (tmp_path / "lower" / "middle.yaml").write_text(MIDDLE)
    (tmp_path / "named" / "bottom.yaml").write_text(BOTTOM)
    (tmp_path / "segue.toml").write_text(
        'db = "runs.db"\nworkflows = "named"\nheartbeat_seconds = 0.2\nlost_after_seconds = 1\n'
    )
    return Place(tmp_path)


def test_a_pause_from_another_terminal_reaches_the_bottom_and_so_does_going_on(
    place: Place,
) -> None:
    with place.running() as first:
        place.paused_at_the_bottom()
        assert place.effects() == ["one"]
        assert json.loads(place.segue("pause", "@latest", "--json"))["changed"] is False
        assert json.loads(place.segue("resume", "@latest", "-q")) == {"ended": True}
        assert first.wait(30) == ExitCode.SUCCEEDED
    assert place.effects() == ["one", "two", "last"]
    assert place.shown() == all_of("succeeded")


def test_one_in_the_middle_may_be_paused_alone(place: Place) -> None:
    with place.running() as first:
        middle = place.rows()["middle"].id
        place.segue("pause", middle)
        watch(lambda: place.statuses()["bottom"] == "pausing", "the pause to reach the bottom")
        place.go()
        place.wait_for(top="pending", middle="paused", bottom="paused")
        place.segue("resume", middle, "-q")
        assert first.wait(30) == ExitCode.SUCCEEDED
    assert place.effects() == ["one", "two", "last"]


def test_a_cancel_from_another_terminal_reaches_the_bottom(place: Place) -> None:
    with place.running() as first:
        place.segue("cancel", "@latest", "--reason", "enough")
        assert first.wait(30) == ExitCode.CANCELED
    assert place.statuses() == all_of("canceled")
    assert place.effects() == ["one"]


def test_what_is_paused_can_be_canceled(place: Place) -> None:
    with place.running() as first:
        place.paused_at_the_bottom()
        place.segue("cancel", "@latest")
        assert first.wait(30) == ExitCode.CANCELED
    assert place.statuses() == all_of("canceled")


def test_what_is_killed_goes_on_at_the_bottom(place: Place) -> None:
    with place.running() as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
        place.go()
        assert json.loads(place.segue("resume", "-q")) == {"ended": True}
    assert place.effects() == ["one", "one", "two", "last"], "what was not recorded is done again"
    assert place.statuses() == all_of("succeeded")


def test_what_is_killed_while_paused_goes_on_when_it_is_resumed(place: Place) -> None:
    with place.running() as first:
        place.paused_at_the_bottom()
        first.kill()
        first.wait()
        assert json.loads(place.segue("resume", "@latest", "-q")) == {"ended": True}
    assert place.effects() == ["one", "two", "last"]


def test_a_cancel_of_what_was_killed_ends_all_of_it(place: Place) -> None:
    with place.running() as first:
        first.kill()
        first.wait()
        place.segue("cancel", "@latest")
        assert place.statuses() == all_of("canceled")
    assert place.effects() == ["one"], "nothing is begun again only to be ended"
