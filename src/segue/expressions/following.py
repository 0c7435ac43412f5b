"""Following references: what a value that is kept beside the log is, when an expression looks."""

from collections.abc import Iterator, Mapping
from typing import Any

from segue.expressions.errors import FactMissingError
from segue.expressions.limits import MAX_FETCHED, too_much
from segue.expressions.scope import References, Scope
from segue.values import Reference, references_in, with_values

_UNFOLLOWED = frozenset({References.NONE, References.AS_THEY_ARE})


def followed(scope: Scope, value: Any) -> Any:
    """Return a value with what the references in it stand for.

    Raises `FactMissingError` for what was not fetched yet, and `EvaluationError` if that is more
    than one decision may fetch.
    """
    return value if scope.references in _UNFOLLOWED else _fetched(scope, value)


def reached(scope: Scope, value: Any) -> Any:
    """Return what a part is looked up in: of a reference, whatever else is not followed, its value.

    Raises what `followed` raises.
    """
    return _fetched(scope, value) if type(value) is Reference else value


def _fetched(scope: Scope, value: Any) -> Any:
    found = {one.sha256: one.size for one in references_in(value)}
    if not found:
        return value
    facts = scope.facts
    missing = {sha256: size for sha256, size in found.items() if sha256 not in facts.values}
    if missing:
        size = facts.fetched + sum(missing.values())
        if size > MAX_FETCHED:
            raise too_much(
                f"it takes values of {size / 2**20:.0f} MiB together, and "
                f"{MAX_FETCHED / 2**20:.0f} MiB is the limit of one decision"
            )
        raise FactMissingError("value", *missing)
    return with_values(value, facts.values)


class Followed(Mapping[str, Any]):
    """Variables whose references are followed when one of them is asked for, and not before."""

    __slots__ = ("_context", "_scope")

    def __init__(self, scope: Scope, context: Mapping[str, Any]) -> None:
        self._scope = scope
        self._context = context

    def __getitem__(self, name: str) -> Any:
        """Return a variable. Raises `KeyError`, and what `followed` raises."""
        return followed(self._scope, self._context[name])

    def __contains__(self, name: object) -> bool:
        """Return whether there is such a variable."""
        return name in self._context

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(self._context)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._context)
