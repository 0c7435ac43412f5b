"""Whether an input is one that an action takes."""

from segue.actions.payload import plain
from segue.actions.port import Action
from segue.language.parameters import input_problems
from segue.values import JsonObject


def check_input(action: Action, given: JsonObject) -> tuple[str, ...]:
    """Return what is wrong with the input of an action, by its declared parameters.

    Each problem is a sentence that names the parameter; none means that the action can run.
    """
    return input_problems(action.parameters, {name: plain(value) for name, value in given.items()})
