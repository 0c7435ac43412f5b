"""Functions that take paths of files apart. Nothing is looked up in any file system."""

import posixpath
from typing import Any, Final

from segue.expressions.functions.function import Function
from segue.expressions.limits import Budget, EvaluationError
from segue.expressions.plain import describe


def _basename(_budget: Budget, path: Any) -> str:
    return posixpath.basename(_text("basename", path))


def _dirname(_budget: Budget, path: Any) -> str:
    return posixpath.dirname(_text("dirname", path))


def _text(function: str, path: Any) -> str:
    if not isinstance(path, str):
        raise EvaluationError(f"{function}() takes text, not {describe(path)}")
    return path


PATH_FUNCTIONS: Final = (
    Function.of("basename", _basename, helper=True),
    Function.of("dirname", _dirname, helper=True),
)
