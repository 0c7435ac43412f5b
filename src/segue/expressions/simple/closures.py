"""Closures of what both languages mean alike, and how either compiles the rest."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from segue.expressions.following import followed, reached
from segue.expressions.functions.registry import FUNCTIONS, NOT_BUILT
from segue.expressions.limits import EvaluationError
from segue.expressions.scope import References, Scope
from segue.expressions.simple.tree import (
    Attribute,
    Binary,
    Call,
    Choice,
    Closure,
    Element,
    Items,
    Literal,
    Method,
    Name,
    Node,
    Pairs,
    Unary,
    UnsureError,
)

#: Texts longer than this are put together by the libraries, which look at the limits.
SHORT: Final = 100_000
#: Whole numbers with more bits are left to the libraries, for the same reason.
SMALL: Final = 62

#: Functions that give what is there already.
_NAMING: Final = frozenset({"ctx", "item", "result", "task"})

Operation = Callable[[object, object], object]


class Dialect(Protocol):
    """What a language means by what is not alike in both. None: it is left to the library."""

    operations: Mapping[str, Operation]

    def call(self, node: Call) -> Closure | None:
        """Return what calls a function."""

    def method(self, target: Closure, name: str, arguments: list[Closure]) -> Closure | None:
        """Return what calls a method, or a filter, of a value."""

    def negated(self, value: object) -> object:
        """Return `-value`. Raises `UnsureError`."""


class Compiler:
    """Makes a closure of a tree, in a language."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def compile_whole(self, node: Node) -> Closure | None:
        """Return the closure of a whole expression; None if some part is left to the library.

        Where all that it does is to name a value, it may be asked to give that as it is.
        """
        closure = self.compile(node)
        if closure is None or not _only_names(node):
            return closure

        def give(scope: Scope) -> object:
            hands_on = scope.references is References.HANDED_ON
            return closure(scope.with_references(References.AS_THEY_ARE) if hands_on else scope)

        return give

    def compile(self, node: Node) -> Closure | None:
        """Return the closure; None if some part is left to the library."""
        if isinstance(node, Name):
            return None  # a name alone is something only in front of a dot or a bracket
        if isinstance(node, Literal):
            value = node.value
            return lambda _scope: value
        if isinstance(node, Attribute | Element):
            part = self._part(node)
            return _named(part) if part is not None and _only_names(node) else part
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Method):
            return self._method(node)
        return self._written(node) if isinstance(node, Items | Pairs) else self._operation(node)

    def _part(self, node: Attribute | Element) -> Closure | None:
        target = self._read(node.target)
        if target is None:
            return None
        if isinstance(node, Attribute):
            name = node.name
            return lambda scope: under_key(reached(scope, target(scope)), name)
        key = self.compile(node.key)
        if key is None:
            return None
        return lambda scope: element(reached(scope, target(scope)), key(scope))

    def _read(self, node: Node) -> Closure | None:
        """Return the closure of what a key is looked up in; only there is it the whole context."""
        if node in {Name("ctx"), Call("ctx", ())}:
            return lambda scope: scope.context
        return self.compile(node)

    def _call(self, node: Call) -> Closure | None:
        if node == Call("ctx", ()):
            return None
        if node.name in NOT_BUILT:
            return None
        if node.name in FUNCTIONS:
            return self._function(node)
        return self._dialect.call(node)

    def _function(self, node: Call) -> Closure | None:
        function = FUNCTIONS[node.name]
        arguments = self.compile_all(node.arguments)
        if arguments is None or function.helper or not function.accepts(len(arguments)):
            return None
        if node.name == "ctx":
            # A variable that is not there is an error in YAQL, and may be asked for in Jinja.
            return _variable(arguments[0])
        run: Callable[..., object] = function.run
        if function.lenient:
            return _lenient(run, arguments)
        if not arguments:
            return run
        return lambda scope: run(scope, *[one(scope) for one in arguments])

    def compile_all(self, nodes: tuple[Node, ...]) -> list[Closure] | None:
        """Return the closures of all; None if one is left to the library."""
        closures = [self.compile(one) for one in nodes]
        found = [one for one in closures if one is not None]
        return found if len(found) == len(closures) else None

    def _method(self, node: Method) -> Closure | None:
        target = self.compile(node.target)
        arguments = self.compile_all(node.arguments)
        if target is None or arguments is None:
            return None
        return self._dialect.method(target, node.name, arguments)

    def _operation(self, node: Unary | Binary | Choice) -> Closure | None:
        match node:
            case Unary("not", operand):
                value_of = self.compile(operand)
                return None if value_of is None else lambda scope: not value_of(scope)
            case Unary(_, operand):
                return _one(self.compile(operand), self._dialect.negated)
            case Binary("and", left, right):
                return _in_turn(self.compile(left), self.compile(right), until=False)
            case Binary("or", left, right):
                return _in_turn(self.compile(left), self.compile(right), until=True)
            case Binary(operator, left, right):
                operation = self._dialect.operations[operator]
                return _both(self.compile(left), self.compile(right), operation)
        return self._choice(node)

    def _choice(self, node: Choice) -> Closure | None:
        condition, this = self.compile(node.condition), self.compile(node.this)
        that = unsure if node.that is None else self.compile(node.that)
        if condition is None or this is None or that is None:
            return None
        return lambda scope: this(scope) if condition(scope) else that(scope)

    def _written(self, node: Items | Pairs) -> Closure | None:
        nodes = node.items if isinstance(node, Items) else tuple(one for _, one in node.pairs)
        values = self.compile_all(nodes)
        if values is None:
            return None
        if isinstance(node, Items):
            return lambda scope: [one(scope) for one in values]
        names = [name for name, _ in node.pairs]
        return lambda scope: {name: one(scope) for name, one in zip(names, values, strict=True)}


