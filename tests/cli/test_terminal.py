"""What a stream can do, by what it is and what the user asks for."""

from dataclasses import dataclass

import pytest

from segue.cli.terminal.terminal import UNBOUNDED, detect


@dataclass
class FakeStream:
    tty: bool = True
    encoding: str | None = "utf-8"

    def isatty(self) -> bool:
        return self.tty


@pytest.mark.parametrize(
    ("tty", "environment", "live", "color"),
    [
        (True, {"TERM": "xterm"}, True, True),
        (True, {"TERM": "dumb"}, False, False),
        (True, {"TERM": "xterm", "CI": "true"}, False, True),
        (True, {"TERM": "xterm", "CI": "false"}, True, True),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True, True),
        (False, {"TERM": "xterm"}, False, False),
        (False, {"FORCE_COLOR": "1"}, False, True),
        (False, {"FORCE_COLOR": "0"}, False, False),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        (True, {"TERM": "dumb", "FORCE_COLOR": "1"}, False, True),
    ],
)
def test_environment_decides_what_a_terminal_is_used_for(
    *, tty: bool, environment: dict[str, str], live: bool, color: bool
) -> None:
    terminal = detect(FakeStream(tty=tty), environment)
    assert (terminal.live, terminal.color) == (live, color)


@pytest.mark.parametrize(
    ("encoding", "unicode"),
    [("utf-8", True), ("UTF8", True), ("latin-1", False), ("ascii", False), (None, False)],
)
def test_symbols_need_an_encoding_that_has_them(*, encoding: str | None, unicode: bool) -> None:
    assert detect(FakeStream(encoding=encoding), {}).unicode is unicode


def test_what_is_no_screen_is_not_cut() -> None:
    assert detect(FakeStream(tty=False), {}).width == UNBOUNDED


def test_width_of_a_screen_follows_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "87")
    monkeypatch.setenv("LINES", "31")
    terminal = detect(FakeStream(), {})
    assert (terminal.width, terminal.height) == (87, 31)
