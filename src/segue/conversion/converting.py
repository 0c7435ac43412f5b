"""One way in: the text of a file to that of a native one."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from segue.checking import check
from segue.checking.actions import FindAction
from segue.checking.check import check_loaded
from segue.conversion.attune.model import FromAttune
from segue.conversion.changes import Change
from segue.conversion.edits import ClashError
from segue.conversion.layout import Layout, scalars
from segue.conversion.meaning import meaning
from segue.conversion.noting import Notes
from segue.conversion.orquesta.differences import tell_differences
from segue.conversion.orquesta.model import Natively
from segue.conversion.orquesta.text import OrquestaText
from segue.conversion.writing import written
from segue.core.errors import InternalError
from segue.language.attune_pair import split_pair
from segue.language.codes import Code
from segue.language.findings import START_OF_FILE, Finding, Severity
from segue.language.loading import compose
from segue.language.model import Workflow
from segue.language.nodes import Mapping
from segue.language.source import Source
from segue.language.workflows import Language, load_workflow

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What became of a file.

    `text` is the native file, which is the file itself if that is native already; None: there is
    none, because of the errors among the findings, or because of `stricter`. `findings` are notes
    of what differs, in the order of the file; `source` is the text that they are about, without a
    byte order mark. `stricter`: the errors that the checker finds in what would be the result,
    which is `result` then.
    """

    file: str
    language: Language | None
    source: str
    text: str | None
    findings: tuple[Finding, ...] = ()
    result: str | None = None
    stricter: tuple[Finding, ...] = ()


def convert(text: str, file: str = "<text>", *, find_action: FindAction | None = None) -> Converted:
    """Return the native form of a workflow file, whatever the text is.

    `find_action` finds what other actions take, as for `check`. Raises `InternalError` where the
    result would not be what the file means.
    """
    loaded = load_workflow(text, file=file)
    native = loaded.language is Language.NATIVE
    checked = check_loaded(loaded, find_action=None if native else find_action)
    errors = tuple(each for each in checked.findings if each.severity is Severity.ERROR)
    if errors or loaded.workflow is None or native:
        return Converted(
            file=file,
            language=loaded.language,
            source=loaded.text,
            text=None if errors else text,
            findings=errors,
        )
    notes = Notes()
    attune = loaded.language is Language.ATTUNE
    made: FromAttune | Natively = FromAttune(notes) if attune else Natively(notes)
    natively = made.workflow(loaded.workflow)
    result = None
    if not notes.refused:
        result = _written(loaded.text, natively, notes, file, loaded.language)
        if not attune:
            tell_differences(loaded.workflow, notes)
        _tell_calls(checked.findings, notes)
    if result is None:
        return Converted(
            file=file,
            language=loaded.language,
            source=loaded.text,
            text=None,
            findings=notes.findings,
        )
    stricter = _errors(result, file)
    marked = _MARK if text.startswith(_MARK) else ""
    return Converted(
        file=file,
        language=loaded.language,
        source=loaded.text,
        text=None if stricter else marked + result,
        findings=notes.findings,
        result=result,
        stricter=stricter,
    )


def _tell_calls(found: Iterable[Finding], notes: Notes) -> None:
    """Tell of calls that are warnings in this language, and natively errors."""
    for each in found:
        if each.code in {Code.UNKNOWN_ACTION, Code.WRONG_INPUT}:
            said = f"{each.message}; natively the workflow is not run"
            notes.add(Change.ACTIONS_CHECKED, each.span, said, hint=each.hint)


def _errors(text: str, file: str) -> tuple[Finding, ...]:
    findings = check(text, file).findings
    return tuple(each for each in findings if each.severity is Severity.ERROR)


def _written(
    text: str, natively: Workflow, notes: Notes, file: str, language: Language | None
) -> str:
    """Return the text with the changes made in it, or where that can't be done, a new one."""
    pair = split_pair(text)
    if pair is not None:
        text = pair.graph
    root = compose(Source(text)).root
    assert isinstance(root, Mapping), "it was read"
    result = ""
    if language is Language.ORQUESTA:
        with suppress(ClashError):
            result = OrquestaText(Layout(text), natively, notes).changed(root)
    if not _means(result, natively, file):
        result = written(text, root, natively, _stem(file))
        comments = Layout(text).comments(0, len(text), scalars(root))
        lost = sum(one not in result for one in comments)
        if lost or language is Language.ORQUESTA:
            left_out = f": {lost} of {len(comments)} comments are not there" if lost else ""
            notes.add(
                Change.WRITTEN_ANEW,
                START_OF_FILE,
                f"the result is written anew{left_out}",
                hint="look through it: comments stay above tasks and keys of the file",
            )
        if not _means(result, natively, file) and not _errors(result, file):
            raise InternalError(f"{file}: what was written is not what was meant")
    return result


def _stem(file: str) -> str:
    """Return what a workflow is called if its file does not say."""
    draft = load_workflow("segue: 1\ntasks: {}\n", file=file).draft
    return draft.name if draft is not None else ""


def _means(text: str, natively: Workflow, file: str) -> bool:
    loaded = load_workflow(text, file=file)
    workflow = loaded.workflow
    if loaded.language is not Language.NATIVE or workflow is None:
        return False
    return meaning(workflow) == meaning(natively)
