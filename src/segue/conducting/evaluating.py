"""Single expressions: evaluated with what the request says, or only looked at."""

import re
from collections.abc import Mapping

import msgspec

from segue.conducting.facts import with_facts
from segue.conducting.refusal import Code, RefusedError
from segue.conducting.requests import Expression, Validate
from segue.conducting.responses import FindingMessage, Findings, Result
from segue.expressions import ExpressionError, Reason, compile_template, inspect_template
from segue.expressions.scope import CurrentItem, Facts, Scope, TaskRecord
from segue.values import JsonValue

_JINJA = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_RAW = re.compile(r"\{%-?\s*raw\b")


def evaluate(request: Expression, facts: Facts) -> Result:
    """Return the value of a statement. Raises `RefusedError` (expression)."""
    try:
        compiled = compile_template(request.statement)
        result = with_facts(facts, lambda known: compiled.evaluate(_scope(request, known)))
    except ExpressionError as error:
        raise RefusedError(Code.EXPRESSION, f"{error.message} (in {error.expression})") from error
    _refuse_what_is_left(request.statement, result)
    return Result(result=result)


def validate(request: Validate) -> Findings:
    """Return what is wrong with the syntax of the expressions in a statement."""
    return Findings(
        findings=tuple(
            FindingMessage(kind="expressions", message=found.message)
            for found in inspect_template(request.statement)
            if found.reason is Reason.SYNTAX
        )
    )


def _refuse_what_is_left(statement: JsonValue, result: JsonValue) -> None:
    """Refuse text that Jinja gave and that is a template itself: data are never evaluated.

    In Orquesta it would have been evaluated, or was an error; here whoever asks for one value
    is told, and does not take it for a rendered one.
    """
    if isinstance(statement, str) and isinstance(result, str):
        left = _JINJA.search(result)
        if left and not _RAW.search(statement) and _JINJA.search(statement):
            message = f"the result holds an expression, which is not evaluated: {left.group()}"
            raise RefusedError(Code.EXPRESSION, message)
    elif isinstance(statement, Mapping) and isinstance(result, Mapping):
        for part, made in zip(statement.values(), result.values(), strict=False):
            _refuse_what_is_left(part, made)
    elif isinstance(statement, list) and isinstance(result, list):
        for part, made in zip(statement, result, strict=False):
            _refuse_what_is_left(part, made)


def _scope(request: Expression, facts: Facts) -> Scope:
    task = request.task
    statuses = request.tasks or {}
    return Scope(
        context=request.context or {},
        facts=facts,
        task=task.id if task else None,
        status=statuses.get(task.id) if task else None,
        result=task.result if task else None,
        tasks={name: TaskRecord(status=status) for name, status in statuses.items()},
        item=_item(request.item),
    )


def _item(value: JsonValue | msgspec.UnsetType) -> CurrentItem | None:
    return None if value is msgspec.UNSET else CurrentItem(value=value, index=0)
