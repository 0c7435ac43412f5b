"""What happens to branches: transitions, joins, and their ends. See `segue.core.events`."""

from collections.abc import Mapping

import msgspec

from segue.core.event import Event
from segue.core.failure import Failure
from segue.values import JsonValue


class TransitionTaken(Event, frozen=True, kw_only=True, tag="transition_taken"):
    """A transition of a completed task held. `published` in order; `do` as written.

    `splits` are the tasks of `do` from which on the branch is on a route of its own.
    `ends`: a command is named beside tasks, and the output is to see the branch as it is here.
    `exempt`: `fail` is among what the completed task leads to, and the tasks named here run
    although the execution fails.
    """

    task: str
    visit: int
    transition: int
    do: tuple[str, ...]
    published: Mapping[str, JsonValue] = msgspec.field(default_factory=dict)
    splits: tuple[str, ...] = ()
    ends: bool = False
    exempt: bool = False


class TransitionLost(Event, frozen=True, kw_only=True, tag="transition_lost"):
    """A transition held, but what it publishes can't be evaluated: the execution fails.

    Nothing follows from it. Where its targets `do` are joins it counts as an arrival all the same,
    if a rerun lets the execution go on.
    """

    task: str
    visit: int
    transition: int
    do: tuple[str, ...]


class BranchEnded(Event, frozen=True, kw_only=True, tag="branch_ended"):
    """A branch ended after a task execution: no transition led on from it.

    `unmet` is the number of its transitions, where it has some and the `when` of none held:
    worth a note to whoever watches. The context of the branch goes into the output.
    """

    task: str
    visit: int
    unmet: int = 0


class JoinArrived(Event, frozen=True, kw_only=True, tag="join_arrived"):
    """A branch arrived at a join, in the round `key`, and waits there for the others.

    `joined` is set where the round has fired already but its visit is not handed off yet: the
    branch is merged into that. `counts` is not where the source will come again, after a rerun.
    """

    join: str
    key: int
    task: str
    visit: int
    joined: int | None = None
    counts: bool = True


class JoinFired(Event, frozen=True, kw_only=True, tag="join_fired"):
    """A round of a join has what it needs: the visit `visit` of the joined task follows.

    `exempt`: who brought it about was named beside `fail`, and the joined task runs all the same.
    `remembered`: branches that live can still arrive in this round; they will be absorbed.
    """

    join: str
    key: int
    visit: int
    remembered: bool = False
    exempt: bool = False


class ArrivalAbsorbed(Event, frozen=True, kw_only=True, tag="arrival_absorbed"):
    """A branch arrived at a round of a join that had fired already: without effect."""

    join: str
    key: int
    task: str
    visit: int


class JoinRoundEnded(Event, frozen=True, kw_only=True, tag="join_round_ended"):
    """No branch can arrive in this round of a join any more.

    `outcome`: "complete" (it had fired), "superseded" (it had not, but a later round has, or
    one that can't be satisfied either stands for it), "unsatisfied" (it had not, and none can: an
    error of the execution, `failure`). `missing` are the tasks that it still needed. `stays`: it
    may fire all the same, for something that runs may still arrive in it.
    """

    join: str
    key: int
    outcome: str
    missing: tuple[str, ...] = ()
    failure: Failure | None = None
    stays: bool = False
