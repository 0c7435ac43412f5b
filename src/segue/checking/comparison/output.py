"""Which variables the output of a workflow reads."""

import re
from typing import Final

from segue.expressions import references
from segue.expressions.strings import strings
from segue.language.model import Workflow

#: The context as a whole: all of its variables.
_WHOLE: Final = re.compile(r"\bctx\(\s*\)(?!\s*[.\[])")


def read_by_output(workflow: Workflow, names: frozenset[str]) -> frozenset[str]:
    """Return those of some variables that the output reads."""
    read: set[str] = set()
    for variable in workflow.output:
        value = variable.value.value
        if any(_WHOLE.search(text) for _, text in strings(value)):
            return names
        read |= {reference.name for reference in references(value)}
    return names & read
