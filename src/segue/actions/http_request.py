"""core.http_request: one HTTP request, as files of Attune ask for it."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from segue.actions.http import Http
from segue.actions.payload import NotJsonError, parsed
from segue.actions.port import Call
from segue.core.stimuli import Failed, Outcome, Succeeded
from segue.values import JsonObject, JsonValue

_TEXT: JsonValue = ["string", "null"]
_FLAG: JsonValue = ["boolean", "null"]
_MAPPING: JsonValue = ["object", "null"]

_PARAMETERS: JsonObject = {
    "description": "Sends one HTTP request, as files of Attune ask for it. The result has "
    "status_code, headers, body, json, url, success and elapsed_ms; a status that is not 2xx "
    "fails the task.",
    "type": "object",
    "properties": {
        "url": {"description": "Where to.", "type": "string", "minLength": 1},
        "method": {"description": "The method.", "type": _TEXT, "default": "GET"},
        "headers": {"description": "Headers by name.", "type": _MAPPING},
        "query_params": {"description": "Parameters added to the query.", "type": _MAPPING},
        "body": {"description": "A body, as it is.", "type": _TEXT},
        "json_body": {"description": "A value to send as JSON, in the place of a body."},
        "timeout": {
            "description": "How long all of it may take, in seconds.",
            "type": ["number", "null"],
            "exclusiveMinimum": 0,
            "default": 30,
        },
        "verify_ssl": {"description": "Whether certificates are verified.", "type": _FLAG},
        "follow_redirects": {"description": "Whether to follow redirects.", "type": _FLAG},
        "auth_type": {
            "description": "How to say who asks.",
            "enum": ["none", "basic", "bearer", None],
        },
        "auth_username": {"description": "The name, for `basic`.", "type": _TEXT},
        "auth_password": {"description": "The password, for `basic`.", "type": _TEXT},
        "auth_token": {"description": "The token, for `bearer`.", "type": _TEXT},
    },
    "required": ["url"],
    "additionalProperties": False,
}

#: How core.http calls what is the same there.
_NAMES = {
    "url": "url",
    "method": "method",
    "query_params": "params",
    "json_body": "json",
    "timeout": "timeout",
    "verify_ssl": "verify",
    "follow_redirects": "redirects",
}


class HttpRequest:
    """Sends one HTTP request."""

    name = "core.http_request"
    parameters = _PARAMETERS

    async def run(self, call: Call) -> Outcome:
        """Send the request and wait for the whole answer."""
        outcome = await Http().run(replace(call, input=_translated(call.input)))
        if isinstance(outcome, Succeeded | Failed) and isinstance(outcome.result, Mapping):
            return replace(outcome, result=_answer(outcome.result))
        return outcome


def _translated(given: JsonObject) -> JsonObject:
    told = {name: value for name, value in given.items() if value is not None}
    asked: dict[str, JsonValue] = {
        ours: told[theirs] for theirs, ours in _NAMES.items() if theirs in told
    }
    if "body" in told and "json_body" not in told:
        asked["data"] = told["body"]
    headers = told.get("headers", {})
    assert isinstance(headers, Mapping), "the input was checked"
    if told.get("auth_type") == "basic":
        password = told.get("auth_password", "")
        asked["auth"] = {"username": told.get("auth_username", ""), "password": password}
    elif told.get("auth_type") == "bearer":
        headers = {**headers, "Authorization": f"Bearer {told.get('auth_token', '')}"}
    return {**asked, "headers": headers, "ok_status": ["2xx"]}


def _answer(answer: JsonObject) -> JsonObject:
    body, status, elapsed = answer["body"], answer["status_code"], answer["elapsed"]
    assert isinstance(status, int)
    assert isinstance(elapsed, int | float)
    return {
        "status_code": status,
        "headers": answer["headers"],
        "body": body if isinstance(body, str) else msgspec.json.encode(body).decode(),
        "json": _value(body) if isinstance(body, str) else body,
        "url": answer["url"],
        "success": 200 <= status < 300,
        "elapsed_ms": round(elapsed * 1000),
    }


def _value(body: str) -> JsonValue:
    """Return what a text is as JSON, whatever the server calls it; null for one that is none."""
    if not body.lstrip().startswith(("{", "[")):
        return None
    try:
        return parsed(body)
    except NotJsonError:
        return None
