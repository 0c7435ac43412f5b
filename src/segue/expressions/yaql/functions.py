"""The functions of YAQL that an expression can use: an allow-list, with bounds where they grow.

Left out: what is not deterministic (random, now, sets, whose order changes from process to
process), what defines or calls functions by name (def, call), and what never ends (cycle,
generate, sequence).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from segue.expressions.limits import (
    MAX_DIGITS,
    check_bits,
    check_items,
    check_text,
    check_width,
)
from segue.expressions.patterns import Pattern

_WORDS = """
#get_context_data #indexer #list #map #operator_!~ #operator_* #operator_+ #operator_-
#operator_-> #operator_. #operator_/ #operator_< #operator_<= #operator_=~ #operator_>
#operator_>= #operator_?. #operator_and #operator_in #operator_mod #operator_or #unary_operator_+
#unary_operator_- #unary_operator_not *equal *not_equal #iter abs accumulate aggregate all any
append assert bool coalesce concat contains containsKey containsValue count defaultIfEmpty delete
deleteAll dict distinct endsWith enumerate escapeRegex examine filter first flatten float get
groupBy hex indexOf indexWhere insert insertMany int isBoolean isDict isEmpty isInteger isIterable
isList isNumber isString items join keys last lastIndexOf lastIndexWhere len let limit list map
matches max mergeWith min norm orderBy orderByDescending pow range reduce regex repeat replace
replaceMany reverse rightSplit round search searchAll select selectAllCases selectCase selectMany
set sign single skip skipWhile slice sliceWhere split splitAt splitWhere startsWith str substring
sum switch switchCase take takeWhile thenBy thenByDescending toCharArray toDict toList toLower
toUpper trim trimLeft trimRight unpack values where with zip zipLongest
"""
ALLOWED = frozenset(_WORDS.split())

#: Overloads of an allowed name that are left out, by the library's module and name for them.
REFUSED = frozenset(
    {
        "collections.set_",
        "queries.join",  # of every item with every other, however many they are
        "regex.replace_by",
        "regex.replace_by_string",
        "strings.replace_with_dict",
    }
)

#: What makes a value that holds others. A list that holds a list twice, which holds a list
#: twice ... is small until it is written out, compared or hashed.
NESTING = frozenset(
    [
        "#list",
        "#map",
        "accumulate",
        "append",
        "concat",
        "dict",
        "enumerate",
        "groupBy",
        "insert",
        "insertMany",
        "list",
        "mergeWith",
        "replace",
        "set",
        "toDict",
        "toList",
        "zip",
        "zipLongest",
    ]
)


def _multiplied(left: object, right: object) -> None:
    if isinstance(left, int) and isinstance(right, int):
        check_bits(left.bit_length() + right.bit_length())


def _raised(base: float, exponent: float, *_: object) -> None:
    if isinstance(base, int) and isinstance(exponent, int):
        check_bits(base.bit_length() * abs(exponent))


def _repeated(left: Any, right: Any, *_: object) -> None:
    value, times = (right, left) if isinstance(left, int) else (left, right)
    check = check_text if isinstance(value, str) else check_items
    check(len(value) * times)  # of a list, the library's own check counts wrong


def _rounded(_: float, digits: int = 0) -> None:
    check_width(digits, MAX_DIGITS)


def _replaced(text: str, old: str, new: str, _: int = -1) -> None:
    check_text(len(text) + (text.count(old) if old else len(text) + 1) * len(new))


def patterns_bounded(payload: Callable[..., object]) -> Callable[..., object]:
    """Return a function of the library with every pattern that it is given bounded."""

    def run(*arguments: object, **named: object) -> object:
        return payload(
            *(_bounded(one) for one in arguments),
            **{name: _bounded(one) for name, one in named.items()},
        )

    return run


def _bounded(value: object) -> object:
    return Pattern(value.pattern, value.flags) if isinstance(value, re.Pattern) else value


#: What is asked before a function of the library is called, by the library's module and name.
CHECKS: Mapping[str, Callable[..., None]] = {
    "math.multiplication": _multiplied,
    "strings.string_by_int": _repeated,
    "strings.int_by_string": _repeated,
    "collections.list_by_int": _repeated,
    "collections.int_by_list": _repeated,
    "math.pow_": _raised,
    "math.round_": _rounded,
    "strings.replace": _replaced,
}


def _matches(string: str, regexp: str) -> bool:
    return Pattern(regexp).search(string) is not None


def _operator(string: str, pattern: str) -> bool:
    return _matches(string, pattern)


def _not_operator(string: str, pattern: str) -> bool:
    return not _matches(string, pattern)


#: What runs in the place of a function that makes a pattern of a text by itself.
REPLACED: Mapping[str, Callable[..., object]] = {
    "regex.matches_": _matches,
    "regex.matches_operator_string": _operator,
    "regex.not_matches_operator_string": _not_operator,
}


def joined(sequence: Iterable[object], separator: str, text_of: Callable[[object], str]) -> str:
    """Return texts joined by a separator, in the library's place."""
    texts = []
    length = 0
    for item in sequence:
        texts.append(text_of(item))
        length += len(texts[-1]) + len(separator)
        check_text(length)
    return separator.join(texts)
