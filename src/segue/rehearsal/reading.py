"""The text of a rehearsal file, native or Orquesta's, to its tests."""

from dataclasses import dataclass

from segue.language.codes import Code
from segue.language.findings import START_OF_FILE, Finding, Severity
from segue.language.loading import compose
from segue.language.native.reading import NativeReader
from segue.language.nodes import Mapping, Scalar
from segue.language.reading import Reader
from segue.language.scalars import Dialect
from segue.language.source import Source
from segue.language.suggestions import closest
from segue.rehearsal.loading import Fetch, finding
from segue.rehearsal.native import read_native_rehearsal
from segue.rehearsal.orquesta.reading import read_orquesta_rehearsal
from segue.rehearsal.orquesta.spec import OrquestaTest
from segue.rehearsal.spec import Test

#: What Orquesta's files have, and no others.
ORQUESTA_KEY = "expected_task_sequence"
_MARKER = "rehearsal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRehearsal:
    """What became of a file. `tests` are empty when there is an error among the findings."""

    file: str
    text: str
    tests: tuple[Test | OrquestaTest, ...]
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Whether no finding is an error."""
        return all(found.severity is not Severity.ERROR for found in self.findings)


def read_rehearsal(text: str, file: str, fetch: Fetch) -> ReadRehearsal:
    """Read a file. Whatever the text is, what is wrong comes back as findings."""
    source = Source(text.removeprefix("\ufeff"))
    composed = compose(source)
    if composed.finding is not None:
        return _read(file, source, (), (composed.finding,))
    root = composed.root
    if not isinstance(root, Mapping):
        return _read(file, source, (), (_no_rehearsal(source, None),))
    keys = {key.text for key, _ in root.entries if isinstance(key, Scalar)}
    if _MARKER in keys:
        native = NativeReader(source)
        tests = read_native_rehearsal(native, root, fetch)
        return _read(file, source, tests, native.findings)
    if ORQUESTA_KEY in keys or "workflow_state" in keys:
        orquesta = Reader(source, Dialect.YAML_1_1)
        test = read_orquesta_rehearsal(orquesta, root, fetch, file)
        return _read(file, source, (test,) if test else (), orquesta.findings)
    return _read(file, source, (), (_no_rehearsal(source, root),))


def _read(
    file: str,
    source: Source,
    tests: tuple[Test | OrquestaTest, ...],
    findings: tuple[Finding, ...],
) -> ReadRehearsal:
    wrong = any(found.severity is Severity.ERROR for found in findings)
    return ReadRehearsal(
        file=file, text=source.text, tests=() if wrong else tests, findings=findings
    )


def _no_rehearsal(source: Source, root: Mapping | None) -> Finding:
    hint = "it begins with `rehearsal: 1`, and has `workflow:` and `tests:`"
    if root is None or not root.entries:
        message = "this is not a rehearsal: a rehearsal is a mapping"
        return finding(Code.NOT_A_REHEARSAL, message, START_OF_FILE, hint)
    first = root.entries[0][0]
    keys = [key.text for key, _ in root.entries if isinstance(key, Scalar)]
    meant = next((key for key in keys if closest(key, (_MARKER,))), None)
    if meant is not None:
        hint = f"did you mean `{_MARKER}` by `{meant}`?"
    elif "segue" in keys or "tasks" in keys:
        hint = "it looks like a workflow: `segue check` and `segue run` read those"
    message = "this is not a rehearsal"
    return finding(Code.NOT_A_REHEARSAL, message, source.span(first.start, first.end), hint)
