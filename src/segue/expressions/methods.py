"""The methods of values that Jinja expressions may call, and limits for those that need one."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from segue.expressions.limits import check_text, check_width
from segue.expressions.plain import describe

_TEXT: Final = frozenset(
    [
        "capitalize",
        "casefold",
        "center",
        "count",
        "endswith",
        "expandtabs",
        "find",
        "index",
        "isalnum",
        "isalpha",
        "isascii",
        "isdecimal",
        "isdigit",
        "isidentifier",
        "islower",
        "isnumeric",
        "isprintable",
        "isspace",
        "istitle",
        "isupper",
        "join",
        "ljust",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rjust",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
        "zfill",
    ]
)
_LIST: Final = frozenset({"copy", "count", "index"})
_MAPPING: Final = frozenset({"get", "items", "keys", "values"})
_NUMBER: Final = frozenset({"is_integer"})


class Method:
    """A method of a value, bound to it, which may be called."""

    __slots__ = ("_call", "name", "of")

    def __init__(self, name: str, call: Callable[..., Any], of: Any = None) -> None:
        self.name = name
        self.of = of
        self._call = call

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call it."""
        return self._call(*args, **named)


def method(value: Any, name: str) -> Method | None:
    """Return a method of a value; None if there is no such, or if it may not be called."""
    if isinstance(value, str):
        if name not in _TEXT:
            return None
        limited = _LIMITED.get(name)
        if limited is None:
            return Method(name, getattr(value, name), value)
        return Method(name, lambda *args, **named: limited(value, *args, **named), value)
    if name in _names(value):
        return Method(name, getattr(value, name), value)
    return None


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, Mapping):
        return _MAPPING
    if isinstance(value, list | tuple):
        return _LIST - {"copy"} if isinstance(value, tuple) else _LIST
    if isinstance(value, float):
        return _NUMBER
    return frozenset()


def known_methods(value: Any) -> tuple[str, ...]:
    """Return the names of the methods of a value that may be called."""
    return tuple(sorted(_TEXT if isinstance(value, str) else _names(value)))


def _filled(name: str) -> Callable[..., str]:
    def call(text: str, width: int, *fill: str) -> str:
        check_width(width)
        return str(getattr(text, name)(width, *fill))

    return call


def _expandtabs(text: str, tabsize: int = 8) -> str:
    check_width(tabsize)
    check_text(len(text) + text.count("\t") * max(tabsize, 0))
    return text.expandtabs(tabsize)


def replaced(text: str, old: str, new: str, count: int | None = -1) -> str:
    """Return `text.replace(old, new, count)`. Raises for a text that would be too long."""
    times = text.count(old)
    times = times if count is None or count < 0 else min(times, count)
    check_text(len(text) + times * (len(new) - len(old)))
    return text.replace(old, new, -1 if count is None else count)


def _join(separator: str, texts: Any) -> str:
    return joined(separator, list(texts))


def joined(separator: str, texts: list[str]) -> str:
    """Return `separator.join(texts)`. Raises for a text that would be too long."""
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"only texts can be joined, not {describe(text)}")
    check_text(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


_LIMITED: Final[Mapping[str, Callable[..., Any]]] = {
    "center": _filled("center"),
    "expandtabs": _expandtabs,
    "join": _join,
    "ljust": _filled("ljust"),
    "replace": replaced,
    "rjust": _filled("rjust"),
    "zfill": _filled("zfill"),
}
