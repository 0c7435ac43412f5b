"""A rehearsal file that says `rehearsal: 1`, to its tests."""

from datetime import UTC, datetime

from segue.checking.hosted import HOSTED
from segue.core.rerun_plan import RerunRequest, Target
from segue.language.codes import Code
from segue.language.model import Workflow
from segue.language.native.reading import NativeReader, names
from segue.language.nodes import Mapping, Node, Sequence
from segue.language.reading import Entry, Path
from segue.rehearsal import grammar
from segue.rehearsal.expectations import read_expected
from segue.rehearsal.loading import Fetch, rehearsed
from segue.rehearsal.naming import named, require_not_false, require_task
from segue.rehearsal.native_mocks import read_mocks
from segue.rehearsal.spec import (
    BEGINNING,
    Cancels,
    Expected,
    Pauses,
    Rehearsed,
    Request,
    Reruns,
    Resumes,
    Test,
)
from segue.values import JsonObject, JsonValue

#: The instants that there is text for.
_EARLIEST = datetime.min.replace(tzinfo=UTC).timestamp()
_LATEST = datetime.max.replace(tzinfo=UTC).timestamp()


def read_native_rehearsal(read: NativeReader, root: Mapping, fetch: Fetch) -> tuple[Test, ...]:
    """Return the tests of a file; they are to be trusted only if `read` reported no error."""
    fields = read.section(root, grammar.FILE, ())
    _check_version(read, fields.get("rehearsal"))
    shared = _Workflows(read, fetch, fields.get("workflow"))
    entry = fields.get("tests")
    if entry is None:
        return ()
    assert isinstance(entry.value, Sequence), "the shape was checked"
    if not entry.value.items:
        read.report(Code.EMPTY, entry.value, "`tests` must not be empty", path=("tests",))
    found: list[Test] = []
    named_before: dict[str, int] = {}
    for index, node in enumerate(entry.value.items):
        test = _test(read, node, shared, ("tests", index))
        if test is None:
            continue
        if test.name in named_before:
            message = f"there is a test `{test.name}` on line {named_before[test.name]} already"
            read.report(Code.REPEATED_ENTRY, node, message, path=("tests", index, "name"))
        named_before.setdefault(test.name, test.span.line)
        found.append(test)
    return tuple(found)


def _check_version(read: NativeReader, entry: Entry | None) -> None:
    if entry is not None and read.value(entry.value, ("rehearsal",)) != 1:
        read.report(
            Code.NOT_A_REHEARSAL,
            entry.value,
            f"this release reads version 1 of rehearsals, not {read.describe(entry.value)}",
            hint="write `rehearsal: 1`",
            path=("rehearsal",),
        )


class _Workflows:
    """The workflows that the tests of a file are of, each read once."""

    def __init__(self, read: NativeReader, fetch: Fetch, shared: Entry | None) -> None:
        self._read = read
        self._fetch = fetch
        self._known: dict[str, Rehearsed | None] = {}
        self._shared = shared

    def of(self, own: Entry | None, test: Node, path: Path) -> Rehearsed | None:
        """Return the workflow of a test: its own, or that of the file."""
        entry = own or self._shared
        if entry is None:
            message = "nothing says which workflow this is a test of"
            hint = "write `workflow: FILE` at the top of the file, or in the test"
            where = self._read.head(test)
            self._read.report(Code.MISSING_KEY, where, message, hint=hint, path=path)
            return None
        at: Path = (*path, "workflow") if own else ("workflow",)
        name = self._read.name(entry.value, "`workflow`", at)
        if name is None:
            return None
        if name not in self._known:
            self._known[name] = rehearsed(
                self._read, self._fetch, name, entry.value, at, hosted=HOSTED
            )
        return self._known[name]


def _test(read: NativeReader, node: Node, workflows: _Workflows, path: Path) -> Test | None:
    fields = read.section(node, grammar.TEST, path)
    if not isinstance(node, Mapping):
        return None
    found = workflows.of(fields.get("workflow"), node, path)
    workflow = found.workflow if found else None
    name = read.name(fields["name"].value, "`name`", (*path, "name")) if "name" in fields else None
    mocks, requests = fields.get("mocks"), fields.get("requests")
    expect, start = fields.get("expect"), fields.get("start")
    test_mocks = read_mocks(read, mocks, workflow, (*path, "mocks")) if mocks else ()
    test_requests = _requests(read, requests, workflow, (*path, "requests")) if requests else ()
    at: Path = (*path, "expect")
    expected = read_expected(read, expect.value, workflow, at) if expect else Expected()
    began = _start(read, start, workflow, (*path, "start")) if start else ()
    now = _instant(read, fields.get("now"), path)
    env = _env(read, fields.get("env"), path)
    if found is None or name is None:
        return None
    return Test(
        name=name,
        rehearsed=found,
        inputs=_object(read, fields.get("inputs"), (*path, "inputs")),
        start=began,
        mocks=test_mocks,
        requests=test_requests,
        expected=expected,
        span=read.head(node),
        now=now,
        random=_number(read, fields.get("random"), (*path, "random")),
        env=env,
        keys=_object(read, fields.get("keys"), (*path, "keys")),
    )


