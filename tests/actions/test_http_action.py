"""core.http: what is sent, what the answer becomes, and what fails."""

import asyncio
import base64
import gzip
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.actions.stage import Stage
from tests.actions.web_server import Answer, Seen, WebServer

from segue.actions import exchange
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
    return asyncio.run(stage.run("core.http", **given))


def answer_of(outcome: Outcome) -> dict[str, JsonValue]:
    assert isinstance(outcome, Succeeded | Failed)
    assert isinstance(outcome.result, dict), outcome
    return outcome.result


def failure_of(outcome: Outcome) -> tuple[str, str]:
    assert isinstance(outcome, Failed), outcome
    return outcome.code, outcome.message


def as_json(value: object, content_type: str = "application/json") -> Answer:
    return Answer(headers=[("Content-Type", content_type)], body=json.dumps(value).encode())


# -- what is sent ---------------------------------------------------------------------------------


def test_get_is_what_is_sent_where_no_method_is_given(stage: Stage, web: WebServer) -> None:
    send(stage, url=web.url("/a?b=c"))
    assert [(seen.method, seen.path, seen.body) for seen in web.seen] == [("GET", "/a?b=c", b"")]
    assert web.seen[0].header("user-agent") == "segue"


@pytest.mark.parametrize("method", ["post", "PUT", "Delete", "PATCH"])
def test_method_is_sent_in_capitals(stage: Stage, web: WebServer, method: str) -> None:
    send(stage, url=web.url(), method=method)
    assert web.seen[0].method == method.upper()


def test_params_are_added_to_the_query(stage: Stage, web: WebServer) -> None:
    params: JsonValue = {"q": "a b&c", "n": 1, "on": True, "tag": ["x", 2], "none": None}
    send(stage, url=web.url("/?kept=1"), params=params)
    assert web.seen[0].path == "/?kept=1&q=a+b%26c&n=1&on=true&tag=x&tag=2"


def test_json_is_sent_as_json(stage: Stage, web: WebServer) -> None:
    send(stage, url=web.url(), method="POST", json={"a": ["ä", None]})
    assert web.seen[0].header("content-type") == "application/json"
    assert json.loads(web.seen[0].body) == {"a": ["ä", None]}


def test_null_is_json_too(stage: Stage, web: WebServer) -> None:
    send(stage, url=web.url(), method="POST", json=None)
    assert web.seen[0].body == b"null"


def test_text_is_sent_as_it_is(stage: Stage, web: WebServer) -> None:
    send(stage, url=web.url(), method="POST", data="a=ä&b\n")
    assert web.seen[0].body == "a=ä&b\n".encode()


def test_mapping_is_sent_as_a_form(stage: Stage, web: WebServer) -> None:
    form: JsonValue = {"a": "ä b", "n": 1, "tag": ["x", "y"], "none": None}
    send(stage, url=web.url(), method="POST", data=form)
    assert web.seen[0].header("content-type") == "application/x-www-form-urlencoded"
    assert web.seen[0].body == b"a=%C3%A4+b&n=1&tag=x&tag=y"


def test_headers_are_sent_as_text(stage: Stage, web: WebServer) -> None:
    send(stage, url=web.url(), headers={"X-Number": 1, "X-On": True, "Accept": " text/plain "})
    seen = web.seen[0]
    assert [seen.header(name) for name in ("x-number", "x-on", "accept")] == [
        "1",
        "true",
        "text/plain",
    ]


def test_basic_authentication_is_sent(stage: Stage, web: WebServer) -> None:
    send(stage, url=web.url(), auth={"username": "me", "password": "s:e"})
    token = base64.b64encode(b"me:s:e").decode()
    assert web.seen[0].header("authorization") == f"Basic {token}"


def test_requests_of_one_task_execution_have_one_key(stage: Stage, web: WebServer) -> None:
    stage.attempt = 2
    send(stage, url=web.url())
    assert web.seen[0].header("idempotency-key") == "x1/probe/1"
    assert web.seen[0].header("segue-attempt") == "2"


def test_key_of_a_hostile_name_is_a_harmless_header(stage: Stage, web: WebServer) -> None:
    stage.idempotency_key = 'x1/a\r\nX-Evil: 1\0 "ä\ud800"%/1'
    send(stage, url=web.url())
    assert web.seen[0].header("x-evil") is None
    assert web.seen[0].header("idempotency-key") == (
        "x1/a%0D%0AX-Evil:%201%00%20%22%C3%A4%5Cud800%22%25/1"
    )


