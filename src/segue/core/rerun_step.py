"""What counts of a log where an execution is run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from segue.core import events as e
from segue.core.items import Items
from segue.core.rerun_plan import Visited
from segue.core.state import Branch, Round
from segue.values import JsonValue

#: How the branch of a task execution waited for it: task, source, round.
Origin = tuple[str, Visited | None, int | None]


#: A round of a join: the join and the key.
RoundKey = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewound:
    """What counts of a log where it is gone back to before some task executions.

    `again` are those that are run again, `superseded` those that count no more. `reopened` are
    rounds that have fired and will again when somebody arrives.
    """

    steps: list[Step]
    again: set[Visited]
    superseded: frozenset[Visited]
    reopened: frozenset[RoundKey] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A task execution that is run again: where its branch waits, and what it keeps.

    `branch` is set where what it did before stays: then nothing waits, and it begins with this, and
    with items in its former `place` among those that have started (0: its own).
    """

    visited: Visited
    origin: Origin
    items: Items | None = None
    branch: Branch | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An event that counts.

    For a rerun: what it ran again, what it wrote before that, and the rounds of joins that have
    fired and will again when somebody arrives. `apart` are the origins of what had begun before it
    and waits only because a later rerun has gone back there: of what it wrote only the inputs
    are for these.
    """

    seq: int
    event: e.AnyEvent
    again: tuple[Again, ...] = ()
    variables: Mapping[str, JsonValue] = field(default_factory=dict)
    reopened: tuple[tuple[RoundKey, Round], ...] = ()
    apart: frozenset[Origin] = frozenset()
