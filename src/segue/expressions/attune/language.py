"""Expressions of Attune, compiled to closures."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from segue.expressions.attune.filters import ATTUNE_FILTERS, DEFAULT, FILTER, having
from segue.expressions.attune.functions import ATTUNE_FUNCTIONS
from segue.expressions.attune.names import FIELDS, KEYS, NAMES, OUTCOMES, bare, key, together, uuid
from segue.expressions.attune.parser import parse
from segue.expressions.attune.tree import (
    Binary,
    Call,
    Choice,
    Element,
    Field,
    Items,
    Literal,
    Name,
    Node,
    Unary,
)
from segue.expressions.attune.values import OPERATORS, element, field, is_number, truth, value_of
from segue.expressions.errors import Reason
from segue.expressions.functions.function import Function
from segue.expressions.functions.registry import FUNCTIONS
from segue.expressions.limits import CALL, Budget, EvaluationError, undefined
from segue.expressions.names import suggested
from segue.expressions.plain import describe
from segue.expressions.scope import Scope

Run = Callable[[Scope, Budget], Any]

#: The functions of Segue's own that mean something else in Attune, or nothing.
_OTHERWISE: Final = frozenset({"ctx", "task", "item", "index", "completed", "task_status"})
#: Every function by name: Attune's own, and Segue's where Attune has none of that name.
CALLED: Final[Mapping[str, Function]] = {
    **{name: one for name, one in FUNCTIONS.items() if name not in _OTHERWISE},
    **ATTUNE_FUNCTIONS,
    "together": Function.of("together", together),
    "uuid": Function.of("uuid", uuid),
}
#: Every filter by name, but `default` and `filter`.
PIPED: Final[Mapping[str, Function]] = {
    **{name: one for name, one in CALLED.items() if one.helper},
    **ATTUNE_FILTERS,
}


def compile_attune(source: str) -> Run:
    """Return what evaluates an expression. Raises `MisspeltError`, `EvaluationError`."""
    run = _compiled(parse(source))
    return lambda scope, budget: value_of(run(scope, budget))


def _compiled(node: Node) -> Run:
    match node:
        case Literal() | Name() | Items():
            return _thing(node)
        case Field():
            return _field(node)
        case Element():
            return _element(node)
        case Call():
            return _call(node)
        case Unary():
            return _unary(node)
        case Choice():
            return _choice(node)
    return _binary(node)


def _thing(node: Literal | Name | Items) -> Run:
    if isinstance(node, Literal):
        value = node.value
        return lambda _, __: value
    if isinstance(node, Name):
        named = NAMES.get(node.name) or bare(node.name)
        return lambda scope, _: named(scope)
    runs = [_valued(one) for one in node.items]
    return lambda scope, budget: [run(scope, budget) for run in runs]


def _valued(node: Node) -> Run:
    run = _compiled(node)
    return lambda scope, budget: value_of(run(scope, budget))


def path_of(node: Node) -> tuple[str, ...] | None:
    """Return the names of `a.b["c"]`; None if it is anything else."""
    names: list[str] = []
    while not isinstance(node, Name):
        if isinstance(node, Field):
            names.append(node.name)
            node = node.target
        elif isinstance(node, Element) and isinstance(node.key, Literal):
            if not isinstance(node.key.value, str):
                return None
            names.append(node.key.value)
            node = node.target
        else:
            return None
    path = (node.name, *reversed(names))
    # Attune's older files have the configuration under `pack`.
    return path[1:] if path[:2] == ("pack", "config") else path


def _keyed(node: Node) -> Run | None:
    """Return what looks into the key store; None where the path is of something else."""
    path = path_of(node)
    if path is None or len(path) < 2 or path[0] not in KEYS:
        return None
    before, names = KEYS[path[0]], path[1:]

    def run(scope: Scope, _: Budget) -> Any:
        value, count = key(scope, names, before)
        for name in names[count:]:
            value = field(value, name)
        return value

    return run


def _field(node: Field) -> Run:
    keyed = _keyed(node)
    if keyed is not None:
        return keyed
    name = node.name
    if isinstance(node.target, Name) and node.target.name in FIELDS:
        found = FIELDS[node.target.name]
        return lambda scope, _: found(scope, name)
    target = _compiled(node.target)
    return lambda scope, budget: field(target(scope, budget), name)


def _element(node: Element) -> Run:
    keyed = _keyed(node)
    if keyed is not None:
        return keyed
    if isinstance(node.target, Name) and node.target.name in FIELDS:
        found, named = FIELDS[node.target.name], _valued(node.key)

        def run(scope: Scope, budget: Budget) -> Any:
            name = named(scope, budget)
            if isinstance(name, str):
                return found(scope, name)
            raise EvaluationError(f"a key of a mapping is text, not {describe(name)}")

        return run
    target, at = _compiled(node.target), _valued(node.key)
    return lambda scope, budget: element(target(scope, budget), at(scope, budget))


def _call(node: Call) -> Run:
    problem = call_problem(node)
    if problem is not None:
        raise undefined(problem)
    if not node.filter and node.name in OUTCOMES:
        asked = OUTCOMES[node.name]
        return lambda scope, _: asked(scope)
    arguments, named = [_valued(one) for one in node.arguments], _named(node)
    if node.filter and node.name == DEFAULT:
        return _default(*arguments)
    if node.filter and node.name == FILTER:
        return lambda scope, budget: having(
            budget, arguments[0](scope, budget), **named(scope, budget)
        )
    function = (PIPED if node.filter else CALLED)[node.name]

    def run(scope: Scope, budget: Budget) -> Any:
        budget.spend(CALL)
        given = [argument(scope, budget) for argument in arguments]
        made = function.call(scope, budget, given, named(scope, budget))
        budget.handle(made)
        return made

    return run


def _named(node: Call) -> Callable[[Scope, Budget], dict[str, Any]]:
    runs = {name: _valued(one) for name, one in node.named}
    return lambda scope, budget: {name: run(scope, budget) for name, run in runs.items()}


def call_problem(node: Call) -> str | None:
    """Return why a function can't be called so; None if it can."""
    known = PIPED if node.filter else CALLED
    if not node.filter and node.name in OUTCOMES:
        return f"{node.name}() takes no arguments" if node.arguments or node.named else None
    function = known.get(node.name)
    if function is None:
        if node.filter and node.name in {DEFAULT, FILTER}:
            wrong = node.name == DEFAULT and (len(node.arguments) != 2 or node.named)
            return "the filter 'default' takes 1 argument" if wrong else None
        what = "filter" if node.filter else "function"
        return f"there is no {what} {node.name!r}{suggested(node.name, (*known, *OUTCOMES))}"
    if not function.accepts(len(node.arguments), [name for name, _ in node.named]):
        return f"{node.name}() takes {function.arity}"
    return None


