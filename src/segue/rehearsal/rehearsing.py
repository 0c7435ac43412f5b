"""All tests of a rehearsal file: what came of each."""

from dataclasses import dataclass

from segue.language.findings import Finding
from segue.rehearsal.orquesta.performing import rehearse_orquesta
from segue.rehearsal.orquesta.spec import OrquestaTest
from segue.rehearsal.performing import rehearse_native
from segue.rehearsal.reading import ReadRehearsal
from segue.rehearsal.spec import Test
from segue.rehearsal.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVerdict:
    """What came of a file. With an error among the findings no test of it was run."""

    file: str
    text: str
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    valid: bool

    @property
    def passed(self) -> bool:
        """Whether all of it is right, and every test passed."""
        return self.valid and all(verdict.passed for verdict in self.verdicts)


def rehearse(test: Test | OrquestaTest) -> Verdict:
    """Let one test happen, and say what came of it. It touches nothing of the world."""
    return rehearse_orquesta(test) if isinstance(test, OrquestaTest) else rehearse_native(test)


def rehearse_file(read: ReadRehearsal) -> FileVerdict:
    """Let all tests of a file happen."""
    return FileVerdict(
        file=read.file,
        text=read.text,
        findings=read.findings,
        verdicts=tuple(rehearse(test) for test in read.tests),
        valid=read.valid,
    )
