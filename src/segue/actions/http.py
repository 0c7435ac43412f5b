"""core.http: one HTTP request."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from segue.actions.identity import AttemptIdentity
from segue.actions.payload import plain, to_text
from segue.actions.port import Call
from segue.actions.request import Request
from segue.core.stimuli import Failed, Outcome, Succeeded
from segue.values import JsonObject, JsonValue

_SCALARS: JsonValue = ["string", "number", "boolean"]

_PARAMETERS: JsonObject = {
    "description": "Sends one HTTP request. The result has status_code, reason, headers, body, "
    "url and elapsed; a status of 400 and more fails the task.",
    "type": "object",
    "properties": {
        "url": {
            "description": "Where to; it begins with http:// or https://.",
            "type": "string",
            "minLength": 1,
        },
        "method": {
            "description": "The method.",
            "type": "string",
            "pattern": "^[A-Za-z]+$",
            "default": "GET",
        },
        "headers": {
            "description": "Headers by name.",
            "type": "object",
            "propertyNames": {"pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},
            "additionalProperties": {"type": _SCALARS},
        },
        "params": {
            "description": "Parameters added to the query of the URL; a list repeats one, null "
            "leaves it out.",
            "type": "object",
            "additionalProperties": {
                "type": ["string", "number", "boolean", "null", "array"],
                "items": {"type": _SCALARS},
            },
        },
        "json": {"description": "A value to send as JSON."},
        "data": {
            "description": "A body: text as it is, or a mapping as a form.",
            "type": ["string", "object"],
            "additionalProperties": {
                "type": ["string", "number", "boolean", "null", "array"],
                "items": {"type": _SCALARS},
            },
        },
        "timeout": {
            "description": "How long all of it may take, redirects included, in seconds.",
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 30,
        },
        "redirects": {
            "description": "Whether to follow redirects, ten at most.",
            "type": "boolean",
            "default": True,
        },
        "ok_status": {
            "description": 'The statuses that do not fail the task: numbers, ranges ("200-299") '
            'and classes ("4xx"). By default those below 400.',
            "type": "array",
            "minItems": 1,
            "items": {
                "type": ["integer", "string"],
                "minimum": 100,
                "maximum": 999,
                "pattern": "^([1-9]xx|[1-9][0-9][0-9](-[1-9][0-9][0-9])?)$",
            },
        },
        "auth": {
            "description": "Credentials for basic authentication.",
            "type": "object",
            "properties": {"username": {"type": "string"}, "password": {"type": "string"}},
            "required": ["username", "password"],
            "additionalProperties": False,
        },
        "verify": {
            "description": "Whether the certificate of the server is verified.",
            "type": "boolean",
            "default": True,
        },
    },
    "required": ["url"],
    "not": {"required": ["json", "data"]},
    "additionalProperties": False,
}


class Http:
    """Sends one HTTP request."""

    name = "core.http"
    parameters = _PARAMETERS

    async def run(self, call: Call) -> Outcome:
        """Send the request and wait for the whole answer."""
        try:
            request = _plan(call)
            accepted = _statuses(call.input.get("ok_status"))
        except _BadRequestError as error:
            return Failed(code="invalid_input", message=f"core.http: {error}")
        # The client is loaded with the first request, not with the first look at what
        # parameters there are.
        from segue.actions.exchange import exchange  # noqa: PLC0415

        answer = await exchange(request)
        if isinstance(answer, Failed):
            return answer
        status = answer["status_code"]
        assert isinstance(status, int)
        if any(low <= status <= high for low, high in accepted):
            return Succeeded(result=answer)
        reason = f" {answer['reason']}" if answer["reason"] else ""
        return Failed(
            code="http_status",
            message=f"{request.method} {answer['url']} answered {status}{reason}",
            result=answer,
        )


class _BadRequestError(Exception):
    """An input that the schema can't tell to be wrong. The message says why."""


def _plan(call: Call) -> Request:
    given = plain(call.input)
    assert isinstance(given, dict)
    auth = given.get("auth")
    data = given.get("data")
    headers = {"User-Agent": "segue", **AttemptIdentity.of(call).headers}
    content: bytes | None = None
    if "json" in given:
        headers["Content-Type"] = "application/json"
        content = msgspec.json.encode(given["json"])
    elif isinstance(data, str):
        content = data.encode("utf-8", "replace")
    return Request(
        method=given.get("method", "GET").upper(),
        url=given["url"],
        headers=tuple(_merge(headers, given.get("headers", {})).items()),
        params=tuple(_pairs(given.get("params", {}))),
        content=content,
        form=_form(data) if isinstance(data, dict) else None,
        timeout=given.get("timeout", 30),
        redirects=given.get("redirects", True),
        auth=None if auth is None else (auth["username"], auth["password"]),
        verify=given.get("verify", True),
    )


def _merge(ours: Mapping[str, str], theirs: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return headers in which theirs replace ours, in whatever case they are written."""
    written = {name.lower() for name in theirs}
    merged = {name: value for name, value in ours.items() if name.lower() not in written}
    for name, value in theirs.items():
        text = to_text(value)
        if re.search(r"[\0\r\n]", text):
            raise _BadRequestError(f"`headers.{name}` has a line break or a NUL in it")
        merged[name] = text.strip(" \t")
    return merged


def _pairs(params: Mapping[str, JsonValue]) -> list[tuple[str, str]]:
    return [(name, text) for name, value in params.items() for text in _texts(value)]


def _form(data: Mapping[str, JsonValue]) -> dict[str, Sequence[str]]:
    return {name: _texts(value) for name, value in data.items() if value is not None}


def _texts(value: JsonValue) -> Sequence[str]:
    if value is None:
        return ()
    return [to_text(inner) for inner in (value if isinstance(value, list) else [value])]


def _statuses(given: JsonValue) -> Sequence[tuple[int, int]]:
    """Return what `ok_status` names, as ranges."""
    if given is None:
        return [(100, 399)]
    assert isinstance(given, Sequence)
    ranges = []
    for word in given:
        low, _, high = str(word).partition("-")
        first = int(low.replace("xx", "00"))
        last = int(high) if high else int(low.replace("xx", "99"))
        if first > last:
            raise _BadRequestError(f"`ok_status`: the range {word} ends before it begins")
        ranges.append((first, last))
    return ranges
