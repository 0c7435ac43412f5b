"""Every line gets one answer, whatever it is, and what is refused changes nothing."""

import json

import pytest
from tests.conducting.hosting import Host, RefusedByConductorError, running

from segue.conducting import requests
from segue.conducting.conductor import Conductor

ONE = """
version: 1.0
tasks:
  a: {action: core.noop}
"""


@pytest.mark.parametrize(
    ("line", "echoed"),
    [
        (b"", None),
        (b"not JSON", None),
        (b"[1]", None),
        (b'{"id": 3}', 3),
        (b'{"id": "x", "op": "dance"}', "x"),
        (b'{"id": 2, "op": ["next"]}', 2),
        (b'{"op": "inspect", "definition": "\xff"}', None),
        (b'{"op": "start", "definition": ' + b"[" * 100_000, None),
    ],
)
def test_what_is_no_request_is_refused_as_such(line: bytes, echoed: object) -> None:
    response = Host().send(line)

    assert (response["id"], response["ok"]) == (echoed, False)
    assert response["error"]["code"] == "bad-request"
    assert "state" not in response


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": [1], "op": "start"}',
        b'{"id": [1], "op": "request", "status": "asleep"}',
        b'{"id": [1], "op": "report", "handle": "a#1", "status": "asleep"}',
        b'{"id": [1], "op": "rerun", "tasks": 5}',
    ],
)
def test_what_is_refused_of_a_conductor_tells_its_state(line: bytes) -> None:
    assert Host().send(line)["state"] is None

    response = Host(ONE).send(line)

    assert (response["id"], response["error"]["code"]) == ([1], "bad-request")
    assert response["state"]["errors"] == []


def test_request_that_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "MAX_BYTES", 30)

    assert "30 bytes" in Host().send(b'{"id": 1, "op": "next", "more": 1}')["error"]["message"]
    assert Host().send(b'{"id": 1, "op": "next"}')["error"]["code"] == "bad-request"


def test_members_that_are_not_known_are_left_alone() -> None:
    host = Host(ONE, colour="green")

    assert host.ask("next", colour="blue")["tasks"] == []


@pytest.mark.parametrize("op", ["next", "restore", "save", "rerun"])
def test_nothing_can_be_asked_of_a_conductor_that_is_not_there(op: str) -> None:
    host = Host()

    with pytest.raises(RefusedByConductorError, match="bad-request: nothing has been started"):
        host.ask(op)
    assert host.state is None


def test_definition_that_is_wrong_is_refused_with_its_first_error() -> None:
    with pytest.raises(RefusedByConductorError, match=r"invalid-definition: 4:20: .*\(and 1 more"):
        Host("version: 1.0\ntasks:\n  a:\n    action: <% 1 + %>\n    next: [{do: [nosuch]}]\n")


def test_start_that_is_refused_leaves_no_conductor() -> None:
    host = running(ONE)

    with pytest.raises(RefusedByConductorError, match="invalid-definition"):
        host.ask("start", definition="- nothing")
    assert host.state is None
    with pytest.raises(RefusedByConductorError, match="nothing has been started"):
        host.ask("next")


def test_start_at_a_task_that_there_is_not_is_a_bad_request() -> None:
    with pytest.raises(RefusedByConductorError, match=r"bad-request: .*no task 'z'.*the tasks are"):
        Host(ONE, start_at=["z"])


def test_start_may_be_at_other_tasks_than_the_entry_points() -> None:
    host = running("version: 1.0\ntasks:\n  a: {next: [{do: b}]}\n  b: {}\n".replace(
        "{}", "{action: core.noop}"), start_at=["b"])  # fmt: skip

    assert host.offered() == ["b"]


def test_handle_that_was_never_given_is_refused_and_changes_nothing() -> None:
    host = running(ONE)
    before = host.state

    with pytest.raises(RefusedByConductorError, match="unknown-handle"):
        host.report("a#1", "running")
    assert host.state == before


def test_bug_of_ours_is_an_answer_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    host = running(ONE)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh")

    with monkeypatch.context() as patched:
        patched.setattr(Conductor, "next", fail)
        with pytest.raises(RefusedByConductorError, match=r"internal: .*ZeroDivisionError: oh"):
            host.next()
    assert host.status == "running"
    assert host.offered() == ["a"]


def test_numbers_keep_their_type() -> None:
    text = "version: 1.0\ninput: [x]\ntasks:\n  a: {action: core.noop}\noutput: [x: <% ctx(x) %>]\n"
    host = running(text, inputs={"x": [1, 1.0, True, "1", 12345678901234567890]})
    host.do("a")

    assert json.dumps(host.state["output"]) == '{"x": [1, 1.0, true, "1", 12345678901234567890]}'


def test_context_of_a_parent_is_visible_and_known_to_the_checks() -> None:
    text = "version: 1.0\ntasks:\n  a: {action: core.noop, input: {v: <% ctx(up) %>}}\n"

    assert running(text, context={"up": 3}).next()[0]["actions"][0]["input"] == {"v": 3}
    with pytest.raises(RefusedByConductorError, match="invalid-definition"):
        Host(text)


def test_inputs_of_a_native_file_are_checked() -> None:
    text = "segue: 1\ninput: {n: {type: integer}}\ntasks:\n  a: {action: core.noop}\n"

    assert Host(text, inputs={"n": 1}).state["errors"] == []
    with pytest.raises(RefusedByConductorError, match=r"bad-request: .*`n` is not what.*no input"):
        Host(text, inputs={"n": "x", "m": 1})


def test_inputs_that_an_orquesta_file_does_not_declare_are_ignored() -> None:
    assert running(ONE, inputs={"m": 1}).offered() == ["a"]
