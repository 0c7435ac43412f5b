"""What comes from outside into a decision, fetched when the decision asks for it."""

import os
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace

from segue.core.decide import Decided, decide
from segue.core.errors import InternalError
from segue.core.program import Program
from segue.core.state import State
from segue.core.stimuli import Stimulus
from segue.expressions.errors import FactMissingError
from segue.expressions.scope import Facts
from segue.store.port import KeyRow
from segue.values import JsonValue

#: What reads keys: `Store.get_keys`.
ReadKeys = Callable[[Collection[str]], Awaitable[Mapping[str, KeyRow]]]
#: What reads a value that is kept beside the log, and its size: `Values.read`.
ReadValue = Callable[[str], Awaitable[tuple[JsonValue, int]]]


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

    async def decide(
        self,
        program: Program,
        state: State,
        stimulus: Stimulus,
        now: float,
        read_keys: ReadKeys,
        *,
        read_value: ReadValue | None = None,
    ) -> Decided:
        """Decide, as often as it takes to know all that the decision asks for.

        Raises what `segue.core.decide` raises, but for `FactMissingError`; and `StoreError`.
        """
        facts = Facts(now=now, random=self._draw())
        while True:
            try:
                return decide(program, state, stimulus, facts)
            except FactMissingError as missing:
                if missing.kind == "value" and read_value is not None:
                    facts = await _fetched(facts, missing, read_value)
                else:
                    facts = await self._with(facts, missing, read_keys)

    async def _with(self, facts: Facts, missing: FactMissingError, read_keys: ReadKeys) -> Facts:
        name = missing.name
        if missing.kind == "env" and name not in facts.env:
            return replace(facts, env={**facts.env, name: self._variable(name)})
        if missing.kind == "key" and name not in facts.keys:
            # All of them again: a decision sees the store at one moment.
            return replace(facts, keys=await _values((*facts.keys, name), read_keys))
        raise InternalError(f"a decision asks for what it has: {missing}") from missing

    def _variable(self, name: str) -> str | None:
        return self._environment.get(name) if name in self._allowed else None


async def _values(names: Collection[str], read_keys: ReadKeys) -> Mapping[str, JsonValue]:
    found = await read_keys(names)
    return {name: found[name].value if name in found else None for name in names}


async def _fetched(facts: Facts, missing: FactMissingError, read_value: ReadValue) -> Facts:
    values, fetched = dict(facts.values), facts.fetched
    for sha256 in (missing.name, *missing.more):
        values[sha256], size = await read_value(sha256)
        fetched += size
    return replace(facts, values=values, fetched=fetched)
