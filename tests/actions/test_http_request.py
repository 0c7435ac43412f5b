"""core.http_request: what files of Attune ask for, and what they get."""

import asyncio
import base64
from collections.abc import Iterator

import pytest
from tests.actions.stage import Stage
from tests.actions.web_server import Answer, WebServer

from segue.core.stimuli import Failed, Outcome, Succeeded
from segue.values import JsonValue


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


def send(stage: Stage, **given: JsonValue) -> Outcome:
    return asyncio.run(stage.run("core.http_request", **given))


def result_of(outcome: Outcome) -> dict[str, JsonValue]:
    assert isinstance(outcome, Succeeded | Failed)
    assert isinstance(outcome.result, dict), outcome
    return outcome.result


def test_what_is_asked_for_is_sent(stage: Stage, web: WebServer) -> None:
    outcome = send(
        stage,
        url=web.url("/a"),
        method="POST",
        headers={"X-One": "1"},
        query_params={"q": "a b"},
        json_body={"n": 1},
        body="never",
        timeout=5,
        auth_type="bearer",
        auth_token="t",
    )
    assert isinstance(outcome, Succeeded)
    (seen,) = web.seen
    assert (seen.method, seen.path, seen.body) == ("POST", "/a?q=a+b", b'{"n":1}')
    assert (seen.header("X-One"), seen.header("Authorization")) == ("1", "Bearer t")


def test_a_body_is_sent_as_it_is_with_a_name_and_a_password(stage: Stage, web: WebServer) -> None:
    send(
        stage,
        url=web.url(),
        method="PUT",
        body="text",
        auth_type="basic",
        auth_username="u",
        auth_password="p",
    )
    (seen,) = web.seen
    expected = "Basic " + base64.b64encode(b"u:p").decode()
    assert (seen.body, seen.header("Authorization")) == (b"text", expected)


def test_what_is_null_counts_as_left_out(stage: Stage, web: WebServer) -> None:
    nothing = dict.fromkeys(("method", "headers", "query_params", "body", "json_body", "timeout"))
    flags = dict.fromkeys(("verify_ssl", "follow_redirects", "auth_type", "auth_token"))
    assert isinstance(send(stage, url=web.url(), **nothing, **flags), Succeeded)
    assert web.seen[0].method == "GET"


@pytest.mark.parametrize(
    ("kind", "body", "text", "value"),
    [
        ("application/json", b'{"a": 1}', '{"a":1}', {"a": 1}),
        ("text/plain", b"[" * 200 + b"]" * 200, "[" * 200 + "]" * 200, None),
        ("text/plain", b" [1]", " [1]", [1]),
        ("text/plain", b"[1", "[1", None),
        ("text/plain", b"hi", "hi", None),
    ],
)
def test_json_is_told_apart_from_text(
    stage: Stage, web: WebServer, kind: str, body: bytes, text: str, value: JsonValue
) -> None:
    web.respond = lambda _: Answer(headers=[("Content-Type", kind)], body=body)
    result = result_of(send(stage, url=web.url("/x")))
    assert (result["body"], result["json"], result["success"]) == (text, value, True)
    assert (result["status_code"], result["url"]) == (200, web.url("/x"))
    assert isinstance(result["elapsed_ms"], int)


def test_a_status_that_is_not_2xx_fails_with_the_answer(stage: Stage, web: WebServer) -> None:
    web.respond = lambda _: Answer(status=304)
    outcome = send(stage, url=web.url())
    assert isinstance(outcome, Failed)
    assert (outcome.code, result_of(outcome)["success"]) == ("http_status", False)


def test_where_there_is_no_answer_there_is_no_result(stage: Stage) -> None:
    outcome = send(stage, url="ftp://x")
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.result) == ("http_error", None)


def test_a_parameter_that_is_none_is_refused(stage: Stage) -> None:
    outcome = send(stage, url="http://x", max_redirects=3)
    assert isinstance(outcome, Failed)
    assert outcome.message.startswith("core.http_request: there is no parameter `max_redirects`")
