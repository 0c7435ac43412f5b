"""What came of a test: what failed in it, said so that a person can act on it."""

from dataclasses import dataclass
from enum import StrEnum

from segue.language.findings import START_OF_FILE, Span
from segue.rehearsal.spec import Rehearsed


class Kind(StrEnum):
    """What a test failed by. The words are stable: programs read them."""

    STATUS = "status"
    OUTPUT = "output"
    ERRORS = "errors"
    TASKS = "tasks"
    ORDER = "order"
    VISIT = "visit"
    DURATION = "duration"
    ROUTES = "routes"
    INSPECTION = "inspection"
    NOT_MOCKED = "not_mocked"
    MOCK_UNUSED = "mock_unused"
    CALL = "call"
    REFUSED = "refused"
    ENDLESS = "endless"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One expectation that was not met. `details` are lines below the message.

    `at` is the visit concerned, such as "probe#2"; `span` the place in the rehearsal file.
    """

    kind: Kind
    message: str
    details: tuple[str, ...] = ()
    at: str | None = None
    span: Span = START_OF_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one test. `taken` are transitions: a task, and the place under its `next`.

    `seconds` is how long the execution took on its own clock.
    """

    name: str
    span: Span
    failures: tuple[Failure, ...]
    rehearsed: Rehearsed | None
    taken: frozenset[tuple[str, int]] = frozenset()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.failures
