"""Worlds are simulated in which everything goes wrong, and nothing is lost, doubled or stuck.

The seeds are always the same; `python3 dev.py nightly` takes others, and many more.
"""

import pytest
from tests.simulation.nightly import told
from tests.simulation.plan import FAULTS, Plan
from tests.simulation.simulate import simulate

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