def test_headers_of_ours_give_way_to_those_of_the_user(stage: Stage, web: WebServer) -> None:
    theirs: JsonValue = {
        "idempotency-key": "mine",
        "SEGUE-ATTEMPT": "none",
        "user-agent": "me",
        "content-type": "application/vnd.x+json",
    }
    send(stage, url=web.url(), method="POST", json=1, headers=theirs)
    names = [name.lower() for name, _ in web.seen[0].headers]
    assert len(names) == len(set(names))
    assert web.seen[0].header("idempotency-key") == "mine"
    assert web.seen[0].header("segue-attempt") == "none"
    assert web.seen[0].header("user-agent") == "me"
    assert web.seen[0].header("content-type") == "application/vnd.x+json"


# -- what the answer becomes ----------------------------------------------------------------------


def test_answer_is_told_in_full(stage: Stage, web: WebServer) -> None:
    headers = [("X-Twice", "a"), ("X-Twice", "b")]
    web.respond = lambda _: Answer(status=201, reason="Made", headers=headers, body=b"hello")
    result = answer_of(send(stage, url=web.url("/x")))
    assert isinstance(result["headers"], dict)
    assert isinstance(result["elapsed"], float)
    assert result["elapsed"] > 0
    assert result["headers"]["x-twice"] == "a, b"
    assert {key: value for key, value in result.items() if key not in {"headers", "elapsed"}} == {
        "status_code": 201,
        "reason": "Made",
        "body": "hello",
        "url": web.url("/x"),
    }


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/Hal+JSON"]
)
def test_json_is_parsed(stage: Stage, web: WebServer, content_type: str) -> None:
    web.respond = lambda _: as_json({"a": [1, None]}, content_type)
    assert answer_of(send(stage, url=web.url()))["body"] == {"a": [1, None]}


def test_json_with_a_byte_order_mark_is_parsed(stage: Stage, web: WebServer) -> None:
    web.respond = lambda _: Answer(
        headers=[("Content-Type", "application/json")], body=b"\xef\xbb\xbf[1]"
    )
    assert answer_of(send(stage, url=web.url()))["body"] == [1]


def test_json_as_deep_as_a_result_may_be_is_parsed(stage: Stage, web: WebServer) -> None:
    web.respond = lambda _: Answer(
        headers=[("Content-Type", "application/json")], body=b"[" * 199 + b"]" * 199
    )
    assert isinstance(answer_of(send(stage, url=web.url()))["body"], list)


@pytest.mark.parametrize(
    "body", ["", "{", "[NaN]", "[1e999]", "[" * 200 + "]" * 200, "[" * 9999 + "]" * 9999]
)
def test_json_that_does_not_parse_is_text(stage: Stage, web: WebServer, body: str) -> None:
    web.respond = lambda _: Answer(
        headers=[("Content-Type", "application/json")], body=body.encode()
    )
    assert answer_of(send(stage, url=web.url()))["body"] == body


def test_json_of_another_type_is_text(stage: Stage, web: WebServer) -> None:
    web.respond = lambda _: as_json([1], "text/plain")
    assert answer_of(send(stage, url=web.url()))["body"] == "[1]"


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain", "ä".encode(), "ä"),
        ("text/plain; charset=latin-1", b"\xe4", "ä"),
        ("text/plain; charset=no-such", "ä".encode(), "ä"),
        ("text/plain; charset=hex", b"41", "41"),
        ("application/octet-stream", b"a\xff\x00", "a\N{REPLACEMENT CHARACTER}\0"),
    ],
)
def test_text_is_decoded_as_it_says_it_is(
    stage: Stage, web: WebServer, content_type: str, body: bytes, text: str
) -> None:
    web.respond = lambda _: Answer(headers=[("Content-Type", content_type)], body=body)
    assert answer_of(send(stage, url=web.url()))["body"] == text


def test_compressed_body_is_unpacked(stage: Stage, web: WebServer) -> None:
    web.respond = lambda _: Answer(
        headers=[("Content-Encoding", "gzip")], body=gzip.compress(b"hello")
    )
    assert answer_of(send(stage, url=web.url()))["body"] == "hello"


