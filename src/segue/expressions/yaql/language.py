"""YAQL, in a sandbox: what our own compiler leaves to the library.

Imported only when such an expression is met, since the library takes long to load. An expression
can call the functions listed beside this file and ours, and nothing else; every call and every
item that a function makes is counted.
"""

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized

import yaql
from yaql.language import contexts, conventions, specs, utils
from yaql.language import expressions as trees
from yaql.language.exceptions import (
    CollectionTooLargeException,
    MemoryQuotaExceededException,
    NoFunctionRegisteredException,
    NoMethodRegisteredException,
    ResolutionError,
    WrappedException,
    YaqlParsingException,
)

from segue.expressions.errors import FactMissingError
from segue.expressions.functions.function import Function
from segue.expressions.functions.registry import FUNCTIONS, NOT_BUILT
from segue.expressions.limits import (
    CALL,
    MAX_ITEMS,
    TURN,
    Budget,
    EvaluationError,
    MisspeltError,
    too_much,
    undefined,
)
from segue.expressions.names import suggested
from segue.expressions.plain import plain
from segue.expressions.scope import Scope
from segue.expressions.yaql.functions import (
    ALLOWED,
    CHECKS,
    NESTING,
    REFUSED,
    REPLACED,
    joined,
    patterns_bounded,
)

Run = Callable[[Scope, Budget], object]

_MAX_BYTES = 50_000_000  # of what one function gives
_EVALUATION = "#evaluation"  # no expression can spell such a name


