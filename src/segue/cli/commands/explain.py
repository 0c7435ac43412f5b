"""`segue explain`: what a code means, how it comes about, and what to do."""

import sys
from collections.abc import Iterator

import click

from segue.checking import check
from segue.checking.calls import Callee
from segue.checking.differences import Difference
from segue.cli.problem import Problem
from segue.cli.reports import changes, differences
from segue.cli.reports.findings_text import full_lines
from segue.cli.terminal.output import print_lines
from segue.cli.terminal.styled import Line, Part, Role, line
from segue.conversion.changes import Change
from segue.language.codes import Code, Kind, kind_of, severity_of
from segue.language.explanations import EXPLANATIONS, Explanation, flow, rehearsals
from segue.language.findings import Finding
from segue.language.suggestions import closest
from segue.rehearsal.loading import Fetched
from segue.runtime.workflows.callees import built_in_action

_HEADINGS = {
    Kind.CONTENTS: "Reading the file",
    Kind.SYNTAX: "Keys and values",
    Kind.UNBUILT: "Not built yet",
    Kind.SEMANTICS: "Tasks and transitions",
    Kind.EXPRESSIONS: "Expressions",
    Kind.CONTEXT: "Variables",
    Kind.REHEARSAL: "Rehearsals",
}


@click.command("explain")
@click.argument("code", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown")),
    default="text",
    help="Markdown, without a code, is the page of all codes.",
)
def command(code: str | None, form: str) -> None:
    """Explain the code of a finding, such as SEG201. Without a code: list them all.

    It may also be a difference from Orquesta, such as stale-context (`orquesta` lists those), or a
    note of `segue convert`, such as merged-deeply.
    """
    if code is not None and _is_difference(code):
        _explain_difference(code, form)
        return
    if code is not None and code in set(Change):
        _explain_change(Change(code), form)
        return
    explanation = _find(code) if code is not None else None
    if form == "markdown":
        sys.stdout.write(_section(explanation) if explanation else errors_page())
        return
    lines = _explained(explanation) if explanation else _listed()
    print_lines(lines, sys.stdout)


def _is_difference(code: str) -> bool:
    return code == differences.ALL or code in set(Difference)


def _explain_difference(code: str, form: str) -> None:
    every = code == differences.ALL
    if form == "markdown":
        sys.stdout.write(differences.page() if every else differences.section(Difference(code)))
        return
    lines = differences.listed() if every else differences.explained(Difference(code))
    print_lines(lines, sys.stdout)


def _explain_change(change: Change, form: str) -> None:
    if form == "markdown":
        sys.stdout.write(changes.section(change))
        return
    print_lines(changes.explained(change), sys.stdout)


def _find(text: str) -> Explanation:
    wanted = text.strip().upper()
    if wanted.isdigit():
        wanted = f"SEG{wanted:>03}"
    if wanted in set(Code):
        return EXPLANATIONS[Code(wanted)]
    named = wanted.replace("-", "_")
    if named in Code.__members__:
        return EXPLANATIONS[Code[named]]
    near = (
        _near(wanted) or closest(named, Code.__members__) or closest(text, [*Difference, *Change])
    )
    hint = f"did you mean `segue explain {near}`?" if near else "`segue explain` lists all codes"
    raise Problem(f"there is no code {text!r}", hint=hint)


def _near(wanted: str) -> str | None:
    """Return the code that one wrong character makes `wanted`."""
    for code in Code:
        if len(wanted) == len(code) and sum(a != b for a, b in zip(wanted, code, strict=True)) == 1:
            return code
    return None


def _listed() -> Iterator[Line]:
    for explanation in EXPLANATIONS.values():
        yield line(Part(str(explanation.code), _role(explanation)), f"  {explanation.title}")


def _role(explanation: Explanation) -> Role:
    return Role.BAD if severity_of(explanation.code).value == "error" else Role.WAITING


def _explained(explanation: Explanation) -> Iterator[Line]:
    severity = severity_of(explanation.code).value
    yield line(
        Part(f"{severity}[{explanation.code}]", _role(explanation)),
        Part(f": {explanation.title}", Role.STRONG),
    )
    yield line()
    for text in explanation.why.splitlines():
        yield line(text)
    yield line()
    yield line(Part("An example", Role.STRONG))
    yield line()
    yield from full_lines("example.yaml", explanation.wrong, example_findings(explanation))
    yield line(Part("Mended", Role.STRONG))
    yield line()
    for text in explanation.right.splitlines():
        yield line(f"    {text}")


def example_findings(explanation: Explanation, *, mended: bool = False) -> tuple[Finding, ...]:
    """Return what is found in the wrong example of a code, or in the mended one."""
    text = explanation.right if mended else explanation.wrong
    if kind_of(explanation.code) is not Kind.REHEARSAL:
        return check(
            text, "example.yaml", find_callee=_find_example, find_action=built_in_action
        ).findings
    from segue.rehearsal.reading import read_rehearsal  # noqa: PLC0415 (only for these codes)

    return read_rehearsal(text, "example.yaml", _fetch_example).findings


def _find_example(action: str) -> Callee | None:
    if not action.startswith("./"):
        return None
    if action != "./hello.yaml":
        return Callee(file=action, workflow=None, problem=f"there is no file {action[2:]}")
    return Callee(file=action, workflow=check(flow.HELLO).workflow)


def _fetch_example(name: str, *, anywhere: bool = False) -> Fetched | str:
    del anywhere
    text = {rehearsals.HELLO_FILE: rehearsals.HELLO, rehearsals.BROKEN_FILE: rehearsals.BROKEN}
    return Fetched(path=name, text=text[name]) if name in text else "is not there"


def errors_page() -> str:
    """Return the page of all codes, in Markdown."""
    intro = (
        "# Findings by code\n\n"
        "What `segue check` and `segue rehearse` find, by the code that they print. A code is\n"
        "stable: it never comes to mean something else. `segue explain CODE` prints the same in\n"
        "the terminal. A finding is an error, which keeps a workflow from running, or a warning.\n"
    )
    parts = [intro]
    heading = ""
    for explanation in EXPLANATIONS.values():
        wanted = _HEADINGS[kind_of(explanation.code)]
        if wanted != heading:
            heading = wanted
            parts.append(f"\n## {heading}\n")
        parts.append(f"\n{_section(explanation)}")
    return "".join(parts)


def _section(explanation: Explanation) -> str:
    severity = severity_of(explanation.code).value
    found = "\n".join(
        each.plain
        for each in full_lines("example.yaml", explanation.wrong, example_findings(explanation))
    ).rstrip()
    return (
        f"### {explanation.code}: {explanation.title}\n\n"
        f"*{severity.capitalize()}.* {explanation.why}\n\n"
        f"```yaml\n{explanation.wrong}```\n\n"
        f"```text\n{found}\n```\n\n"
        f"Mended:\n\n```yaml\n{explanation.right}```\n"
    )
