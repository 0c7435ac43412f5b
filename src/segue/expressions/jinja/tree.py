"""What a Jinja expression was parsed to: looked through, and made ready to run with limits."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from segue.expressions.functions.function import Function
from segue.expressions.functions.registry import FUNCTIONS, NOT_BUILT
from segue.expressions.jinja.filters import BUILT, CONCAT, EACH, MEASURED, NOTHING
from segue.expressions.jinja.sandbox import CALLED, NAMES, Sandbox
from segue.expressions.names import suggested


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that will fail when it is evaluated. `fatal`: there is no use in trying."""

    name: str
    at: int
    message: str
    fatal: bool = False


_STATEMENTS: Final = (
    nodes.Assign,
    nodes.AssignBlock,
    nodes.FilterBlock,
    nodes.For,
    nodes.If,
    nodes.Output,
    nodes.Scope,
    nodes.Template,
    nodes.With,
)


#: What Python calls otherwise than Jinja, whose filters they are.
_AS_FILTERS: Final[Mapping[str, str]] = {"len": "length", "str": "string", "sorted": "sort"}


def problems(tree: nodes.Node, sandbox: Sandbox) -> Iterator[Problem]:
    """Return what is wrong with an expression that is well written otherwise."""
    defined = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    called = {id(call.node) for call in tree.find_all(nodes.Call)}
    for node in _all(tree):
        yield from _of_statement(node)
        if isinstance(node, nodes.Name) and node.ctx == "load":
            yield from _of_name(node, defined, called, sandbox.filters)
        elif isinstance(node, nodes.Filter | nodes.Test):
            yield from _of_filter(node, sandbox)
        elif isinstance(node, nodes.Call):
            yield from _of_call(node, defined)


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    for child in tree.iter_child_nodes():
        yield from _all(child)


def _of_statement(node: nodes.Node) -> Iterator[Problem]:
    if isinstance(node, nodes.Stmt | nodes.Template) and not isinstance(node, _STATEMENTS):
        name = type(node).__name__.lower()
        yield Problem(name, node.lineno, f"{{% {name} %}} can't be used in expressions", fatal=True)
    if isinstance(node, nodes.For) and node.recursive:
        yield Problem("for", node.lineno, "a loop can't be recursive here", fatal=True)
    if isinstance(node, nodes.NSRef):
        yield Problem(node.name, node.lineno, "there are no namespaces here", fatal=True)


def _of_name(
    node: nodes.Name, defined: set[str], called: set[int], filters: Container[str]
) -> Iterator[Problem]:
    if node.name in defined or node.name in NAMES or node.name == "loop":
        return
    hint = suggested(node.name, NAMES)
    if id(node) in called:
        if (name := _AS_FILTERS.get(node.name, node.name)) in filters:
            hint = f"; it is a filter: value | {name}"
        message = f"there is no function {node.name}(){hint}"
    else:
        message = f"{node.name!r} is undefined{hint}"
        if not hint:
            message += f"; a variable is read as ctx().{node.name}"
    yield Problem(node.name, node.lineno, message, fatal=node.name in {"self", "super", "caller"})


def _of_filter(node: nodes.Filter | nodes.Test, sandbox: Sandbox) -> Iterator[Problem]:
    known, what = (
        (sandbox.filters, "filter") if isinstance(node, nodes.Filter) else (sandbox.tests, "test")
    )
    if node.name in NOT_BUILT:
        yield Problem(node.name, node.lineno, f"{node.name} is not built", fatal=True)
    elif node.name not in known:
        hint = suggested(node.name, known)
        message = f"there is no {what} {node.name!r}{hint}"
        yield Problem(node.name, node.lineno, message, fatal=True)


def _of_call(node: nodes.Call, defined: set[str]) -> Iterator[Problem]:
    if not isinstance(node.node, nodes.Name) or node.node.name in defined:
        return
    name = node.node.name
    function = FUNCTIONS.get(name)
    if name in NOT_BUILT:
        yield Problem(name, node.node.lineno, f"{name}() is not built yet")
    elif function and not _fits(node, function):
        yield Problem(name, node.node.lineno, f"{name}() takes {function.arity}")


def _fits(node: nodes.Call, function: Function) -> bool:
    if node.dyn_args or node.dyn_kwargs:
        return True  # what they hold is known only when it runs
    return function.accepts(len(node.args), [one.key for one in node.kwargs])


