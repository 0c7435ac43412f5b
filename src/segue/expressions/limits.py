"""How much an evaluation may take: steps, and the size of what it makes.

The limits are generous for what workflows do and small enough that no expression, whatever its
data, holds a decision up for long. They are part of the language, not of the configuration: an
execution must be decided the same way wherever it is.
"""

from collections.abc import Mapping
from typing import Final

from segue.expressions.errors import Reason

#: Steps of one evaluation: values gone through, and calls, each worth `CALL`.
MAX_STEPS: Final = 1_000_000
#: What a call is worth in steps.
CALL: Final = 10
#: What a turn of a loop, or an item that a function goes through, is worth in steps.
TURN: Final = 4
#: Characters of one text, and of all the texts of one result together.
MAX_TEXT: Final = 10_000_000
#: Items of one list that is made, and of a `range`.
MAX_ITEMS: Final = 100_000
#: Bytes of JSON of all the values together that one decision fetches from beside the log.
MAX_FETCHED: Final = 128 * 1024 * 1024
#: Bits of a whole number: far beyond what JSON's readers take, far below what takes time.
MAX_BITS: Final = 4_096
#: Characters that a text is filled up to, or indented by.
MAX_WIDTH: Final = 10_000
#: Digits that a number is rounded to.
MAX_DIGITS: Final = 30
#: Characters of one expression as written.
MAX_SOURCE: Final = 20_000
#: Characters of a text that is worth one step.
_CHARACTERS_A_STEP: Final = 64


class EvaluationError(Exception):
    """An evaluation failed. Never leaves the package: it becomes an `ExpressionError`."""

    def __init__(self, message: str, *, reason: Reason = Reason.EVALUATION) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason


class MisspeltError(Exception):
    """An expression that can't be parsed: what is wrong, and at which character of its source."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


def undefined(message: str) -> EvaluationError:
    """Return the error of something that does not exist."""
    return EvaluationError(message, reason=Reason.UNDEFINED)


def too_much(message: str) -> EvaluationError:
    """Return the error of what would take too many steps or too much memory."""
    return EvaluationError(message, reason=Reason.LIMIT)


class Budget:
    """The steps that are left to one evaluation."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Count steps. Raises `EvaluationError` when there are none left."""
        self.left -= steps
        if self.left < 0:
            raise too_much(f"it takes more than {MAX_STEPS:,} steps")

    def handle(self, value: object) -> None:
        """Count what it takes to go over a value once, without what its items hold."""
        if isinstance(value, str):
            self.spend(len(value) // _CHARACTERS_A_STEP)
        elif isinstance(value, Mapping | list | tuple | range):
            self.spend(len(value))

    def weigh(self, value: object) -> None:
        """Count all that a value holds, as often as it holds it. Raises `EvaluationError`.

        A list that holds a list twice, which holds a list twice ... is small in memory, and
        endless to whoever writes it out.
        """
        pending = [value]
        while pending:
            one = pending.pop()
            if isinstance(one, str):
                self.spend(1 + len(one) // _CHARACTERS_A_STEP)
            elif isinstance(one, Mapping):
                self.spend(1 + len(one))
                pending.extend(one.values())
            elif isinstance(one, list | tuple):
                self.spend(1 + len(one))
                pending.extend(one)


def check_text(length: int) -> None:
    """Refuse to make a text of so many characters, if they are too many."""
    if length > MAX_TEXT:
        raise too_much(f"a text would be longer than {MAX_TEXT:,} characters")


def check_items(count: int) -> None:
    """Refuse to make a list of so many items, if they are too many."""
    if count > MAX_ITEMS:
        raise too_much(f"a list would be longer than {MAX_ITEMS:,} items")


def check_bits(bits: int) -> None:
    """Refuse to make a whole number of so many bits, if they are too many."""
    if bits > MAX_BITS:
        raise too_much(f"a number would be larger than {MAX_BITS:,} bits")


def check_width(width: object, most: int = MAX_WIDTH) -> None:
    """Refuse a number of characters or digits that is too large; anything else is let through."""
    if isinstance(width, int) and abs(width) > most:
        raise too_much(f"{width:,} is more than {most:,}")
