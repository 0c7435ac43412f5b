"""What a function of the registry is: what runs, and how it may be called."""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from segue.expressions.limits import Budget, EvaluationError
from segue.expressions.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function of the registry. Made by `of`, from the signature of what runs.

    `parameters` may be given by place or by name, the first `least` must be; with `rest` there
    may be any number more. `named` are given by name only. `helper`: it looks at nothing but its
    arguments, and Jinja has it as a filter, too. `lenient`: where what it looks for is not there,
    Jinja's `default` and `is defined` can deal with it.
    """

    name: str
    run: Callable[..., Any]
    parameters: tuple[str, ...]
    least: int
    rest: bool
    named: frozenset[str]
    helper: bool = False
    lenient: bool = False

    @classmethod
    def of(
        cls, name: str, run: Callable[..., Any], *, helper: bool = False, lenient: bool = False
    ) -> Self:
        """Return the function that `run` is, under this name.

        `run` takes the scope first, a helper the budget of the evaluation, and then what an
        expression gives it.
        """
        given = list(inspect.signature(run).parameters.values())[1:]
        placed = [one for one in given if one.kind is one.POSITIONAL_OR_KEYWORD]
        return cls(
            name=name,
            run=run,
            parameters=tuple(one.name for one in placed),
            least=sum(one.default is one.empty for one in placed),
            rest=any(one.kind is one.VAR_POSITIONAL for one in given),
            named=frozenset(one.name for one in given if one.kind is one.KEYWORD_ONLY),
            helper=helper,
            lenient=lenient,
        )

    def call(
        self, scope: Scope, budget: Budget, args: Sequence[Any], named: Mapping[str, Any]
    ) -> Any:
        """Return what the function gives. Raises `EvaluationError`, `FactMissingError`."""
        self.require(len(args), named)
        return self.run(budget if self.helper else scope, *args, **named)

    def require(self, count: int, names: Collection[str] = ()) -> None:
        """Raise `EvaluationError` unless so many arguments, and these by name, can be given."""
        if not self.accepts(count, names):
            raise EvaluationError(f"{self.name}() takes {self.arity}")

    def accepts(self, count: int, names: Collection[str] = ()) -> bool:
        """Return whether so many arguments by place, and these by name, can be given."""
        if count > len(self.parameters) and not self.rest:
            return False
        if not names:
            return count >= self.least
        left = self.parameters[count:]
        known = all(name in left or name in self.named for name in names)
        return known and all(name in names for name in self.parameters[count : self.least])

    @property
    def arity(self) -> str:
        """Return how many arguments it takes, in words, and their names."""
        return self._count + self._names

    @property
    def _count(self) -> str:
        least, most = self.least, len(self.parameters)
        if self.rest:
            return "any arguments"
        if most == 0:
            return "no arguments"
        if least == most:
            return f"{most} argument{'s' if most > 1 else ''}"
        counts = f"{least} to {most}" if least else f"at most {most}"
        return f"{counts} argument{'s' if most > 1 else ''}"

    @property
    def _names(self) -> str:
        names = [*self.parameters, *sorted(self.named)]
        return f" ({', '.join(names)})" if len(names) > 1 else ""
