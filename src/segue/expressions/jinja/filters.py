"""The filters of Jinja that are there, each with its limits.

Left out: those that are for web pages (`xmlattr`, `urlize`, `wordwrap`), that are not the same
each time (`random`), that show how things are built (`attr`, `pprint`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Any, Final

from jinja2 import filters as library
from jinja2.runtime import Context
from jinja2.utils import pass_context

from segue.expressions.functions.registry import FUNCTIONS
from segue.expressions.jinja.sandbox import Bound, Missing, Variety
from segue.expressions.limits import (
    CALL,
    MAX_DIGITS,
    MAX_ITEMS,
    TURN,
    Budget,
    check_text,
    check_width,
)
from segue.expressions.operators import fill_in
from segue.expressions.plain import Absent

_NAMES: Final = [
    "abs",
    "batch",
    "capitalize",
    "center",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
]

#: Those that turn a value into text as a whole, a list too.
_SPELLS_OUT: Final = frozenset(
    [
        "capitalize",
        "center",
        "e",
        "escape",
        "forceescape",
        "format",
        "indent",
        "join",
        "lower",
        "replace",
        "safe",
        "string",
        "striptags",
        "title",
        "tojson",
        "trim",
        "truncate",
        "upper",
        "urlencode",
        "wordcount",
    ]
)
#: Making a long text is work too.
_CHARACTERS_A_STEP: Final = 64

#: Names of filters that the compiled tree uses; nobody can write them.
EACH: Final = "#each"
BUILT: Final = "#built"
CONCAT: Final = "#concat"
MEASURED: Final = "#measured"
NOTHING: Final = "#nothing"


def filters() -> dict[str, Callable[..., Any]]:
    """Return every filter by name."""
    made = {name: _guarded(name) for name in _NAMES}
    made |= {name: _helper(name) for name, function in FUNCTIONS.items() if function.helper}
    ours: dict[str, Callable[..., Any]] = {
        EACH: _each,
        BUILT: _built,
        CONCAT: _concat,
        MEASURED: _handled,
        NOTHING: _nothing,
    }
    return made | ours


def _budget(context: Context) -> Budget:
    assert isinstance(context, Variety)
    return context.budget


def _guarded(name: str) -> Callable[..., Any]:
    run = library.FILTERS[name]
    check = _CHECKS.get(name)
    spells_out = name in _SPELLS_OUT
    # What Jinja hands to a filter first: the context, the environment, or where it is compiled.
    handed = getattr(getattr(run, "jinja_pass_arg", None), "name", None)

    @pass_context
    def call(context: Context, value: Any, *args: Any, **named: Any) -> Any:
        budget = _budget(context)
        budget.spend(CALL)
        budget.weigh((*args, *named.values()))
        value = _measured(budget, value, spells_out=spells_out)
        if check is not None:
            check(value, *args, **named)
        first = {
            None: (),
            "context": (context,),
            "environment": (context.environment,),
            "eval_context": (context.eval_ctx,),
        }[handed]
        return _counted(budget, run(*first, value, *args, **named))

    return call


def _measured(budget: Budget, value: Any, *, spells_out: bool) -> Any:
    """Count what goes into a filter; `spells_out`: it turns the value into text as a whole."""
    if isinstance(value, str | Absent):
        return value
    if isinstance(value, Iterator):
        if not spells_out:
            return value
        value = list(value)
    if spells_out:
        budget.weigh(value)
    elif isinstance(value, Sized):
        budget.spend(len(value))
    return value


def _counted(budget: Budget, given: Any) -> Any:
    """Count what comes out of a filter, now or while it comes."""
    if isinstance(given, str):
        check_text(len(given))
        budget.spend(len(given) // _CHARACTERS_A_STEP)
    return _turns(budget, given) if isinstance(given, Iterator) else given


def _turns(budget: Budget, values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        budget.spend(TURN)
        yield value


def _helper(name: str) -> Callable[..., Any]:
    @pass_context
    def call(context: Context, *args: Any, **named: Any) -> Any:
        assert isinstance(context, Variety)
        context.budget.spend(CALL)
        return Bound(FUNCTIONS[name], context.scope, context.budget)(*args, **named)

    return call


@pass_context
def _each(context: Context, values: Any) -> Iterator[Any]:
    """Count the turns of a loop."""
    return _turns(_budget(context), values)


@pass_context
def _built(context: Context, value: Any) -> Any:
    """Weigh a list or a mapping that was written out."""
    _budget(context).weigh(value)
    return value


@pass_context
def _handled(context: Context, value: Any) -> Any:
    """Count what is gone over: searched, compared, or sliced."""
    _budget(context).handle(value)
    return value


def _nothing(_: Any) -> Missing:
    """Return what an inline `if` without an `else` gives."""
    return Missing(hint="the condition does not hold, and there is no `else`")


@pass_context
def _concat(context: Context, *values: Any) -> str:
    """Put texts together, as `~` does."""
    budget = _budget(context)
    budget.weigh(values)
    texts = [_text_of(value) for value in values]
    check_text(sum(map(len, texts)))
    return "".join(texts)


def _text_of(value: Any) -> str:
    if isinstance(value, Absent):
        raise value.fault()
    return str(value)


def _width(_value: Any, width: Any = 0, *_rest: Any, **named: Any) -> None:
    check_width(width)
    check_width(named.get("width"))


def _digits(_value: Any, precision: Any = 0, *_rest: Any, **named: Any) -> None:
    check_width(precision, MAX_DIGITS)
    check_width(named.get("precision"), MAX_DIGITS)


def _indent(value: Any, width: Any = 4, *_rest: Any, **named: Any) -> None:
    width = named.get("width", width)
    check_width(width)
    wide = len(width) if isinstance(width, str) else width
    check_text(len(value) + (value.count("\n") + 1) * wide)


def _replace(value: Any, old: Any, new: Any, count: Any = None) -> None:
    text, before, after = str(value), str(old), str(new)
    times = text.count(before) if count is None else min(text.count(before), count)
    check_text(len(text) + times * len(after))


def _join(value: Any, separator: Any = "", *_rest: Any, **named: Any) -> None:
    check_text(len(str(named.get("d", separator))) * len(value))


def _pieces(_value: Any, count: Any = 1, fill_with: Any = None, **named: Any) -> None:
    for number in (count, *named.values()):
        check_width(number, MAX_ITEMS)
    Budget().weigh(fill_with)


def _indented(_value: Any, indent: Any = None) -> None:
    check_width(indent, MAX_DIGITS)


def _format(value: Any, *args: Any, **named: Any) -> None:
    fill_in(Budget(), str(value), named or args)


#: What is looked at before a filter runs, for those that can make much of little.
_CHECKS: Final[Mapping[str, Callable[..., None]]] = {
    "batch": _pieces,
    "center": _width,
    "format": _format,
    "indent": _indent,
    "join": _join,
    "replace": _replace,
    "round": _digits,
    "slice": _pieces,
    "tojson": _indented,
    "truncate": _width,
}