@pytest.mark.parametrize("compressed", [False, True])
def test_body_that_is_too_large_fails(
    stage: Stage, web: WebServer, monkeypatch: pytest.MonkeyPatch, *, compressed: bool
) -> None:
    monkeypatch.setattr(exchange, "MAX_BODY", 1024 * 1024)
    body = b"x" * (1024 * 1024 + 1)
    headers = [("Content-Encoding", "gzip")] if compressed else []
    web.respond = lambda _: Answer(
        headers=headers, body=gzip.compress(body) if compressed else body
    )
    assert failure_of(send(stage, url=web.url())) == (
        "result_too_large",
        f"GET {web.url()}: the body of the answer is larger than 1 MiB",
    )


# -- statuses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 404, 500, 599])
def test_status_of_400_and_more_fails_with_the_result(
    stage: Stage, web: WebServer, status: int
) -> None:
    web.respond = lambda _: Answer(status=status, reason="Oh no", body=b"details")
    outcome = send(stage, url=web.url())
    assert failure_of(outcome) == ("http_status", f"GET {web.url()} answered {status} Oh no")
    assert answer_of(outcome)["status_code"] == status
    assert answer_of(outcome)["body"] == "details"


@pytest.mark.parametrize(
    ("ok_status", "status", "ok"),
    [
        ([404], 404, True),
        ([404], 200, False),
        (["2xx", 404], 204, True),
        (["4xx"], 499, True),
        (["4xx"], 500, False),
        (["200-202", "301"], 202, True),
        (["200-202", "301"], 203, False),
        (["200-202", "301"], 301, True),
    ],
)
def test_ok_status_says_what_does_not_fail(
    stage: Stage, web: WebServer, ok_status: list[JsonValue], status: int, *, ok: bool
) -> None:
    web.respond = lambda _: Answer(status=status, reason="")
    outcome = send(stage, url=web.url(), ok_status=ok_status)
    assert isinstance(outcome, Succeeded if ok else Failed)
    assert answer_of(outcome)["status_code"] == status


# -- redirects ------------------------------------------------------------------------------------


def to(url: str, status: int = 302) -> Answer:
    return Answer(status=status, headers=[("Location", url)])


def test_redirects_are_followed(stage: Stage, web: WebServer) -> None:
    web.respond = lambda seen: to("/there") if seen.path == "/" else as_json(seen.path)
    result = answer_of(send(stage, url=web.url()))
    assert (result["body"], result["url"]) == ("/there", web.url("/there"))


def test_redirects_are_not_followed_where_that_is_asked(stage: Stage, web: WebServer) -> None:
    web.respond = lambda _: to("/there")
    outcome = send(stage, url=web.url(), redirects=False)
    assert isinstance(outcome, Succeeded)
    assert answer_of(outcome)["status_code"] == 302


def test_redirects_without_end_fail(stage: Stage, web: WebServer) -> None:
    web.respond = lambda _: to("/again")
    assert failure_of(send(stage, url=web.url())) == (
        "http_error",
        f"GET {web.url()}: it redirects more than 10 times",
    )
    assert len(web.seen) == 11


@pytest.mark.parametrize(
    "given",
    [
        {"auth": {"username": "me", "password": "secret"}},
        {"headers": {"Authorization": "Bearer secret", "Cookie": "a=secret"}},
    ],
)
def test_credentials_do_not_follow_a_redirect_to_another_server(
    stage: Stage, web: WebServer, given: dict[str, JsonValue]
) -> None:
    with WebServer() as other:
        web.respond = lambda seen: to(other.url()) if seen.path == "/" else to("/")
        send(stage, url=web.url("/first"), **given)
        assert [seen.header("authorization") is None for seen in web.seen] == [False, False]
        assert other.seen[0].header("authorization") is None
        assert other.seen[0].header("cookie") is None


# -- what goes wrong ------------------------------------------------------------------------------


def test_nobody_there_is_a_failure(stage: Stage) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        code, message = failure_of(send(stage, url=url))
    assert code == "http_error"
    assert message.startswith(f"GET {url}: can't connect: ")


def test_server_that_takes_too_long_is_a_timeout(stage: Stage, web: WebServer) -> None:
    never = threading.Event()
    web.respond = lambda _: Answer(body=b"half of it", block=never)
    try:
        assert failure_of(send(stage, url=web.url(), timeout=0.1)) == (
            "http_timeout",
            f"GET {web.url()}: there was no complete answer within 0.1 s",
        )
    finally:
        never.set()