def _only_names(node: Node) -> bool:
    """Whether an expression only says which value is meant: a variable, a result, a part of one."""
    match node:
        case Name("ctx"):
            return True
        case Call(name, arguments):
            return name in _NAMING and all(isinstance(one, Literal) for one in arguments)
        case Attribute(target, _):
            return _only_names(target)
        case Element(target, key):
            return isinstance(key, Literal) and _only_names(target)
    return False


def _named(closure: Closure) -> Closure:
    """Return what goes down to the part that is named before it follows references.

    So the code that a command has returned is there without what the command has printed.
    """

    def read(scope: Scope) -> object:
        if scope.references is References.NONE:
            return closure(scope)
        return followed(scope, closure(scope.with_references(References.AS_THEY_ARE)))

    return read


def _one(value_of: Closure | None, operation: Callable[[object], object]) -> Closure | None:
    return None if value_of is None else lambda scope: operation(value_of(scope))


def _both(left: Closure | None, right: Closure | None, operation: Operation) -> Closure | None:
    if left is None or right is None:
        return None
    return lambda scope: operation(left(scope), right(scope))


def _in_turn(left: Closure | None, right: Closure | None, *, until: bool) -> Closure | None:
    if left is None or right is None:
        return None
    if until:
        return lambda scope: left(scope) or right(scope)
    return lambda scope: left(scope) and right(scope)


def _variable(name_of: Closure) -> Closure:
    return lambda scope: followed(scope, element(scope.context, name_of(scope)))


def _lenient(run: Callable[..., object], arguments: list[Closure]) -> Closure:
    def call(scope: Scope) -> object:
        try:
            return run(scope, *[one(scope) for one in arguments])
        except EvaluationError:
            # In YAQL that is an error; in Jinja, something may come behind that deals with it.
            raise UnsureError from None

    return call


def unsure(_scope: Scope) -> object:
    """Leave it to the library."""
    raise UnsureError


def under_key(value: object, key: str) -> object:
    """Return what a mapping has under a key. Raises `UnsureError`."""
    # `dict` first: asking whether something is a Mapping takes longer than all the rest.
    if isinstance(value, dict | Mapping) and key in value:
        return value[key]
    raise UnsureError


def element(value: object, key: object) -> object:
    """Return `value[key]` where both languages agree on it. Raises `UnsureError`."""
    if isinstance(key, str):
        if key.startswith("__"):
            raise UnsureError  # of the context that would be private
        return under_key(value, key)
    if type(key) is int and isinstance(value, list | tuple) and -len(value) <= key < len(value):
        return value[key]
    raise UnsureError


def is_small(value: object) -> bool:
    """Return whether a number is one that arithmetic can be done with, without a look at limits."""
    return isinstance(value, float) or (isinstance(value, int) and value.bit_length() <= SMALL)


def concatenated(left: str, right: str) -> str:
    """Return two texts put together. Raises `UnsureError` for long ones."""
    if len(left) + len(right) > SHORT:
        raise UnsureError
    return left + right
