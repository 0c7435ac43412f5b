"""A rehearsal file of Orquesta's, as it is, to its test."""

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence as List

import msgspec

from segue.checking import check
from segue.core.status import Status
from segue.language.codes import Code
from segue.language.findings import Finding, Severity
from segue.language.loading import compose
from segue.language.model import Workflow
from segue.language.nodes import Mapping, Node, Sequence
from segue.language.reading import Entry, Path, Reader
from segue.language.scalars import Dialect
from segue.language.source import Source
from segue.rehearsal.loading import Fetch, Fetched, rehearsed, usable
from segue.rehearsal.naming import require_task
from segue.rehearsal.orquesta.spec import OrquestaMock, OrquestaTarget, OrquestaTest, on_route
from segue.rehearsal.spec import Rehearsed
from segue.values import JsonObject, JsonValue

_EXPECTED = (
    "expected_inspection_errors",
    "expected_routes",
    "expected_task_sequence",
    "expected_term_tasks",
    "expected_workflow_status",
    "expected_errors",
    "expected_output",
)
_OF_TEST = ("workflow", "inputs", "context", "mock_action_executions", *_EXPECTED)
_OF_RERUN = ("workflow_state", "workflow", "rerun_tasks", "mock_action_executions", *_EXPECTED)
_OF_MOCK = (
    "task_id",
    "route",
    "seq_id",
    "item_id",
    "iter_id",
    "num_iter",
    "status",
    "result",
    "result_path",
)
_OF_TARGET = ("task_id", "route", "reset_items")
_KINDS = ("contents", "syntax", "semantics", "expressions", "context")


def read_orquesta_rehearsal(
    read: Reader, root: Mapping, fetch: Fetch, file: str
) -> OrquestaTest | None:
    """Return the test; it is to be trusted only if `read` reported no error."""
    return _OrquestaFile(read, root, fetch, file).test(_stem(file))


