"""A rehearsal that stands in a test: a workflow, and one test of it."""

import textwrap

from segue.rehearsal.loading import Fetched
from segue.rehearsal.reading import ReadRehearsal, read_rehearsal
from segue.rehearsal.rehearsing import rehearse
from segue.rehearsal.verdict import Failure, Kind, Verdict


class Files:
    """Files that a rehearsal may name, by name."""

    def __init__(self, **files: str) -> None:
        self.files = files

    def __call__(self, name: str, *, anywhere: bool = False) -> Fetched | str:
        del anywhere
        stem = name.replace(".", "_")
        if stem not in self.files:
            return "is not there"
        return Fetched(path=name, text=textwrap.dedent(self.files[stem]))


def read(text: str, workflow: str = "", **files: str) -> ReadRehearsal:
    """Read a rehearsal file; `workflow` is the text of w.yaml."""
    return read_rehearsal(textwrap.dedent(text), "r.yaml", Files(w_yaml=workflow, **files))


def verdict_of(workflow: str, test: str) -> Verdict:
    """Let one test of a workflow happen."""
    body = textwrap.indent(textwrap.dedent(test).strip(), "    ")
    text = f"rehearsal: 1\nworkflow: w.yaml\ntests:\n  - name: it\n{body}\n"
    found = read(text, workflow)
    assert found.findings == (), found.findings
    return rehearse(found.tests[0])


def passes(workflow: str, test: str) -> None:
    """Fail where a test does."""
    verdict = verdict_of(workflow, test)
    assert verdict.passed, [(one.message, one.details) for one in verdict.failures]


def failure_of(workflow: str, test: str) -> Failure:
    """Return the one failure of a test."""
    failures = verdict_of(workflow, test).failures
    assert len(failures) == 1, [(one.message, one.details) for one in failures]
    return failures[0]


def kinds_of(workflow: str, test: str) -> list[Kind]:
    """Return what a test fails by."""
    return [failure.kind for failure in verdict_of(workflow, test).failures]
