"""Making a plain JSON value of what an expression gave."""

import math
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import cast

from segue.expressions.limits import Budget, EvaluationError, check_text, too_much
from segue.values import JsonValue, Reference

#: Whole numbers beyond these are read back from JSON as something else.
_LEAST, _MOST = -(2**63), 2**64 - 1


class Absent:
    """What stands for something that is not there, until it is used."""

    __slots__ = ()

    @property
    def may_be_left(self) -> bool:
        """Whether it can stay in a value where what is not there is left in it."""
        return True

    @abstractmethod
    def fault(self) -> EvaluationError:
        """Return the error that says what is not there."""


class LeftUndefined(dict[str, str], Absent):
    """What is not there, left in a value: JSON shows it as hosts of Orquesta know it.

    To other expressions it is as absent as before.
    """

    __slots__ = ("_absent",)

    def __init__(self, absent: Absent) -> None:
        super().__init__({"$nonjson": "StrictUndefined", "repr": "Undefined"})
        self._absent = absent

    def __repr__(self) -> str:
        """Return how it stands in a text."""
        return self["repr"]

    def fault(self) -> EvaluationError:
        """Return the error that says what is not there."""
        return self._absent.fault()


def plain(value: object, budget: Budget, *, leaves_undefined: bool = False) -> JsonValue:
    """Return a value as plain JSON: lists, dicts, texts, numbers, booleans and null.

    `leaves_undefined`: inside of it may be `LeftUndefined`, for what is absent there.

    Tuples, iterators and views become lists; sets become lists in the order of their JSON; keys
    that are numbers, booleans or null become text as JSON writes them. Raises `EvaluationError`
    for what JSON can't hold, what is absent, and what is too large.
    """
    try:
        if isinstance(value, Absent):
            raise value.fault()
        return _Conversion(budget, leaves_undefined=leaves_undefined).convert(value)
    except RecursionError:
        raise too_much("the result is nested too deep") from None


def describe(value: object) -> str:
    """Return what a value is, in words for a message."""
    for types, words in _WORDS:
        if isinstance(value, types):
            return words
    return f"a {type(value).__name__}"


def key_text(key: object) -> str:
    """Return what JSON writes for a key. Raises `EvaluationError` for what can be none."""
    if isinstance(key, str):
        return key
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int | float):
        return str(_number(key))
    raise EvaluationError(f"a key is {describe(key)}: keys are text")


_WORDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "null"),
    (bool, "a boolean"),
    ((int, float), "a number"),
    (str, "a text"),
    (Mapping, "a mapping"),
    ((list, tuple), "a list"),
)


class _Conversion:
    __slots__ = ("budget", "characters", "leaves_undefined")

    def __init__(self, budget: Budget, *, leaves_undefined: bool) -> None:
        self.budget = budget
        self.leaves_undefined = leaves_undefined
        self.characters = 0

    def convert(self, value: object) -> JsonValue:
        self.budget.spend(1)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int | float):
            return _number(value)
        if isinstance(value, Reference):
            return cast("JsonValue", value)  # the expression has only handed it on
        if isinstance(value, Absent):
            if self.leaves_undefined and value.may_be_left:
                return cast("JsonValue", LeftUndefined(value))
            raise value.fault()
        if isinstance(value, Mapping):
            return {self._key(key): self.convert(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.convert(item) for item in value]
        return self._other(value)

    def _other(self, value: object) -> JsonValue:
        if isinstance(value, AbstractSet) and not isinstance(value, Iterator):
            return sorted((self.convert(item) for item in value), key=_order)
        if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | memoryview):
            return [self.convert(item) for item in value]
        raise EvaluationError(f"the result holds {describe(value)}, which is not a value")

    def _text(self, value: str) -> str:
        self.characters += len(value)
        check_text(self.characters)
        if not value.isascii():
            _check_encodable(value)
        return value if type(value) is str else str.__str__(value)

    def _key(self, key: object) -> str:
        return self._text(key) if isinstance(key, str) else key_text(key)


def _number(value: float) -> int | float:
    if isinstance(value, int):
        if not _LEAST <= value <= _MOST:
            raise too_much("a whole number of the result has more than 64 bits")
        return value
    if not math.isfinite(value):
        raise EvaluationError(f"the result holds {value}, for which JSON has no number")
    return value


def _check_encodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise EvaluationError("a text of the result holds half of a character") from None


def _order(value: JsonValue) -> tuple[str, str]:
    return type(value).__name__, repr(value)