class _OrquestaFile:
    """Reads one file."""

    def __init__(self, read: Reader, root: Mapping, fetch: Fetch, file: str) -> None:
        self._file = file
        self._read = read
        self._root = root
        self._fetch = fetch
        self._entries: ReadOnly[str, Entry] = {}

    def test(self, name: str) -> OrquestaTest | None:
        """Return all of it."""
        read = self._read
        self._entries = entries = read.entries(self._root, ())
        again = "workflow_state" in entries
        read.check_keys(entries, _OF_RERUN if again else _OF_TEST, "a rehearsal of Orquesta's", ())
        required = ("expected_task_sequence",) if again else ("workflow", "expected_task_sequence")
        for key in required:
            if key not in entries:
                message = f"a rehearsal of Orquesta's needs `{key}`"
                read.report(Code.MISSING_KEY, self._root.entries[0][0], message)
        state = self._mapping("workflow_state") if again else None
        context = self._mapping("context") or {}
        inspection = self._inspection()
        found, findings = self._workflow(state, context, wanted=not inspection)
        workflow = found.workflow if found else None
        return OrquestaTest(
            name=name,
            rehearsed=found,
            span=read.span(self._root.entries[0][0]),
            inputs=self._mapping("inputs") or {},
            context=context,
            mocks=self._mocks(workflow),
            sequence=tuple(_with_route(task) for task in self._texts("expected_task_sequence")),
            routes=self._routes(),
            ends=self._ends(),
            status=self._status(),
            errors=self._errors(),
            output=self._mapping("expected_output"),
            inspection=inspection,
            findings=findings,
            state=state,
            rerun=self._targets(workflow),
            spans={key: read.span(entry.key_node) for key, entry in entries.items()},
        )

    # -- values --------------------------------------------------------------------------------

    def _is_wrong(self, node: Node, what: str, wanted: str, path: Path) -> None:
        message = f"{what} must be {wanted}, not {self._read.describe(node)}"
        self._read.report(Code.WRONG_TYPE, node, message, path=path)

    def _mapping(self, key: str) -> JsonObject | None:
        entry = self._entries.get(key)
        if entry is None or self._read.is_null(entry.value):
            return None
        value = self._read.value(entry.value, (key,))
        if isinstance(value, dict):
            return value
        self._is_wrong(entry.value, f"`{key}`", "a mapping", (key,))
        return None

    def _nodes(self, key: str) -> List[Node]:
        entry = self._entries.get(key)
        if entry is None or self._read.is_null(entry.value):
            return ()
        if isinstance(entry.value, Sequence):
            return entry.value.items
        self._is_wrong(entry.value, f"`{key}`", "a list", (key,))
        return ()

    def _texts(self, key: str) -> list[str]:
        found = []
        for index, node in enumerate(self._nodes(key)):
            text = self._read.text(node)
            if text:
                found.append(text)
            else:
                self._is_wrong(node, f"an entry of `{key}`", "the name of a task", (key, index))
        return found

    def _fields(
        self, node: Node, known: tuple[str, ...], owner: str, path: Path
    ) -> ReadOnly[str, Entry] | None:
        if not isinstance(node, Mapping):
            self._is_wrong(node, owner, "a mapping", path)
            return None
        entries = self._read.entries(node, path)
        self._read.check_keys(entries, known, owner, path)
        return entries

    def _number(self, fields: ReadOnly[str, Entry], key: str, path: Path) -> int | None:
        if key not in fields or self._read.is_null(fields[key].value):
            return None
        node = fields[key].value
        value = self._read.value(node, (*path, key))
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self._is_wrong(node, f"`{key}`", "a whole number, 0 or more", (*path, key))
        return None

    def _word(self, node: Node, key: str, path: Path) -> Status:
        text = self._read.text(node) or ""
        if text in set(Status):
            return Status(text)
        message = f"`{key}` is a status such as `succeeded`, not `{text}`"
        self._read.report(Code.WRONG_VALUE, node, message, path=path)
        return Status.SUCCEEDED

    # -- what it is of -------------------------------------------------------------------------

    def _workflow(
        self, state: JsonObject | None, context: JsonObject, *, wanted: bool
    ) -> tuple[Rehearsed | None, tuple[Finding, ...]]:
        if state is not None:
            return self._embedded(state), ()
        entry = self._entries.get("workflow")
        name = self._read.text(entry.value) if entry else None
        if entry is None:
            return None, ()
        path: Path = ("workflow",)
        if not name:
            self._is_wrong(entry.value, "`workflow`", "the name of a file", path)
            return None, ()
        if wanted:
            return self._fetched(name, entry.value, path, context), ()
        found = self._fetch(name, anywhere=True)
        if isinstance(found, str):
            self._read.report(Code.FILE_NOT_READ, entry.value, f"`{name}` {found}", path=path)
            return None, ()
        findings = check(found.text, found.path, context=context).findings
        return None, tuple(each for each in findings if each.severity is Severity.ERROR)

    def _fetched(self, name: str, node: Node, path: Path, context: JsonObject) -> Rehearsed | None:
        return rehearsed(self._read, self._fetch, name, node, path, anywhere=True, context=context)

    def _embedded(self, state: JsonObject) -> Rehearsed | None:
        """Return the workflow that Orquesta's record of an execution has in it."""
        entry = self._entries["workflow_state"]
        path: Path = ("workflow_state", "spec", "spec")
        spec = state.get("spec")
        inner = spec.get("spec") if isinstance(spec, dict) else None
        if not isinstance(inner, dict):
            message = "there is no definition in this state (`spec.spec`)"
            self._read.report(Code.STATE_UNUSABLE, entry.key_node, message, path=path)
            return None
        text = msgspec.json.format(msgspec.json.encode(inner), indent=2).decode()
        found = Fetched(path=f"workflow_state of {self._file}", text=text)
        context = state.get("context")
        names = context if isinstance(context, dict) else ()
        return usable(self._read, found, self._read.span(entry.key_node), path, context=names)

    # -- mocks ---------------------------------------------------------------------------------

    def _mocks(self, workflow: Workflow | None) -> tuple[OrquestaMock, ...]:
        key = "mock_action_executions"
        found = [
            self._mock(node, workflow, (key, index)) for index, node in enumerate(self._nodes(key))
        ]
        return tuple(one for one in found if one is not None)

    def _mock(self, node: Node, workflow: Workflow | None, path: Path) -> OrquestaMock | None:
        fields = self._fields(node, _OF_MOCK, "a mock", path)
        if fields is None:
            return None
        task = self._task(fields, node, workflow, path)
        if task is None:
            return None
        item = self._number(fields, "item_id", path)
        of = workflow.tasks.get(task) if workflow else None
        if of is not None and of.with_items is not None and item is None:
            message = f"`{task}` has items: the mock needs `item_id`"
            self._read.report(Code.MISSING_KEY, node, message, path=path)
        status = fields.get("status")
        return OrquestaMock(
            task=task,
            status=self._word(status.value, "status", (*path, "status"))
            if status
            else Status.SUCCEEDED,
            result=self._result(fields, path),
            seq=self._number(fields, "seq_id", path),
            item=item,
            times=_or(self._number(fields, "num_iter", path), 1),
            span=self._read.span(node),
        )

    def _task(
        self, fields: ReadOnly[str, Entry], node: Node, workflow: Workflow | None, path: Path
    ) -> str | None:
        entry = fields.get("task_id")
        text = self._read.text(entry.value) if entry else None
        if entry is None or not text:
            self._read.report(Code.MISSING_KEY, node, "`task_id` is needed here", path=path)
            return None
        require_task(self._read, workflow, text, entry.value, (*path, "task_id"))
        return text

    def _result(self, fields: ReadOnly[str, Entry], path: Path) -> JsonValue:
        if "result_path" not in fields:
            entry = fields.get("result")
            return self._read.value(entry.value, (*path, "result")) if entry else None
        node = fields["result_path"].value
        at: Path = (*path, "result_path")
        name = self._read.text(node)
        if not name:
            self._is_wrong(node, "`result_path`", "the name of a file", at)
            return None
        found = self._fetch(name, anywhere=True)
        if isinstance(found, str):
            self._read.report(Code.FILE_NOT_READ, node, f"`{name}` {found}", path=at)
            return None
        if not found.path.lower().endswith((".json", ".yaml", ".yml")):
            return found.text
        return self._parsed(found, node, at)

    def _parsed(self, found: Fetched, node: Node, path: Path) -> JsonValue:
        source = Source(found.text.removeprefix("\ufeff"))
        composed = compose(source)
        inner = Reader(source, Dialect.YAML_1_1)
        value = inner.value(composed.root, ()) if composed.root is not None else None
        wrong = (composed.finding,) if composed.finding else inner.findings
        errors = [each for each in wrong if each.severity is Severity.ERROR]
        if errors:
            place = f"{found.path}:{errors[0].span.line}"
            message = f"the result can't be read: {place}: {errors[0].message}"
            self._read.report(Code.FILE_NOT_READ, node, message, path=path)
        return value

    def _targets(self, workflow: Workflow | None) -> tuple[OrquestaTarget, ...]:
        found = []
        for index, node in enumerate(self._nodes("rerun_tasks")):
            path: Path = ("rerun_tasks", index)
            fields = self._fields(node, _OF_TARGET, "a task to run again", path)
            task = self._task(fields, node, workflow, path) if fields is not None else None
            if fields is None or task is None:
                continue
            reset = fields.get("reset_items")
            found.append(
                OrquestaTarget(
                    task=task,
                    route=_or(self._number(fields, "route", path), 0),
                    reset_items=bool(reset and self._read.value(reset.value, path) is True),
                )
            )
        return tuple(found)

    # -- expectations --------------------------------------------------------------------------

    def _status(self) -> Status:
        key = "expected_workflow_status"
        entry = self._entries.get(key)
        if entry is None or self._read.is_null(entry.value):
            return Status.SUCCEEDED
        return self._word(entry.value, key, (key,))

    def _ends(self) -> tuple[str, ...] | None:
        if not self._nodes("expected_term_tasks"):
            return None
        return tuple(_with_route(task) for task in self._texts("expected_term_tasks"))

    def _routes(self) -> tuple[tuple[str, ...], ...]:
        key = "expected_routes"
        routes = []
        for index, node in enumerate(self._nodes(key)):
            value = self._read.value(node, (key, index))
            if isinstance(value, list) and all(isinstance(one, str) for one in value):
                routes.append(tuple(str(one) for one in value))
            else:
                self._is_wrong(node, f"an entry of `{key}`", "a list of names", (key, index))
        return tuple(routes) or ((),)

    def _errors(self) -> tuple[JsonObject, ...] | None:
        key = "expected_errors"
        entry = self._entries.get(key)
        if entry is None or self._read.is_null(entry.value):
            return None
        found = []
        for index, node in enumerate(self._nodes(key)):
            value = self._read.value(node, (key, index))
            if isinstance(value, dict):
                found.append({name: one for name, one in value.items() if one is not None})
            else:
                self._is_wrong(node, f"an entry of `{key}`", "a mapping", (key, index))
        return tuple(found)

    def _inspection(self) -> tuple[tuple[str, str | None], ...]:
        key = "expected_inspection_errors"
        expected = self._mapping(key) or {}
        entry = self._entries.get(key)
        found: list[tuple[str, str | None]] = []
        for kind, errors in expected.items():
            assert entry is not None
            if kind not in _KINDS or not isinstance(errors, list):
                message = f"the kinds of findings are {', '.join(_KINDS)}, each with a list"
                self._read.report(Code.WRONG_VALUE, entry.value, message, path=(key, kind))
                continue
            for error in errors:
                path = error.get("spec_path") if isinstance(error, dict) else None
                found.append((kind, path if isinstance(path, str) else None))
        return tuple(found)


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _with_route(task: str) -> str:
    return task if "__r" in task else on_route(task, 0)


def _stem(file: str) -> str:
    base = file.replace("\\", "/").rsplit("/", 1)[-1]
    return base.rsplit(".", 1)[0] if "." in base[1:] else base
