"""Types commands, and reads what they print."""

import json

import pytest

from segue.cli.main import main


class Shell:
    """The command line of a test, in its working directory."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        self.out = ""
        self.err = ""

    def __call__(self, *words: str) -> int:
        self._capture.readouterr()
        code = main(words)
        self.out, self.err = self._capture.readouterr()
        return code

    def document(self, *words: str) -> dict[str, object]:
        self(*words)
        found: dict[str, object] = json.loads(self.out)
        return found

    def rows(self, command: str, key: str) -> list[dict[str, object]]:
        found = self.document(*command.split(), "--json")[key]
        assert isinstance(found, list)
        return found
