"""Worlds are simulated in which everything goes wrong, and nothing is lost, doubled or stuck.

The seeds are always the same; `python3 dev.py nightly` takes others, and many more.
"""

import pytest
from tests.simulation.hunt import hunt
from tests.simulation.nightly import told
from tests.simulation.plan import FAULTS, Plan
from tests.simulation.planted import BUGS, planted
from tests.simulation.shrink import kind_of, shrink
from tests.simulation.simulate import simulate

# What covers the pure parts are tests that say what a part does. Traced, this would take three
# times as long.
pytestmark = pytest.mark.no_cover

#: 16 shards of so many worlds are more than 5,000 executions, sub-workflows included.
SHARDS = 16
WORLDS = 38


@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_goes_wrong_all_invariants_hold_and_everything_ends(shard: int) -> None:
    executions = 0
    for seed in range(shard * WORLDS, (shard + 1) * WORLDS):
        report = simulate(Plan.draw(seed))
        assert report.troubles == (), told(report)
        executions += report.executions
    assert executions >= 4 * WORLDS


def test_the_same_seed_gives_the_same_world() -> None:
    one, other = simulate(Plan.draw(7)), simulate(Plan.draw(7))
    assert one == other


def test_every_fault_happens_in_some_world() -> None:
    assert {fault for seed in range(50) for fault in Plan.draw(seed).faults} == set(FAULTS)


@pytest.mark.parametrize(
    "bug",
    [
        "actions are run before the commit",
        "the name of an attempt is used again",
        "a join fires with one arrival too few",
        "a retry does not wait",
    ],
)
def test_a_planted_bug_is_found(bug: str) -> None:
    found = hunt(bug, most=20)
    assert found.worlds is not None


@pytest.mark.parametrize("bug", BUGS)
def test_what_a_planted_bug_replaces_is_there(bug: str) -> None:
    with planted(bug):
        pass


def test_what_is_found_is_made_smaller_and_told() -> None:
    with planted("work that is over stays"):
        report = simulate(Plan.draw(0))
        small = shrink(report)
    assert report.troubles
    assert "seed 0 at commit " in told(report)
    assert [kind_of(one) for one in small.troubles] != []
    assert len(small.plan.workflows) == 1
    assert (small.plan.faults, small.plan.engines) == (frozenset(), 1)
    assert any("execution_started" in line for line in small.story)
