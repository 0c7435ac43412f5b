"""Whether at most one transition of a task can hold, so that it does not matter how many count."""

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from segue.language.model import Template, Transition

_ASKED_FIRST: Final = re.compile(
    r"^\s*(?:\{\{|<%)\s*(succeeded|failed)\(\)\s*(?:and\b(?P<more>.*))?(?:\}\}|%>)\s*$", re.DOTALL
)
_OR: Final = re.compile(r"\bor\b|\bif\b")


def are_exclusive(transitions: Sequence[Transition]) -> bool:
    """Say whether it is certain that no two of them hold at once.

    What is not asked once one of them holds must not fail either: so a condition has to begin
    with the question that excludes the other.
    """
    asked = [_asked_first(transition.when) for transition in transitions]
    return all(
        one is not None and other is not None and one != other
        for one, other in combinations(asked, 2)
    )


def _asked_first(when: Template | None) -> str | None:
    found = _ASKED_FIRST.match(str(when.value)) if when is not None else None
    if found is None or _OR.search(found["more"] or ""):
        return None
    return found[1]