def _object(read: NativeReader, entry: Entry | None, path: Path) -> JsonObject:
    if entry is None:
        return {}
    value = read.value(entry.value, path)
    assert isinstance(value, dict), "the shape was checked"
    return value


def _number(read: NativeReader, entry: Entry | None, path: Path) -> float:
    if entry is None:
        return 0.0
    value = read.value(entry.value, path)
    assert isinstance(value, int | float), "the shape was checked"
    if not 0 <= value < 1:
        message = "a random number is 0 or more, and less than 1"
        read.report(Code.WRONG_VALUE, entry.value, message, path=path)
    return float(value)


def _env(read: NativeReader, entry: Entry | None, path: Path) -> dict[str, str]:
    at: Path = (*path, "env")
    found: dict[str, str] = {}
    for name, value in _object(read, entry, at).items():
        if isinstance(value, str):
            found[name] = value
            continue
        assert entry is not None
        assert isinstance(entry.value, Mapping), "the shape was checked"
        node = read.entries(entry.value, at)[name].value
        read.wrong_type(node, f"the environment variable `{name}`", "text", (*at, name))
    return found


def _instant(read: NativeReader, entry: Entry | None, path: Path) -> float:
    if entry is None:
        return BEGINNING
    value = read.value(entry.value, (*path, "now"))
    found = _seconds(value)
    if found is None or not _EARLIEST <= found <= _LATEST:
        message = f"`{value}` is not an instant"
        if found is not None:
            message = f"`{value}` is not an instant of the years 1 to 9999"
        hint = "write it like `2026-01-31T12:00:00Z`"
        read.report(Code.WRONG_VALUE, entry.value, message, hint=hint, path=(*path, "now"))
        return BEGINNING
    return found


def _seconds(value: JsonValue) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    assert isinstance(value, str), "the shape was checked"
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _start(
    read: NativeReader, entry: Entry, workflow: Workflow | None, path: Path
) -> tuple[str, ...]:
    found = names(read, entry, "`start`", path)
    for name, node in found:
        require_task(read, workflow, name, node, path)
    return tuple(name for name, _ in found)


_ASKS = ("pause", "resume", "cancel", "rerun")


def _requests(
    read: NativeReader, entry: Entry, workflow: Workflow | None, path: Path
) -> tuple[Request, ...]:
    assert isinstance(entry.value, Sequence), "the shape was checked"
    found = (
        _request(read, node, workflow, (*path, index))
        for index, node in enumerate(entry.value.items)
    )
    return tuple(one for one in found if one is not None)


def _request(
    read: NativeReader, node: Node, workflow: Workflow | None, path: Path
) -> Request | None:
    fields = read.section(node, grammar.REQUEST, path)
    if not isinstance(node, Mapping):
        return None
    asked = [name for name in _ASKS if name in fields]
    if len(asked) != 1:
        listed = ", ".join(f"`{name}`" for name in _ASKS)
        message = f"a request asks one thing: {listed}"
        code = Code.CONFLICTING_KEYS if asked else Code.MISSING_KEY
        read.report(code, read.head(node), message, path=path)
        return None
    at = read.seconds(fields["at"], (*path, "at")) if "at" in fields else 0.0
    value = fields[asked[0]]
    where: Path = (*path, asked[0])
    require_not_false(read, value, where)
    asks: Pauses | Resumes | Cancels | Reruns
    match asked[0]:
        case "pause":
            asks = Pauses(reason=_reason(read, value, where))
        case "cancel":
            asks = Cancels(reason=_reason(read, value, where))
        case "resume":
            asks = Resumes()
        case _:
            asks = Reruns(request=_rerun(read, value.value, workflow, where))
    return Request(at=at or 0.0, asks=asks, span=read.head(node))


def _reason(read: NativeReader, entry: Entry, path: Path) -> str | None:
    value = read.value(entry.value, path)
    return value if isinstance(value, str) else None


def _rerun(read: NativeReader, node: Node, workflow: Workflow | None, path: Path) -> RerunRequest:
    fields = read.section(node, grammar.RERUN_SECTION, path)
    targets: list[Target] = []
    if "from" in fields:
        for name, each in names(read, fields["from"], "`from`", (*path, "from")):
            wanted = named(read, workflow, name, each, (*path, "from"))
            if wanted is not None:
                targets.append(Target(task=wanted.task, visit=wanted.visit))
    return RerunRequest(
        targets=tuple(targets),
        from_start=_is_true(read, fields.get("from_start")),
        reset_items=_is_true(read, fields.get("reset_items")),
        inputs=_object(read, fields.get("inputs"), (*path, "inputs")),
        variables=_object(read, fields.get("variables"), (*path, "variables")),
    )


def _is_true(read: NativeReader, entry: Entry | None) -> bool:
    value: JsonValue = read.value(entry.value, ()) if entry is not None else False
    return value is True
