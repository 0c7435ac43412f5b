"""The environment in which Jinja expressions run: nothing is reachable but what is listed.

Jinja's own sandbox looks at each attribute and refuses what is known to be dangerous. Here it is
the other way round: a value has its keys, its elements and the few methods of `methods`, and only
those methods and the functions of the registry can be called.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import jinja2
from jinja2 import runtime
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing, pass_context

from segue.expressions.errors import Reason
from segue.expressions.functions.context import PRIVATE, variable
from segue.expressions.functions.function import Function
from segue.expressions.functions.registry import FUNCTIONS
from segue.expressions.limits import CALL, Budget, EvaluationError, check_items, undefined
from segue.expressions.methods import Method, known_methods, method
from segue.expressions.names import suggested
from segue.expressions.operators import OPERATORS
from segue.expressions.plain import Absent, describe, plain
from segue.expressions.scope import Scope

#: Before the name of an attribute that is called: then a method comes before a key of that name.
CALLED: Final = "#"

_LOOP: Final = frozenset(
    [
        "cycle",
        "changed",
        "depth",
        "depth0",
        "first",
        "index",
        "index0",
        "last",
        "length",
        "nextitem",
        "previtem",
        "revindex",
        "revindex0",
    ]
)


#: What Jinja hands to every call within a loop, for functions that ask for the context.
_LOOPS: Final = ("_loop_vars", "_block_vars")


class Missing(jinja2.StrictUndefined, Absent):
    """Something that is not there. Any use of it but `default` and `is defined` is an error."""

    __slots__ = ()

    def fault(self) -> EvaluationError:
        """Return the error that says what is not there."""
        return undefined(self.message)

    @property
    def message(self) -> str:
        """What is not there, in words."""
        if self._undefined_hint:
            return self._undefined_hint
        if self._undefined_obj is missing:
            return f"{self._undefined_name!r} is undefined"
        return _nothing_there(self._undefined_obj, self._undefined_name)

    @property
    def _undefined_message(self) -> str:
        return self.message


class MissingVariable(Missing):
    """A variable that was asked for by its name, and is not there: an error wherever it is."""

    __slots__ = ()

    @property
    def may_be_left(self) -> bool:
        """It can't: only `default` and `is defined` can deal with it."""
        return False


def _nothing_there(value: Any, name: Any) -> str:
    if isinstance(value, Variables):
        return f"there is no variable {name!r}{suggested(name, value)}"
    if isinstance(value, Mapping):
        return f"the mapping has no key {name!r}{suggested(name, value)}"
    if isinstance(name, int):
        return f"{describe(value)} has no element {name}"
    return f"{describe(value)} has no {name!r}{suggested(name, known_methods(value))}"


class Variables(dict[str, Any]):
    """Only says in an error that the mapping was the context."""


def variable_or_missing(scope: Scope, name: Any) -> Any:
    """Return a variable, or what stands for one that is not there: `default` can deal with it."""
    if isinstance(name, str) and not name.startswith(PRIVATE) and name not in scope.context:
        return MissingVariable(obj=Variables(scope.context), name=name)
    return variable(scope, name)


