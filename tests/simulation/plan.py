"""What a simulated world is made of: all of it is drawn from one number, its seed."""

import random
from dataclasses import dataclass

#: What can go wrong. Each world has some of it, seldom all.
FAULTS = (
    "crash",  # a process is gone at some await
    "stop",  # an engine stops in good order, or is killed while it does
    "stall",  # a process stands still for a while, and goes on as if nothing were
    "commit_lost",  # a write was made, and an error is reported
    "commit_failed",  # a write fails
    "read_failed",
    "slow",  # the store takes seconds
    "full",  # for a while nothing can be written
    "clock",  # the clock of a machine jumps
    "late",  # the outcome of an action comes late, after others
    "double",  # ... or twice
    "redelivered",  # a job is handed to the transport twice
    "deaf",  # nobody is told that something was written
    "unkillable",  # what a lost engine left running can't be ended
    "unreadable",  # for a while the logs of some executions can't be read
)

#: So many worlds draw from the same workflows: to make them ready costs more than to run them.
WORLDS_OF_A_LIBRARY = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """See the module.

    `library` is the number of a set of workflows, `workflows` says which of them are started.
    `serving`: engines look for work that nobody has by themselves, not only when they begin.
    `horizon` is how long faults happen, in seconds. `rate` is how often. What has more bytes of
    JSON than `inline` is kept beside the log. `prunes`: what is over is removed again and again.
    """

    seed: int
    library: int
    workflows: tuple[int, ...]
    engines: int
    operations: int
    horizon: float
    serving: bool
    rate: float
    faults: frozenset[str]
    inline: int
    prunes: bool
    cuts: frozenset[tuple[int, int]] = frozenset()  # (of `workflows`, task), by shrinking

    @classmethod
    def draw(cls, seed: int) -> "Plan":
        """Return the plan of the world of this seed."""
        rng = random.Random(f"{seed} plan")
        prunes = random.Random(f"{seed} prunes").random() < 0.2
        unreadable = (
            {"unreadable"} if random.Random(f"{seed} damage").random() < 0.2 else set[str]()
        )
        others = FAULTS[:-1]
        some = rng.randint(0, 6) if rng.random() < 0.9 else len(others)
        return cls(
            seed=seed,
            library=seed // WORLDS_OF_A_LIBRARY,
            workflows=tuple(rng.randrange(1000) for _ in range(rng.randint(3, 7))),
            engines=rng.choice((1, 1, 2, 2, 3)),
            operations=rng.randint(0, 10),
            horizon=rng.choice((5.0, 15.0, 30.0)),
            serving=rng.random() < 0.5,
            rate=rng.choice((0.02, 0.05, 0.2)),
            faults=frozenset(rng.sample(others, some)) | unreadable,
            inline=30 if prunes else random.Random(f"{seed} inline").choice((30, 65_536, 65_536)),
            prunes=prunes,
        )

    def rng(self, what: str) -> random.Random:
        """Return a source of numbers of its own, so that one concern does not disturb another."""
        return random.Random(f"{self.seed} {what}")

    def has(self, fault: str) -> bool:
        """Return whether this can go wrong here."""
        return fault in self.faults
