"""What a conductor knows of its surroundings: what it is told, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from segue.conducting.requests import KnownFacts
from segue.expressions.errors import FactMissingError
from segue.expressions.scope import Facts

T = TypeVar("T")


def told(facts: Facts, known: KnownFacts | None) -> Facts:
    """Return the facts with what a host knows better."""
    if known is None:
        return facts
    return replace(
        facts,
        now=facts.now if known.now is None else known.now,
        env={**facts.env, **known.env},
        keys={**facts.keys, **known.keys},
    )


def with_facts(facts: Facts, run: Callable[[Facts], T]) -> T:
    """Return what `run` returns with these facts.

    An environment variable or a key that it asks for and nobody has told of is not there: a
    conductor asks nobody, so that the same requests always lead to the same.
    """
    while True:
        try:
            return run(facts)
        except FactMissingError as missing:
            if missing.kind == "env":
                facts = replace(facts, env={**facts.env, missing.name: None})
            else:
                facts = replace(facts, keys={**facts.keys, missing.name: None})