#: What the key store is called where its keys are read like attributes, and the first of them.
_KEYS: Final = "st2kv"
_SCOPES: Final = frozenset({"system", "user"})


class Preparation(NodeTransformer):
    """Puts the counting and weighing in, and says which attributes are called."""

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name
        """A method comes before a key of the same name only where it is called."""
        if isinstance(node.node, nodes.Getattr):
            inner = node.node
            self.generic_visit(inner)
            inner.attr = CALLED + inner.attr
            rest = [name for name in node.fields if name != "node"]
            for name in rest:
                _visit_field(self, node, name)
            return node
        return self.generic_visit(node)

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        """`a.items` is the key, if there is one: so it is looked up as `a["items"]` is."""
        key_name = _name_of_key(node)
        if key_name is not None:
            return _call_of_key(node, key_name)
        self.generic_visit(node)
        key = nodes.Const(node.attr, lineno=node.lineno)
        return nodes.Getitem(node.node, key, node.ctx, lineno=node.lineno)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        """A slice is a copy: count it."""
        key_name = _name_of_key(node)
        if key_name is not None:
            return _call_of_key(node, key_name)
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _filter(MEASURED, node.node)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        """Count what is compared or looked through."""
        self.generic_visit(node)
        node.expr = _filter(MEASURED, node.expr)
        for operand in node.ops:
            operand.expr = _filter(MEASURED, operand.expr)
        return node

    def visit_Test(self, node: nodes.Test) -> nodes.Node:  # noqa: N802
        """Count what a value is compared with."""
        self.generic_visit(node)
        node.args = [_filter(MEASURED, argument) for argument in node.args]
        return node

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:  # noqa: N802
        """Without an `else` it may be nothing, and that is an error as any other."""
        self.generic_visit(node)
        if node.expr2 is None:
            node.expr2 = _filter(NOTHING, nodes.Const(None, lineno=node.lineno))
        return node

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        """Count the turns."""
        self.generic_visit(node)
        assert isinstance(node.iter, nodes.Expr), "what is gone through is an expression"
        node.iter = _filter(EACH, node.iter)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Expr:  # noqa: N802
        """Look at lengths before texts are put together."""
        self.generic_visit(node)
        return _filter(CONCAT, node.nodes[0], *node.nodes[1:])

    def _weighed(self, node: nodes.Expr) -> nodes.Expr:
        self.generic_visit(node)
        stored = getattr(node, "ctx", "load") != "load"  # the targets of a loop, of an assignment
        return node if stored else _filter(BUILT, node)

    visit_List: Callable[..., nodes.Node] = _weighed  # noqa: N815
    visit_Tuple: Callable[..., nodes.Node] = _weighed  # noqa: N815
    visit_Dict: Callable[..., nodes.Node] = _weighed  # noqa: N815


def _name_of_key(node: nodes.Expr) -> str | None:
    """Return `system.a.b` of `st2kv.system.a.b`, and `a.b` of `st2kv.user.a.b`."""
    parts: list[str] = []
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        part = node.attr if isinstance(node, nodes.Getattr) else _constant(node.arg)
        if part is None:
            return None
        parts.insert(0, part)
        node = node.node
    if not isinstance(node, nodes.Name) or node.name != _KEYS or len(parts) <= 1:
        return None
    scope = parts[0]
    # As StackStorm has them: a key of the system says so, a key of the user does not.
    return ".".join(parts if scope == "system" else parts[1:]) if scope in _SCOPES else None


def _constant(node: nodes.Expr) -> str | None:
    text = node.value if isinstance(node, nodes.Const) else None
    return text if isinstance(text, str) else None


def _call_of_key(node: nodes.Expr, name: str) -> nodes.Call:
    function = nodes.Name(_KEYS, "load", lineno=node.lineno)
    argument = nodes.Const(name, lineno=node.lineno)
    return nodes.Call(function, [argument], [], None, None, lineno=node.lineno)


def _visit_field(visitor: NodeTransformer, node: nodes.Node, name: str) -> None:
    value: Any = getattr(node, name)
    if isinstance(value, list):
        setattr(node, name, [visitor.visit(one) for one in value])
    elif isinstance(value, nodes.Node):
        setattr(node, name, visitor.visit(value))


def _filter(name: str, node: nodes.Expr, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)