def _default(wanted: Run, instead: Run) -> Run:
    """Return what gives a value, or another one where it is not there."""

    def run(scope: Scope, budget: Budget) -> Any:
        try:
            return wanted(scope, budget)
        except EvaluationError as error:
            if error.reason is not Reason.UNDEFINED:
                raise
            return instead(scope, budget)

    return run


def _unary(node: Unary) -> Run:
    operand = _valued(node.operand)
    if node.operator == "not":
        return lambda scope, budget: not truth(operand(scope, budget))

    def negated(scope: Scope, budget: Budget) -> Any:
        value = operand(scope, budget)
        if is_number(value):
            return -value
        raise EvaluationError(f"'-' can't be used on {describe(value)}")

    return negated


def _choice(node: Choice) -> Run:
    condition, this, that = (_valued(one) for one in (node.condition, node.this, node.that))
    return lambda scope, budget: (this if truth(condition(scope, budget)) else that)(scope, budget)


def _binary(node: Binary) -> Run:
    left, right = _valued(node.left), _valued(node.right)
    if node.operator == "and":
        return lambda scope, budget: truth(left(scope, budget)) and truth(right(scope, budget))
    if node.operator == "or":
        return lambda scope, budget: truth(left(scope, budget)) or truth(right(scope, budget))
    operate = OPERATORS[node.operator]

    def run(scope: Scope, budget: Budget) -> Any:
        budget.spend(1)
        return operate(budget, left(scope, budget), right(scope, budget))

    return run
