"""Expressions that can't be compiled, or that call what does not exist."""

from dataclasses import dataclass

from segue.checking.collector import Collector
from segue.checking.templates import all_templates, texts
from segue.expressions import Dialect, inspect_attune, inspect_template
from segue.expressions.errors import Reason
from segue.expressions.findings import ExpressionFinding
from segue.expressions.segments import attune_segments, has_expression, is_mixed
from segue.language.codes import Code
from segue.language.findings import Severity
from segue.language.model import Template, Workflow
from segue.language.placing import locate

#: How Jinja says that there is no more to read.
_AT_THE_END = ("end of template", "end of print statement", "end of statement")


def check_expressions(text: str, workflow: Workflow, found: Collector, *, strict: bool) -> None:
    """Look at every expression of a workflow. `text` is its file.

    Orquesta looks at the syntax only: where it is not `strict`, an unknown function is a warning.
    """
    checks = _Checks(text, found, strict)
    for placed in all_templates(workflow):
        for template in texts(placed.template):
            for each in _wrong(template):
                checks.add(template, placed.path, each)
            if strict and template.dialect is not Dialect.PLAIN:
                checks.unclosed(template, placed.path)


def _wrong(template: Template) -> tuple[ExpressionFinding, ...]:
    if template.dialect is Dialect.MIXED:
        return inspect_template(template.value)
    return inspect_attune(template.value) if template.dialect is Dialect.ATTUNE else ()


@dataclass(frozen=True, slots=True)
class _Checks:
    text: str
    found: Collector
    strict: bool

    def add(self, template: Template, path: str, each: ExpressionFinding) -> None:
        string = str(template.value)
        message, _, hint = each.message.partition("; ")
        code, severity = Code.EXPRESSION_SYNTAX, Severity.ERROR
        if template.dialect is Dialect.MIXED and is_mixed(string):
            code, hint = Code.MIXED_EXPRESSIONS, "write all of it in one of the two"
        elif (each.name or "").startswith("__"):
            if not self.strict:
                return  # Orquesta looks at variables where tasks can be reached: see there
            code = Code.PRIVATE_VARIABLE
        elif each.reason is Reason.UNDEFINED:
            code = Code.UNKNOWN_FUNCTION
            severity = Severity.ERROR if self.strict else Severity.WARNING
        elif any(words in message for words in _AT_THE_END):
            message = "the expression ends where more is needed"
        end = _end_of_word(string, each.start, each.end)
        self.found.add(
            code,
            locate(self.text, template, (), each.start, end),
            message,
            hint=hint.replace("'", "`") or None,
            path=path,
            variable=each.name if code is Code.PRIVATE_VARIABLE else None,
            severity=severity,
        )

    def unclosed(self, template: Template, path: str) -> None:
        """Warn of what looks like an expression and stays text, because nothing closes it."""
        string = str(template.value)
        attune = template.dialect is Dialect.ATTUNE
        if attune_segments(string) if attune else has_expression(string):
            return
        start = min(at for each in ("{{", "<%", "{%") if (at := string.find(each)) >= 0)
        mark = string[start : start + 2]
        begins = attune and mark != "{{"
        why = "begins no expression in Attune's files" if begins else "is never closed"
        self.found.add(
            Code.EXPRESSION_SYNTAX,
            locate(self.text, template, (), start, start + 2),
            f"`{mark}` {why}, so this stays text",
            path=path,
            severity=Severity.WARNING,
        )


def _end_of_word(string: str, start: int, end: int) -> int:
    """Return the end of the word in which a place is, where it is no longer than a character."""
    if end > start + 1:
        return end
    while end < len(string) and end > start and string[end - 1 : end + 1].isalnum():
        end += 1
    return end
