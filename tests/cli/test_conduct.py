"""`segue conduct`: lines in, lines out, and nothing else on stdout."""

import io
import json
import subprocess
import sys

import pytest

from segue.cli.commands.conduct import request_lines


def test_line_that_is_too_long_is_given_in_part_and_the_next_one_whole() -> None:
    stream = io.BytesIO(b"123456789\n" + b"x" * 20 + b"\n12345\n\n" + b"y" * 10)
    given = list(request_lines(stream, longest=5))

    assert given == [b"123456", b"xxxxxx", b"12345\n", b"\n", b"yyyyyy"]


@pytest.mark.slow
def test_each_request_is_answered_at_once_until_stdin_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "segue", "conduct"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        for number in range(3):
            request = {"id": number, "op": "expression", "statement": "<% 1 + 1 %>"}
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert answer == {"id": number, "ok": True, "result": 2}
        rest, _ = process.communicate(timeout=20)

    assert (rest, process.returncode) == (b"", 0)
