"""The mocks of a native rehearsal: what actions do, by task."""

from collections.abc import Mapping as ReadOnly

from segue.language.codes import Code
from segue.language.model import Workflow
from segue.language.native.reading import NativeReader
from segue.language.nodes import Mapping, Node, Sequence
from segue.language.reading import Entry, Path
from segue.rehearsal import grammar
from segue.rehearsal.naming import require_not_false, require_task
from segue.rehearsal.spec import (
    Answers,
    Doing,
    Fails,
    Mock,
    Never,
    Rejects,
    RunsReally,
    Succeeds,
    TimesOut,
)
from segue.values import JsonObject

#: Keys that say what the action does: one of them, or none for a result of null.
_DOINGS = ("result", "fails", "times_out", "never", "answers", "rejects", "run")


def read_mocks(
    read: NativeReader, entry: Entry, workflow: Workflow | None, path: Path
) -> tuple[Mock, ...]:
    """Return the mocks under `mocks`, in the order in which they are looked through."""
    assert isinstance(entry.value, Mapping), "the shape was checked"
    found: list[Mock] = []
    for task, each in read.entries(entry.value, path).items():
        at: Path = (*path, task)
        require_task(read, workflow, task, each.key_node, at)
        nodes = each.value.items if isinstance(each.value, Sequence) else (each.value,)
        if not nodes:
            read.report(Code.EMPTY, each.value, "there is no mock in this list", path=at)
        for index, node in enumerate(nodes):
            where: Path = (*at, index) if isinstance(each.value, Sequence) else at
            mock = _mock(read, task, node, where)
            if mock is not None:
                found.append(mock)
    return tuple(found)


def _mock(read: NativeReader, task: str, node: Node, path: Path) -> Mock | None:
    fields = read.section(node, grammar.MOCK, path)
    if not isinstance(node, Mapping):
        return None
    said = [name for name in _DOINGS if name in fields]
    if len(said) > 1:
        listed = " and ".join(f"`{name}`" for name in said)
        message = f"a mock does one thing, and this one has {listed}"
        hint = "a list of mocks is for one call after the other"
        where = fields[said[1]].key_node
        read.report(Code.CONFLICTING_KEYS, where, message, hint=hint, path=path)
        return None
    takes = read.seconds(fields["takes"], (*path, "takes")) if "takes" in fields else None
    return Mock(
        task=task,
        doing=_doing(read, fields, said[0] if said else None, path),
        span=read.head(node),
        takes=takes or 0.0,
        visit=_number(read, fields, "visit", 1, path),
        attempt=_number(read, fields, "attempt", 1, path),
        item=_number(read, fields, "item", 0, path),
        times=_times(read, fields, path),
        action=_text(read, fields, "action", path),
        input=_input(read, fields, path),
    )


def _doing(read: NativeReader, fields: ReadOnly[str, Entry], said: str | None, path: Path) -> Doing:
    if said is None:
        return Succeeds()
    entry = fields[said]
    at: Path = (*path, said)
    value = read.value(entry.value, at)
    if said != "result":
        require_not_false(read, entry, at)
    match said:
        case "result":
            return Succeeds(result=value)
        case "fails":
            return _fails(read, entry, at)
        case "times_out":
            return TimesOut()
        case "never":
            return Never()
        case "run":
            return RunsReally()
        case "answers":
            assert isinstance(value, dict), "the shape was checked"
            return Answers(answer=value)
        case _:
            return Rejects(reason=value if isinstance(value, str) else None)


def _fails(read: NativeReader, entry: Entry, path: Path) -> Fails:
    message = read.text(entry.value)
    if message is not None:
        return Fails(message=message)
    fields = read.section(entry.value, grammar.FAILURE, path)
    return Fails(
        message=(read.text(fields["message"].value) or "") if "message" in fields else "",
        code=_text(read, fields, "code", path) or "action_failed",
        result=read.value(fields["result"].value, (*path, "result"))
        if "result" in fields
        else None,
    )


def _text(read: NativeReader, fields: ReadOnly[str, Entry], name: str, path: Path) -> str | None:
    return read.name(fields[name].value, f"`{name}`", (*path, name)) if name in fields else None


def _input(read: NativeReader, fields: ReadOnly[str, Entry], path: Path) -> JsonObject | None:
    value = read.value(fields["input"].value, (*path, "input")) if "input" in fields else None
    return value if isinstance(value, dict) else None


def _number(
    read: NativeReader, fields: ReadOnly[str, Entry], name: str, least: int, path: Path
) -> int | None:
    if name not in fields:
        return None
    value = read.value(fields[name].value, (*path, name))
    assert isinstance(value, int), "the shape was checked"
    if value < least:
        message = f"`{name}` is {grammar.MOCK.keys[name].shape.words}, not {value}"
        read.report(Code.WRONG_VALUE, fields[name].value, message, path=(*path, name))
    return value


def _times(read: NativeReader, fields: ReadOnly[str, Entry], path: Path) -> int | None:
    if "times" not in fields:
        return 1
    value = read.value(fields["times"].value, (*path, "times"))
    if value == "any":
        return None
    if isinstance(value, int) and value >= 1:
        return value
    message = f"`times` is {grammar.MOCK.keys['times'].shape.words}, not `{value}`"
    read.report(Code.WRONG_VALUE, fields["times"].value, message, path=(*path, "times"))
    return 1
