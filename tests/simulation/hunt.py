"""Looking for planted bugs: how many worlds it takes until the simulation finds each."""

import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.simulation.plan import Plan
from tests.simulation.planted import BUGS, planted
from tests.simulation.simulate import simulate

#: What Python says of a function that is called as another one is.
_MISFIT = re.compile(r"(TypeError|AttributeError|NameError)\b")
#: A bug that is not found within so many worlds is not found.
MOST_WORLDS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A planted bug, the number of worlds until it was found (None: it was not), and by what."""

    name: str
    part: str
    worlds: int | None
    trouble: str


def hunt(name: str, most: int = MOST_WORLDS) -> Found:
    """Simulate with a planted bug until something is found.

    Raises `AssertionError` for one that does not fit into the product any more.
    """
    part = BUGS[name].part
    with planted(name):
        for seed in range(most):
            try:
                troubles = simulate(Plan.draw(seed)).troubles
            except Exception as error:  # noqa: BLE001 - the world itself can't go on with the bug
                troubles = (f"{type(error).__name__}: {error}",)
            if troubles:
                assert not _MISFIT.search(troubles[0]), f"{name}: {troubles[0]}"
                return Found(name=name, part=part, worlds=seed + 1, trouble=troubles[0])
    return Found(name=name, part=part, worlds=None, trouble="")


def hunt_all(processes: int, most: int = MOST_WORLDS) -> Iterator[Found]:
    """Hunt every planted bug."""
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(hunt, BUGS, [most] * len(BUGS))


def table(found: list[Found]) -> str:
    """Return the table of the docs."""
    lines = ["| planted bug | in | worlds |", "|---|---|---|"]
    lines += [f"| {one.name} | {one.part} | {one.worlds or 'not found'} |" for one in found]
    return "\n".join(lines) + "\n"
