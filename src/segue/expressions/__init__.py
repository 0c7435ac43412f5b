"""Jinja and YAQL: compiled once, evaluated in a sandbox with limits."""

from segue.expressions.attune.inspection import Use, Used, inspect_attune
from segue.expressions.attune.inspection import uses as attune_uses
from segue.expressions.dialect import Dialect
from segue.expressions.errors import ExpressionError, FactMissingError, Reason
from segue.expressions.findings import ExpressionFinding, ItemUse, Reference
from segue.expressions.inspection import (
    constant,
    inspect_template,
    item_uses,
    observed_tasks,
    references,
)
from segue.expressions.noticed import noticed_references
from segue.expressions.segments import Kind, has_expression
from segue.expressions.template import CompiledTemplate, compile_template

__all__ = [
    "CompiledTemplate",
    "Dialect",
    "ExpressionError",
    "ExpressionFinding",
    "FactMissingError",
    "ItemUse",
    "Kind",
    "Reason",
    "Reference",
    "Use",
    "Used",
    "attune_uses",
    "compile_template",
    "constant",
    "has_expression",
    "inspect_attune",
    "inspect_template",
    "item_uses",
    "noticed_references",
    "observed_tasks",
    "references",
]
