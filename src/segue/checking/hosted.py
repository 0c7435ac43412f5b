"""What stands around Orquesta's files where StackStorm runs them: the variable `st2`."""

import re
from typing import Final

from segue.language.workflows import Language
from segue.values import JsonValue

#: The variable of StackStorm.
ST2: Final = "st2"
#: The variables that Orquesta's files find around them where Segue runs them.
HOSTED: Final = frozenset({ST2})

_NAMED: Final = re.compile(rf"\b{ST2}\b")


def hosted_context(
    text: str,
    language: Language | None,
    *,
    workflow: str,
    execution: str,
    user: str | None,
    kept: JsonValue = None,
) -> dict[str, JsonValue]:
    """Return the variables that stand before the inputs of an execution.

    A file of Orquesta that speaks of `st2` finds what StackStorm tells there. `kept` goes before
    it, where it is a mapping.
    """
    if not speaks_of_st2(text, language):
        return {}
    told: dict[str, JsonValue] = {
        "action_execution_id": execution,
        "workflow_execution_id": execution,
        "user": user,
        "pack": workflow.rpartition(".")[0] or None,
        "action": workflow,
        "runner": "orquesta",
        "api_url": None,
    }
    return {ST2: told | kept if isinstance(kept, dict) else told}


def speaks_of_st2(text: str, language: Language | None) -> bool:
    """Say whether a file is one of Orquesta's in which the name occurs."""
    return language is Language.ORQUESTA and _NAMED.search(text) is not None
