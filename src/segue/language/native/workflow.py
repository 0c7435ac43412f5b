"""The native front end: a file that says `segue: 1` to a `Workflow`."""

from collections.abc import Collection

from segue.language.codes import Code
from segue.language.grammar import (
    CANCEL_WORDS,
    INPUT,
    INPUT_OWN_KEYS,
    LIMITS,
    MATCH_WORDS,
    TYPE_WORDS,
    UNHANDLED_WORDS,
    WORKFLOW,
)
from segue.language.input_schemas import schema_problem, value_problems
from segue.language.model import (
    NATIVE,
    Input,
    Limits,
    Match,
    OnCancel,
    Semantics,
    UnhandledFailure,
    Unlimited,
    Workflow,
)
from segue.language.native.reading import NativeReader, names
from segue.language.native.tasks import NativeTasks
from segue.language.nodes import Mapping
from segue.language.reading import Entry, Path
from segue.language.suggestions import did_you_mean
from segue.values import JsonValue


def read_native(read: NativeReader, root: Mapping, name: str) -> Workflow:
    """Return what could be read; it is to be trusted only if `read` reported no error."""
    fields = read.section(root, WORKFLOW, ())
    _check_version(read, fields.get("segue"))
    word = read.word(fields["match"], MATCH_WORDS, ("match",)) if "match" in fields else None
    match = Match(word) if word else Match.FIRST
    tasks = fields.get("tasks")
    variables, output = fields.get("vars"), fields.get("output")
    start, tags = fields.get("start"), fields.get("tags")
    own_name, description = fields.get("name"), fields.get("description")
    read_tasks = NativeTasks(read, match).tasks(tasks.value) if tasks else {}
    tagged = read.value(tags.value, ("tags",)) if tags else []
    return Workflow(
        name=(own_name and read.name(own_name.value, "`name`", ("name",))) or name,
        description=read.text(description.value) if description else None,
        inputs=_inputs(read, fields.get("input")),
        vars=read.variables(variables, ("vars",)) if variables else (),
        tasks=read_tasks,
        output=read.variables(output, ("output",)) if output else (),
        start=_start(read, start, read_tasks) if start else (),
        limits=_limits(read, fields.get("limits")),
        on_cancel=_on_cancel(read, fields.get("on_cancel")),
        semantics=_semantics(read, fields.get("unhandled_failure")),
        tags=tuple(tagged) if isinstance(tagged, list) else (),
        span=read.head(root),
    )


def _start(read: NativeReader, entry: Entry, tasks: Collection[str]) -> tuple[str, ...]:
    found = names(read, entry, "`start`", ("start",))
    for name, node in found:
        if name not in tasks:
            read.report(
                Code.UNKNOWN_TASK,
                node,
                f"there is no task `{name}`",
                hint=did_you_mean(name, tasks),
                path=("start",),
            )
    return tuple(name for name, _ in found)


def _check_version(read: NativeReader, entry: Entry | None) -> None:
    if entry is not None and read.value(entry.value, ("segue",)) != 1:
        read.report(
            Code.UNKNOWN_LANGUAGE,
            entry.value,
            f"this release reads version 1 of the language, not {read.describe(entry.value)}",
            hint="write `segue: 1`",
            path=("segue",),
        )


def _semantics(read: NativeReader, entry: Entry | None) -> Semantics:
    path = ("unhandled_failure",)
    word = read.word(entry, UNHANDLED_WORDS, path) if entry else None
    return Semantics(unhandled_failure=UnhandledFailure(word)) if word else NATIVE


def _on_cancel(read: NativeReader, entry: Entry | None) -> OnCancel:
    word = read.word(entry, CANCEL_WORDS, ("on_cancel",)) if entry else None
    return OnCancel(word) if word else OnCancel.END


def _limits(read: NativeReader, entry: Entry | None) -> Limits:
    if entry is None:
        return Limits()
    fields = read.section(entry.value, LIMITS, ("limits",))
    duration, visits = fields.get("duration"), fields.get("visits")
    return Limits(
        duration=_duration_limit(read, duration) if duration else None,
        visits=_visits_limit(read, visits) if visits else None,
    )


