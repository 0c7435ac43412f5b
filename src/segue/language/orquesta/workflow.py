"""The Orquesta front end: a StackStorm workflow of version 1.0 to a `Workflow`."""

from typing import Final

from segue.language.codes import Code
from segue.language.model import ORQUESTA, Input, Limits, Template, Variable, Workflow
from segue.language.nodes import Mapping, Sequence
from segue.language.orquesta.reading import OrquestaReader
from segue.language.orquesta.tasks import OrquestaTasks
from segue.language.reading import Entry
from segue.values import JsonValue

WORKFLOW_KEYS: Final = (
    "version",
    "name",
    "description",
    "tags",
    "input",
    "vars",
    "output",
    "tasks",
)


def read_orquesta(read: OrquestaReader, root: Mapping, name: str) -> Workflow:
    """Return what could be read; it is to be trusted only if `read` reported no error."""
    entries = read.entries(root, ())
    read.check_keys(entries, WORKFLOW_KEYS, "the workflow", ())
    get = entries.get
    _check_version(read, get("version"))
    tasks = get("tasks")
    if tasks is None:
        read.report(
            Code.MISSING_KEY,
            read.source.span(root.start, root.start + 1),
            "the workflow needs `tasks`: a mapping from names to tasks",
        )
    return Workflow(
        name=read.nonempty(get("name"), ()) or name,
        description=read.nonempty(get("description"), ()),
        inputs=_inputs(read, get("input")),
        vars=_variables(read, get("vars")),
        tasks=OrquestaTasks(read).tasks(tasks.value) if tasks else {},
        output=_variables(read, get("output")),
        start=(),
        limits=Limits(),
        semantics=ORQUESTA,
        tags=_tags(read, get("tags")),
        span=read.source.span(root.start, root.start + 1),
    )


def _check_version(read: OrquestaReader, entry: Entry | None) -> None:
    if entry is None:
        return
    value = read.value(entry.value, ("version",))
    number = isinstance(value, int | float) and not isinstance(value, bool) and value == 1
    if value != "1.0" and not number:
        read.report(
            Code.WRONG_VALUE,
            entry.value,
            f"only version 1.0 of Orquesta's language is known, not {read.describe(entry.value)}",
            hint="a file of the native language begins with `segue: 1`",
            path=("version",),
        )


def _tags(read: OrquestaReader, entry: Entry | None) -> tuple[JsonValue, ...]:
    if entry is None:
        return ()
    path = ("tags",)
    if not isinstance(entry.value, Sequence) or not entry.value.items:
        read.wrong(entry.value, "`tags`", "a list of texts", path)
        return ()
    for item in entry.value.items:
        if not read.text(item):
            read.wrong(item, "a tag", "text", path)
    read.unique(entry.value.items, "`tags`", path)
    return tuple(read.value(item, path) for item in entry.value.items)


def _inputs(read: OrquestaReader, entry: Entry | None) -> tuple[Input, ...]:
    if entry is None:
        return ()
    path = ("input",)
    node = entry.value
    wanted = "a list of names, or of mappings from one name to its default"
    if not isinstance(node, Sequence) or not node.items:
        read.wrong(node, "`input`", wanted, path)
        return ()
    read.unique(node.items, "`input`", path)
    found = []
    for index, item in enumerate(node.items):
        name = read.text(item)
        span = read.span(item)
        default = Template(value=None, span=span)
        if not name:
            only = read.one_entry(item, ("input", index), "a name, or a mapping with one entry")
            if only is None:
                continue
            name, span = only.key, read.span(only.key_node)
            default = read.template(only.value, ("input", index))
        found.append(Input(name=name, required=False, default=default, schema=None, span=span))
    return tuple(found)


def _variables(read: OrquestaReader, entry: Entry | None) -> tuple[Variable, ...]:
    if entry is None:
        return ()
    return tuple(
        Variable(name=each.key, value=read.template(each.value, at), span=read.span(each.key_node))
        for each, at in read.assignments(entry, (entry.key,))
    )