def test_timeout_from_outside_passes(stage: Stage, web: WebServer) -> None:
    never = threading.Event()
    web.respond = lambda _: Answer(body=b"half of it", block=never)

    async def scenario() -> None:
        async with asyncio.timeout(0.1):
            await stage.run("core.http", url=web.url())

    try:
        with pytest.raises(TimeoutError):
            asyncio.run(scenario())
    finally:
        never.set()


def test_connection_that_breaks_is_a_failure(stage: Stage, web: WebServer) -> None:
    web.respond = lambda _: Answer(body=b"half of it", cut=True)
    code, message = failure_of(send(stage, url=web.url()))
    assert code == "http_error"
    assert message.startswith(f"GET {web.url()}: the connection broke before the answer was ")


def test_body_that_does_not_unpack_is_a_failure(stage: Stage, web: WebServer) -> None:
    web.respond = lambda _: Answer(headers=[("Content-Encoding", "gzip")], body=b"no such thing")
    assert failure_of(send(stage, url=web.url()))[0] == "http_error"


def test_server_without_tls_is_a_failure(stage: Stage, web: WebServer) -> None:
    url = web.url().replace("http:", "https:")
    code, message = failure_of(send(stage, url=url))
    assert code == "http_error"
    assert message.startswith(f"GET {url}: can't connect: ")


@pytest.mark.parametrize("url", ["example.org/x", "ftp://example.org/", "http://", "/x"])
def test_url_that_is_none_is_a_failure(stage: Stage, url: str) -> None:
    assert failure_of(send(stage, url=url)) == (
        "http_error",
        f"GET {url}: a URL begins with http:// or https:// and a host",
    )


@pytest.mark.parametrize("url", ["http://[::1/", "http://a\nb/", "http://example.org:x/"])
def test_url_that_is_malformed_is_a_failure(stage: Stage, url: str) -> None:
    assert failure_of(send(stage, url=url))[0] == "http_error"


def test_password_in_a_url_is_not_repeated(stage: Stage, web: WebServer) -> None:
    web.respond = lambda _: Answer(status=500)
    url = web.url().replace("//", "//me:secret@")
    outcome = send(stage, url=url)
    assert web.seen[0].header("authorization") is not None
    assert "secret" not in repr(outcome)
    assert answer_of(outcome)["url"] == web.url()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "`url` is missing"),
        ({"url": "http://a", "json": 1, "data": "x"}, "`json` and `data` can't be given together"),
        ({"url": "http://a", "headers": {"a b": "x"}}, '`headers`: "a b" does not match '),
        ({"url": "http://a", "headers": {"A": "x\ny"}}, "`headers.A` has a line break or a NUL"),
        ({"url": "http://a", "method": "GET /"}, '`method`: "GET /" does not match '),
        ({"url": "http://a", "ok_status": ["3x"]}, '`ok_status[0]`: "3x" does not match '),
        (
            {"url": "http://a", "ok_status": ["299-200"]},
            "`ok_status`: the range 299-200 ends before it begins",
        ),
        ({"url": "http://a", "timeout": 0}, "`timeout`: 0 is less than or equal to "),
        ({"url": "http://a", "timeout": "5s"}, '`timeout` must be a number, not "5s"'),
    ],
)
def test_wrong_input_is_named(stage: Stage, given: dict[str, JsonValue], message: str) -> None:
    code, said = failure_of(send(stage, **given))
    assert code == "invalid_input"
    assert said.startswith(f"core.http: {message}")


def test_nothing_is_left_open_after_requests(web: WebServer) -> None:
    """ResourceWarnings and a look at its own descriptors, in an interpreter of its own."""
    program = """
import asyncio, os, sys
from tests.actions.stage import Stage
stage = Stage()
async def main(url):
    await stage.run("core.http", url=url)
    before = len(os.listdir("/proc/self/fd"))
    for given in ({}, {"timeout": 0.000001}, {"url": "http://127.0.0.1:1/"}, {"url": "x"}):
        await stage.run("core.http", **{"url": url, **given})
    print(len(os.listdir("/proc/self/fd")) - before)
asyncio.run(main(sys.argv[1]))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, web.url()],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_seen_headers_are_found_in_any_case() -> None:
    seen = Seen(method="GET", path="/", headers=[("A", "1")], body=b"")
    assert (seen.header("a"), seen.header("b")) == ("1", None)
