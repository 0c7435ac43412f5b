"""What a conductor knows of its surroundings: the time and a random number, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from segue.expressions.errors import FactMissingError
from segue.expressions.scope import Facts

T = TypeVar("T")


def with_facts(facts: Facts, run: Callable[[Facts], T]) -> T:
    """Return what `run` returns with these facts.

    An environment variable that it asks for is not set, and a key has no value: a conductor
    asks nobody, so that the same requests always lead to the same.
    """
    while True:
        try:
            return run(facts)
        except FactMissingError as missing:
            if missing.kind == "env":
                facts = replace(facts, env={**facts.env, missing.name: None})
            else:
                facts = replace(facts, keys={**facts.keys, missing.name: None})
