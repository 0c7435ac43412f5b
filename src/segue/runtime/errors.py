"""What can go wrong in an engine as such; a user's requests raise `RequestError` of the core."""

from collections.abc import Sequence

from segue.core.errors import InternalError
from segue.language.attune_pair import placed
from segue.language.findings import Finding
from segue.store.port import UnreadableError


class EngineStoppedError(Exception):
    """The engine was stopped while somebody waited, or before it was asked.

    Nothing is lost by it: what was promised is in the store, and `resume` goes on with it.
    """

    def __init__(self, message: str = "the engine was stopped") -> None:
        super().__init__(message)


class ExecutionParkedError(InternalError):
    """An execution can't go on: a bug of ours, or a record of it that can't be read.

    Its history is kept; others go on. `execution` is its id, `problem` what hinders it. A later
    release can `resume` it. `unreadable` is what of it the store can't read, where that is why.
    """

    def __init__(self, execution: str, cause: BaseException) -> None:
        self.execution = execution
        self.unreadable = cause if isinstance(cause, UnreadableError) else None
        defect = f"a defect in segue: {type(cause).__name__}: {cause}"
        self.problem = defect if self.unreadable is None else str(cause)
        super().__init__(f"execution {execution} can't go on: {self.problem}")


class DefinitionError(Exception):
    """A workflow definition with errors. `findings` are all of them, warnings included.

    `source` is the text and `file` its name, for showing the places.
    """

    def __init__(self, findings: Sequence[Finding], source: str, file: str | None) -> None:
        name = file or "<text>"
        lines = [
            f"{part.file}:{finding.span.line}:{finding.span.column}: "
            f"{finding.severity}[{finding.code}]: {finding.message}"
            for part in placed(source, name, findings)
            for finding in part.findings
        ]
        super().__init__("\n".join(["the workflow has errors", *lines]))
        self.findings = tuple(findings)
        self.source = source
        self.file = file


class ConfigError(Exception):
    """A configuration that can't be used. `problems` are sentences, all of them at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
