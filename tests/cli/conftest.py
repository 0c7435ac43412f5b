"""Everything on the command line is told in one time zone, with nothing of the user's around."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_OF_THE_USER = ("NO_COLOR", "FORCE_COLOR", "CI", "SEGUE_DB", "SEGUE_CONFIG", "SEGUE_DEBUG")


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in _OF_THE_USER:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TERM", "xterm-256color")
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()
