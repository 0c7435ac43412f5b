"""What comes from outside into a decision, fetched when the decision asks for it."""

import os
import random
from collections.abc import Callable, Collection, Mapping

from segue.core.decide import Decided, decide
from segue.core.errors import InternalError
from segue.core.program import Program
from segue.core.state import State
from segue.core.stimuli import Stimulus
from segue.expressions.errors import FactMissingError
from segue.expressions.scope import Facts


class FactSource:
    """Random numbers, and the environment variables that the configuration allows."""

    def __init__(
        self,
        allowed: Collection[str] = (),
        *,
        environment: Mapping[str, str] | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._allowed = frozenset(allowed)
        self._environment = os.environ if environment is None else environment
        self._draw = draw

    def decide(self, program: Program, state: State, stimulus: Stimulus, now: float) -> Decided:
        """Decide, as often as it takes to know all that the decision asks for.

        Raises what `segue.core.decide` raises, but for `FactMissingError`.
        """
        number = self._draw()
        known: dict[str, str | None] = {}
        while True:
            try:
                return decide(program, state, stimulus, Facts(now=now, random=number, env=known))
            except FactMissingError as missing:
                if missing.kind != "env" or missing.name in known:
                    raise InternalError(f"a decision asks for what it has: {missing}") from missing
                known = {**known, missing.name: self._variable(missing.name)}

    def _variable(self, name: str) -> str | None:
        return self._environment.get(name) if name in self._allowed else None
