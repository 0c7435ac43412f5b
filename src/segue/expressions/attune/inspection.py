"""What can be said of Attune's expressions without evaluating them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from segue.expressions.attune.filters import DEFAULT
from segue.expressions.attune.language import call_problem, compile_attune
from segue.expressions.attune.names import FIELDS, KEPT, NAMES, OUTCOMES
from segue.expressions.attune.parser import parse
from segue.expressions.attune.tree import (
    Binary,
    Call,
    Element,
    Field,
    Items,
    Literal,
    Name,
    Node,
    Unary,
)
from segue.expressions.errors import Reason
from segue.expressions.findings import ExpressionFinding
from segue.expressions.limits import MAX_SOURCE, EvaluationError, MisspeltError
from segue.expressions.segments import Segment, attune_segments, has_expression
from segue.expressions.strings import Path, strings
from segue.values import JsonValue


class Used(StrEnum):
    """What an expression looks at."""

    PARAMETER = "parameter"
    VARIABLE = "variable"
    TASK = "task"
    ITEM = "item"  # `item` or `index`
    OUTCOME = "outcome"  # of the task that just completed: `result()`, `succeeded()` ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Something that an expression looks at, by its name; "" is any of them.

    `path`, `start` and `end` are as in a finding, and cover the name. `optional`: the expression
    itself deals with its absence.
    """

    used: Used
    name: str
    path: Path
    start: int
    end: int
    optional: bool = False


def inspect_attune(value: JsonValue) -> tuple[ExpressionFinding, ...]:
    """Return all that is wrong with the expressions of a value. Never raises."""
    return tuple(found for path, part in _parts(value) for found in _wrong(path, part))


def uses(value: JsonValue) -> tuple[Use, ...]:
    """Return what the expressions of a value look at, in order; nothing of those misspelt."""
    found: list[Use] = []
    for path, part in _parts(value):
        node = _parsed(part)
        if isinstance(node, MisspeltError):
            continue
        found += _Walk(path, part.offset).uses(node)
    return tuple(found)


def _parts(value: JsonValue) -> Iterator[tuple[Path, Segment]]:
    for path, text in strings(value):
        if has_expression(text):
            for part in attune_segments(text):
                yield path, part


def _parsed(part: Segment) -> Node | MisspeltError:
    if len(part.source) > MAX_SOURCE:
        return MisspeltError(f"an expression can't be longer than {MAX_SOURCE:,} characters", 0)
    try:
        compile_attune(part.source)
    except MisspeltError as error:
        return error
    except EvaluationError:
        pass  # something in it does not exist: whoever walks through it finds what
    except (RecursionError, MemoryError):
        return MisspeltError("it is nested too deep", 0)
    return parse(part.source)


def _wrong(path: Path, part: Segment) -> Iterator[ExpressionFinding]:
    node = _parsed(part)
    if isinstance(node, MisspeltError):
        start = part.offset + node.at
        yield ExpressionFinding(
            message=node.message,
            reason=Reason.SYNTAX,
            path=path,
            start=start,
            end=max(min(start + 1, part.end), start),
        )
        return
    for call in _calls(node):
        problem = call_problem(call)
        if problem is not None:
            yield ExpressionFinding(
                message=problem,
                reason=Reason.UNDEFINED,
                path=path,
                start=part.offset + call.start,
                end=part.offset + call.end,
                name=call.name,
            )


def _calls(node: Node) -> Iterator[Call]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Call):
            yield each
        waiting.extend(reversed(_inside(each)))


def _inside(node: Node) -> tuple[Node, ...]:
    match node:
        case Literal() | Name():
            return ()
        case Items():
            return node.items
        case Field():
            return (node.target,)
        case Element():
            return (node.target, node.key)
        case Call():
            return (*node.arguments, *(each for _, each in node.named))
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
    return (node.condition, node.this, node.that)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Goes over one expression, which begins at `offset` of its text."""

    path: Path
    offset: int

    def uses(self, whole: Node) -> Iterator[Use]:
        """Yield what the expression looks at."""
        waiting = [(whole, False)]
        while waiting:
            node, optional = waiting.pop()
            own = self._own(node, optional=optional)
            if own is not None:
                yield own  # there is no more to be told of the namespace that it is in
                continue
            inside = [(each, optional) for each in _inside(node)]
            if isinstance(node, Call) and node.filter and node.name == DEFAULT:
                inside[0] = (inside[0][0], True)
            waiting.extend(reversed(inside))

    def _own(self, node: Node, *, optional: bool) -> Use | None:
        match node:
            case Call() if not node.filter and node.name in OUTCOMES:
                return self._use(Used.OUTCOME, node.name, node, optional=optional)
            case Field(target=Name(name=space)) if space in FIELDS:
                return self._use(_SPACES[space], node.name, node, optional=optional)
            case Element(target=Name(name=space) as named, key=Literal(value=str(name))) if (
                space in FIELDS
            ):
                return self._use(_SPACES[space], name, named, optional=optional)
            case Name(name=name):
                return self._named(node, name, optional=optional)
        return None

    def _named(self, node: Name, name: str, *, optional: bool) -> Use | None:
        if name in {"item", "index"}:
            return self._use(Used.ITEM, name, node, optional=optional)
        if name in {"task", "tasks"}:
            return self._use(Used.TASK, "", node, optional=optional)
        if name == "result":
            return self._use(Used.OUTCOME, name, node, optional=optional)
        if name in NAMES or name in {KEPT, "pack"}:
            return None
        return self._use(Used.VARIABLE, name, node, optional=optional)

    def _use(self, used: Used, name: str, node: "Call | Field | Name", *, optional: bool) -> Use:
        return Use(
            used=used,
            name=name,
            path=self.path,
            start=self.offset + node.start,
            end=self.offset + node.end,
            optional=optional,
        )


_SPACES = {
    "parameters": Used.PARAMETER,
    "workflow": Used.VARIABLE,
    "vars": Used.VARIABLE,
    "variables": Used.VARIABLE,
    "task": Used.TASK,
    "tasks": Used.TASK,
}
