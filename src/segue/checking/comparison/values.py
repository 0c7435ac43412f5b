"""Expressions that Orquesta evaluates to something else, or more often."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from segue.checking.comparison.places import Places
from segue.checking.differences import Difference
from segue.checking.templates import Placed, all_templates, transition_templates
from segue.expressions import has_expression
from segue.expressions.segments import Kind, Segment, segments
from segue.expressions.strings import Path, strings
from segue.expressions.tokens import Token, tokenize
from segue.language.findings import Span
from segue.language.model import Workflow
from segue.language.placing import locate

_MARKS: Final = ("<%", "{{", "{%")
_RAW: Final = re.compile(r"\{%-?\s*raw\s*-?%\}")
_NEVER_THE_SAME: Final = frozenset({"now", "random", "randint", "uuid", "localtime", "utctz"})
_METHODS: Final = frozenset({"items", "keys", "values", "get", "pop", "update", "copy", "clear"})
_OF_A_RECORD: Final = frozenset({"task_id", "task_name", "status", "result"})
_CONTEXT: Final = frozenset({"ctx", "result", "item", "task"})


@dataclass(frozen=True, slots=True)
class _Expression:
    """One expression of a file, in words."""

    text: str
    placed: Placed
    path: Path
    segment: Segment
    tokens: list[Token]

    def span(self, first: Token, last: Token) -> Span:
        """Return where some of its words are."""
        start, end = self.segment.offset + first.start, self.segment.offset + last.end
        return locate(self.text, self.placed.template, self.path, start, end)


def compare_values(text: str, workflow: Workflow, places: Places) -> None:
    """Look at every expression of a workflow."""
    for declared in workflow.inputs:
        template = declared.default
        if template is not None and any(has_expression(s) for _, s in strings(template.value)):
            places.add(
                Difference.EVALUATES_INPUTS,
                declared.span,
                f"the default of `{declared.name}` is an expression; what a caller gives is not "
                "evaluated, even if it looks like one",
                hint="let callers give the value itself",
                path="input",
                variable=declared.name,
            )
    for placed in all_templates(workflow):
        _raw_text(text, placed, places)
        for expression in _expressions(text, placed):
            _marks_in_quotes(expression, places)
            if expression.segment.kind is Kind.JINJA:
                _undefined_inside(expression, places)
                _names_of_methods(expression, places)
            _parts_of_records(expression, places)
    _evaluated_once(text, workflow, places)


def _expressions(text: str, placed: Placed) -> Iterator[_Expression]:
    for path, string in strings(placed.template.value):
        if has_expression(string):
            for segment in segments(string):
                tokens = tokenize(segment.source)
                if tokens is not None:
                    yield _Expression(text, placed, path, segment, tokens)


def _raw_text(text: str, placed: Placed, places: Places) -> None:
    for path, string in strings(placed.template.value):
        if found := _RAW.search(string):
            places.add(
                Difference.EVALUATES_DATA,
                locate(text, placed.template, path, *found.span()),
                "what `raw` protects stays text; Orquesta evaluates it when it is used",
                hint="if it is meant to be evaluated in the end, write it without `raw`",
                path=placed.path,
            )


def _marks_in_quotes(expression: _Expression, places: Places) -> None:
    for token in expression.tokens:
        if token.sort == "string" and any(mark in str(token.value) for mark in _MARKS):
            places.add(
                Difference.EVALUATES_DATA,
                expression.span(token, token),
                "this text stays text, though it looks like an expression; Orquesta evaluates "
                "what it becomes part of",
                hint="if it is meant to be evaluated, write the expression itself",
                path=expression.placed.path,
            )


def _undefined_inside(expression: _Expression, places: Places) -> None:
    tokens = expression.tokens
    if _is_dealt_with(tokens):
        return
    depth = 0
    for index, token in enumerate(tokens):
        if token.value in {"{", "["} and token.sort == "operator":
            before = tokens[index - 1] if index else None
            literal = before is None or (
                before.sort == "operator" and before.value not in {")", "]", "}"}
            )
            depth += 1 if literal or depth else 0
        elif token.value in {"}", "]"} and token.sort == "operator":
            depth -= 1 if depth else 0
        elif depth and token.value in _CONTEXT and _looks_deep(tokens, index):
            places.add(
                Difference.UNDEFINED_INSIDE,
                expression.span(token, token),
                "if this is not there it is an error here; Orquesta puts something undefined into "
                "the data",
                hint="where it may be missing, say so: `| default(...)`",
                path=expression.placed.path,
            )
            return


def _is_dealt_with(tokens: list[Token]) -> bool:
    values = [token.value for token in tokens]
    return any(
        (before == "|" and value in {"default", "d"}) or value in {"defined", "undefined"}
        for before, value in pairwise(values)
    )


def _looks_deep(tokens: list[Token], index: int) -> bool:
    """Tell whether a key of a value is asked for: not only a variable, or a result as it is."""
    rest = "".join(str(token.value) for token in tokens[index : index + 8])
    pattern = (
        r"(result\(\)|item\(\)|ctx\(\)\.\w+|ctx\.\w+|ctx\(\w+\)|task\(\w+\)\.result)(\.\w+|\[)"
    )
    return re.match(pattern, rest) is not None


def _names_of_methods(expression: _Expression, places: Places) -> None:
    tokens = expression.tokens
    for index, token in enumerate(tokens):
        if token.sort != "name" or token.value not in _METHODS or not index:
            continue
        called = [one.value for one in tokens[index + 1 : index + 2]] == ["("]
        if tokens[index - 1].value == "." and not called:
            places.add(
                Difference.KEY_NAMED_ITEMS,
                expression.span(token, token),
                f"this is the key `{token.value}`; in Orquesta it is a method of the mapping",
                hint=f"if the method is meant, call it: `{token.value}()`",
                path=expression.placed.path,
            )


def _parts_of_records(expression: _Expression, places: Places) -> None:
    values = [token.value for token in expression.tokens]
    for index, value in enumerate(values):
        if value != "task" or values[index + 1 : index + 2] != ["("]:
            continue
        if values[index + 3 : index + 5] != [")", "."]:
            continue
        asked = expression.tokens[index + 5 : index + 6]
        if asked and asked[0].sort == "name" and asked[0].value not in _OF_A_RECORD:
            places.add(
                Difference.TASK_RECORD,
                expression.span(asked[0], asked[0]),
                f"`task()` has no `{asked[0].value}`",
                hint="it has `status` and `result`",
                path=expression.placed.path,
            )


def _evaluated_once(text: str, workflow: Workflow, places: Places) -> None:
    for task in workflow.tasks.values():
        for transition in task.next:
            if len(transition.do) < 2:
                continue
            for placed in transition_templates(task, transition):
                for expression in _expressions(text, placed):
                    _drawn_again(expression, places)


def _drawn_again(expression: _Expression, places: Places) -> None:
    tokens = expression.tokens
    for index, token in enumerate(tokens):
        called = [one.value for one in tokens[index + 1 : index + 2]] == ["("]
        if token.sort == "name" and token.value in _NEVER_THE_SAME and called:
            places.add(
                Difference.EVALUATED_ONCE,
                expression.span(token, token),
                f"`{token.value}()` is the same for all tasks of this `do`; in Orquesta each has "
                "its own",
                hint="for a value of their own, let each task, or a transition for each, make it",
                path=expression.placed.path,
            )
