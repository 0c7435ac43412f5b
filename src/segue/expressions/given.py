"""Variables that are templates: beside those of the context, made where they are asked for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from segue.expressions.errors import ExpressionError
from segue.expressions.limits import EvaluationError
from segue.expressions.scope import Scope
from segue.values import JsonValue


class Given(Mapping[str, JsonValue]):
    """The context of a scope, and more, by name: each sees those before it."""

    __slots__ = ("_more", "_scope")

    def __init__(
        self, more: tuple[tuple[str, Callable[[Scope], JsonValue]], ...], scope: Scope
    ) -> None:
        self._more = more
        self._scope = scope

    def __getitem__(self, name: str) -> JsonValue:
        """Return a variable. Raises `KeyError`, and `EvaluationError` for one that can't be made.

        Raises `FactMissingError`, too.
        """
        for at in reversed(range(len(self._more))):
            if self._more[at][0] == name:
                return self._made(at)
        return self._scope.context[name]

    def _made(self, at: int) -> JsonValue:
        name, make = self._more[at]
        before = Given(self._more[:at], self._scope)
        try:
            return make(replace(self._scope, context=before))
        except ExpressionError as error:
            message = f"the published {name!r} can't be evaluated: {error.message}"
            raise EvaluationError(message, reason=error.reason) from error

    def __iter__(self) -> Iterator[str]:
        """Return the names of all of them."""
        return iter({**dict.fromkeys(self._scope.context), **dict(self._more)})

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(1 for _ in self)
