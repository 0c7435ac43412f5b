"""One way in: the text of a file to a `Workflow`, by the front end that its marker names."""

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, replace
from enum import StrEnum

from segue.language.attune.reading import AttuneReader
from segue.language.attune.workflow import Part, read_attune
from segue.language.attune_pair import Pair, split_pair
from segue.language.codes import Code
from segue.language.findings import START_OF_FILE, Finding, Severity, Span
from segue.language.loading import compose
from segue.language.model import Workflow
from segue.language.native.reading import NativeReader
from segue.language.native.workflow import read_native
from segue.language.nodes import Mapping, Node, Scalar, Sequence
from segue.language.orquesta.reading import OrquestaReader
from segue.language.orquesta.tasks import as_executed
from segue.language.orquesta.workflow import read_orquesta
from segue.language.source import Source
from segue.language.suggestions import closest


class Language(StrEnum):
    """The languages of workflow files."""

    NATIVE = "segue"
    ORQUESTA = "orquesta"
    ATTUNE = "attune"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of a file.

    `text` is what was read, without a byte order mark: what `locate` wants. `workflow` is None
    when there is an error among the findings; `draft` is what could be read
    in spite of errors, for those who want to look for more of them, and is never to be run.
    """

    file: str
    text: str
    language: Language | None
    workflow: Workflow | None
    draft: Workflow | None
    findings: tuple[Finding, ...]


def load_workflow(text: str, *, file: str = "<text>", name: str | None = None) -> Loaded:
    """Read a workflow file. Whatever the text is, what is wrong comes back as findings.

    `name` is what the workflow is called unless the file says; by default it follows from the
    name of the file.
    """
    text = text.removeprefix("\ufeff")
    pair = split_pair(text)
    if pair is not None:
        return _load_pair(pair, text, file, name)
    source = Source(text)
    composed = compose(source)
    if composed.finding is not None:
        return _refused(file, source, None, composed.finding)
    root = composed.root
    if not isinstance(root, Mapping):
        return _refused(file, source, None, _not_a_workflow(source, root))
    keys = {key.text: value for key, value in root.entries if isinstance(key, Scalar)}
    language = _language(keys)
    called = name or _stem(file)
    if language is Language.NATIVE:
        native = NativeReader(source)
        return _loaded(file, source, language, read_native(native, root, called), native.findings)
    if language is Language.ORQUESTA:
        orquesta = OrquestaReader(source)
        draft = read_orquesta(orquesta, root, called)
        loaded = _loaded(file, source, language, draft, orquesta.findings)
        runnable = as_executed(loaded.workflow) if loaded.workflow else None
        return replace(loaded, workflow=runnable)
    if language is Language.ATTUNE and "tasks" in keys:
        attune = AttuneReader(source)
        draft = read_attune(Part(attune, root), None, called)
        return _loaded(file, source, language, draft, attune.findings)
    return _refused(file, source, language, _unread(source, root, language, keys))


def _load_pair(pair: Pair, text: str, file: str, name: str | None) -> Loaded:
    """Read the graph of a workflow of Attune together with the action that it is of."""
    whole, parts = Source(text), []
    for source in (Source(pair.graph), Source(pair.action)):
        composed = compose(source)
        if composed.finding is not None:
            return _refused(file, whole, Language.ATTUNE, composed.finding)
        if not isinstance(composed.root, Mapping):
            wrong = _not_a_workflow(source, composed.root, Span(pair.lines, 1, pair.lines, 1))
            return _refused(file, whole, Language.ATTUNE, wrong)
        parts.append(Part(AttuneReader(source), composed.root))
    graph, action = parts
    draft = read_attune(graph, action, name or _stem(file))
    findings = (*graph.read.findings, *action.read.findings)
    return _loaded(file, whole, Language.ATTUNE, draft, findings)


def _language(keys: ReadOnly[str, Node]) -> Language | None:
    """Return the language whose marker a file carries."""
    if "segue" in keys:
        return Language.NATIVE
    tasks = keys.get("tasks")
    if isinstance(tasks, Sequence) and _is_attunes(keys, tasks):
        return Language.ATTUNE
    if "workflow_file" in keys and "tasks" not in keys:
        return Language.ATTUNE
    if "version" in keys or isinstance(tasks, Mapping):
        return Language.ORQUESTA
    return None


def _is_attunes(keys: ReadOnly[str, Node], tasks: Sequence) -> bool:
    """Say whether a list of tasks is Attune's, and not a mistake in a file of Orquesta."""
    if "version" not in keys or {"ref", "label"} & set(keys):
        return True
    return any(
        isinstance(key, Scalar) and key.text == "name"
        for task in tasks.items
        if isinstance(task, Mapping)
        for key, _ in task.entries
    )


def _loaded(
    file: str, source: Source, language: Language, draft: Workflow, findings: tuple[Finding, ...]
) -> Loaded:
    wrong = any(found.severity is Severity.ERROR for found in findings)
    return Loaded(
        file=file,
        text=source.text,
        language=language,
        workflow=None if wrong else draft,
        draft=draft,
        findings=findings,
    )


def _refused(file: str, source: Source, language: Language | None, finding: Finding) -> Loaded:
    return Loaded(
        file=file,
        text=source.text,
        language=language,
        workflow=None,
        draft=None,
        findings=(finding,),
    )


def _not_a_workflow(source: Source, root: Node | None, empty_at: Span = START_OF_FILE) -> Finding:
    empty = root is None or (isinstance(root, Scalar) and not root.text)
    message = "the file is empty" if empty else "this is not a workflow: a workflow is a mapping"
    span = empty_at
    if root is not None and not empty:
        line, _ = source.position(root.start)
        end = source.offset(line, len(source.line(line)) + 1)
        span = source.span(root.start, min(end, root.end))
    return Finding(
        code=Code.NOT_A_WORKFLOW,
        severity=Severity.ERROR,
        message=message,
        span=span,
        hint="it begins with `segue: 1` and has `tasks:`",
    )


def _unread(
    source: Source, root: Mapping, language: Language | None, keys: ReadOnly[str, Node]
) -> Finding:
    first = root.entries[0][0] if root.entries else root
    if language is Language.ATTUNE:
        return Finding(
            code=Code.MISSING_GRAPH,
            severity=Severity.ERROR,
            message="this is the action of a workflow of Attune, whose graph is in another file",
            span=source.span(first.start, first.end),
            hint="name the file itself: the graph is found beside it",
        )
    meant = next(
        (key for key in keys if closest(key, ("segue",)) or closest(key, ("version",))), None
    )
    hint = "begin the file with `segue: 1`"
    if meant is not None:
        hint = f"did you mean `{closest(meant, ('segue', 'version'))}` by `{meant}`?"
    return Finding(
        code=Code.UNKNOWN_LANGUAGE,
        severity=Severity.ERROR,
        message="nothing here says which language this is in",
        span=source.span(first.start, first.end),
        hint=hint,
    )


def _stem(file: str) -> str:
    base = file.replace("\\", "/").rsplit("/", 1)[-1]
    return base.rsplit(".", 1)[0] if "." in base[1:] else base