class _Context(contexts.Context):  # type: ignore[misc]
    """A context of the library that counts the calls made in it."""

    budget: Budget | None = None

    def __init__(self, parent: "_Context | None" = None) -> None:
        convention = conventions.CamelCaseConvention() if parent is None else None
        super().__init__(parent, convention=convention)
        if parent is not None:
            self.budget = parent.budget

    def __call__(self, *names: object, **options: object) -> Callable[..., object]:
        call = super().__call__(*names, **options)
        budget = self.budget
        assert budget is not None, "only a context made for an evaluation is evaluated in"

        def counted(*arguments: object, **named: object) -> object:
            budget.spend(2 * CALL)
            result = call(*arguments, **named)
            if isinstance(result, Iterator) and type(result).__module__ != utils.__name__:
                return _counted(result, budget)
            if names[0] in NESTING:
                budget.weigh(result)
            if isinstance(result, Sized) and not isinstance(result, str):
                budget.spend(len(result) // 8)
            return result

        return counted


def _counted(items: Iterator[object], budget: Budget) -> Iterator[object]:
    for item in items:
        budget.spend(TURN)
        yield item


def _library() -> _Context:
    """Return a context with the allowed functions of the library, its layers kept."""
    layers = []
    context = yaql.create_context(yaqlized=False, datetime=False)
    while context is not None:
        layers.append(context)
        context = context.parent
    made: _Context | None = None
    for layer in reversed(layers):
        made = _Context(made)
        for name, overloads in layer._functions.items():  # noqa: SLF001 - it has no other way
            if name in ALLOWED:
                for overload in overloads:
                    _register(made, overload)
    assert made is not None, "the library has a context"
    return made


def _register(context: _Context, overload: specs.FunctionDefinition) -> None:
    payload = overload.payload
    name = f"{payload.__module__.rpartition('.')[2]}.{payload.__name__}"
    if name in REFUSED:
        return
    overload = overload.clone()
    if name == "strings.join":
        overload.payload = joined
    elif name == "strings.join_":
        overload.payload = lambda separator, sequence, str_delegate: joined(
            sequence, separator, str_delegate
        )
    elif name in REPLACED:
        overload.payload = REPLACED[name]
    elif name.startswith("regex."):
        overload.payload = patterns_bounded(overload.payload)
    elif name in CHECKS:
        overload.payload = _checked(overload.payload, CHECKS[name])
    context.register_function(overload)


def _checked(payload: Callable[..., object], check: Callable[..., None]) -> Callable[..., object]:
    def run(*arguments: object, **named: object) -> object:
        check(*arguments)
        return payload(*arguments, **named)

    return run


class _Evaluation:
    """What one evaluation sees, as the library needs it: frozen, each part once."""

    __slots__ = ("_frozen", "budget", "scope")

    def __init__(self, scope: Scope, budget: Budget) -> None:
        self.scope = scope
        self.budget = budget
        self._frozen: dict[tuple[object, ...], object] = {}

    def call(self, function: Function, *args: object, **named: object) -> object:
        """Return what a function of ours gives."""
        given = [plain(argument, self.budget) for argument in args]
        options = {name: plain(argument, self.budget) for name, argument in named.items()}
        if options or not all(isinstance(argument, str) for argument in given):
            return self._freeze(function.call(self.scope, self.budget, given, options))
        key = (function.name, *given)
        if key not in self._frozen:
            value = function.call(self.scope, self.budget, given, {})
            whole = function.name == "ctx" and not any(given)
            self._frozen[key] = _Variables(self, function, value) if whole else self._freeze(value)
        return self._frozen[key]

    def _freeze(self, value: object) -> object:
        self.budget.weigh(value)
        return utils.convert_input_data(value)


class _Variables(Mapping[str, object]):
    """The whole context, each variable frozen when it is first asked for."""

    __slots__ = ("_evaluation", "_function", "_names")

    def __init__(self, evaluation: _Evaluation, function: Function, names: Iterable[str]) -> None:
        self._evaluation = evaluation
        self._function = function
        self._names = tuple(names)

    def __getitem__(self, name: str) -> object:
        if name not in self._names:
            raise KeyError(name)
        return self._evaluation.call(self._function, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __hash__(self) -> int:
        return hash(self._names)


def _ours(function: Function) -> Callable[..., object]:
    def run(context: _Context, *args: object, **kwargs: object) -> object:
        evaluation: _Evaluation = context[_EVALUATION]
        return evaluation.call(function, *args, **kwargs)

    return run


def _root() -> _Context:
    context = _Context(_library())
    for function in FUNCTIONS.values():
        context.register_function(_ours(function), name=function.name)
    return context


_OPTIONS = {"yaql.limitIterators": MAX_ITEMS, "yaql.memoryQuota": _MAX_BYTES}
_ENGINE = yaql.YaqlFactory().create(_OPTIONS)
_ROOT = _root()


def known_functions() -> frozenset[str]:
    """Return the names that an expression can call, as functions or as methods."""
    return frozenset(FUNCTIONS) | {name for name in ALLOWED if name[0] not in "#*"}


def parse(source: str) -> trees.Expression:
    """Parse what stands between the delimiters. Raises `MisspeltError`."""
    parser = copy.copy(_ENGINE.parser)  # it keeps its state in itself
    try:
        return parser.parse(source, lexer=_ENGINE.lexer.clone())
    except YaqlParsingException as error:
        if error.position is None:
            raise MisspeltError("something is missing at the end", len(source)) from None
        raise MisspeltError(f"unexpected {error.value!r}", error.position) from None
    except Exception as error:  # noqa: BLE001 - escapes are decoded with whatever they hold
        raise MisspeltError(f"it can't be read: {error}", 0) from None


def unknown(source: str) -> Iterator[tuple[str, str]]:
    """Return the functions and methods an expression calls and can't, and what is wrong."""
    known = known_functions()
    for name in sorted(_called(parse(source))):
        if name in NOT_BUILT:
            yield name, f"{name}() is not built yet"
        elif name not in known:
            yield name, f"there is no function {name}(){suggested(name, known)}"


def _called(tree: trees.Expression) -> set[str]:
    names: set[str] = set()
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, trees.Function):
            if node.name[0] not in "#*":
                names.add(node.name)
            pending += node.args
        elif isinstance(node, trees.Wrap):
            pending.append(node.expr)
        elif isinstance(node, trees.MappingRuleExpression):
            pending += (node.source, node.destination)
    return names


def compile_yaql(source: str) -> Run:
    """Return what evaluates an expression. Raises `MisspeltError`."""
    tree = parse(source)

    def run(scope: Scope, budget: Budget) -> object:
        context = _Context(_ROOT)
        context.budget = budget
        context[_EVALUATION] = _Evaluation(scope, budget)
        try:
            return plain(tree(utils.NO_VALUE, context, _ENGINE), budget)
        except (EvaluationError, FactMissingError):
            raise
        except Exception as error:
            raise _explained(error) from error

    return run


def _explained(error: Exception) -> Exception:
    if isinstance(error, WrappedException):
        error = error.wrapped
    if isinstance(error, KeyError):
        return undefined(f"there is no key {error.args[0] if error.args else ''!r}")
    if isinstance(error, ResolutionError):
        return _unresolved(error)
    if isinstance(error, StopIteration):
        return undefined(str(error) or "there is no such item")
    if isinstance(error, CollectionTooLargeException | MemoryQuotaExceededException):
        return too_much(str(error))
    return error


def _unresolved(error: ResolutionError) -> EvaluationError:
    """Say which function it is; the library's message writes out the value, however long."""
    found = re.search(r'"([^"]*)"', str(error))
    assert found is not None, "the library names what it can't find"
    name = found[1].removeprefix("#unary_operator_").removeprefix("#operator_").lstrip("*")
    if name.startswith("#property#"):
        return undefined(f"there is no key {name.removeprefix('#property#')!r}")
    if isinstance(error, NoFunctionRegisteredException):
        return undefined(f"there is no function {name}()")
    if isinstance(error, NoMethodRegisteredException):
        return undefined(f"there is no method {name}() of such a value")
    return EvaluationError(f"{name!r} can't be used with such values")