class Bound:
    """A function of the registry in the scope of one evaluation."""

    __slots__ = ("_budget", "function", "scope")

    def __init__(self, function: Function, scope: Scope, budget: Budget) -> None:
        self.function = function
        self.scope = scope
        self._budget = budget

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call it."""
        for one in (*args, *named.values()):
            if isinstance(one, Absent):
                raise one.fault()
        if self.function.name == "ctx" and len(args) == 1 and not named and args[0]:
            return variable_or_missing(self.scope, args[0])
        try:
            given = self._given(args, named)
        except EvaluationError as error:
            if not self.function.lenient or error.reason is not Reason.UNDEFINED:
                raise
            return Missing(hint=error.message)
        if self.function.helper:
            self._budget.weigh(given)
        elif self.function.lenient:
            self._budget.handle(given)
        return given

    def _given(self, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self.function.helper:
            args = tuple(plain(one, self._budget) for one in args)
            named = {name: plain(one, self._budget) for name, one in named.items()}
        return self.function.call(self.scope, self._budget, args, named)


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    check_items(len(numbers) if abs(numbers.stop - numbers.start) < 2**62 else 2**62)
    return numbers


def _dict(*pairs: Any, **named: Any) -> dict[Any, Any]:
    return dict(*pairs, **named)


#: What templates have beside the functions.
GLOBALS: Final[Mapping[str, Callable[..., Any]]] = {"range": _range, "dict": _dict}
#: Every name that an expression may use without defining it.
NAMES: Final = frozenset(FUNCTIONS) | frozenset(GLOBALS)


class Variety(runtime.Context):
    """The names of one evaluation: resolved only when they are used."""

    scope: Scope
    budget: Budget

    def resolve_or_missing(self, key: str) -> Any:
        """Return what a name stands for."""
        if key in self.vars:
            return self.vars[key]
        function = FUNCTIONS.get(key)
        if function is not None:
            return Bound(function, self.scope, self.budget)
        made = GLOBALS.get(key)
        return missing if made is None else Method(key, made)


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja with nothing but values in reach. One is shared: it holds nothing of an evaluation."""

    context_class = Variety
    intercepted_binops = frozenset(OPERATORS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return what is called: a method, or the value of a key, which can't be called."""
        name = attribute.removeprefix(CALLED)
        found = _attribute(obj, name) or method(obj, name)
        return found or self.getitem(obj, name)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return what stands under a key or an index, or a method that is not called yet."""
        if isinstance(obj, Bound):
            if obj.function.name == "ctx":
                return variable_or_missing(obj.scope, argument)
            raise EvaluationError(f"{obj.function.name} is a function: call it")
        if isinstance(argument, Absent):
            raise argument.fault()
        try:
            return _element(obj, argument)
        except (LookupError, TypeError):
            return self._named(obj, argument)

    def _named(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, str):
            found = _attribute(obj, argument)
            found = method(obj, argument) if found is None else found
            if found is not None:
                return found
        if isinstance(obj, Absent):
            raise obj.fault()
        return self.undefined(obj=obj, name=argument)

    def call(self, *args: Any, **named: Any) -> Any:
        """Call a function or a method; anything else that could be called is refused."""
        context, called, *rest = args
        if isinstance(called, Absent):
            raise called.fault()
        if not isinstance(called, Bound | Method):
            raise EvaluationError(f"{describe(called)} can't be called")
        budget: Budget = context.budget
        budget.spend(CALL)
        for name in _LOOPS:
            named.pop(name, None)
        if isinstance(called, Bound):
            return called(*rest, **named)
        for given in (called.of, *rest):
            budget.handle(given)
        result = called(*rest, **named)
        if called.name == "dict":
            budget.weigh(result)
        budget.handle(result)
        return result

    def call_binop(self, context: runtime.Context, operator: str, left: Any, right: Any) -> Any:
        """Do arithmetic, with limits."""
        assert isinstance(context, Variety)
        context.budget.spend(1)
        for one in (left, right):
            if isinstance(one, Absent):
                raise one.fault()
        result = OPERATORS[operator](context.budget, left, right)
        context.budget.handle(result)
        return result


def _element(value: Any, key: Any) -> Any:
    """Return what stands under a key or an index. Raises `LookupError` or `TypeError`."""
    if isinstance(value, Mapping | str | list | tuple | range):
        return value[key]
    raise TypeError


def _attribute(value: Any, name: str) -> Any:
    """Return what `loop.name` is, or that of a group; None for anything else."""
    if isinstance(value, tuple) and name in getattr(value, "_fields", ()):
        return getattr(value, name)  # of `groupby`: grouper and list
    if not isinstance(value, runtime.LoopContext) or name not in _LOOP:
        return None
    found = getattr(value, name)
    return Method(name, found) if callable(found) else found


@pass_context
def as_text(context: runtime.Context, value: Any) -> str:
    """Return a value as it stands in text: as `str()` gives it, of plain JSON.

    It takes the context so that Jinja does not work it out while compiling.
    """
    assert isinstance(context, Variety)
    leaves_undefined = context.scope.leaves_undefined
    return str(plain(value, context.budget, leaves_undefined=leaves_undefined))
