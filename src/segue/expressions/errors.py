"""What can go wrong with an expression, and what an evaluation may ask for from outside."""

from enum import StrEnum


class Reason(StrEnum):
    """Why an expression could not be compiled or evaluated."""

    SYNTAX = "syntax"
    UNDEFINED = "undefined"  # a variable, key, attribute or function that does not exist
    EVALUATION = "evaluation"
    LIMIT = "limit"  # too many steps or too large a result


class ExpressionError(Exception):
    """An expression that can't be compiled or evaluated: the fault of the definition or its data.

    `expression` is the text as written, delimiters included; `path` where it stands inside the
    template (keys and indices); `start` and `end` are offsets in characters into the string at
    `path`, and cover the part that is wrong as closely as is known.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: Reason,
        expression: str,
        path: tuple[str | int, ...] = (),
        start: int = 0,
        end: int = 0,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.expression = expression
        self.path = path
        self.start = start
        self.end = end


class FactMissingError(Exception):
    """An evaluation needs something from outside that it was not given.

    Not an error of anybody: whoever decides fetches the fact and decides again. `kind` is
    "env" (name: the variable), "key" (name: the key of the key store) or "value" (the hash of one
    that is kept beside the log). `more` are the names of others of its kind that are needed, too.
    """

    def __init__(self, kind: str, name: str, *more: str) -> None:
        super().__init__(f"the decision needs {kind} {name!r}")
        self.kind = kind
        self.name = name
        self.more = more
