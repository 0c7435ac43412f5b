"""A host as the tests play it: it asks, and looks at the state that comes back."""

import json
from typing import Any

from segue.conducting import Conversation
from segue.expressions.scope import Facts

NOW = 1_750_000_000.0


class RefusedByConductorError(Exception):
    """The response was not ok."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Host:
    """Sends requests; `state` is the one of the latest response that has one."""

    def __init__(self, definition: str | None = None, **start: Any) -> None:
        self.conversation = Conversation()
        self.state: Any = None
        if definition is not None:
            self.ask("start", definition=definition, **start)

    def send(self, line: bytes) -> dict[str, Any]:
        answer = self.conversation.handle(line, Facts(now=NOW, random=0.5))
        assert b"\n" not in answer
        response: dict[str, Any] = json.loads(answer)
        return response

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        response = self.send(json.dumps({"id": 7, "op": op, **members}).encode())
        assert response["id"] == 7
        if "state" in response:
            self.state = response["state"]
        if not response["ok"]:
            error = response["error"]
            raise RefusedByConductorError(error["code"], error["message"])
        return response

    def request(self, status: str) -> str:
        """Ask for a status; return the one that it is in then."""
        self.ask("request", status=status)
        return self.status

    def next(self) -> list[dict[str, Any]]:
        offers: list[dict[str, Any]] = self.ask("next")["tasks"]
        return offers

    def offered(self) -> list[str]:
        """Return the names of the tasks that may be begun."""
        return [offer["task"] for offer in self.next()]

    def handle(self, task: str) -> str:
        """Return the handle of a task that is offered."""
        return next(str(offer["handle"]) for offer in self.next() if offer["task"] == task)

    def report(self, handle: str, status: str, result: Any = None, item: int | None = None) -> str:
        members = {"handle": handle, "status": status, "result": result}
        self.ask("report", **members, **({} if item is None else {"item": item}))
        return self.status

    def do(self, task: str, status: str = "succeeded", result: Any = None) -> str:
        """Begin and end a task that is offered; return the status of the whole then."""
        handle = self.handle(task)
        self.report(handle, "running")
        return self.report(handle, status, result)

    def begin(self, task: str) -> str:
        """Begin a task that is offered; return its handle."""
        handle = self.handle(task)
        self.report(handle, "running")
        return handle

    @property
    def status(self) -> str:
        return str(self.state["status"])

    @property
    def tasks(self) -> dict[str, str]:
        """The statuses by handle."""
        return {one["handle"]: one["status"] for one in self.state["tasks"]}

    @property
    def errors(self) -> list[tuple[str | None, str]]:
        return [(one.get("task"), one["kind"]) for one in self.state["errors"]]


def running(definition: str, **start: Any) -> Host:
    """Return the host of an execution that runs."""
    host = Host(definition, **start)
    host.request("running")
    return host