def _duration_limit(read: NativeReader, entry: Entry) -> float | Unlimited | None:
    path = ("limits", "duration")
    if read.text(entry.value) == Unlimited.UNLIMITED:
        return Unlimited.UNLIMITED
    seconds = read.seconds(entry, path)
    if seconds == 0:
        read.report(
            Code.WRONG_VALUE,
            entry.value,
            "a limit of nothing lets nothing run",
            hint="write `unlimited` if there is to be none",
            path=path,
        )
        return None
    return seconds


def _visits_limit(read: NativeReader, entry: Entry) -> int | Unlimited | None:
    path = ("limits", "visits")
    value = read.value(entry.value, path)
    if value == Unlimited.UNLIMITED:
        return Unlimited.UNLIMITED
    if isinstance(value, int) and value >= 1:
        return value
    read.report(
        Code.WRONG_VALUE,
        entry.value,
        f"`visits` is {LIMITS.keys['visits'].shape.words}, not `{value}`",
        path=path,
    )
    return None


def _inputs(read: NativeReader, entry: Entry | None) -> tuple[Input, ...]:
    if entry is None:
        return ()
    assert isinstance(entry.value, Mapping), "the shape was checked"
    return tuple(
        _input(read, each, ("input", name))
        for name, each in read.entries(entry.value, ("input",)).items()
    )


def _input(read: NativeReader, entry: Entry, path: Path) -> Input:
    """One input: null (any value), the name of a type, or a mapping."""
    node = entry.value
    span = read.span(entry.key_node)
    if not entry.key:
        read.report(Code.EMPTY, node, "an input needs a name", path=path)
    if read.is_null(node):
        return Input(name=entry.key, required=True, default=None, schema=None, span=span)
    word = read.text(node)
    if word is not None:
        _check_type_word(read, entry, word, path)
        schema: dict[str, JsonValue] = {"type": word}
        return Input(name=entry.key, required=True, default=None, schema=schema, span=span)
    if not isinstance(node, Mapping):
        hint = f"write `{entry.key}: {{default: ...}}` for a default"
        read.report(
            Code.WRONG_TYPE,
            node,
            f"an input is a mapping, the name of a type, or null, not {read.describe(node)}",
            hint=hint,
            path=path,
        )
        return Input(name=entry.key, required=True, default=None, schema=None, span=span)
    return _declared(read, entry, node, path)


def _declared(read: NativeReader, entry: Entry, node: Mapping, path: Path) -> Input:
    fields = read.section(node, INPUT, path)
    default = fields.get("default")
    template = read.template(default.value, (*path, "default")) if default else None
    schema = {
        name: read.value(field.value, (*path, name))
        for name, field in fields.items()
        if name not in INPUT_OWN_KEYS
    }
    problem = schema_problem(schema)
    if problem is not None:
        where = fields[problem.keyword].value if problem.keyword in fields else node
        word = read.text(fields["type"].value) if "type" in fields else None
        bad_word = word is not None and word not in TYPE_WORDS
        read.report(
            Code.BAD_INPUT_SCHEMA,
            where,
            f"`{word}` is not a type" if bad_word else f"not a JSON Schema: {problem.message}",
            hint=_type_hint(word) if word is not None and bad_word else None,
            path=path,
        )
        schema = {}
    elif default is not None and template is not None and template.is_literal:
        for message in value_problems(schema, template.value):
            read.report(
                Code.BAD_DEFAULT,
                default.value,
                f"the default of `{entry.key}` is not what it must be: {message}",
                path=(*path, "default"),
            )
    return Input(
        name=entry.key,
        required=default is None,
        default=template,
        schema=schema or None,
        span=read.span(entry.key_node),
    )


def _check_type_word(read: NativeReader, entry: Entry, word: str, path: Path) -> None:
    if word in TYPE_WORDS:
        return
    read.report(
        Code.BAD_INPUT_SCHEMA,
        entry.value,
        f"`{word}` is not a type",
        hint=did_you_mean(word, TYPE_WORDS)
        or f"write `{entry.key}: {{default: ...}}` if it is meant as a default",
        path=path,
    )


def _type_hint(word: str) -> str:
    return did_you_mean(word, TYPE_WORDS) or f"the types are {', '.join(TYPE_WORDS)}"
