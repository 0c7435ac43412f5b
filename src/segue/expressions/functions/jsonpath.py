"""The function that searches a value by JSONPath, with the library counted at every step."""

import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from segue.expressions.functions.function import Function
from segue.expressions.limits import TURN, Budget, EvaluationError, too_much
from segue.expressions.plain import describe, plain

if TYPE_CHECKING:
    from jsonpath_ng import JSONPath

_LONGEST: Final = 500


class _Mapping(dict[str, Any]):
    """A mapping that counts when it is gone over; to look up one key costs no more than that."""

    __slots__ = ("budget",)
    budget: Budget

    def items(self) -> Any:
        """Return the entries."""
        self.budget.spend(TURN * (1 + len(self)))
        return super().items()


class _List(list[Any]):
    """A list that counts when it is gone over."""

    __slots__ = ("budget",)
    budget: Budget

    def __iter__(self) -> Iterator[Any]:
        """Return the items."""
        self.budget.spend(TURN * (1 + len(self)))
        return super().__iter__()


def _counted(value: Any, budget: Budget) -> Any:
    if isinstance(value, Mapping):
        mapping = _Mapping({key: _counted(one, budget) for key, one in value.items()})
        mapping.budget = budget
        return mapping
    if isinstance(value, list | tuple):
        items = _List(_counted(one, budget) for one in value)
        items.budget = budget
        return items
    return value


def _query(budget: Budget, value: Any, query: Any) -> Any:
    if not isinstance(query, str):
        raise EvaluationError(f"a JSONPath must be text, not {describe(query)}")
    if len(query) > _LONGEST:
        raise too_much(f"a JSONPath has at most {_LONGEST} characters")
    path = _parsed(query)
    budget.weigh(value)
    found = [match.value for match in path.find(_counted(value, budget))]
    return plain(found, budget) if found else None


@lru_cache(maxsize=256)
def _parsed(query: str) -> "JSONPath":
    from jsonpath_ng.exceptions import JSONPathError  # noqa: PLC0415
    from jsonpath_ng.parser import parse  # noqa: PLC0415 - loads slowly

    try:
        with warnings.catch_warnings():  # of what will go with the next version but one
            warnings.simplefilter("ignore")
            return parse(query)
    except JSONPathError as error:
        raise EvaluationError(f"the JSONPath can't be read: {error}") from error


JSONPATH_FUNCTIONS: Final = (Function.of("jsonpath_query", _query, helper=True),)
