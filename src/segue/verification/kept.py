"""What a store keeps of an execution beside its log, as far as the invariants speak of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from segue.core.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSnapshot:
    """The state that was written down after `seq` events (`segue.core.codec`)."""

    seq: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWork:
    """A piece of outstanding work. `kind` is "attempt", "child", "timer" or "question"."""

    name: str
    kind: str
    due: float | None = None
    cancel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptChild:
    """An execution that runs for an attempt ("call#1.1") of this one.

    `ends` says that it has ended, or is being ended; `rerun` that somebody has run it again by
    itself.
    """

    id: str
    attempt: str
    ends: bool
    rerun: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The row of an execution, and what belongs to it.

    `parent` is the attempt that it runs for ("ID/call#1.1"). `work` and `children` are None where
    they are not known for this very moment. `lost` says of the values that the log refers to which
    are not there as they were, by hash, and why.
    """

    seq: int
    status: Status
    settled: bool
    definition: str
    parent: str | None = None
    work: tuple[KeptWork, ...] | None = ()
    children: tuple[KeptChild, ...] | None = ()
    lost: Mapping[str, str] = field(default_factory=dict)
