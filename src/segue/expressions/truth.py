"""What kind of value an expression gives, as far as it can be told without evaluating it.

For whoever has to write a condition that must be true or false where any value would do before.
"""

from enum import Enum, auto
from typing import Final

from jinja2 import nodes
from yaql.language import expressions as trees

from segue.expressions.functions.registry import FUNCTIONS
from segue.expressions.jinja.program import parse as parse_jinja
from segue.expressions.segments import Kind, Segment
from segue.expressions.yaql.language import parse as parse_yaql

#: Functions and methods that give true or false, whatever they are given.
_ASKING: Final = frozenset(
    {
        *("succeeded", "failed", "completed", "timed_out", "bool", "any", "all"),
        *("startsWith", "endsWith", "containsKey", "containsValue", "matches"),
        *("isString", "isNumber", "isInteger", "isBoolean", "isList", "isDict"),
    }
)
_COMPARING: Final = frozenset(
    {"*equal", "*not_equal", *(f"#operator_{sign}" for sign in ("<", ">", "<=", ">=", "in"))}
)
_JOINING: Final = frozenset({"#operator_and", "#operator_or"})


#: Operators of YAQL that give no mapping if one side is a number or text as written.
_COUNTING: Final = frozenset(f"#operator_{sign}" for sign in ("+", "-", "*", "/", "mod"))
#: Functions, methods and filters that give no mapping.
_SCALAR: Final = frozenset(
    {
        *(
            "len",
            "int",
            "float",
            "str",
            "toList",
            "toUpper",
            "toLower",
            "trim",
            "join",
            "sum",
            "list",
        ),
        *(
            "where",
            "select",
            "distinct",
            "orderBy",
            "split",
            "zip",
            "now",
            "random",
            "visit",
            "sort",
        ),
        *(
            "length",
            "count",
            "string",
            "lower",
            "upper",
            "round",
            "attempt",
            "index",
            "task_status",
        ),
    }
)


class Truth(Enum):
    """Whether a value is true or false, and what may stand in the way of asking."""

    BOOLEAN = auto()
    VALUE = auto()  # any value that is there as a whole
    ROWS = auto()  # perhaps rows that come one by one, which YAQL takes for true if there are none


def truth(part: Segment) -> Truth:
    """Return what is known of the value of an expression that can be compiled."""
    if part.kind is Kind.JINJA:
        (assignment,) = parse_jinja(part.source, statements=False).body
        assert isinstance(assignment, nodes.Assign), "an expression is parsed as one"
        return Truth.BOOLEAN if _jinja_boolean(assignment.node) else Truth.VALUE
    return _yaql(parse_yaql(part.source))


def _jinja_boolean(node: nodes.Node) -> bool:
    match node:
        case nodes.Const():
            return isinstance(node.value, bool)
        case nodes.Not() | nodes.Compare() | nodes.Test():
            return True
        case nodes.And() | nodes.Or():
            return _jinja_boolean(node.left) and _jinja_boolean(node.right)
        case nodes.Call(node=nodes.Name(name=name)):
            return name in _ASKING
        case nodes.CondExpr(expr1=this, expr2=nodes.Expr() as that):
            return _jinja_boolean(this) and _jinja_boolean(that)
        case _:
            return False


def _yaql(tree: trees.Expression) -> Truth:
    if isinstance(tree, trees.Wrap):
        return _yaql(tree.expr)
    if isinstance(tree, trees.Constant):
        return Truth.BOOLEAN if isinstance(tree.value, bool) else Truth.VALUE
    assert isinstance(tree, trees.Function), "nothing else stands alone"
    if tree.name in _COMPARING or tree.name == "#unary_operator_not" or tree.name in _ASKING:
        return Truth.BOOLEAN
    if tree.name in _JOINING:
        left, right = (_yaql(one) for one in tree.args)
        return left if left is right else Truth.ROWS if Truth.ROWS in {left, right} else Truth.VALUE
    if tree.name == "#operator_.":
        return _of_path(*tree.args)
    return Truth.VALUE if tree.name in FUNCTIONS else Truth.ROWS


def _of_path(owner: trees.Expression, part: trees.Expression) -> Truth:
    if isinstance(part, trees.Function):
        return Truth.BOOLEAN if part.name in _ASKING else Truth.ROWS
    whole = isinstance(owner, trees.Function) and owner.name == "ctx"
    return Truth.VALUE if whole else Truth.ROWS


def may_be_mapping(part: Segment) -> bool:
    """Say whether an expression that can be compiled may give a mapping."""
    if part.kind is Kind.JINJA:
        (assignment,) = parse_jinja(part.source, statements=False).body
        assert isinstance(assignment, nodes.Assign), "an expression is parsed as one"
        return _jinja_mapping(assignment.node)
    return _yaql_mapping(parse_yaql(part.source))


def _jinja_mapping(node: nodes.Node) -> bool:
    match node:
        case nodes.BinExpr():
            joined = isinstance(node, nodes.And | nodes.Or)
            return joined and (_jinja_mapping(node.left) or _jinja_mapping(node.right))
        case nodes.Filter():
            return node.name not in _SCALAR
        case nodes.Call(node=nodes.Name(name=name)):
            return name not in _SCALAR | _ASKING
        case nodes.Const() | nodes.List() | nodes.Not() | nodes.Compare() | nodes.Test():
            return False
        case nodes.Concat():
            return False
        case _:
            return True


def _yaql_mapping(tree: trees.Expression) -> bool:
    if isinstance(tree, trees.Wrap):
        return _yaql_mapping(tree.expr)
    if isinstance(tree, trees.Constant):
        return False
    assert isinstance(tree, trees.Function), "nothing else stands alone"
    if _yaql(tree) is Truth.BOOLEAN:
        return False
    if tree.name in _COUNTING:
        return not any(isinstance(one, trees.Constant) for one in tree.args)
    last = tree.args[-1] if tree.name == "#operator_." else tree
    return getattr(last, "name", "") not in _SCALAR
