"""The invariants: what must hold of every execution at every time, each with its check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from segue.verification.attempts import Numbers, OneOutcome, Retries
from segue.verification.branches import Arrivals, Joins, Transitions
from segue.verification.check import Check
from segue.verification.folding import Fold
from segue.verification.kept import KeptSnapshot
from segue.verification.kin import Kin
from segue.verification.order import Gapless, OneDefinition, OneEnd
from segue.verification.referring import Values
from segue.verification.spread import Items
from segue.verification.standing import Standing
from segue.verification.timing import Timers
from segue.verification.waiting import Outstanding, Reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a check may know beforehand: the latest snapshot, and what joins need, by join."""

    snapshot: KeptSnapshot | None = None
    needed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """`id` is stable, `statement` one sentence; `begin` gives what checks it, for one execution."""

    id: str
    statement: str
    begin: Callable[[Known], Check]


INVARIANTS = (
    Invariant(
        id="I1",
        statement="The events are numbered without a gap, from one start on.",
        begin=lambda _: Gapless(),
    ),
    Invariant(
        id="I2",
        statement="An execution ends once and settles once; only a rerun follows.",
        begin=lambda _: OneEnd(),
    ),
    Invariant(
        id="I3",
        statement="Folding the log is legal at every event, and gives the stored state.",
        begin=lambda known: Fold(known.snapshot),
    ),
    Invariant(
        id="I4",
        statement="What the log asks to be done is outstanding, once each, and nothing else is.",
        begin=lambda _: Outstanding(),
    ),
    Invariant(
        id="I6",
        statement="Visits of a task and attempts of a visit are counted one by one, used once.",
        begin=lambda _: Numbers(),
    ),
    Invariant(
        id="I7",
        statement="An attempt has one outcome, and a task execution completes once.",
        begin=lambda _: OneOutcome(),
    ),
    Invariant(
        id="I8a",
        statement="Transitions are evaluated once, as the task completes, in their order.",
        begin=lambda _: Transitions(),
    ),
    Invariant(
        id="I8b",
        statement="What transitions lead to comes once for each time, and nothing else does.",
        begin=lambda _: Arrivals(),
    ),
    Invariant(
        id="I9",
        statement="A round of a join fires once, with the arrivals it needs, and is one visit.",
        begin=lambda known: Joins(known.needed),
    ),
    Invariant(
        id="I10",
        statement="An item starts once and ends once, and not more run at a time than may.",
        begin=lambda _: Items(),
    ),
    Invariant(
        id="I11",
        statement="A further attempt was scheduled as a retry, and waits for its delay.",
        begin=lambda _: Retries(),
    ),
    Invariant(
        id="I12",
        statement="A timer fires once, and never early.",
        begin=lambda _: Timers(),
    ),
    Invariant(
        id="I13",
        statement="Nothing begins while an execution is paused, is being ended, or is over.",
        begin=lambda _: Standing(),
    ),
    Invariant(
        id="I14",
        statement="An attempt has one sub-workflow at most, which ends with what it runs for.",
        begin=lambda _: Kin(),
    ),
    Invariant(
        id="I18",
        statement="What is not over waits for an action, a time or a person that is kept.",
        begin=lambda _: Reasons(),
    ),
    Invariant(
        id="I20",
        statement="All of an execution is of one definition, which its row names.",
        begin=lambda _: OneDefinition(),
    ),
    Invariant(
        id="I21",
        statement="What the log refers to is kept, as it was.",
        begin=lambda _: Values(),
    ),
)
